//! What stands after a `%`: a field, or a function of fields.

use capture::event::{ParamType, PrintFormat};
use smallvec::SmallVec;

use crate::context::EventContext;
use crate::engine::apply_transform;
use crate::fields::{self, ArgSpec, FieldArg, FieldId, Value, transformed_type};
use crate::rules::condition::Transform;

/// An expression that yields a value for an event.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expression {
    Field { id: FieldId, arg: FieldArg },
    Transform { transform: Transform, args: Vec<Expression>, selector: Option<Box<[u8]>> },
    Literal(Box<[u8]>),
    List(Vec<Expression>),
}

impl Expression {
    /// Appends the text of the value; `false` when there is none.
    pub fn render(&self, cx: &EventContext<'_>, out: &mut Vec<u8>) -> bool {
        match self {
            Expression::Field { id, arg } => fields::render(cx, *id, arg, out),
            _ => {
                let (ty, format) = self.printed_type(cx);
                fields::render_value(&self.value(cx), ty, format, out)
            }
        }
    }

    /// Appends the JSON of the value.
    pub fn write_json(&self, cx: &EventContext<'_>, out: &mut Vec<u8>) {
        match self {
            Expression::Field { id, arg } => fields::write_json(cx, *id, arg, out),
            _ => {
                let (ty, format) = self.printed_type(cx);
                fields::write_json_value(&self.value(cx), ty, format, out);
            }
        }
    }

    /// The value as it is printed.
    pub fn value<'a>(&'a self, cx: &EventContext<'a>) -> Value<'a> {
        match self {
            Expression::Field { id, arg } => id.def().printed_value(cx, arg),
            Expression::Transform { transform, args, selector } => {
                let args: SmallVec<[Value<'a>; 4]> = args.iter().map(|arg| arg.value(cx)).collect();
                apply_transform(*transform, &args, selector.as_deref(), cx.arena)
            }
            Expression::Literal(bytes) => Value::Bytes(bytes),
            Expression::List(items) => {
                let items: SmallVec<[Value<'a>; 8]> = items.iter().map(|item| item.value(cx)).collect();
                if items.iter().all(Value::is_present) {
                    Value::List(cx.arena.alloc_slice_copy(&items))
                } else {
                    Value::Absent
                }
            }
        }
    }

    /// Type and print format of the value.
    pub fn printed_type(&self, cx: &EventContext<'_>) -> (ParamType, PrintFormat) {
        match self {
            Expression::Field { id, arg } => fields::printed_type(cx, *id, arg),
            _ => self.function_type(),
        }
    }

    /// [`Expression::printed_type`] where it is the same for all events.
    pub fn fixed_type(&self) -> Option<(ParamType, PrintFormat)> {
        match self {
            Expression::Field { id, .. } if id.def().ty == ParamType::Dyn => None,
            Expression::Field { id, arg } => Some(fields::value_type_and_format(*id, arg)),
            _ => Some(self.function_type()),
        }
    }

    /// Type and print format of a function's value. The format is that of the field inside, as in Falco: a
    /// length prints as a number only if the field does, otherwise it counts as missing.
    fn function_type(&self) -> (ParamType, PrintFormat) {
        let ty = self.value_type().map_or(ParamType::CharBuf, |(ty, _)| ty);
        let mut inner = self;
        while let Expression::Transform { args, transform, .. } = inner
            && !matches!(transform, Transform::Join | Transform::Concat | Transform::Getopt)
            && let Some(arg) = args.first()
        {
            inner = arg;
        }
        match inner {
            Expression::Field { id, arg } => (ty, fields::value_type_and_format(*id, arg).1),
            _ => (ty, PrintFormat::Na),
        }
    }

    /// Type of the value and whether it is a list; `None` when a transform takes no such arguments.
    pub fn value_type(&self) -> Option<(ParamType, bool)> {
        match self {
            Expression::Field { id, arg } => Some((fields::value_type(*id, arg), id.def().is_list)),
            Expression::Literal(_) => Some((ParamType::CharBuf, false)),
            Expression::List(items) => {
                let plain = |item: &Expression| item.value_type() == Some((ParamType::CharBuf, false));
                items.iter().all(plain).then_some((ParamType::CharBuf, true))
            }
            Expression::Transform { transform, args, selector } => {
                if let Some(Expression::Field { id, .. }) = args.first()
                    && !id.def().takes_transform(*transform)
                {
                    return None;
                }
                let types: Option<SmallVec<[(ParamType, bool); 4]>> =
                    args.iter().map(Expression::value_type).collect();
                let transformed =
                    |(ty, is_list)| transformed_type(*transform, ty, is_list, selector.is_some());
                match (transform, &*types?) {
                    (Transform::Concat, types) if types.len() >= 2 => types
                        .iter()
                        .map(|ty| transformed(*ty))
                        .fold(Some((ParamType::CharBuf, false)), Option::and),
                    (Transform::Join, [(_, false), list]) | (Transform::Getopt, [list, (_, false)]) => {
                        transformed(*list)
                    }
                    (Transform::Concat | Transform::Join | Transform::Getopt | Transform::Val, _) => None,
                    (_, [ty]) => transformed(*ty),
                    _ => None,
                }
            }
        }
    }

    /// As Falco writes it: the key in outputs.
    pub fn name(&self) -> String {
        match self {
            Expression::Field { id, arg } => match arg {
                FieldArg::None => id.def().name.to_string(),
                FieldArg::Index(index) if matches!(id.def().arg, ArgSpec::Name { .. }) => {
                    format!("{}.{index}", id.def().name)
                }
                FieldArg::Index(index) => format!("{}[{index}]", id.def().name),
                FieldArg::Pattern(pattern) => format!("{}[{}]", id.def().name, pattern.text()),
                FieldArg::Key(key) => {
                    let key = String::from_utf8_lossy(key);
                    match id.def().arg {
                        ArgSpec::Name { .. } | ArgSpec::IndexOrName { .. } => {
                            format!("{}.{key}", id.def().name)
                        }
                        _ => format!("{}[{key}]", id.def().name),
                    }
                }
            },
            Expression::Literal(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            Expression::List(items) => format!("({})", join(items)),
            Expression::Transform { transform, args, selector } => {
                let selector = selector
                    .as_deref()
                    .map_or_else(String::new, |selector| format!("[{}]", String::from_utf8_lossy(selector)));
                format!("{}({}){selector}", transform_name(*transform), join(args))
            }
        }
    }
}

fn join(items: &[Expression]) -> String {
    items.iter().map(Expression::name).collect::<Vec<_>>().join(",")
}

fn transform_name(transform: Transform) -> &'static str {
    match transform {
        Transform::ToLower => "tolower",
        Transform::ToUpper => "toupper",
        Transform::B64 => "b64",
        Transform::Basename => "basename",
        Transform::Len => "len",
        Transform::Join => "join",
        Transform::Concat => "concat",
        Transform::Getopt => "getopt",
        Transform::Val => "val",
    }
}

/// Transforms that may stand in an output.
pub(super) const TRANSFORMS: [Transform; 8] = [
    Transform::ToLower,
    Transform::ToUpper,
    Transform::B64,
    Transform::Basename,
    Transform::Len,
    Transform::Join,
    Transform::Concat,
    Transform::Getopt,
];

/// The transform of that name.
pub(super) fn transform_of(name: &str) -> Option<Transform> {
    TRANSFORMS.into_iter().find(|transform| transform_name(*transform) == name)
}
