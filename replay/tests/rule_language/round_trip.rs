//! Printing a syntax tree and parsing the text again gives the same tree.

use lanner_replay::rules::condition::{Modifier, Operator, Transform};
use lanner_replay::rules::syntax::{
    self, Check, Expr, ExprKind, Limits, MODIFIERS, OPERATORS, Operand, OperandKind, Right, TRANSFORMS,
    Token, Value, canonical, is_list_operator, takes_modifier,
};
use proptest::prelude::*;

/// A tree without ranges, which printing changes.
fn plain(expr: Expr) -> Expr {
    let kind = match expr.kind {
        ExprKind::And(children) => ExprKind::And(children.into_iter().map(plain).collect()),
        ExprKind::Or(children) => ExprKind::Or(children.into_iter().map(plain).collect()),
        ExprKind::Not(child) => ExprKind::Not(Box::new(plain(*child))),
        ExprKind::Identifier(name) => ExprKind::Identifier(name),
        ExprKind::Check(check) => {
            let Check { left, operator, modifier, right } = *check;
            let right = match right {
                Right::None => Right::None,
                Right::Value(value) => Right::Value(plain_value(value)),
                Right::List { values, .. } => {
                    Right::List { values: values.into_iter().map(plain_value).collect(), range: 0..0 }
                }
                Right::Operand(operand) => Right::Operand(plain_operand(operand)),
            };
            ExprKind::Check(Box::new(Check {
                left: plain_operand(left),
                operator: Token { range: 0..0, ..operator },
                modifier: modifier.map(|modifier| Token { range: 0..0, ..modifier }),
                right,
            }))
        }
    };
    Expr { kind, range: 0..0 }
}

fn plain_value(value: Value) -> Value {
    Value { range: 0..0, ..value }
}

fn plain_operand(operand: Operand) -> Operand {
    let kind = match operand.kind {
        OperandKind::Transform { transform, args, selector } => {
            let args = args.into_iter().map(plain_operand).collect();
            OperandKind::Transform { transform, args, selector }
        }
        OperandKind::List(items) => OperandKind::List(items.into_iter().map(plain_operand).collect()),
        kind => kind,
    };
    Operand { kind, range: 0..0 }
}

fn operand(kind: OperandKind) -> Operand {
    Operand { kind, range: 0..0 }
}

/// Text that can be printed and read again: a backslash at the end cannot be written in canonical form, and a
/// first character of `(` or the like is read as something else.
fn text() -> impl Strategy<Value = Vec<u8>> {
    "[a-zA-Z0-9/._:*-][ -~]{0,12}|[a-z/]{1,8}|é+"
        .prop_map(|text| text.trim_end_matches('\\').to_string())
        .prop_filter("readable without quotes", |text| {
            let needs_quotes = text.contains(|c: char| " =\\\"'".contains(c));
            let is_call = text.split_once('(').is_some_and(|(name, _)| {
                name == "val" || TRANSFORMS.iter().any(|(transform, _)| *transform == name)
            });
            let is_modifier = MODIFIERS.iter().any(|(name, _)| text.starts_with(name));
            let ends_early = text.contains("\\\"") || (!needs_quotes && text.contains(['(', ')', ',']));
            !(text.is_empty() || is_call || is_modifier || ends_early)
        })
        .prop_map(String::into_bytes)
}

fn value() -> impl Strategy<Value = Value> {
    text().prop_map(|bytes| Value { bytes, range: 0..0 })
}

fn field() -> impl Strategy<Value = Operand> {
    let arg = prop::option::of("[a-z0-9]{1,5}|[a-z] [a-z]|".prop_map(String::into_bytes));
    ("[a-z]{1,5}(\\.[a-z][a-z0-9_]{0,5}){1,3}", arg)
        .prop_map(|(name, arg)| operand(OperandKind::Field { name, arg }))
        .prop_filter("a field, not a word and a field", |field| match &field.kind {
            OperandKind::Field { name, .. } => !name.starts_with("not"),
            _ => true,
        })
}

fn left() -> impl Strategy<Value = Operand> {
    field().prop_recursive(2, 6, 3, |inner| {
        let literal =
            "[a-z] [a-z]|[0-9]{1,4}".prop_map(|text| operand(OperandKind::Literal(text.into_bytes())));
        let item = prop_oneof![inner.clone(), literal.clone()];
        let list = prop::collection::vec(item, 0..3).prop_map(|items| operand(OperandKind::List(items)));
        let arg = prop_oneof![inner, literal, list];
        (prop::sample::select(&TRANSFORMS[..]), prop::collection::vec(arg, 1..3)).prop_map(
            |((_, transform), args)| operand(OperandKind::Transform { transform, args, selector: None }),
        )
    })
}

fn right_operand() -> impl Strategy<Value = Right> {
    let val = field().prop_map(|field| {
        let transform = Transform::Val;
        operand(OperandKind::Transform { transform, args: vec![field], selector: None })
    });
    let call = left().prop_filter("a call", |left| matches!(left.kind, OperandKind::Transform { .. }));
    prop_oneof![val, call].prop_map(Right::Operand)
}

fn list() -> impl Strategy<Value = Right> {
    prop::collection::vec(value(), 0..4).prop_map(|values| Right::List { values, range: 0..0 })
}

fn check() -> impl Strategy<Value = Expr> {
    let operators = prop::sample::select(&OPERATORS[..]);
    (left(), operators, prop::option::of(prop::sample::select(&MODIFIERS[..]))).prop_flat_map(
        |(left, (text, operator), modifier)| {
            let modifier = modifier.filter(|_| takes_modifier(operator));
            let operator = Token { value: operator, range: 0..0, text };
            let modifier = modifier.map(|(text, value): (&str, Modifier)| Token { value, range: 0..0, text });
            right(operator.value, modifier.is_some()).prop_map(move |right| {
                let check = Check {
                    left: left.clone(),
                    operator: operator.clone(),
                    modifier: modifier.clone(),
                    right,
                };
                Expr { kind: ExprKind::Check(Box::new(check)), range: 0..0 }
            })
        },
    )
}

fn right(operator: Operator, modified: bool) -> BoxedStrategy<Right> {
    use Operator as O;
    match operator {
        O::Exists => Just(Right::None).boxed(),
        _ if modified => list().boxed(),
        O::Lt | O::Le | O::Gt | O::Ge => {
            let number = "[+-]?[0-9]{1,6}|0x[0-9a-f]{1,4}";
            let number =
                number.prop_map(|text| Right::Value(Value { bytes: text.into_bytes(), range: 0..0 }));
            prop_oneof![number, right_operand()].boxed()
        }
        operator if is_list_operator(operator) => prop_oneof![list(), right_operand()].boxed(),
        _ => prop_oneof![value().prop_map(Right::Value), right_operand()].boxed(),
    }
}

fn expr() -> impl Strategy<Value = Expr> {
    let identifier = "[a-z][a-z0-9_]{0,8}"
        .prop_filter("no keyword", |name| !["and", "or", "not"].iter().any(|word| name.starts_with(word)))
        .prop_map(|name| Expr { kind: ExprKind::Identifier(name), range: 0..0 });
    let leaf = prop_oneof![check(), identifier];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let group = prop::collection::vec(inner.clone(), 2..4);
        let not = inner.prop_filter("not not is nothing", |child| !matches!(child.kind, ExprKind::Not(_)));
        prop_oneof![
            group.clone().prop_map(|children| Expr { kind: ExprKind::And(children), range: 0..0 }),
            group.prop_map(|children| Expr { kind: ExprKind::Or(children), range: 0..0 }),
            not.prop_map(|child| Expr { kind: ExprKind::Not(Box::new(child)), range: 0..0 }),
        ]
    })
}

proptest! {
    #[test]
    fn printed_trees_parse_to_themselves(expr in expr()) {
        let text = String::from_utf8(canonical(&expr)).expect("text of the strategies is UTF-8");
        let again = syntax::parse(&text, Limits::RULES);
        prop_assert_eq!(again.map(plain).map_err(|error| format!("{error:?} in {text}")), Ok(expr));
    }

    #[test]
    fn whatever_parses_prints_to_something_stable(text in "[ -~\\n]{0,60}") {
        if let Ok(expr) = syntax::parse(&text, Limits::RULES) {
            let printed = canonical(&expr);
            if let Some(again) = std::str::from_utf8(&printed).ok().and_then(|p| syntax::parse(p, Limits::RULES).ok()) {
                prop_assert_eq!(canonical(&again), printed);
            }
        }
    }
}
