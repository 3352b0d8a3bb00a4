//! A condition on its own, without lists, macros and a rule around it.

use super::collect::Collector;
use super::decode::Context;
use super::macros::Macros;
use super::resolve::{Budget, Resolver};
use super::{ENGINE_VERSION, FileId, span};
use crate::rules::EventTypeSet;
use crate::rules::check::event_types;
use crate::rules::condition::Node;
use crate::rules::diagnostic::{Diagnostic, code};
use crate::rules::syntax::{self, Limits};
use crate::rules::traced::Traced;

/// A resolved condition that is not part of a rule. Its spans are of the text it was made of.
#[derive(Clone, Debug)]
pub struct Filter {
    pub condition: Node,
    /// Event types for which it can be true.
    pub event_types: EventTypeSet,
    pub warnings: Vec<Diagnostic>,
}

impl Filter {
    /// Parses and checks a condition as a rule may have it.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub fn new(text: &str) -> Result<Filter, Vec<Diagnostic>> {
        Self::parse(text, true)
    }

    /// Parses and checks a condition as Falco's libraries take it outside of rules, where nothing has to be found
    /// by event type: `evt.type` may stand in functions and against fields. The event types are all, then.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub fn without_index(text: &str) -> Result<Filter, Vec<Diagnostic>> {
        Self::parse(text, false)
    }

    fn parse(text: &str, indexed: bool) -> Result<Filter, Vec<Diagnostic>> {
        let whole = span(FileId(0), 0..text.len());
        let traced = Traced::from_pieces(text.to_string(), (!text.is_empty()).then_some((0, whole, false)));
        let file = Context::file(whole);
        let context = file.inside("condition expression", "", whole);
        let expr = syntax::parse(text, Limits::LIBRARY).map_err(|error| {
            let end = text[error.at..].chars().next().map_or(error.at, |c| error.at + c.len_utf8());
            let place = span(FileId(0), error.at..end);
            vec![Diagnostic::error(code::COMPILE_CONDITION, error.message, place).within(context.path())]
        })?;
        let collector = Collector::new(ENGINE_VERSION, vec!["syscall".to_string()]);
        let mut diagnostics = Vec::new();
        let mut resolver = Resolver {
            text: &traced,
            indexed,
            exceptions: &[],
            macros: &mut Macros::new(&collector.macros),
            collector: &collector,
            budget: &mut Budget::default(),
            diagnostics: &mut diagnostics,
            rule: &file,
            condition: &context,
        };
        let undefined = resolver.report_undefined(&expr);
        let node = if undefined { None } else { resolver.node(&expr, 0) };
        match node {
            Some(condition) => {
                let event_types = if indexed { event_types(&condition) } else { EventTypeSet::all() };
                Ok(Filter { condition, event_types, warnings: diagnostics })
            }
            None => Err(diagnostics),
        }
    }
}
