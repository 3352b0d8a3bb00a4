//! Fields of the descriptors `poll` waits for: `fdlist.*`.

use super::def::{FieldDef, absent, text};

pub(super) const FIELDS: &[FieldDef] = &[
    text("fdlist.cips", absent, "Poll client addresses."),
    text("fdlist.cports", absent, "Poll client ports."),
    text("fdlist.names", absent, "Poll fd names."),
    text("fdlist.nums", absent, "Poll fd numbers."),
    text("fdlist.sips", absent, "Poll server addresses."),
    text("fdlist.sports", absent, "Poll server ports."),
];
