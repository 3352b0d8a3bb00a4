//! Helpers.

use capture::event::{ParamType as T, PrintFormat as P};

use super::def::{FieldDef, absent, field};

pub(super) const FIELDS: &[FieldDef] =
    &[field("util.cnt", T::Uint64, P::Id, absent, "Counter incremented per extraction.")];
