//! What pictures are drawn by.

use profiler::model::{Call, CallTree};

use crate::error::{Error, ErrorKind};
use crate::units;

/// Measured time, or cost units, which are the same on every machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Weight {
    #[default]
    Time,
    Cost,
}

impl Weight {
    /// Both.
    pub const ALL: [Weight; 2] = [Weight::Time, Weight::Cost];

    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Weight::Time => "time",
            Weight::Cost => "cost units",
        }
    }

    /// Of a frame, children included.
    pub fn total(self, call: &Call) -> u64 {
        match self {
            Weight::Time => call.total_ns,
            Weight::Cost => call.total_cost,
        }
    }

    /// Of a frame, without its children.
    pub fn own(self, call: &Call) -> u64 {
        match self {
            Weight::Time => call.self_ns,
            Weight::Cost => call.self_cost,
        }
    }

    /// Of the whole tree.
    pub(crate) fn all(self, tree: &CallTree) -> Result<u64, Error> {
        match (tree.calls().first().map_or(0, |root| self.total(root)), self) {
            (0, Weight::Time) => Err(ErrorKind::Empty("times; it was made with --timing off").into()),
            (0, Weight::Cost) => Err(ErrorKind::Empty("cost units").into()),
            (all, _) => Ok(all),
        }
    }

    /// A value as people read it.
    pub(crate) fn text(self, value: u64) -> String {
        match self {
            Weight::Time => units::duration(value),
            Weight::Cost => format!("{} units", units::cost(value)),
        }
    }

    /// All digits of a value.
    pub(crate) fn exact(self, value: u64) -> String {
        match self {
            Weight::Time => format!("{} ns", units::count(value)),
            Weight::Cost => units::counted(value, "unit"),
        }
    }
}
