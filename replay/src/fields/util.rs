//! Helpers.

use capture::event::{ParamType as T, PrintFormat as P};

use super::def::{FieldDef, field};
use super::{FieldArg, Value};
use crate::context::EventContext;

pub(super) const FIELDS: &[FieldDef] = &[field(
    "util.cnt",
    T::Uint64,
    P::Id,
    count,
    "Number of the event. In Falco it counts how often the field was evaluated.",
)];

fn count<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    Value::U64(cx.num)
}
