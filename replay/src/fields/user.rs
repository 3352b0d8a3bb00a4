//! Fields of the user a thread runs as: `user.*`.

use capture::event::{ParamType as T, PrintFormat as P};

use super::def::{FieldDef, absent, field, text};

pub(super) const FIELDS: &[FieldDef] = &[
    text("user.homedir", absent, "Home directory of uid."),
    text("user.loginname", absent, "Name of audit uid."),
    field("user.loginuid", T::Int64, P::Id, absent, "Audit uid, -1 when unset."),
    text("user.name", absent, "User name of uid (root/<NA> fallback)."),
    text("user.shell", absent, "Shell of uid."),
    field("user.uid", T::Uint32, P::Id, absent, "Effective uid."),
];
