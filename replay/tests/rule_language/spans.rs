//! Spans of resolved conditions: the text they cover says the same again.

use lanner_replay::rules::condition::{Check, Constant, ConstantValue, Node, NodeKind, Operand, Right};
use lanner_replay::rules::syntax::{self, Expr, ExprKind, Limits, OperandKind};
use lanner_replay::rules::{self, LoadOptions, SourceMap};

use super::stock::{FILES, load};

#[test]
fn spans_of_public_rules_parse_again_to_the_same_nodes() {
    let mut count = 0;
    for (_, file) in FILES {
        let Some(loaded) = load(&[&format!("stock/{file}")]) else { return };
        for rule in &loaded.ruleset.rules {
            count += check_node(&rule.condition, &loaded.ruleset.sources);
        }
    }
    let Some(broad) = load(&["broad.yaml"]) else { return };
    for rule in &broad.ruleset.rules {
        count += check_node(&rule.condition, &broad.ruleset.sources);
    }
    eprintln!("spans: {count} nodes");
}

/// Checks a node and all in it; returns how many there were.
fn check_node(node: &Node, sources: &SourceMap) -> usize {
    if let NodeKind::And(children) = &node.kind
        && children.iter().any(is_exception)
    {
        return children
            .iter()
            .filter(|child| !is_exception(child))
            .map(|child| check_node(child, sources))
            .sum();
    }
    let text = sources.text(node.span);
    let expr = syntax::parse(text, Limits::RULES)
        .unwrap_or_else(|error| panic!("{text:?} at {:?}: {error:?}", sources.position(node.span)));
    assert!(is_same(node, &expr, sources), "{text:?} at {:?}", sources.position(node.span));
    match &node.kind {
        NodeKind::And(children) | NodeKind::Or(children) => {
            1 + children.iter().map(|child| check_node(child, sources)).sum::<usize>()
        }
        NodeKind::Not(child) | NodeKind::Macro { body: child, .. } => 1 + check_node(child, sources),
        NodeKind::Check(_) | NodeKind::Exception { .. } => 1,
    }
}

fn is_exception(node: &Node) -> bool {
    matches!(&node.kind, NodeKind::Not(child) if matches!(child.kind, NodeKind::Exception { .. }))
}

fn is_same(node: &Node, expr: &Expr, sources: &SourceMap) -> bool {
    let all = |nodes: &[Node], exprs: &[Expr]| {
        nodes.len() == exprs.len() && nodes.iter().zip(exprs).all(|(node, expr)| is_same(node, expr, sources))
    };
    match (&node.kind, &expr.kind) {
        (NodeKind::And(nodes), ExprKind::And(exprs)) | (NodeKind::Or(nodes), ExprKind::Or(exprs)) => {
            all(nodes, exprs)
        }
        (NodeKind::Not(node), ExprKind::Not(expr)) => is_same(node, expr, sources),
        (NodeKind::Macro { .. }, ExprKind::Identifier(_)) => true,
        (NodeKind::Check(check), ExprKind::Check(expr)) => {
            check_constants(check, sources);
            check.operator == expr.operator.value && is_same_field(&check.left, &expr.left.kind)
        }
        _ => false,
    }
}

fn is_same_field(operand: &Operand, expr: &OperandKind) -> bool {
    match (operand, expr) {
        (Operand::Field { id, .. }, OperandKind::Field { name, .. }) => name.starts_with(id.def().name),
        (Operand::Transform { transform, .. }, OperandKind::Transform { transform: other, .. }) => {
            transform == other
        }
        _ => false,
    }
}

/// The text of a constant's place is the constant, but for quotes and the list it may come from.
fn check_constants(check: &Check, sources: &SourceMap) {
    let Right::Constants(constants) = &check.right else { return };
    for Constant { value, span } in constants {
        let ConstantValue::Bytes(bytes) = value else { continue };
        let written = sources.text(*span);
        let text = String::from_utf8_lossy(bytes);
        let hexadecimal = matches!(
            check.operator,
            rules::condition::Operator::BContains | rules::condition::Operator::BStartsWith
        );
        let same = without_quotes(written) == without_quotes(&text);
        assert!(hexadecimal || same, "{text:?} is written {written:?} at {:?}", sources.position(*span));
    }
}

/// Quotes and escapes are those of two languages, one in the other; a backslash before a blank is one, too.
fn without_quotes(text: &str) -> String {
    text.replace(['"', '\'', '\\', ' '], "")
}

/// The text at the span of the first constant of the only rule of `yaml`.
#[track_caller]
fn check_constant_place(yaml: &str, line: usize, text: &str) {
    let loaded = rules::load(vec![("rules.yaml".to_string(), yaml.to_string())], &LoadOptions::default());
    assert!(!loaded.has_errors(), "{:?}", loaded.diagnostics);
    let mut nodes = vec![&loaded.ruleset.rules[0].condition];
    while let Some(node) = nodes.pop() {
        match &node.kind {
            NodeKind::And(children) | NodeKind::Or(children) => nodes.extend(children),
            NodeKind::Not(child) => nodes.push(child),
            NodeKind::Macro { body, .. } | NodeKind::Exception { body, .. } => nodes.push(body),
            NodeKind::Check(check) => {
                let Right::Constants(constants) = &check.right else { continue };
                for constant in constants {
                    let (at, _) = loaded.ruleset.sources.position(constant.span);
                    if at == line {
                        assert_eq!(loaded.ruleset.sources.text(constant.span), text);
                        return;
                    }
                }
            }
        }
    }
    panic!("no constant in line {line}");
}

#[test]
fn constants_lead_to_lists_exceptions_and_appended_text() {
    let rule = "- rule: r\n  desc: d\n  output: o\n  priority: INFO\n  condition: evt.type = open";
    check_constant_place(
        &format!("{rule} and proc.name in (tools)\n- list: tools\n  items: [cat, nc]\n"),
        7,
        "cat",
    );
    check_constant_place(
        &format!("{rule} and proc.name in (tools)\n- list: tools\n  items:\n    - one two\n    - nc\n"),
        8,
        "one two",
    );
    let exception =
        "  exceptions:\n    - name: e\n      fields: [proc.name]\n      values:\n        - [cat]\n";
    check_constant_place(&format!("{rule}\n{exception}"), 10, "cat");
    let appended = "- rule: r\n  condition: and proc.name = nc\n  override:\n    condition: append\n";
    check_constant_place(&format!("{rule}\n{appended}"), 7, "nc");
    let folded = "- rule: r\n  desc: d\n  output: o\n  priority: INFO\n  condition: >\n    evt.type = open\n    and proc.name = cat\n";
    check_constant_place(folded, 7, "cat");
}
