//! From collected items to a ruleset: lists put in, conditions parsed, macros resolved, comparisons checked.
//!
//! The order is Falco's (lists, all macros parsed, all macros resolved, rule after rule), so that the first error
//! is the one Falco stops at. What has an error is left out and the rest goes on.

use super::advice::{Advice, DEPRECATED_FIELDS};
use super::collect::Collector;
use super::decode::Context;
use super::exceptions;
use super::items::{MacroItem, RuleItem};
use super::lists::Lists;
use super::macros::Macros;
use super::resolve::{Budget, Resolver};
use crate::alert::{OutputTemplate, TemplateError};
use crate::rules::check::{did_you_mean_field, event_types};
use crate::rules::diagnostic::{Diagnostic, code};
use crate::rules::source::Span;
use crate::rules::syntax::{self, Limits};
use crate::rules::traced::Traced;
use crate::rules::{EventTypeSet, ListDef, MacroDef, Rule, RuleId, Severity};

/// More event types than this and a rule gets a warning.
const EVENT_TYPES_WARNED: usize = 100;

/// What compiling gives.
#[derive(Default)]
pub struct Compiled {
    pub rules: Vec<Rule>,
    pub macros: Vec<MacroDef>,
    pub lists: Vec<ListDef>,
}

/// Compiles everything collected so far; messages about places without a file of their own point to `file`.
pub fn compile(collector: &Collector, file: Span, diagnostics: &mut Vec<Diagnostic>) -> Compiled {
    let root = Context::file(file);
    let errors_before = error_count(diagnostics);
    let mut compiler = Compiler {
        collector,
        root: &root,
        lists: Lists::new(&collector.lists),
        macros: Macros::new(&collector.macros),
        budget: Budget::default(),
        diagnostics,
    };
    compiler.parse_macros();
    compiler.resolve_macros();
    let mut rules: Vec<Rule> = Vec::with_capacity(collector.rules.as_slice().len());
    for item in collector.rules.iter().filter(|rule| !rule.unknown_source) {
        let id = RuleId(rules.len() as u32);
        rules.extend(compiler.rule(id, item));
    }
    if error_count(compiler.diagnostics) == errors_before {
        compiler.warn_unused();
    }
    Compiled {
        rules,
        macros: collector
            .macros
            .iter()
            .map(|item| MacroDef { name: item.name.clone(), span: item.span })
            .collect(),
        lists: collector
            .lists
            .iter()
            .map(|item| ListDef { name: item.name.clone(), span: item.span })
            .collect(),
    }
}

fn error_count(diagnostics: &[Diagnostic]) -> usize {
    diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).count()
}

struct Compiler<'a> {
    collector: &'a Collector,
    root: &'a Context<'a>,
    lists: Lists,
    macros: Macros,
    budget: Budget,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl<'a> Compiler<'a> {
    fn macro_context(&self, item: &'a MacroItem) -> Context<'a> {
        self.root.inside("macro", &item.name, item.span)
    }

    fn parse_macros(&mut self) {
        for (i, item) in self.collector.macros.iter().enumerate() {
            let context = self.macro_context(item);
            let context = context.inside("macro condition", "", item.span);
            let parsed = self.parse(&item.condition, &context);
            self.macros.set_parsed(i, parsed);
        }
    }

    /// Puts in the lists and parses.
    fn parse(&mut self, condition: &Traced, context: &Context<'_>) -> Option<(Traced, syntax::Expr)> {
        let Some(text) = self.lists.expand(condition, &self.collector.lists) else {
            let failure = context.inside("condition expression", "", context.span);
            self.diagnostics.push(*failure.rejected("the condition is too long once its lists are put in"));
            return None;
        };
        match syntax::parse(text.as_str(), Limits::RULES) {
            Ok(expr) => Some((text, expr)),
            Err(error) => {
                // At the end, right after the last word.
                let text_end = text.as_str().trim_end().len();
                let at = error.at.min(text_end);
                let rest = &text.as_str()[at..text_end];
                let token = rest.find(|c: char| c.is_whitespace() || "(),".contains(c)).unwrap_or(rest.len());
                let length = token.max(rest.chars().next().map_or(0, char::len_utf8));
                let span = text.span(at..at + length);
                let context = context.inside("condition expression", "", span);
                let mut diagnostic = Diagnostic::error(code::COMPILE_CONDITION, error.message, span);
                if let Some(open) = error.unclosed {
                    diagnostic = diagnostic.related(text.span(open..open + 1), "opened here");
                }
                self.diagnostics.push(diagnostic.within(context.path()));
                None
            }
        }
    }

    fn resolve_macros(&mut self) {
        for (i, item) in self.collector.macros.iter().enumerate() {
            let context = self.macro_context(item);
            self.macros.resolve(i, self.collector, &context, self.diagnostics);
        }
    }

    fn rule(&mut self, id: RuleId, item: &'a RuleItem) -> Option<Rule> {
        let context = self.root.inside("rule", &item.name, item.span);
        let condition = match exceptions::apply(&item.condition, &item.exceptions, &context) {
            Ok(condition) => condition,
            Err(failure) => {
                self.diagnostics.push(*failure);
                return None;
            }
        };
        let output = self.output(item, &context);
        let condition_context = context.inside("rule condition", "", item.span);
        let (text, expr) = self.parse(&condition, &condition_context)?;
        let mut found = Vec::new();
        let mut resolver = Resolver {
            indexed: true,
            text: &text,
            exceptions: &item.exceptions,
            macros: &mut self.macros,
            collector: self.collector,
            budget: &mut self.budget,
            diagnostics: &mut found,
            rule: &context,
            condition: &condition_context.inside("condition expression", "", item.span),
        };
        let undefined = resolver.report_undefined(&expr);
        let node = if undefined { None } else { resolver.node(&expr, 0) };
        if !undefined {
            let mut advice = Advice::default();
            self.macros
                .checks(&expr, &text, &self.collector.macros, &mut |check, text| advice.look(check, text));
            let context = condition_context.inside("condition expression", "", item.span);
            self.diagnostics.extend(advice.finish(&context));
        }
        let first_error = found.iter().find(|diagnostic| diagnostic.is_error());
        if let Some(error) =
            first_error.filter(|error| item.skip_if_unknown_filter && may_skip(&error.message))
        {
            let mut warning = error.clone();
            warning.severity = Severity::Warning;
            warning.code = code::UNKNOWN_FILTER;
            self.diagnostics.push(warning);
            return None;
        }
        let failed = first_error.is_some();
        self.diagnostics.append(&mut found);
        let condition = node.filter(|_| !failed)?;
        let output = output?;
        let mut types = event_types(&condition);
        if item.source == "syscall" {
            if types.len() > EVENT_TYPES_WARNED && item.warn_evttypes {
                let message =
                    "Rule matches too many evt.type values. This has a significant performance penalty.";
                let help = "restrict the condition with `evt.type = ...` or `evt.type in (...)`";
                self.diagnostics.push(context.warning(code::NO_EVTTYPE, message).help(help));
            }
            // Every rule sees asynchronous events, too.
            types.insert(capture::event::EventType::ASYNCEVENT_E);
        }
        Some(self.finish(id, item, condition, &expr, output, types))
    }

    fn finish(
        &self,
        id: RuleId,
        item: &RuleItem,
        condition: crate::rules::condition::Node,
        expr: &syntax::Expr,
        output: String,
        event_types: EventTypeSet,
    ) -> Rule {
        let body = |name: &str| self.macros.body(name, &self.collector.macros);
        let expanded = syntax::canonical_expanded(expr, &body);
        Rule {
            id,
            name: item.name.clone(),
            description: item.description.clone(),
            condition,
            expanded: String::from_utf8_lossy(&expanded).into_owned(),
            output,
            priority: item.priority,
            source: item.source.clone(),
            tags: item.tags.clone(),
            enabled: item.enabled,
            capture: item.capture,
            capture_duration_ms: item.capture_duration_ms,
            event_types,
            span: item.span,
        }
    }

    /// The output text, if it is valid.
    fn output(&mut self, item: &RuleItem, context: &Context<'_>) -> Option<String> {
        let whole = item.output.span(0..item.output.as_str().len());
        let mut text = item.output.as_str().to_string();
        let info = "%container.info";
        if let Some(at) = text.find(info) {
            let span = item.output.span(at..at + info.len());
            let message = "%container.info is deprecated and no more useful, and will be dropped by Falco 1.0.0. The \
                           container plugin will automatically add required fields to the output message.";
            let context = context.at(span);
            self.diagnostics.push(context.warning(code::DEPRECATED_ITEM, message));
            text = text.replace(info, "");
        }
        let context = context.inside("rule output", "", whole);
        for (field, _) in DEPRECATED_FIELDS {
            if let Some(at) = item.output.as_str().find(field) {
                let span = item.output.span(at..at + field.len());
                let message =
                    format!("usage of deprecated field '{field}' has been detected in the rule output");
                let context = context.at(span);
                self.diagnostics.push(context.warning(code::DEPRECATED_ITEM, message));
            }
        }
        match OutputTemplate::parse(&text) {
            Ok(_) => Some(text),
            Err(error) => {
                self.bad_output(item, &context, &text, error);
                None
            }
        }
    }

    fn bad_output(&mut self, item: &RuleItem, context: &Context<'_>, text: &str, error: TemplateError) {
        // What was removed above may have moved the place.
        let same = text == item.output.as_str();
        let span =
            if same { item.output.span(error.start..error.end.max(error.start + 1)) } else { context.span };
        let skip = item.skip_if_unknown_filter && may_skip(&error.message);
        let mut diagnostic =
            Diagnostic::error(code::COMPILE_OUTPUT, error.message, span).within(context.path());
        let name = text.get(error.start..error.end).unwrap_or("");
        diagnostic.help = did_you_mean_field(
            name.trim_start_matches(['%', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9']),
        );
        if skip {
            diagnostic.severity = Severity::Warning;
            diagnostic.code = code::UNKNOWN_FILTER;
        }
        self.diagnostics.push(diagnostic);
    }

    fn warn_unused(&mut self) {
        for (i, item) in self.collector.macros.iter().enumerate() {
            if !self.macros.is_used(i) {
                let message = "Macro not referred to by any other rule/macro";
                self.diagnostics.push(self.macro_context(item).warning(code::UNUSED_MACRO, message));
            }
        }
        for (i, item) in self.collector.lists.iter().enumerate() {
            if !self.lists.is_used(i) {
                let message = "List not referred to by any other rule/macro";
                let context = self.root.inside("list", &item.name, item.span);
                self.diagnostics.push(context.warning(code::UNUSED_LIST, message));
            }
        }
    }
}

/// Whether a rule with `skip-if-unknown-filter` may be dropped because of this error.
fn may_skip(message: &str) -> bool {
    ["nonexistent field", "invalid formatting token", "unknown event type", "unknown filter:"]
        .iter()
        .any(|part| message.contains(part))
}
