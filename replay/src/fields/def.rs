//! Rows of the registry: what is known of a field, and the function that gets its value.

use capture::event::{ParamType, PrintFormat};

use super::{FieldArg, Value};
use crate::context::EventContext;

/// Gets a field's value for an event; [`Value::Absent`] when there is none. Cannot fail.
pub type Extract = for<'a> fn(&EventContext<'a>, &FieldArg) -> Value<'a>;

/// One row of the registry: metadata and extractor.
#[derive(Clone, Copy)]
pub struct FieldDef {
    /// Full name.
    pub name: &'static str,
    /// Type of the value (of one element, for lists). `evt.rawarg` takes its type from its argument: see
    /// [`value_type`](super::value_type).
    pub ty: ParamType,
    /// How numbers are printed.
    pub format: PrintFormat,
    pub arg: ArgSpec,
    /// The value is a list.
    pub is_list: bool,
    /// How comparisons see the field.
    pub shape: Shape,
    /// Which transformers may be applied to it, as far as its type does not decide that.
    pub transforms: Transforms,
    /// It may be compared with another field, and be the field another one is compared with.
    pub rhs: bool,
    /// Where it may be used.
    pub usage: Usage,
    /// Not listed for people: kept for old rules and tools.
    pub hidden: bool,
    /// Kept for old rules; rules that use it get a warning.
    pub deprecated: bool,
    /// Appended to outputs that ask for suggested fields.
    pub suggested: bool,
    /// What a JSON output holds.
    pub json: JsonForm,
    /// What the field is, for people.
    pub description: &'static str,
    /// What a comparison sees: candidates in a list unless the shape is [`Shape::Plain`].
    pub extract: Extract,
    /// What is printed, transformed or used on the right-hand side, where that is something else.
    pub print: Option<Extract>,
}

/// What a field takes as argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArgSpec {
    /// Nothing.
    None,
    /// A number in brackets, such as the ancestor of `proc.aname[2]`.
    Index { required: bool },
    /// Text in brackets, such as the variable of `proc.env[HOME]`.
    Key { required: bool },
    /// Either, in brackets.
    IndexOrKey { required: bool },
    /// A name after a dot, such as the parameter of `evt.rawarg.flags`.
    Name { required: bool },
    /// A number in brackets or a name after a dot: `evt.arg[1]`, `evt.arg.flags`.
    IndexOrName { required: bool },
}

/// How comparisons see a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One value, or one list.
    Plain,
    /// A comparison holds if it holds for any element of the list (`proc.aname` without an argument); a value
    /// that is no list is compared as usual.
    AnyOf,
    /// Candidates, such as both ends of a connection: `=` and ordering hold if any of them satisfies it, `!=`
    /// if all do (`fd.ip`, `fd.port`, `fd.net`, `fd.proto`). The list is empty where the descriptor is known
    /// but has no such ends: the field exists, and every comparison is false.
    EitherEnd,
    /// `=` holds for values up to the constant (`evt.around`).
    AtMost,
}

/// Transformers of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transforms {
    /// Those its type allows.
    ByType,
    /// `concat` and nothing else.
    OnlyConcat,
    /// None at all.
    None,
}

/// Where a field may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Usage {
    /// Conditions and outputs.
    Anywhere,
    /// For comparing; an output prints no value for it.
    Filter,
    /// For printing.
    Output,
}

/// What a JSON output holds for a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonForm {
    /// Numbers, strings and so on, as the type has it.
    ByType,
    /// A number, whatever the print format.
    Number,
    /// The event's time in nanoseconds since the epoch, whatever the text.
    EventTime,
}

impl FieldDef {
    const fn new(name: &'static str, ty: ParamType, format: PrintFormat, extract: Extract) -> Self {
        FieldDef {
            name,
            ty,
            format,
            arg: ArgSpec::None,
            is_list: false,
            shape: Shape::Plain,
            transforms: Transforms::ByType,
            rhs: true,
            usage: Usage::Anywhere,
            hidden: false,
            deprecated: false,
            suggested: false,
            json: JsonForm::ByType,
            description: "",
            extract,
            print: None,
        }
    }

    const fn describe(mut self, description: &'static str) -> Self {
        self.description = description;
        self
    }

    pub(super) const fn arg(mut self, arg: ArgSpec) -> Self {
        self.arg = arg;
        self
    }

    pub(super) const fn list(mut self) -> Self {
        self.is_list = true;
        self
    }

    /// Compared element by element; printed by `print`.
    pub(super) const fn any_of(mut self, print: Extract) -> Self {
        self.shape = Shape::AnyOf;
        self.transforms = Transforms::OnlyConcat;
        self.print = Some(print);
        self.left_only()
    }

    /// Compared with both ends of a connection; has no printed form.
    pub(super) const fn either_end(mut self) -> Self {
        self.shape = Shape::EitherEnd;
        self.print = Some(absent);
        self.filter_only()
    }

    /// Compared with candidates; printed by `print`.
    pub(super) const fn candidates(mut self, print: Extract) -> Self {
        self.shape = Shape::EitherEnd;
        self.transforms = Transforms::OnlyConcat;
        self.print = Some(print);
        self.left_only()
    }

    /// Compared as a distance; has no printed form.
    pub(super) const fn at_most(mut self) -> Self {
        self.shape = Shape::AtMost;
        self.print = Some(absent);
        self.filter_only()
    }

    pub(super) const fn printed(mut self, print: Extract) -> Self {
        self.print = Some(print);
        self
    }

    pub(super) const fn transforms(mut self, transforms: Transforms) -> Self {
        self.transforms = transforms;
        self
    }

    pub(super) const fn left_only(mut self) -> Self {
        self.rhs = false;
        self
    }

    pub(super) const fn filter_only(mut self) -> Self {
        self.usage = Usage::Filter;
        self.left_only()
    }

    pub(super) const fn print_only(mut self) -> Self {
        self.usage = Usage::Output;
        self
    }

    pub(super) const fn hidden(mut self) -> Self {
        self.hidden = true;
        self
    }

    pub(super) const fn deprecated(mut self) -> Self {
        self.deprecated = true;
        self
    }

    pub(super) const fn suggested(mut self) -> Self {
        self.suggested = true;
        self
    }

    pub(super) const fn json(mut self, json: JsonForm) -> Self {
        self.json = json;
        self
    }

    /// How many parents of the event's process extraction looks up one after the other.
    pub fn ancestor_steps(&self, cx: &EventContext<'_>, arg: &FieldArg) -> u64 {
        super::process::ancestors::steps(cx, self.name, arg)
    }

    /// The value as it is printed, transformed or used on the right-hand side.
    pub fn printed_value<'a>(&self, cx: &EventContext<'a>, arg: &FieldArg) -> Value<'a> {
        self.print.unwrap_or(self.extract)(cx, arg)
    }
}

/// A field of text.
pub(super) const fn text(name: &'static str, extract: Extract, description: &'static str) -> FieldDef {
    FieldDef::new(name, ParamType::CharBuf, PrintFormat::Na, extract).describe(description)
}

/// A field that is true or false.
pub(super) const fn boolean(name: &'static str, extract: Extract, description: &'static str) -> FieldDef {
    FieldDef::new(name, ParamType::Bool, PrintFormat::Na, extract).describe(description)
}

/// A field of another type.
pub(super) const fn field(
    name: &'static str,
    ty: ParamType,
    format: PrintFormat,
    extract: Extract,
    description: &'static str,
) -> FieldDef {
    FieldDef::new(name, ty, format, extract).describe(description)
}

/// The extractor of fields that never have a value offline.
pub(super) fn absent<'a>(_cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    Value::Absent
}
