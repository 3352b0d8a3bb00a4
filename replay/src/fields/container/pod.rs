//! The Kubernetes pod of a container, from its labels and its sandbox.

use super::{Place, find_label, labels_text, place};
use crate::context::EventContext;
use crate::fields::{FieldArg, Value};
use crate::state::Container;
use crate::text::Text;

/// Length of short ids.
const SHORT_ID_LEN: usize = 12;

fn container<'a>(cx: &EventContext<'a>) -> Option<&'a Container> {
    match place(cx)? {
        Place::Container(container) => Some(container),
        Place::Host | Place::Unknown(_) => None,
    }
}

fn container_label<'a>(cx: &EventContext<'a>, name: &[u8]) -> Value<'a> {
    container(cx).and_then(|container| find_label(&container.labels, name)).into()
}

pub(super) fn name<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    container_label(cx, b"io.kubernetes.pod.name")
}

pub(super) fn namespace<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    container_label(cx, b"io.kubernetes.pod.namespace")
}

pub(super) fn uid<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    container_label(cx, b"io.kubernetes.pod.uid")
}

fn short_sandbox_id(container: &Container) -> &[u8] {
    &container.pod_sandbox_id[..container.pod_sandbox_id.len().min(SHORT_ID_LEN)]
}

pub(super) fn sandbox_id<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    match place(cx) {
        Some(Place::Host) => Value::Bytes(b""),
        Some(Place::Container(container)) => Value::Bytes(short_sandbox_id(container)),
        Some(Place::Unknown(_)) | None => Value::Absent,
    }
}

pub(super) fn full_sandbox_id<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    super::of_container(cx, b"", |container| &container.pod_sandbox_id)
}

/// What knows about the pod of a container.
enum Pod<'a> {
    /// The container itself: its engine gave it the pod's network.
    Own(&'a Container),
    /// The container of the sandbox.
    Sandbox(&'a Container),
    /// The entry of the host, which is what an empty sandbox id leads to. It knows nothing.
    Host,
    /// The sandbox is not known.
    Missing(&'a Container),
}

fn pod<'a>(cx: &EventContext<'a>) -> Option<Pod<'a>> {
    let container = match place(cx)? {
        Place::Container(container) => container,
        Place::Host => return Some(Pod::Host),
        Place::Unknown(_) => return None,
    };
    if !container.cni_json.is_empty() {
        return Some(Pod::Own(container));
    }
    if container.pod_sandbox_id.is_empty() {
        return Some(Pod::Host);
    }
    Some(match cx.state.containers().get(short_sandbox_id(container)) {
        Some(sandbox) => Pod::Sandbox(sandbox),
        None => Pod::Missing(container),
    })
}

pub(super) fn label<'a>(cx: &EventContext<'a>, arg: &FieldArg) -> Value<'a> {
    let FieldArg::Key(name) = arg else { return Value::Absent };
    let own = container(cx).and_then(|container| find_label(&container.pod_sandbox_labels, name));
    let found = match pod(cx) {
        Some(Pod::Sandbox(sandbox)) => find_label(&sandbox.pod_sandbox_labels, name).or(own),
        Some(_) => own,
        None => None,
    };
    found.into()
}

pub(super) fn labels<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    match pod(cx) {
        Some(Pod::Own(container) | Pod::Sandbox(container) | Pod::Missing(container)) => {
            Value::Bytes(labels_text(cx, &container.pod_sandbox_labels))
        }
        Some(Pod::Host) => Value::Bytes(b""),
        None => Value::Absent,
    }
}

/// A text of the pod's network.
fn of_network<'a>(cx: &EventContext<'a>, text: impl FnOnce(&'a Container) -> &'a Text) -> Value<'a> {
    match pod(cx) {
        Some(Pod::Own(container) | Pod::Sandbox(container)) => Value::Bytes(text(container)),
        Some(Pod::Host) => Value::Bytes(b""),
        Some(Pod::Missing(_)) | None => Value::Absent,
    }
}

pub(super) fn ip<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_network(cx, |container| &container.ip)
}

pub(super) fn cni_json<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_network(cx, |container| &container.cni_json)
}
