//! Macros: parsed once each, then resolved in their own scope.

use std::rc::Rc;

use super::collect::{Collector, Named};
use super::decode::Context;
use super::items::MacroItem;
use crate::rules::condition::Node;
use crate::rules::diagnostic::{Diagnostic, closest};
use crate::rules::syntax::{Check, Expr, ExprKind};
use crate::rules::traced::Traced;

/// All macros of a compilation.
pub struct Macros {
    states: Vec<State>,
}

#[derive(Default)]
struct State {
    parsed: Option<Rc<(Traced, Expr)>>,
    /// Its references are all right. Otherwise the error is reported and users of the macro stay silent.
    resolved: bool,
    used: bool,
    /// The checked body with messages about it, made for the first rule that needs it.
    checked: Option<Rc<Checked>>,
}

/// A macro's body after checking.
pub struct Checked {
    /// `None` if it has errors.
    pub node: Option<Node>,
    /// Messages without the path of a rule.
    pub diagnostics: Vec<Diagnostic>,
    /// Nodes and constants of it, all macros in it included.
    pub node_count: usize,
}

impl Macros {
    pub fn new(items: &Named<MacroItem>) -> Self {
        Macros { states: items.iter().map(|_| State::default()).collect() }
    }

    pub fn set_parsed(&mut self, index: usize, parsed: Option<(Traced, Expr)>) {
        self.states[index].parsed = parsed.map(Rc::new);
    }

    pub fn parsed(&self, index: usize) -> Option<Rc<(Traced, Expr)>> {
        self.states[index].parsed.clone()
    }

    pub fn is_resolved(&self, index: usize) -> bool {
        self.states[index].resolved
    }

    pub fn is_used(&self, index: usize) -> bool {
        self.states[index].used
    }

    pub fn mark_used(&mut self, index: usize) {
        self.states[index].used = true;
    }

    pub fn checked(&self, index: usize) -> Option<Rc<Checked>> {
        self.states[index].checked.clone()
    }

    pub fn set_checked(&mut self, index: usize, checked: Rc<Checked>) {
        self.states[index].checked = Some(checked);
    }

    /// Checks that all macros a macro refers to, directly or not, are defined, visible and not itself.
    pub fn resolve(
        &mut self,
        index: usize,
        collector: &Collector,
        context: &Context<'_>,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        let Some(parsed) = self.parsed(index) else { return };
        let item = &collector.macros.as_slice()[index];
        let visible = |other: &MacroItem| other.order.index < item.order.visibility;
        if let Some((name, at)) = self.find_loop(index, collector, &visible) {
            let span = parsed.0.span(at);
            let context = context.inside("condition expression", "", span);
            diagnostics.push(*context.rejected(format!("reference loop in macro '{name}'")));
            return;
        }
        let mut fine = true;
        let mut reported = false;
        for (name, range) in references(&parsed.1) {
            match collector.macros.position(name) {
                Some(other) if visible(&collector.macros.as_slice()[other]) => {
                    self.mark_used(other);
                    fine &= self.states[other].parsed.is_some();
                    fine &= self.is_resolved(other) || other >= index;
                }
                _ => {
                    fine = false;
                    if !reported && !collector.is_broken("macro", name) {
                        reported = true;
                        let span = parsed.0.span(range);
                        let context = context.inside("condition expression", "", span);
                        let help = help_undefined(name, collector);
                        let mut failure = context.rejected(undefined(name));
                        failure.help = help;
                        diagnostics.push(*failure);
                    }
                }
            }
        }
        self.states[index].resolved = fine;
    }

    /// The name at which following references from a macro comes round, and the first of these references.
    fn find_loop(
        &self,
        start: usize,
        collector: &Collector,
        visible: &dyn Fn(&MacroItem) -> bool,
    ) -> Option<(String, std::ops::Range<usize>)> {
        // Only a macro that sees later ones, or itself, can be in a loop.
        let item = &collector.macros.as_slice()[start];
        if item.order.visibility == item.order.index {
            return None;
        }
        let parsed = self.parsed(start)?;
        for (name, range) in references(&parsed.1) {
            let first = collector.macros.position(name)?;
            if !visible(&collector.macros.as_slice()[first]) {
                continue;
            }
            // Depth first, with each macro entered once: a macro that is left again is in no loop.
            let mut path = vec![(first, 0)];
            let mut entered = vec![false; self.states.len()];
            entered[first] = true;
            while let Some((at, next)) = path.last_mut() {
                let body = self.parsed(*at)?;
                let Some((name, _)) = references(&body.1).nth(*next) else {
                    path.pop();
                    continue;
                };
                *next += 1;
                let Some(other) = collector.macros.position(name) else { continue };
                if !visible(&collector.macros.as_slice()[other]) {
                    continue;
                }
                if path.iter().any(|(on_path, _)| *on_path == other) {
                    return Some((name.to_string(), range));
                }
                if !entered[other] {
                    entered[other] = true;
                    path.push((other, 0));
                }
            }
        }
        None
    }

    /// The body of the macro with this name, as parsed.
    pub fn body<'m>(&'m self, name: &str, items: &Named<MacroItem>) -> Option<&'m Expr> {
        self.states[items.position(name)?].parsed.as_deref().map(|(_, expr)| expr)
    }

    /// Calls `found` with each comparison and the text it is part of, macros included, each macro once.
    pub fn checks(
        &self,
        expr: &Expr,
        text: &Traced,
        items: &Named<MacroItem>,
        found: &mut dyn FnMut(&Check, &Traced),
    ) {
        let mut entered = vec![false; self.states.len()];
        let mut stack = vec![(expr, text)];
        while let Some((expr, text)) = stack.pop() {
            match &expr.kind {
                ExprKind::And(children) | ExprKind::Or(children) => {
                    stack.extend(children.iter().rev().map(|child| (child, text)));
                }
                ExprKind::Not(child) => stack.push((child, text)),
                ExprKind::Check(check) => found(check, text),
                ExprKind::Identifier(name) => {
                    let Some(index) = items.position(name) else { continue };
                    if let (Some(parsed), false) = (&self.states[index].parsed, entered[index]) {
                        entered[index] = true;
                        stack.push((&parsed.1, &parsed.0));
                    }
                }
            }
        }
    }
}

/// Falco's words for a reference to nothing.
pub fn undefined(name: &str) -> String {
    format!("Undefined macro '{name}' used in filter.")
}

/// What may have been meant by a reference to nothing.
pub fn help_undefined(name: &str, collector: &Collector) -> Option<String> {
    if collector.macros.get(name).is_some() {
        return Some(format!("`{name}` is defined after this macro: move it before"));
    }
    if collector.lists.get(name).is_some() {
        return Some(format!("`{name}` is a list: compare a field with it, as in `proc.name in ({name})`"));
    }
    closest(name, collector.macros.iter().map(|item| item.name.as_str()))
        .map(|close| format!("did you mean `{close}`?"))
}

/// References to macros, in order.
pub fn references(expr: &Expr) -> impl Iterator<Item = (&str, std::ops::Range<usize>)> {
    let mut stack = vec![expr];
    std::iter::from_fn(move || {
        while let Some(expr) = stack.pop() {
            match &expr.kind {
                ExprKind::And(children) | ExprKind::Or(children) => stack.extend(children.iter().rev()),
                ExprKind::Not(child) => stack.push(child),
                ExprKind::Identifier(name) => return Some((name.as_str(), expr.range.clone())),
                ExprKind::Check(_) => {}
            }
        }
        None
    })
}
