//! One rule's output, prepared for being written often.
//!
//! Each field of an output is got once and escaped once: what a JSON object shows of a field is copied from the text
//! that came before it. That works as long as the values are UTF-8; others are rendered and escaped as a whole,
//! because bytes of neighbouring values could make up a character together.

use std::ops::Range;

use capture::event::{ParamType, PrintFormat};

use super::expression::Expression;
use super::template::{Key, OutputTemplate, TemplateError, Token};
use crate::context::EventContext;
use crate::fields::{self, JsonForm, Value, escape_utf8, json_escape, json_string};

/// Text and JSON members of an output.
#[derive(Debug)]
pub(super) struct OutputLine {
    /// Distinct values.
    values: Vec<PreparedValue>,
    pieces: Vec<Piece>,
    /// In order of their names.
    members: Vec<Member>,
    /// For values that are not UTF-8.
    template: OutputTemplate,
}

#[derive(Debug)]
enum Piece {
    /// Already escaped.
    Text(Box<[u8]>),
    Value(usize),
    /// Cut or filled up to a width.
    Padded(usize, usize),
}

#[derive(Debug)]
struct Member {
    /// `,"name":`, with a brace instead of the comma for the first.
    head: Box<[u8]>,
    /// `None` is the event's time, whatever its text.
    value: Option<usize>,
}

/// A value that is wanted for every alert.
#[derive(Debug)]
struct PreparedValue {
    expression: Expression,
    /// `None` where each event has its own (`evt.rawarg`).
    ty: Option<(ParamType, PrintFormat)>,
    /// The text of a number is its JSON.
    plain_numbers: bool,
}

/// Where the output has the escaped text of a value, and what of it is the value's JSON.
#[derive(Clone, Debug, Default)]
pub(super) struct Shown {
    text: Range<usize>,
    json: ShownJson,
}

#[derive(Clone, Copy, Debug, Default)]
enum ShownJson {
    /// It has to be made.
    #[default]
    Other,
    /// The text with quotes.
    Quoted,
    /// The text.
    Plain,
    /// There is no value.
    Null,
}

impl OutputLine {
    /// Prepares an output. `time` is the field in front of it, which is a member, too.
    pub fn new(output: &str, time: &Expression) -> Result<OutputLine, TemplateError> {
        let template = OutputTemplate::parse(output)?;
        let mut line = OutputLine {
            values: Vec::new(),
            pieces: Vec::new(),
            members: Vec::new(),
            template: template.clone(),
        };
        for token in template.tokens() {
            let piece = match token {
                Token::Text(text) => {
                    let mut escaped = Vec::new();
                    json_escape(text.as_bytes(), &mut escaped);
                    Piece::Text(escaped.into())
                }
                Token::Value { expression, width: 0 } => Piece::Value(line.value(expression)),
                Token::Value { expression, width } => Piece::Padded(line.value(expression), *width),
            };
            line.pieces.push(piece);
        }
        let plain = template.keys().iter().filter(|key| !key.transformed);
        let mut keys: Vec<(String, &Expression)> =
            plain.map(|Key { name, expression, .. }| (name.clone(), expression)).collect();
        keys.push((time.name(), time));
        keys.sort_by(|left, right| left.0.cmp(&right.0));
        keys.dedup_by(|left, right| left.0 == right.0);
        for (name, expression) in keys {
            let mut head = vec![if line.members.is_empty() { b'{' } else { b',' }];
            json_string(name.as_bytes(), &mut head);
            head.push(b':');
            let is_time = json_form(expression) == JsonForm::EventTime;
            let value = (!is_time).then(|| line.value(expression));
            line.members.push(Member { head: head.into(), value });
        }
        Ok(line)
    }

    /// Position of a value.
    fn value(&mut self, expression: &Expression) -> usize {
        if let Some(index) = self.values.iter().position(|value| value.expression == *expression) {
            return index;
        }
        self.values.push(PreparedValue {
            ty: expression.fixed_type(),
            plain_numbers: json_form(expression) == JsonForm::ByType,
            expression: expression.clone(),
        });
        self.values.len() - 1
    }

    /// Appends the text, escaped, and notes where it shows which value. `text` is a buffer to work in.
    pub fn write_text(
        &self,
        cx: &EventContext<'_>,
        text: &mut Vec<u8>,
        shown: &mut Vec<Shown>,
        out: &mut Vec<u8>,
    ) {
        shown.clear();
        shown.resize(self.values.len(), Shown::default());
        let start = out.len();
        for piece in &self.pieces {
            let complete = match piece {
                Piece::Text(text) => {
                    out.extend_from_slice(text);
                    true
                }
                Piece::Value(index) => {
                    let at = out.len();
                    let json = self.values[*index].write_escaped(cx, text, out);
                    shown[*index] = Shown { text: at..out.len(), json: json.unwrap_or_default() };
                    json.is_some()
                }
                Piece::Padded(index, width) => {
                    text.clear();
                    let expression = &self.values[*index].expression;
                    if !expression.render(cx, text) {
                        text.extend_from_slice(b"<NA>");
                    }
                    text.resize(*width, b' ');
                    escape_utf8(text, out)
                }
            };
            if !complete {
                shown.fill(Shown::default());
                out.truncate(start);
                text.clear();
                self.template.render(cx, text);
                return json_escape(text, out);
            }
        }
    }

    /// Appends the members, with braces around them.
    pub fn write_members(&self, cx: &EventContext<'_>, shown: &[Shown], out: &mut Vec<u8>) {
        for Member { head, value } in &self.members {
            out.extend_from_slice(head);
            let Some(index) = *value else {
                fields::write_decimal(cx.event.ts_ns, out);
                continue;
            };
            let shown = shown.get(index).cloned().unwrap_or_default();
            match shown.json {
                ShownJson::Other => self.values[index].expression.write_json(cx, out),
                ShownJson::Null => out.extend_from_slice(b"null"),
                ShownJson::Plain => out.extend_from_within(shown.text),
                ShownJson::Quoted => {
                    out.push(b'"');
                    out.extend_from_within(shown.text);
                    out.push(b'"');
                }
            }
        }
        out.push(b'}');
    }
}

impl PreparedValue {
    /// Appends the text, escaped. `None`, with a part of it appended, if it is no UTF-8.
    fn write_escaped(
        &self,
        cx: &EventContext<'_>,
        text: &mut Vec<u8>,
        out: &mut Vec<u8>,
    ) -> Option<ShownJson> {
        let (ty, format) = self.ty.unwrap_or_else(|| self.expression.printed_type(cx));
        let value = self.expression.value(cx);
        let (complete, json) = match value {
            Value::Bytes(bytes) if ty != ParamType::ByteBuf => (escape_utf8(bytes, out), ShownJson::Quoted),
            Value::Bytes(_) | Value::List(_) => {
                text.clear();
                fields::render_value(&value, ty, format, text);
                let is_list = matches!(value, Value::List(_));
                (escape_utf8(text, out), if is_list { ShownJson::Other } else { ShownJson::Quoted })
            }
            // The others are digits, addresses and the like, which need no escapes.
            _ if !fields::render_value(&value, ty, format, out) => {
                out.extend_from_slice(b"<NA>");
                let never = self.plain_numbers || !value.is_present();
                (true, if never { ShownJson::Null } else { ShownJson::Other })
            }
            Value::Bool(_) => (true, ShownJson::Plain),
            Value::I64(_) | Value::U64(_) if !self.plain_numbers => (true, ShownJson::Other),
            Value::I64(_) | Value::U64(_) => match format {
                PrintFormat::Dec | PrintFormat::Id => (true, ShownJson::Plain),
                _ => (true, ShownJson::Quoted),
            },
            Value::Ip(_) | Value::Net(..) => (true, ShownJson::Quoted),
            _ => (true, ShownJson::Other),
        };
        complete.then_some(json)
    }
}

fn json_form(expression: &Expression) -> JsonForm {
    match expression {
        Expression::Field { id, .. } => id.def().json,
        _ => JsonForm::ByType,
    }
}
