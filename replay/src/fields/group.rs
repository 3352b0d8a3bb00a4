//! Fields of the group a thread runs as: `group.*`.

use capture::event::{ParamType as T, PrintFormat as P};

use super::def::{FieldDef, absent, field, text};

pub(super) const FIELDS: &[FieldDef] =
    &[field("group.gid", T::Uint32, P::Id, absent, "Gid."), text("group.name", absent, "Name of gid.")];
