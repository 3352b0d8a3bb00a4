//! Fields of the group a thread runs as: `group.*`.

use capture::event::{ParamType as T, PrintFormat as P};

use super::def::{FieldDef, field, text};
use super::view::NOT_AVAILABLE;
use super::{FieldArg, Value};
use crate::context::EventContext;

pub(super) const FIELDS: &[FieldDef] = &[
    field("group.gid", T::Uint32, P::Id, gid, "Id of the group the thread runs as."),
    text("group.name", name, "Name of the group, `<NA>` if it is not known."),
];

fn gid<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    cx.thread.map_or(Value::Absent, |thread| Value::U64(thread.gid.into()))
}

fn name<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    cx.thread.map_or(Value::Absent, |thread| {
        Value::Bytes(match cx.state.group(&thread.container_id, thread.gid) {
            Some(group) => &group.name,
            None if thread.gid == 0 => b"root",
            None => NOT_AVAILABLE,
        })
    })
}
