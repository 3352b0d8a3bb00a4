//! From the syntax tree of a rule to its resolved condition.

use std::rc::Rc;

use super::collect::Collector;
use super::decode::Context;
use super::items::ExceptionItem;
use super::macros::{Checked, Macros, help_undefined, references, undefined};
use crate::rules::MacroId;
use crate::rules::check::Checker;
use crate::rules::condition::{Node, NodeKind, Right};
use crate::rules::diagnostic::Diagnostic;
use crate::rules::source::Span;
use crate::rules::syntax::{Expr, ExprKind};
use crate::rules::traced::Traced;

/// Deepest nesting of a resolved condition, macros included. Public rules have ten levels; a thread's stack has room for this many.
const DEPTH_LIMIT: usize = 250;

/// How large conditions may become once their macros are put in.
pub struct Budget {
    rule: usize,
    all: usize,
}

impl Default for Budget {
    fn default() -> Self {
        // The largest of the public rules has 700 nodes and constants.
        Budget { rule: 500_000, all: 5_000_000 }
    }
}

/// Resolves one rule's condition.
pub struct Resolver<'a> {
    pub text: &'a Traced,
    pub exceptions: &'a [ExceptionItem],
    pub macros: &'a mut Macros,
    pub collector: &'a Collector,
    pub budget: &'a mut Budget,
    pub diagnostics: &'a mut Vec<Diagnostic>,
    /// Whether the condition is for a rule, which has to be found by event type.
    pub indexed: bool,
    /// The rule, for messages about references to macros.
    pub rule: &'a Context<'a>,
    /// Its condition, for all others.
    pub condition: &'a Context<'a>,
}

impl Resolver<'_> {
    /// Reports references to macros that do not exist, and tells whether there is any reference that cannot be
    /// followed, be it reported here or before.
    pub fn report_undefined(&mut self, expr: &Expr) -> bool {
        let mut unusable = false;
        let mut reported: Vec<&str> = Vec::new();
        for (name, range) in references(expr) {
            match self.collector.macros.position(name) {
                Some(index) => {
                    self.macros.mark_used(index);
                    unusable |= !self.macros.is_resolved(index);
                }
                None => {
                    unusable = true;
                    if !reported.contains(&name) && !self.collector.is_broken("macro", name) {
                        reported.push(name);
                        let span = self.text.span(range);
                        let context = self.rule.inside("condition expression", "", span);
                        let mut diagnostic = *context.rejected(undefined(name));
                        diagnostic.help = help_undefined(name, self.collector);
                        self.diagnostics.push(diagnostic);
                    }
                }
            }
        }
        unusable
    }

    /// The resolved node, or `None` after reporting what is wrong with it.
    pub fn node(&mut self, expr: &Expr, depth: usize) -> Option<Node> {
        let mut count = 0;
        let node = self.build(expr, self.text, depth, &mut count);
        self.budget.all = self.budget.all.saturating_sub(count);
        node
    }

    fn build(&mut self, expr: &Expr, text: &Traced, depth: usize, count: &mut usize) -> Option<Node> {
        let span = text.span(expr.range.clone());
        *count += 1;
        if depth > DEPTH_LIMIT || *count > self.budget.rule.min(self.budget.all) {
            self.too_large(span);
            return None;
        }
        let kind = match &expr.kind {
            ExprKind::And(children) => NodeKind::And(self.children(children, text, depth, count)?),
            ExprKind::Or(children) => NodeKind::Or(self.children(children, text, depth, count)?),
            ExprKind::Not(child) => {
                let node = self.build(child, text, depth + 1, count)?;
                NodeKind::Not(Box::new(self.exception(expr, text, node)))
            }
            ExprKind::Check(check) => {
                let before = self.diagnostics.len();
                let mut checker = Checker { text, indexed: self.indexed, diagnostics: self.diagnostics };
                let check = checker.check(check, &expr.range);
                for diagnostic in &mut self.diagnostics[before..] {
                    diagnostic.path = self.condition.path();
                }
                let check = check?;
                if let Right::Constants(constants) = &check.right {
                    *count += constants.len();
                }
                NodeKind::Check(Box::new(check))
            }
            ExprKind::Identifier(name) => return self.reference(name, span, depth, count),
        };
        Some(Node { kind, span })
    }

    /// All children, or `None` after reporting what is wrong with any of them.
    fn children(
        &mut self,
        children: &[Expr],
        text: &Traced,
        depth: usize,
        count: &mut usize,
    ) -> Option<Vec<Node>> {
        let mut nodes = Vec::with_capacity(children.len());
        for child in children {
            nodes.extend(self.build(child, text, depth + 1, count));
        }
        (nodes.len() == children.len()).then_some(nodes)
    }

    /// Marks what an exception added.
    fn exception(&self, not: &Expr, text: &Traced, node: Node) -> Node {
        let Some(about) = text.made_up_at(not.range.start) else { return node };
        match self.exceptions.iter().find(|exception| exception.span == about) {
            Some(exception) => {
                let kind = NodeKind::Exception { name: exception.name.clone(), body: Box::new(node) };
                Node { kind, span: about }
            }
            None => node,
        }
    }

    /// A macro's body in place of its name.
    fn reference(&mut self, name: &str, span: Span, depth: usize, count: &mut usize) -> Option<Node> {
        let index = self.collector.macros.position(name)?;
        self.macros.mark_used(index);
        let checked = match self.macros.checked(index) {
            Some(checked) => checked,
            None => {
                let parsed = self.macros.parsed(index)?;
                let mut node_count = 0;
                let outer = std::mem::take(self.diagnostics);
                let node = self.build(&parsed.1, &parsed.0, depth + 1, &mut node_count);
                let diagnostics = std::mem::replace(self.diagnostics, outer);
                let checked = Rc::new(Checked { node, diagnostics, node_count });
                self.macros.set_checked(index, Rc::clone(&checked));
                checked
            }
        };
        let item = &self.collector.macros.as_slice()[index];
        for diagnostic in &checked.diagnostics {
            // Once for all uses of the macro in a condition; otherwise macros of macros would multiply them.
            if self.diagnostics.iter().any(|d| d.span == diagnostic.span && d.message == diagnostic.message) {
                continue;
            }
            let mut diagnostic = diagnostic.clone();
            diagnostic.path = self.condition.path();
            let through = (span, format!("reached through macro `{}`", item.name));
            if !diagnostic.related.contains(&through) {
                diagnostic.related.push(through);
            }
            self.diagnostics.push(diagnostic);
        }
        *count += checked.node_count;
        if *count > self.budget.rule.min(self.budget.all) {
            self.too_large(span);
            return None;
        }
        let body = Box::new(checked.node.clone()?);
        Some(Node { kind: NodeKind::Macro { id: MacroId(index as u32), body }, span })
    }

    fn too_large(&mut self, span: Span) {
        let message = "the condition is too large once its macros are put in";
        if !self.diagnostics.iter().any(|diagnostic| diagnostic.message == message) {
            let diagnostic = *self.condition.at(span).rejected(message);
            self.diagnostics.push(diagnostic);
        }
    }
}
