//! Fields that rules name (`proc.name`, `fd.sip`, ...): the registry, values and extractors.

pub mod value;

use capture::event::{ParamType, PrintFormat};

use crate::context::EventContext;
pub use value::Value;

/// Position of a field in the registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldId(pub u16);

/// What a field takes in brackets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArgSpec {
    /// Nothing.
    None,
    /// A number, such as the ancestor of `proc.aname[2]`.
    Index { required: bool },
    /// Text, such as the variable of `proc.env[HOME]`.
    Key { required: bool },
    /// Either.
    IndexOrKey { required: bool },
}

/// A field's argument, resolved when the rules are loaded.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum FieldArg {
    None,
    Index(u32),
    Key(Box<[u8]>),
}

/// One row of the registry: metadata and extractor.
pub struct FieldDef {
    /// Full name.
    pub name: &'static str,
    /// Type of the value (of one element, for lists).
    pub ty: ParamType,
    pub format: PrintFormat,
    pub arg: ArgSpec,
    /// The value is a list.
    pub is_list: bool,
    /// How comparisons see the field.
    pub shape: Shape,
    /// What the field is, for people.
    pub description: &'static str,
    /// Gets the value for an event.
    pub extract: Extract,
}

/// Gets a field's value for an event; [`Value::Absent`] when there is none. Cannot fail.
pub type Extract = for<'a> fn(&EventContext<'a>, &FieldArg) -> Value<'a>;

/// How comparisons see a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One value, or one list.
    Plain,
    /// A comparison holds if it holds for any element (`proc.aname` without an index).
    AnyOf,
    /// Both ends of a connection: `=` and ordering hold if either end satisfies them, `!=` if both do
    /// (`fd.ip`, `fd.port`, `fd.net`, `fd.proto`).
    EitherEnd,
}
