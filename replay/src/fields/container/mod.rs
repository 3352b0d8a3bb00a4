//! Fields of the container a thread runs in: `container.*` and `k8s.*`.
//!
//! The id comes from the thread's control groups; everything else from metadata in the capture, so that a
//! container without metadata has values for hardly anything else. The host has values too: `host`, or empty
//! text.

mod mounts;
mod pod;

use capture::event::schema::param;
use capture::event::{EventType, ParamType as T, PrintFormat as P};

use super::def::{ArgSpec, FieldDef, absent, boolean, field, text};
use super::text_buf::TextBuf;
use super::{FieldArg, Value};
use crate::context::EventContext;
use crate::state::Container;
use crate::text::Text;

const KEY: ArgSpec = ArgSpec::Key { required: true };
const MOUNT: ArgSpec = ArgSpec::IndexOrKey { required: true };
const NO_META: &str = "Never has a value: Falco no longer gets this from Kubernetes.";

pub(super) const FIELDS: &[FieldDef] = &[
    text("container.id", id, "First 12 characters of the container's id, or `host`.").suggested(),
    text("container.full_id", full_id, "Full id of the container."),
    text("container.name", name, "Name of the container, or `host`.").suggested(),
    text("container.type", engine, "Engine of the container, such as `docker` or `containerd`, or `host`."),
    text("container.image", image, "Image as the engine names it."),
    text("container.image.id", image_id, "Id of the image."),
    text("container.image.repository", image_repository, "Repository of the image.").suggested(),
    text("container.image.tag", image_tag, "Tag of the image.").suggested(),
    text("container.image.digest", image_digest, "Digest of the image."),
    boolean("container.privileged", is_privileged, "Whether the container is privileged."),
    boolean("container.host_pid", shares_pid, "Whether the container shares the host's pid namespace."),
    boolean("container.host_network", shares_network, "Whether the container shares the host's network."),
    boolean("container.host_ipc", shares_ipc, "Whether the container shares the host's IPC namespace."),
    text("container.ip", ip, "IPv4 address of the container."),
    text("container.cni.json", cni_json, "Result of the network plugin as JSON."),
    text("container.label", label, "One label of the container.").arg(KEY),
    text("container.labels", labels, "Labels of the container as `name:value`, without those of Kubernetes."),
    text(
        "container.mounts",
        mounts::all,
        "Mounts as `source:destination:mode:writable:propagation` with commas between them.",
    ),
    text(
        "container.mount",
        mounts::one,
        "One mount, by position or by a regular expression that its source contains.",
    )
    .arg(MOUNT),
    text(
        "container.mount.source",
        mounts::source,
        "Source of a mount, by position or by a regular expression that its destination contains.",
    )
    .arg(MOUNT),
    text("container.mount.dest", mounts::destination, "Destination of a mount, by position or source.")
        .arg(MOUNT),
    text("container.mount.mode", mounts::mode, "Mode of a mount, by position or source.").arg(MOUNT),
    text(
        "container.mount.rdwr",
        mounts::is_writable,
        "`true` if a mount is writable, else `false`, by position or source.",
    )
    .arg(MOUNT),
    text(
        "container.mount.propagation",
        mounts::propagation,
        "Propagation of a mount, by position or source.",
    )
    .arg(MOUNT),
    field(
        "container.start_ts",
        T::AbsTime,
        P::Dec,
        start_ts,
        "When the container's first process started, as `proc.pidns_init_start_ts`.",
    ),
    field(
        "container.duration",
        T::RelTime,
        P::Dec,
        duration,
        "Nanoseconds since the container's first process started.",
    ),
    text("container.healthcheck", absent, "Never has a value.").deprecated(),
    text("container.liveness_probe", absent, "Never has a value.").deprecated(),
    text("container.readiness_probe", absent, "Never has a value.").deprecated(),
    boolean("proc.is_container_healthcheck", absent, "Never has a value.").deprecated(),
    boolean("proc.is_container_liveness_probe", absent, "Never has a value.").deprecated(),
    boolean("proc.is_container_readiness_probe", absent, "Never has a value.").deprecated(),
    // Suggested fields are appended to outputs in the order of this table.
    text("k8s.pod.name", pod::name, "Name of the pod.").suggested(),
    text("k8s.ns.name", pod::namespace, "Namespace of the pod.").suggested(),
    text("k8s.pod.id", pod::uid, "The same as `k8s.pod.uid`."),
    text("k8s.pod.uid", pod::uid, "Unique id of the pod."),
    text("k8s.pod.sandbox_id", pod::sandbox_id, "First 12 characters of the id of the pod's sandbox."),
    text("k8s.pod.full_sandbox_id", pod::full_sandbox_id, "Full id of the pod's sandbox."),
    text("k8s.pod.label", pod::label, "One label of the pod.").arg(KEY),
    text("k8s.pod.labels", pod::labels, "Labels of the pod as `name:value`, without those of Kubernetes."),
    text("k8s.pod.ip", pod::ip, "IPv4 address of the pod."),
    text("k8s.pod.cni.json", pod::cni_json, "Result of the network plugin as JSON."),
    text("k8s.ns.id", absent, NO_META).deprecated(),
    text("k8s.ns.label", absent, NO_META).arg(KEY).deprecated(),
    text("k8s.ns.labels", absent, NO_META).deprecated(),
    text("k8s.rc.name", absent, NO_META).deprecated(),
    text("k8s.rc.id", absent, NO_META).deprecated(),
    text("k8s.rc.label", absent, NO_META).arg(KEY).deprecated(),
    text("k8s.rc.labels", absent, NO_META).deprecated(),
    text("k8s.svc.name", absent, NO_META).deprecated(),
    text("k8s.svc.id", absent, NO_META).deprecated(),
    text("k8s.svc.label", absent, NO_META).arg(KEY).deprecated(),
    text("k8s.svc.labels", absent, NO_META).deprecated(),
    text("k8s.rs.name", absent, NO_META).deprecated(),
    text("k8s.rs.id", absent, NO_META).deprecated(),
    text("k8s.rs.label", absent, NO_META).arg(KEY).deprecated(),
    text("k8s.rs.labels", absent, NO_META).deprecated(),
    text("k8s.deployment.name", absent, NO_META).deprecated(),
    text("k8s.deployment.id", absent, NO_META).deprecated(),
    text("k8s.deployment.label", absent, NO_META).arg(KEY).deprecated(),
    text("k8s.deployment.labels", absent, NO_META).deprecated(),
];

/// Where a thread runs.
#[derive(Clone, Copy)]
enum Place<'a> {
    Host,
    /// A container with metadata.
    Container(&'a Container),
    /// A container of which only the id is known.
    Unknown(&'a [u8]),
}

/// Whether the event announces a container, or its end.
fn is_about_container(cx: &EventContext<'_>) -> bool {
    match cx.event.ty {
        EventType::CONTAINER_E | EventType::CONTAINER_JSON_E | EventType::CONTAINER_JSON_2_E => true,
        EventType::ASYNCEVENT_E => {
            let name = cx.event.str_at(param::ASYNCEVENT_E::name);
            matches!(name, Some(b"container" | b"container_removed"))
        }
        _ => false,
    }
}

/// The container an event announces, if it was understood.
fn announced<'a>(cx: &EventContext<'a>) -> Option<&'a Container> {
    if is_about_container(cx) { cx.state.containers().told_by_event() } else { None }
}

fn place<'a>(cx: &EventContext<'a>) -> Option<Place<'a>> {
    if let Some(container) = announced(cx) {
        return Some(Place::Container(container));
    }
    let id: &[u8] = &cx.thread?.container_id;
    if id.is_empty() {
        return Some(Place::Host);
    }
    Some(cx.state.containers().get(id).map_or(Place::Unknown(id), Place::Container))
}

/// A text of the container; `host` is what the host shows.
fn of_container<'a>(
    cx: &EventContext<'a>,
    host: &'static [u8],
    text: impl FnOnce(&'a Container) -> &'a Text,
) -> Value<'a> {
    match place(cx) {
        Some(Place::Host) => Value::Bytes(host),
        Some(Place::Container(container)) => Value::Bytes(text(container)),
        Some(Place::Unknown(_)) | None => Value::Absent,
    }
}

/// A property of the container, which the host does not have.
fn is<'a>(cx: &EventContext<'a>, property: impl FnOnce(&'a Container) -> bool) -> Value<'a> {
    match place(cx) {
        Some(Place::Host) => Value::Bool(false),
        Some(Place::Container(container)) => Value::Bool(property(container)),
        Some(Place::Unknown(_)) | None => Value::Absent,
    }
}

fn id<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    match place(cx) {
        Some(Place::Host) => Value::Bytes(b"host"),
        Some(Place::Container(container)) => Value::Bytes(&container.id),
        Some(Place::Unknown(id)) => Value::Bytes(id),
        None => Value::Absent,
    }
}

fn full_id<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_container(cx, b"host", |container| &container.full_id)
}

fn name<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_container(cx, b"host", |container| &container.name)
}

fn engine<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_container(cx, b"host", |container| &container.engine)
}

fn image<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_container(cx, b"", |container| &container.image)
}

fn image_id<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_container(cx, b"", |container| &container.image_id)
}

fn image_repository<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_container(cx, b"", |container| &container.image_repository)
}

fn image_tag<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_container(cx, b"", |container| &container.image_tag)
}

fn image_digest<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_container(cx, b"", |container| &container.image_digest)
}

fn is_privileged<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    is(cx, |container| container.privileged)
}

fn shares_pid<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    is(cx, |container| container.host_pid)
}

fn shares_network<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    is(cx, |container| container.host_network)
}

fn shares_ipc<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    is(cx, |container| container.host_ipc)
}

fn ip<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_container(cx, b"", |container| &container.ip)
}

fn cni_json<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_container(cx, b"", |container| &container.cni_json)
}

/// The value of one label.
fn find_label<'a>(labels: &'a [(Text, Text)], name: &[u8]) -> Option<&'a [u8]> {
    labels.iter().find(|(label, _)| **label == *name).map(|(_, value)| &**value)
}

fn label<'a>(cx: &EventContext<'a>, arg: &FieldArg) -> Value<'a> {
    match (place(cx), arg) {
        (Some(Place::Container(container)), FieldArg::Key(name)) => {
            find_label(&container.labels, name).into()
        }
        _ => Value::Absent,
    }
}

/// Labels as `name:value`, without what Kubernetes adds for itself.
fn labels_text<'a>(cx: &EventContext<'a>, labels: &[(Text, Text)]) -> &'a [u8] {
    let mut text = TextBuf::new(cx.arena);
    let internal = |name: &Text| name.starts_with(b"annotation.") || name.starts_with(b"io.kubernetes.");
    for (name, value) in labels.iter().filter(|(name, _)| !internal(name)) {
        if !text.is_empty() {
            text.push(b", ");
        }
        text.push(name);
        if !value.is_empty() {
            text.push_byte(b':');
            text.push(value);
        }
    }
    text.finish()
}

fn labels<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    match place(cx) {
        Some(Place::Host) => Value::Bytes(b""),
        Some(Place::Container(container)) => Value::Bytes(labels_text(cx, &container.labels)),
        Some(Place::Unknown(_)) | None => Value::Absent,
    }
}

/// Start of the thread's pid namespace. Events that announce a container have no thread in it.
fn start<'a>(cx: &EventContext<'a>) -> Option<u64> {
    let thread = cx.thread.filter(|_| announced(cx).is_none())?;
    Some(thread.pidns_init_start_ts_ns).filter(|start| *start != 0)
}

fn start_ts<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    start(cx).map_or(Value::Absent, Value::U64)
}

fn duration<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    start(cx).map_or(Value::Absent, |start| Value::U64(cx.event.ts_ns.wrapping_sub(start)))
}
