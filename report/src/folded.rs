//! Folded stacks: `evaluate;syscall;openat;Some rule;macro;check;field 1234`, as flame graph tools read them. Values
//! are self times in nanoseconds, or cost units; they add up to the evaluation total.

use std::collections::BTreeMap;
use std::io::Write;

use profiler::Profile;
use profiler::model::CallTree;

use crate::error::Error;
use crate::escape;
use crate::weight::Weight;

/// What to show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// The evaluate stage.
    #[default]
    Evaluate,
    /// All stages and the remainder; adds up to the total without waiting.
    Stages,
}

/// Writes one line for each stack with something of its own, sorted. Stages other than evaluate have times only.
///
/// # Errors
/// There is nothing to show, or `out` fails.
pub fn write(profile: &Profile, scope: Scope, weight: Weight, mut out: impl Write) -> Result<(), Error> {
    let tree = CallTree::of(profile, None);
    if scope == Scope::Evaluate {
        weight.all(&tree)?;
    }
    let mut lines = BTreeMap::<String, u64>::new();
    for (index, call) in tree.calls().iter().enumerate().filter(|(_, call)| weight.own(call) > 0) {
        let stack: Vec<String> = tree.stack(index).iter().map(|call| escape::frame(&call.name)).collect();
        *lines.entry(stack.join(";")).or_default() += weight.own(call);
    }
    if scope == Scope::Stages && weight == Weight::Time {
        for (name, ns) in others(profile) {
            lines.insert(name.to_owned(), ns);
        }
    }
    for (stack, value) in lines {
        writeln!(out, "{stack} {value}")?;
    }
    Ok(())
}

/// What is not evaluation.
pub(crate) fn others(profile: &Profile) -> impl Iterator<Item = (&'static str, u64)> {
    let stages = profile.stages().named();
    stages.into_iter().filter(|(name, _)| *name != "evaluate").chain([("remainder", profile.remainder_ns())])
}
