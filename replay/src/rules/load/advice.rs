//! What Falco says about the fields of a condition although they may be used.

use super::decode::Context;
use crate::rules::diagnostic::{Diagnostic, code};
use crate::rules::source::Span;
use crate::rules::syntax::{self, Operand, OperandKind, Right};
use crate::rules::traced::Traced;

/// Fields that still exist but tell nothing any more, and what Falco says about them.
pub const DEPRECATED_FIELDS: [(&str, &str); 6] = [
    (
        "evt.dir",
        "due to the drop of enter events, 'evt.dir = <' always evaluates to true, and 'evt.dir = >' always evaluates \
         to false. The rule expression can be simplified by removing the condition on 'evt.dir'",
    ),
    ("evt.latency", LATENCY),
    ("evt.latency.s", LATENCY),
    ("evt.latency.ns", LATENCY),
    ("evt.latency.human", LATENCY),
    ("evt.wait_latency", LATENCY),
];
const LATENCY: &str = "field is not available due to the drop of enter events.";

/// Collects messages over the comparisons of a condition; each kind is said once.
#[derive(Default)]
pub struct Advice {
    deprecated: [Option<Span>; DEPRECATED_FIELDS.len()],
    unsafe_value: Option<Span>,
}

impl Advice {
    /// Looks at a comparison.
    pub fn look(&mut self, check: &syntax::Check, text: &Traced) {
        let mut unsafe_field = false;
        fields_of(&check.left, &mut |name, operand| {
            if let Some(i) = DEPRECATED_FIELDS.iter().position(|(field, _)| *field == name) {
                self.deprecated[i].get_or_insert_with(|| text.span(operand.range.clone()));
            }
            // Of these, and these alone, missing values used to be the text.
            unsafe_field = name.starts_with("ka.") || name.starts_with("jevt.");
        });
        let is_equality = matches!(check.operator.text, "=" | "==" | "!=" | "in" | "intersects" | "pmatch");
        if !unsafe_field || !is_equality {
            return;
        }
        let values = match &check.right {
            Right::Value(value) => std::slice::from_ref(value),
            Right::List { values, .. } => values,
            Right::None | Right::Operand(_) => &[],
        };
        if let Some(value) = values.iter().find(|value| value.bytes == b"<NA>") {
            self.unsafe_value.get_or_insert_with(|| text.span(value.range.clone()));
        }
    }

    /// The messages, in Falco's order of kinds.
    pub fn finish(self, context: &Context<'_>) -> Vec<Diagnostic> {
        let unsafe_value = self.unsafe_value.map(|span| {
            let message = "a missing value is no text '<NA>': the comparison may not mean what it says";
            let help = "ask with `exists` whether there is a value";
            context.at(span).warning(code::UNSAFE_NA_CHECK, message).help(help)
        });
        let deprecated =
            self.deprecated.into_iter().zip(DEPRECATED_FIELDS).filter_map(|(span, (_, message))| {
                Some(context.at(span?).warning(code::DEPRECATED_ITEM, message))
            });
        unsafe_value.into_iter().chain(deprecated).collect()
    }
}

fn fields_of(operand: &Operand, found: &mut dyn FnMut(&str, &Operand)) {
    match &operand.kind {
        OperandKind::Field { name, .. } => found(name, operand),
        OperandKind::Transform { args, .. } => args.iter().for_each(|arg| fields_of(arg, found)),
        OperandKind::Literal(_) | OperandKind::List(_) => {}
    }
}
