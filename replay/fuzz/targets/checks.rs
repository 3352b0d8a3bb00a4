//! What must hold for any input, one function per fuzz target. Regression tests call them too.
#![allow(dead_code)] // each target uses one

use std::ops::Range;

use lanner_replay::engine::Program;
use lanner_replay::rules::condition::{Node, NodeKind, Right};
use lanner_replay::rules::syntax::{
    self, Expr, ExprKind, Limits, Operand, OperandKind, Right as Text, canonical,
};
use lanner_replay::rules::{Filter, LoadOptions, Loader, SourceMap, Span};

/// A condition: nothing panics, all ranges are inside the text and inside each other, printing what was parsed and
/// parsing that again prints the same, if nothing in it is printed as what is read as something else.
pub fn condition(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match syntax::parse(text, Limits::RULES) {
        Ok(expr) => {
            check_ranges(&expr, &(0..text.len()), text);
            let printed = canonical(&expr);
            let again =
                std::str::from_utf8(&printed).ok().and_then(|text| syntax::parse(text, Limits::RULES).ok());
            if let Some(again) = again.filter(|_| is_readable(&expr)) {
                let (first, second) =
                    (without_double_negation(&printed), without_double_negation(&canonical(&again)));
                assert!(first == second, "{first}");
            }
        }
        Err(error) => assert!(text.is_char_boundary(error.at), "error inside a character"),
    }
    match Filter::new(text) {
        Ok(filter) => check_spans(&filter.condition, &|span| check_span(text, span)),
        Err(diagnostics) => {
            assert!(diagnostics.iter().any(|diagnostic| diagnostic.is_error()));
            diagnostics.iter().for_each(|diagnostic| check_span(text, diagnostic.span));
        }
    }
}

/// Whether all texts come back from canonical text, which is Falco's: it leaves out the quotes around brackets and commas.
fn is_readable(expr: &Expr) -> bool {
    let plain =
        |text: &[u8]| !text.is_empty() && !text.iter().any(|b| matches!(b, b'(' | b')' | b',' | 0x0b));
    match &expr.kind {
        ExprKind::And(children) | ExprKind::Or(children) => children.iter().all(is_readable),
        ExprKind::Not(child) => is_readable(child),
        ExprKind::Identifier(_) => true,
        ExprKind::Check(check) => {
            is_plain(&check.left, &plain)
                && match &check.right {
                    Text::None => true,
                    Text::Value(value) => plain(&value.bytes),
                    Text::List { values, .. } => values.iter().all(|value| plain(&value.bytes)),
                    Text::Operand(operand) => is_plain(operand, &plain),
                }
        }
    }
}

fn is_plain(operand: &Operand, plain: &dyn Fn(&[u8]) -> bool) -> bool {
    match &operand.kind {
        OperandKind::Field { arg, .. } => arg.as_deref().is_none_or(plain),
        OperandKind::Literal(text) => plain(text),
        OperandKind::List(items) => items.iter().all(|item| is_plain(item, plain)),
        OperandKind::Transform { args, selector, .. } => {
            args.iter().all(|arg| is_plain(arg, plain)) && selector.as_deref().is_none_or(plain)
        }
    }
}

/// Brackets between two `not` are not printed, and each `not` of a row toggles when it is parsed, so that rows come
/// back shorter by pairs.
fn without_double_negation(printed: &[u8]) -> String {
    String::from_utf8_lossy(printed).replace("not not ", "")
}

/// A rules file: nothing panics or explodes, every place is in the file, what comes out can be lowered, and the
/// first error is the one at which a loader that stops there stops.
pub fn rules(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let mut loader = Loader::new(LoadOptions::default());
    let report = loader.add("rules.yaml".to_string(), text.to_string());
    let loaded = loader.finish();
    for diagnostic in &loaded.diagnostics {
        check_place(&loaded.ruleset.sources, diagnostic.span);
        diagnostic.related.iter().for_each(|(span, _)| check_place(&loaded.ruleset.sources, *span));
    }
    for rule in &loaded.ruleset.rules {
        check_spans(&rule.condition, &|span| check_place(&loaded.ruleset.sources, span));
    }
    let _ = Program::lower(&loaded.ruleset);
    let mut stopping = Loader::new(LoadOptions { stop_at_first_error: true, ..LoadOptions::default() });
    let stopped = stopping.add("rules.yaml".to_string(), text.to_string());
    assert!(report == stopped, "going on after an error changed what comes before it");
}

fn check_ranges(expr: &Expr, outer: &Range<usize>, text: &str) {
    let range = &expr.range;
    assert!(outer.start <= range.start && range.start <= range.end && range.end <= outer.end, "{expr:?}");
    assert!(text.get(range.clone()).is_some(), "range inside a character");
    match &expr.kind {
        ExprKind::And(children) | ExprKind::Or(children) => {
            children.iter().for_each(|child| check_ranges(child, range, text));
        }
        ExprKind::Not(child) => check_ranges(child, range, text),
        ExprKind::Identifier(_) | ExprKind::Check(_) => {}
    }
}

fn check_spans(node: &Node, check: &dyn Fn(Span)) {
    check(node.span);
    match &node.kind {
        NodeKind::And(children) | NodeKind::Or(children) => {
            children.iter().for_each(|child| check_spans(child, check));
        }
        NodeKind::Not(child)
        | NodeKind::Macro { body: child, .. }
        | NodeKind::Exception { body: child, .. } => {
            check_spans(child, check);
        }
        NodeKind::Check(compared) => {
            if let Right::Constants(constants) = &compared.right {
                constants.iter().for_each(|constant| check(constant.span));
            }
        }
    }
}

fn check_span(text: &str, span: Span) {
    assert!(text.get(span.start as usize..span.end as usize).is_some(), "{span:?} is not in the text");
}

fn check_place(sources: &SourceMap, span: Span) {
    check_span(&sources.file(span.file).text, span);
    let (line, column) = sources.position(span);
    assert!(line > 0 && column > 0);
}
