//! Container metadata in events: JSON of Falco's container plugin, and of the older events before it.

use capture::event::schema::param::*;
use capture::event::{Event, EventType};
use serde_json::{Map, Value};

use super::containers::{Container, HealthProbe, Limits, Mount, PortMapping};
use super::update::text_at;
use crate::text::Text;

/// The container that an event tells about, and whether it was added (else it is gone).
pub(super) fn read(event: &Event<'_>) -> Option<(Container, bool)> {
    match event.ty {
        EventType::ASYNCEVENT_E => {
            let is_added = match (event.u32_at(ASYNCEVENT_E::plugin_id)?, event.str_at(ASYNCEVENT_E::name)?) {
                (0, b"container") => true,
                (0, b"container_removed") => false,
                _ => return None,
            };
            Some((from_json(event.str_at(ASYNCEVENT_E::data)?)?, is_added))
        }
        EventType::CONTAINER_JSON_2_E => Some((from_json(event.str_at(CONTAINER_JSON_2_E::json)?)?, true)),
        EventType::CONTAINER_JSON_E => Some((from_json(event.str_at(CONTAINER_JSON_E::json)?)?, true)),
        EventType::CONTAINER_E => {
            use CONTAINER_E as P;
            let id = Text::new(text_at(event, P::id));
            let engine = engine_name(event.u32_at(P::r#type).map(i64::from));
            let name = Text::new(text_at(event, P::name));
            let image = Text::new(text_at(event, P::image));
            Some((Container { name, image, ..Container::of_engine(id, engine) }, true))
        }
        _ => None,
    }
}

fn from_json(json: &[u8]) -> Option<Container> {
    let root: Value = serde_json::from_slice(json).ok()?;
    let from = Fields(root.get("container")?.as_object()?);
    Some(Container {
        id: from.text("id"),
        full_id: from.text("full_id"),
        name: from.text("name"),
        engine: engine_name(from.0.get("type").and_then(Value::as_i64)).into(),
        image: from.text("image"),
        image_id: from.text("imageid"),
        image_repository: from.text("imagerepo"),
        image_tag: from.text("imagetag"),
        image_digest: from.text("imagedigest"),
        privileged: from.bool("privileged"),
        host_pid: from.bool("host_pid"),
        host_network: from.bool("host_network"),
        host_ipc: from.bool("host_ipc"),
        is_pod_sandbox: from.bool("is_pod_sandbox"),
        pod_sandbox_id: from.text("pod_sandbox_id"),
        pod_sandbox_labels: from.pairs("pod_sandbox_labels"),
        cni_json: from.text("cni_json"),
        ip: from.text("ip"),
        labels: from.pairs("labels"),
        env: from.texts("env"),
        mounts: from.objects("Mounts").map(mount).collect(),
        port_mappings: from.objects("port_mappings").map(port_mapping).collect(),
        health_probes: health_probes(&from),
        user: from.text("User"),
        created_s: from.i64("created_time", 0),
        limits: Limits {
            memory_limit: from.i64("memory_limit", 0),
            swap_limit: from.i64("swap_limit", 0),
            cpu_shares: from.i64("cpu_shares", 0),
            cpu_quota: from.i64("cpu_quota", 0),
            cpu_period: from.i64("cpu_period", 0),
            cpuset_cpu_count: from.i64("cpuset_cpu_count", 0),
        },
        size_rw_bytes: from.i64("size", -1),
    })
}

fn mount(from: Fields<'_>) -> Mount {
    Mount {
        source: from.text("Source"),
        destination: from.text("Destination"),
        mode: from.text("Mode"),
        read_write: from.bool("RW"),
        propagation: from.text("Propagation"),
    }
}

fn port_mapping(from: Fields<'_>) -> PortMapping {
    PortMapping {
        host_ip: from.i64("HostIp", 0) as u32,
        host_port: from.i64("HostPort", 0) as u16,
        container_port: from.i64("ContainerPort", 0) as u16,
    }
}

fn health_probes(from: &Fields<'_>) -> Vec<HealthProbe> {
    let kinds = ["Healthcheck", "LivenessProbe", "ReadinessProbe"];
    let probe = |kind: &&str| {
        let from = Fields(from.0.get(*kind)?.as_object()?);
        Some(HealthProbe { kind: Text::from(*kind), exe: from.text("exe"), args: from.texts("args") })
    };
    kinds.iter().filter_map(probe).collect()
}

/// Name of a container engine by its number.
fn engine_name(ty: Option<i64>) -> &'static str {
    match ty {
        Some(0) => "docker",
        Some(1) => "lxc",
        Some(2) => "libvirt-lxc",
        Some(3) => "mesos",
        Some(4) => "rkt",
        Some(6) => "cri",
        Some(7) => "containerd",
        Some(8) => "cri-o",
        Some(9) => "bpm",
        Some(11) => "podman",
        Some(0xfffe) => "host",
        _ => "",
    }
}

/// Access to an object's members with defaults for what is missing, null or of another type.
struct Fields<'j>(&'j Map<String, Value>);

impl<'j> Fields<'j> {
    fn text(&self, key: &str) -> Text {
        self.0.get(key).and_then(Value::as_str).map(Text::from).unwrap_or_default()
    }

    fn bool(&self, key: &str) -> bool {
        self.0.get(key).and_then(Value::as_bool).unwrap_or(false)
    }

    fn i64(&self, key: &str, default: i64) -> i64 {
        self.0.get(key).and_then(Value::as_i64).unwrap_or(default)
    }

    fn array(&self, key: &str) -> impl Iterator<Item = &'j Value> {
        self.0.get(key).and_then(Value::as_array).into_iter().flatten()
    }

    fn texts(&self, key: &str) -> Vec<Text> {
        self.array(key).filter_map(Value::as_str).map(Text::from).collect()
    }

    fn objects(&self, key: &str) -> impl Iterator<Item = Fields<'j>> {
        self.array(key).filter_map(Value::as_object).map(Fields)
    }

    /// String members of an object in order of their names.
    fn pairs(&self, key: &str) -> Vec<(Text, Text)> {
        let members = self.0.get(key).and_then(Value::as_object).into_iter().flatten();
        let pair =
            |(name, value): (&String, &Value)| Some((Text::from(&**name), Text::from(value.as_str()?)));
        let mut pairs: Vec<_> = members.filter_map(pair).collect();
        pairs.sort();
        pairs
    }
}
