//! Containers: metadata by id, as far as the capture tells it.

use std::sync::Arc;

use capture::event::Event;
use hashbrown::HashMap;

use super::container_json;
use crate::text::Text;

/// Most containers kept. Further ones are not recorded.
pub const CONTAINERS_MAX: usize = 65_536;

/// What is known about one container. Text that the capture does not tell is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Container {
    /// Short id.
    pub id: Text,
    /// Full id; empty for metadata of old captures.
    pub full_id: Text,
    /// Name of the container.
    pub name: Text,
    /// Engine, such as `docker`.
    pub engine: Text,
    /// Image as given by the engine.
    pub image: Text,
    /// Id of the image.
    pub image_id: Text,
    /// Repository of the image.
    pub image_repository: Text,
    /// Tag of the image.
    pub image_tag: Text,
    /// Digest of the image.
    pub image_digest: Text,
    /// The container runs privileged.
    pub privileged: bool,
    /// It shares the host's pid namespace.
    pub host_pid: bool,
    /// It shares the host's network.
    pub host_network: bool,
    /// It shares the host's IPC namespace.
    pub host_ipc: bool,
    /// The container is a pod sandbox.
    pub is_pod_sandbox: bool,
    /// Id of the pod sandbox.
    pub pod_sandbox_id: Text,
    /// Labels of the pod sandbox.
    pub pod_sandbox_labels: Vec<(Text, Text)>,
    /// CNI result of the pod.
    pub cni_json: Text,
    /// Address in text form.
    pub ip: Text,
    /// Labels in order of their names.
    pub labels: Vec<(Text, Text)>,
    /// Environment.
    pub env: Vec<Text>,
    /// Mounts.
    pub mounts: Vec<Mount>,
    /// Port mappings.
    pub port_mappings: Vec<PortMapping>,
    /// Health checks and probes.
    pub health_probes: Vec<HealthProbe>,
    /// User that the container runs as.
    pub user: Text,
    /// Creation time, seconds since the epoch; 0 when not known.
    pub created_s: i64,
    /// CPU and memory limits as recorded.
    pub limits: Limits,
    /// Size of what the container wrote, or -1.
    pub size_rw_bytes: i64,
}

impl Container {
    /// A container of which only the id and the engine are known.
    pub(super) fn of_engine(id: Text, engine: &str) -> Self {
        let limits = Limits { cpu_shares: 1024, cpu_period: 100_000, ..Limits::default() };
        Container { id, engine: engine.into(), limits, size_rw_bytes: -1, ..Container::default() }
    }
}

/// One mount of a container.
#[allow(missing_docs)]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mount {
    pub source: Text,
    pub destination: Text,
    pub mode: Text,
    pub read_write: bool,
    pub propagation: Text,
}

/// One port of the host that leads to a port of the container.
#[allow(missing_docs)]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PortMapping {
    pub host_ip: u32,
    pub host_port: u16,
    pub container_port: u16,
}

/// A command that an orchestrator runs in the container to see whether it works.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HealthProbe {
    /// Which probe it is: `Healthcheck`, `LivenessProbe` or `ReadinessProbe`.
    pub kind: Text,
    /// Program.
    pub exe: Text,
    /// Arguments.
    pub args: Vec<Text>,
}

/// Limits of a container.
#[allow(missing_docs)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    pub memory_limit: i64,
    pub swap_limit: i64,
    pub cpu_shares: i64,
    pub cpu_quota: i64,
    pub cpu_period: i64,
    pub cpuset_cpu_count: i64,
}

/// Metadata of containers by short id.
#[derive(Debug, Default)]
pub struct ContainerTable {
    containers: HashMap<Text, Arc<Container>, foldhash::fast::FixedState>,
    /// What the current event told, see [`ContainerTable::told_by_event`].
    current: Option<Arc<Container>>,
}

impl ContainerTable {
    /// Metadata of a container, if the capture has any.
    pub fn get(&self, id: &[u8]) -> Option<&Container> {
        self.containers.get(id).map(|container| &**container)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.containers.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.containers.is_empty()
    }

    /// The container that the event being evaluated added or removed. Such events have no thread.
    pub fn told_by_event(&self) -> Option<&Container> {
        self.current.as_deref()
    }

    /// All containers, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = &Container> {
        self.containers.values().map(|container| &**container)
    }

    /// Adds or replaces a container.
    pub(super) fn insert(&mut self, container: impl Into<Arc<Container>>) {
        let container = container.into();
        if self.containers.len() < CONTAINERS_MAX || self.containers.contains_key(&*container.id) {
            self.containers.insert(container.id.clone(), container);
        }
    }

    /// An event about a container.
    pub(super) fn apply(&mut self, event: &Event<'_>) {
        let Some((container, is_added)) = container_json::read(event) else { return };
        let container = Arc::new(container);
        if is_added {
            self.insert(Arc::clone(&container));
        } else {
            self.containers.remove(&*container.id);
        }
        self.current = Some(container);
    }

    /// The event is over.
    #[inline]
    pub(super) fn forget_event(&mut self) {
        if self.current.is_some() {
            self.current = None;
        }
    }
}
