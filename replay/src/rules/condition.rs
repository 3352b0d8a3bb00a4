//! Resolved conditions: what the parser's AST becomes once macros, lists, fields and constants are known.
//!
//! Macros and exceptions stay visible as nodes, so that a cost can be charged to a line of YAML.

use std::net::IpAddr;

use super::MacroId;
use super::source::Span;
use crate::fields::{FieldArg, FieldId};

/// A node of a condition.
#[derive(Clone, Debug)]
pub struct Node {
    pub kind: NodeKind,
    /// Where it is written; inside a macro's body, where the macro is written.
    pub span: Span,
}

#[derive(Clone, Debug)]
pub enum NodeKind {
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    /// A reference to a macro, with its body.
    Macro {
        id: MacroId,
        body: Box<Node>,
    },
    /// What an exception of the rule adds (without the `not` in front of it).
    Exception {
        name: String,
        body: Box<Node>,
    },
    Check(Box<Check>),
}

/// One comparison of a field with something.
#[derive(Clone, Debug)]
pub struct Check {
    pub left: Operand,
    pub operator: Operator,
    pub modifier: Option<Modifier>,
    pub right: Right,
}

/// An expression that yields a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Operand {
    Field {
        id: FieldId,
        arg: FieldArg,
    },
    Transform {
        transform: Transform,
        args: Vec<Operand>,
        selector: Option<Box<[u8]>>,
    },
    Literal(Box<[u8]>),
    List(Vec<Box<[u8]>>),
    /// A list with elements to be computed, each of which becomes text; without a value if one of them has none.
    /// Elements that are lists are spliced in.
    ListOf(Vec<Operand>),
}

/// Functions of operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transform {
    ToLower,
    ToUpper,
    B64,
    Basename,
    Len,
    Join,
    Concat,
    Getopt,
    /// Identity; marks a field on the right-hand side.
    Val,
}

/// Right-hand side of a check.
#[derive(Clone, Debug)]
pub enum Right {
    /// `exists` has none.
    None,
    /// Constants, parsed for the type of the left-hand side; more than one only for list operators and
    /// modifiers.
    Constants(Vec<Constant>),
    /// Another field.
    Operand(Operand),
}

/// A constant and where it is written (the item of a list, if it came from one).
#[derive(Clone, Debug, PartialEq)]
pub struct Constant {
    pub value: ConstantValue,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub enum ConstantValue {
    Bool(bool),
    /// Signed fields.
    I64(i64),
    /// Unsigned fields.
    U64(u64),
    F64(f64),
    /// Strings and byte buffers; unescaped. For `bcontains` and `bstartswith`, the decoded bytes.
    Bytes(Box<[u8]>),
    Ip(IpAddr),
    Net(IpAddr, u8),
}

/// Operators of checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operator {
    Exists,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    Contains,
    IContains,
    BContains,
    StartsWith,
    BStartsWith,
    EndsWith,
    Glob,
    IGlob,
    Regex,
    In,
    Intersects,
    PMatch,
}

/// Quantifiers over the right-hand side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Modifier {
    OneOf,
    AnyOf,
    AllOf,
}
