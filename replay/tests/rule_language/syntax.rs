//! Parser, canonical text and escapes.

use lanner_replay::rules::syntax::{self, Expr, ExprKind, Limits, Operand, OperandKind, Right, canonical};
use serde_json::{Value, json};

use super::common::{Tally, cases, same};
use super::shared;

/// Default depth of the library; Falco sets another for rules.
const LIMITS: Limits = Limits { depth: 100 };

fn text(value: &Value) -> &str {
    value.as_str().expect("a string")
}

#[test]
fn parser() {
    let Some(facts) = shared::json("facts/conformance-filters.json") else { return };
    let mut tally = Tally::new("parser");
    for case in cases(&facts, "parser") {
        let input = text(&case["input"]);
        tally.case(&format!("{input:?}"), check(input, case));
    }
    tally.finish();
}

fn check(input: &str, case: &Value) -> Result<(), String> {
    match syntax::parse(input, LIMITS) {
        Ok(expr) => {
            same("parses", true, case["ok"] == true)?;
            same("tree", tree(&expr), case["ast"].clone())?;
            same("canonical", string(canonical(&expr)), text(&case["canonical"]).to_string())
        }
        Err(error) => {
            same("parses", false, case["ok"] == true)?;
            same("error", error.message.as_str(), text(&case["error"]))?;
            same("at", error.at as u64, case["error_at"].as_u64().unwrap_or(0))
        }
    }
}

#[test]
fn canonical_text() {
    let Some(facts) = shared::json("facts/conformance-filters.json") else { return };
    let mut tally = Tally::new("canonical_text");
    for case in cases(&facts, "canonical_text") {
        let input = text(&case["input"]);
        let expected = text(&case["canonical"]).to_string();
        let outcome = syntax::parse(input, LIMITS)
            .map_err(|error| error.message)
            .and_then(|expr| same("canonical", string(canonical(&expr)), expected));
        tally.case(&format!("{input:?}"), outcome);
    }
    tally.finish();
}

#[test]
fn escaping() {
    let Some(facts) = shared::json("facts/conformance-filters.json") else { return };
    let mut tally = Tally::new("escaping");
    for case in cases(&facts, "escaping") {
        let input = text(&case["input"]);
        let outcome = match text(&case["op"]) {
            "escape" => {
                let quoted = string(syntax::quote(input.as_bytes()));
                same("quoted", quoted, text(&case["output"]).to_string())
            }
            _ => {
                let ours = syntax::unquote(input.as_bytes()).map_err(|_| ());
                let theirs = case["output_hex"].as_str().map(hex).ok_or(());
                same("unquoted", ours, theirs)
            }
        };
        tally.case(&format!("{input:?}"), outcome);
    }
    tally.finish();
}

/// The tree in the form of the cases.
fn tree(expr: &Expr) -> Value {
    match &expr.kind {
        ExprKind::And(children) => json!({"t": "and", "c": children.iter().map(tree).collect::<Vec<_>>()}),
        ExprKind::Or(children) => json!({"t": "or", "c": children.iter().map(tree).collect::<Vec<_>>()}),
        ExprKind::Not(child) => json!({"t": "not", "c": [tree(child)]}),
        ExprKind::Identifier(name) => json!({"t": "id", "v": name}),
        ExprKind::Check(check) => {
            let left = operand_tree(&check.left);
            let right = match &check.right {
                Right::None => return json!({"t": "un", "l": left, "op": check.operator.text}),
                Right::Value(value) => json!({"t": "val", "v": string(value.bytes.clone())}),
                Right::List { values, .. } => {
                    json!({"t": "list", "v": values.iter().map(|v| string(v.bytes.clone())).collect::<Vec<_>>()})
                }
                Right::Operand(right) => operand_tree(right),
            };
            let operator = match &check.modifier {
                Some(modifier) => format!("{} {}", check.operator.text, modifier.text),
                None => check.operator.text.to_string(),
            };
            json!({"t": "bin", "l": left, "op": operator, "r": right})
        }
    }
}

fn operand_tree(operand: &Operand) -> Value {
    let all = |operands: &[Operand]| operands.iter().map(operand_tree).collect::<Vec<_>>();
    match &operand.kind {
        OperandKind::Field { name, arg } => with_arg(json!({"t": "field", "f": name}), arg),
        OperandKind::Transform { transform, args, selector } => {
            with_arg(json!({"t": "tr", "n": syntax::transform_name(*transform), "c": all(args)}), selector)
        }
        OperandKind::Literal(value) => json!({"t": "val", "v": string(value.clone())}),
        OperandKind::List(items) => json!({"t": "tlist", "c": all(items)}),
    }
}

fn with_arg(mut value: Value, arg: &Option<Vec<u8>>) -> Value {
    if let Some(arg) = arg {
        value["a"] = json!(string(arg.clone()));
    }
    value
}

fn hex(text: &str) -> Vec<u8> {
    let byte = |i: usize| u8::from_str_radix(&text[i..i + 2], 16).expect("hex digits");
    (0..text.len()).step_by(2).map(byte).collect()
}

fn string(bytes: Vec<u8>) -> String {
    String::from_utf8_lossy(&bytes).into_owned()
}
