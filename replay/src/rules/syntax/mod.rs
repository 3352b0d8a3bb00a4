//! Conditions as text: lexer, parser, syntax tree and its canonical print.
//!
//! Grammar and quirks are those of libsinsp's filter parser (`filter/parser.cpp`), down to the offsets at which it
//! reports errors; docs/rules.md describes them. Nothing here knows fields, lists or macros.

mod lexer;
mod parser;
mod print;
mod quote;

use std::ops::Range;

pub use parser::{Limits, ParseError, parse, parse_left};
pub use print::{canonical, canonical_expanded, canonical_operand};
pub use quote::{quote, unquote};

use super::condition::{Modifier, Operator, Transform};

/// A node of the syntax tree and the bytes of the condition it was parsed from, with the parentheses around it.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    pub kind: ExprKind,
    pub range: Range<usize>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Not(Box<Expr>),
    /// A reference to a macro.
    Identifier(String),
    Check(Box<Check>),
}

/// One comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    pub left: Operand,
    pub operator: Token<Operator>,
    pub modifier: Option<Token<Modifier>>,
    pub right: Right,
}

/// A keyword or sign and where it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Token<T> {
    pub value: T,
    pub range: Range<usize>,
    /// As written: `==` and `=` are the same operator.
    pub text: &'static str,
}

/// What yields a value.
#[derive(Clone, Debug, PartialEq)]
pub struct Operand {
    pub kind: OperandKind,
    pub range: Range<usize>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum OperandKind {
    Field {
        name: String,
        arg: Option<Vec<u8>>,
    },
    Transform {
        transform: Transform,
        args: Vec<Operand>,
        selector: Option<Vec<u8>>,
    },
    /// Text or number as argument of a transformer.
    Literal(Vec<u8>),
    /// List as argument of a transformer.
    List(Vec<Operand>),
}

/// Right-hand side of a check.
#[derive(Clone, Debug, PartialEq)]
pub enum Right {
    /// `exists` has none.
    None,
    Value(Value),
    List {
        values: Vec<Value>,
        range: Range<usize>,
    },
    Operand(Operand),
}

/// A constant, without quotes and escapes.
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    pub bytes: Vec<u8>,
    pub range: Range<usize>,
}

/// Names of transformers, in the order in which messages list them.
pub const TRANSFORMS: [(&str, Transform); 8] = [
    ("tolower", Transform::ToLower),
    ("toupper", Transform::ToUpper),
    ("b64", Transform::B64),
    ("basename", Transform::Basename),
    ("len", Transform::Len),
    ("join", Transform::Join),
    ("concat", Transform::Concat),
    ("getopt", Transform::Getopt),
];

/// Name of a transformer.
pub fn transform_name(transform: Transform) -> &'static str {
    TRANSFORMS.iter().find(|(_, t)| *t == transform).map_or("val", |(name, _)| name)
}

/// Operators with the tests for them in the order of the parser: unary, numeric, string, list. Words of the
/// string group need a blank after them.
pub const OPERATORS: [(&str, Operator); 20] = [
    ("exists", Operator::Exists),
    ("<=", Operator::Le),
    ("<", Operator::Lt),
    (">=", Operator::Ge),
    (">", Operator::Gt),
    ("==", Operator::Eq),
    ("=", Operator::Eq),
    ("!=", Operator::Ne),
    ("glob", Operator::Glob),
    ("iglob", Operator::IGlob),
    ("contains", Operator::Contains),
    ("icontains", Operator::IContains),
    ("bcontains", Operator::BContains),
    ("startswith", Operator::StartsWith),
    ("bstartswith", Operator::BStartsWith),
    ("endswith", Operator::EndsWith),
    ("regex", Operator::Regex),
    ("intersects", Operator::Intersects),
    ("in", Operator::In),
    ("pmatch", Operator::PMatch),
];

/// Modifiers, in the order of the parser.
pub const MODIFIERS: [(&str, Modifier); 3] =
    [("oneof", Modifier::OneOf), ("anyof", Modifier::AnyOf), ("allof", Modifier::AllOf)];

/// Name of an operator; `=` for equality.
pub fn operator_name(operator: Operator) -> &'static str {
    match operator {
        Operator::Eq => "=",
        _ => OPERATORS.iter().find(|(_, o)| *o == operator).map_or("", |(name, _)| name),
    }
}

/// The operator with this name.
pub fn operator_named(name: &str) -> Option<Operator> {
    OPERATORS.iter().find(|(n, _)| *n == name).map(|(_, operator)| *operator)
}

/// Whether the operator takes a list without a modifier.
pub fn is_list_operator(operator: Operator) -> bool {
    matches!(operator, Operator::In | Operator::Intersects | Operator::PMatch)
}

/// Whether the operator can have a modifier.
pub fn takes_modifier(operator: Operator) -> bool {
    use Operator as O;
    !is_list_operator(operator) && !matches!(operator, O::Exists | O::Lt | O::Le | O::Gt | O::Ge)
}
