//! Output templates: text with `%field` in it.
//!
//! After a `%` comes an optional width and the longest text that is a field or a function of fields; what
//! follows is text again, even without a blank (`%proc.nameand`). There is no escape for a plain `%`.

use super::expression::{Expression, transform_of};
use crate::context::EventContext;
use crate::fields;

/// A parsed output.
#[derive(Clone, Debug, PartialEq)]
pub struct OutputTemplate {
    tokens: Vec<Token>,
    /// What JSON outputs show: fields as they occur, and functions of them.
    keys: Vec<Key>,
    /// A missing value suppresses the output instead of showing as `<NA>`.
    all_required: bool,
}

/// A part of an output.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Text(Box<str>),
    /// A width of 0 is that of the value.
    Value {
        expression: Expression,
        width: usize,
    },
}

/// A name in JSON outputs.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Key {
    pub name: String,
    pub expression: Expression,
    /// It is a function of fields, which Falco leaves out of alerts.
    pub transformed: bool,
}

/// Why a text is not an output.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TemplateError {
    /// What is wrong, in Falco's words where it has some.
    pub message: String,
    /// Where in the text, in bytes.
    pub start: usize,
    pub end: usize,
}

/// Widths beyond this are refused: they would only waste memory.
const WIDTH_MAX: usize = 65536;
/// No field with its argument is longer; more of a text need not be tried.
const TOKEN_LEN_MAX: usize = 1024;
/// Nesting at which functions are refused, as in conditions.
const NESTING_MAX: u32 = 100;

impl OutputTemplate {
    /// Parses an output.
    ///
    /// # Errors
    /// When a `%` is not followed by a known field or a valid function of fields.
    pub fn parse(text: &str) -> Result<OutputTemplate, TemplateError> {
        if text.is_empty() {
            return Err(TemplateError { message: "empty formatting token".into(), start: 0, end: 0 });
        }
        let all_required = !text.starts_with('*');
        let mut template = OutputTemplate { tokens: Vec::new(), keys: Vec::new(), all_required };
        let mut at = usize::from(!all_required);
        while let Some(len) = memchr::memchr(b'%', &text.as_bytes()[at..]) {
            template.push_text(&text[at..at + len]);
            let percent = at + len;
            let error =
                |message: &str, end: usize| TemplateError { message: message.into(), start: percent, end };
            let after = &text[percent + 1..];
            if after.is_empty() {
                return Err(error("invalid formatting syntax: formatting cannot end with a %", text.len()));
            }
            let digit_count = after.bytes().take_while(u8::is_ascii_digit).count();
            let value = &after[digit_count..];
            if value.is_empty() {
                return Err(error(
                    "invalid formatting syntax: formatting cannot end with a number",
                    text.len(),
                ));
            }
            let width = match &after[..digit_count] {
                "" => 0,
                digits => digits.parse().ok().filter(|width| *width <= WIDTH_MAX).ok_or_else(|| {
                    error("invalid formatting syntax: the width is too large", percent + 1 + digit_count)
                })?,
            };
            let value_start = percent + 1 + digit_count;
            let (expression, len) = parse_value(value).map_err(|(message, len)| TemplateError {
                message: format!("unknown filter: {message}"),
                start: percent,
                end: value_start + len,
            })?;
            template.add_keys(&expression, &mut false);
            template.tokens.push(Token::Value { expression, width });
            at = value_start + len;
        }
        template.push_text(&text[at..]);
        Ok(template)
    }

    fn push_text(&mut self, text: &str) {
        if !text.is_empty() {
            self.tokens.push(Token::Text(text.into()));
        }
    }

    /// Registers the fields of an expression and, for a function, itself. As in Falco a function takes the
    /// place of the one directly inside it. `after_transform` tells that the last key is a function of this
    /// expression.
    fn add_keys(&mut self, expression: &Expression, after_transform: &mut bool) {
        let transformed = match expression {
            Expression::Literal(_) => return,
            Expression::List(items) => {
                items.iter().for_each(|item| self.add_keys(item, after_transform));
                return;
            }
            Expression::Field { .. } => false,
            Expression::Transform { args, .. } => {
                args.iter().for_each(|arg| self.add_keys(arg, after_transform));
                if *after_transform {
                    self.keys.pop();
                }
                true
            }
        };
        *after_transform = transformed;
        self.keys.push(Key { name: expression.name(), expression: expression.clone(), transformed });
    }

    /// The parts, in order.
    pub(super) fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// Names for JSON outputs, in order of occurrence and as often as they occur.
    pub(super) fn keys(&self) -> &[Key] {
        &self.keys
    }

    /// Appends the text for an event, with missing values as `<NA>`. If the template requires all values
    /// (it has no `*` in front) and one is missing, it stops there and returns `false`.
    pub fn render(&self, cx: &EventContext<'_>, out: &mut Vec<u8>) -> bool {
        for token in &self.tokens {
            match token {
                Token::Text(text) => out.extend_from_slice(text.as_bytes()),
                Token::Value { expression, width } => {
                    let start = out.len();
                    if !expression.render(cx, out) {
                        if self.all_required {
                            return false;
                        }
                        out.extend_from_slice(b"<NA>");
                    }
                    if *width > 0 {
                        out.resize(start + width, b' ');
                    }
                }
            }
        }
        true
    }

    /// Appends a JSON object of the fields in the template, sorted by name, `null` for missing values; the
    /// word `null` if it has no fields. `transformed`: with functions of fields. If the template requires all
    /// values it stops at the first that is missing and returns `false`.
    pub fn write_json(&self, cx: &EventContext<'_>, transformed: bool, out: &mut Vec<u8>) -> bool {
        let mut complete = true;
        let mut members = std::collections::BTreeMap::new();
        for key in self.keys.iter().filter(|key| transformed || !key.transformed) {
            let mut value = Vec::new();
            key.expression.write_json(cx, &mut value);
            if self.all_required && value == b"null" {
                complete = false;
                break;
            }
            members.insert(&*key.name, value);
        }
        if members.is_empty() {
            out.extend_from_slice(b"null");
            return complete;
        }
        let mut separator = b'{';
        for (name, value) in members {
            out.push(separator);
            fields::json_string(name.as_bytes(), out);
            out.push(b':');
            out.extend_from_slice(&value);
            separator = b',';
        }
        out.push(b'}');
        complete
    }
}

type Parsed = Result<(Expression, usize), (String, usize)>;

/// The longest expression at the start of `text` and its length; otherwise what is wrong and how long the
/// wrong part is.
fn parse_value(text: &str) -> Parsed {
    let name_len = identifier_len(text);
    if text[name_len..].starts_with('(') {
        let mut parser = Parser { text, at: 0, depth: 0 };
        return match parser.expression() {
            Ok(expression) => Ok((expression, parser.at)),
            Err(message) => Err((message, parser.at.max(name_len))),
        };
    }
    let token_len = field_len(text);
    let mut error = None;
    for len in (1..=token_len.min(TOKEN_LEN_MAX)).rev().filter(|len| text.is_char_boundary(*len)) {
        match resolve(&text[..len]) {
            Ok(expression) => return Ok((expression, len)),
            Err(reason) => error = error.or(Some(reason)),
        }
    }
    let message = error.unwrap_or_else(|| "unexpected token after '%', expecting a field".into());
    Err((message, token_len))
}

/// The field that a whole text names; its argument may be quoted.
fn resolve(token: &str) -> Result<Expression, String> {
    let unquoted = token.split_once('[').and_then(|(name, argument)| {
        let quoted = argument.strip_suffix(']')?;
        let quote = quoted.chars().next().filter(|char| matches!(char, '"' | '\''))?;
        let inner = quoted.strip_prefix(quote)?.strip_suffix(quote)?;
        Some(format!("{name}[{}]", inner.replace(&format!("\\{quote}"), &quote.to_string())))
    });
    match fields::resolve(unquoted.as_deref().unwrap_or(token)) {
        Ok((id, arg)) => Ok(Expression::Field { id, arg }),
        Err(reason) => Err(reason.to_string()),
    }
}

/// Length of `[a-zA-Z][a-zA-Z0-9_]*` at the start of `text`.
fn identifier_len(text: &str) -> usize {
    match text.as_bytes().first() {
        Some(byte) if byte.is_ascii_alphabetic() => {
            text.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count()
        }
        _ => 0,
    }
}

/// Length of a field with its argument at the start of `text`.
fn field_len(text: &str) -> usize {
    let mut len = identifier_len(text);
    while text[len..].starts_with('.') {
        match identifier_len(&text[len + 1..]) {
            0 => break,
            more => len += 1 + more,
        }
    }
    if text[len..].starts_with('[')
        && let Some(end) = argument_end(&text[len + 1..])
    {
        len += 1 + end;
    }
    len
}

/// End of `argument]`, which may be quoted.
fn argument_end(text: &str) -> Option<usize> {
    let quote = text.bytes().next().filter(|byte| matches!(byte, b'"' | b'\''));
    match quote {
        Some(quote) => {
            let end = quoted_end(text, quote)?;
            text[end..].starts_with(']').then_some(end + 1)
        }
        None => {
            let end = text.find([' ', '\t', '\n', '\r', '[', ']', '"', '\''])?;
            (end > 0 && text[end..].starts_with(']')).then_some(end + 1)
        }
    }
}

/// End of a quoted string that starts `text`: after the first quote without a backslash in front.
fn quoted_end(text: &str, quote: u8) -> Option<usize> {
    let bytes = text.as_bytes();
    (1..bytes.len()).find(|&at| bytes[at] == quote && bytes[at - 1] != b'\\').map(|at| at + 1)
}

/// Parser of functions of fields.
struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: u32,
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn blanks(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start_matches([' ', '\t', '\n', '\r', '\x08']).len();
    }

    fn expect(&mut self, char: char) -> Result<(), String> {
        if !self.rest().starts_with(char) {
            return Err(format!("unexpected token, expecting '{char}'"));
        }
        self.at += char.len_utf8();
        Ok(())
    }

    fn expression(&mut self) -> Result<Expression, String> {
        let name_len = identifier_len(self.rest());
        if !self.rest()[name_len..].starts_with('(') || name_len == 0 {
            let len = field_len(self.rest());
            let expression = resolve(&self.rest()[..len])?;
            self.at += len;
            return Ok(expression);
        }
        let name = &self.rest()[..name_len];
        let transform = transform_of(name).ok_or_else(|| format!("unknown transformer '{name}'"))?;
        self.at += name_len;
        let args = self.arguments()?;
        let selector = match argument_end(self.rest().strip_prefix('[').unwrap_or("")) {
            Some(end) => {
                let selector = &self.rest()[1..end];
                if transform != crate::rules::condition::Transform::Getopt || selector.len() != 1 {
                    return Err(format!("transformer '{name}' does not support field arguments"));
                }
                self.at += 1 + end;
                Some(selector.as_bytes().into())
            }
            None => None,
        };
        let expression = Expression::Transform { transform, args, selector };
        match expression.value_type() {
            Some(_) => Ok(expression),
            None => Err(format!("transformer '{name}' does not take these arguments")),
        }
    }

    /// `( a, b, ... )`
    fn arguments(&mut self) -> Result<Vec<Expression>, String> {
        self.expect('(')?;
        self.depth += 1;
        if self.depth > NESTING_MAX {
            return Err(format!("exceeded max depth limit of {NESTING_MAX}"));
        }
        let mut args = Vec::new();
        loop {
            self.blanks();
            args.push(self.argument()?);
            self.blanks();
            if !self.rest().starts_with(',') {
                break;
            }
            self.at += 1;
        }
        self.depth -= 1;
        self.expect(')')?;
        Ok(args)
    }

    fn argument(&mut self) -> Result<Expression, String> {
        let rest = self.rest();
        match rest.bytes().next() {
            Some(b'(') => Ok(Expression::List(self.arguments()?)),
            Some(quote @ (b'"' | b'\'')) => {
                let end = quoted_end(rest, quote).ok_or("unterminated string")?;
                self.at += end;
                Ok(Expression::Literal(rest.as_bytes()[1..end - 1].into()))
            }
            Some(b'0'..=b'9') => {
                let len = rest.bytes().take_while(u8::is_ascii_digit).count();
                self.at += len;
                Ok(Expression::Literal(rest.as_bytes()[..len].into()))
            }
            _ => self.expression(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::OutputTemplate;

    /// Texts are shown as they are, values in angle brackets with their width.
    fn shown(text: &str) -> String {
        match OutputTemplate::parse(text) {
            Err(error) => format!("{}..{} {}", error.start, error.end, error.message),
            Ok(template) => {
                let tokens = template.tokens.iter().map(|token| match token {
                    super::Token::Text(text) => text.to_string(),
                    super::Token::Value { expression, width: 0 } => format!("<{}>", expression.name()),
                    super::Token::Value { expression, width } => format!("<{width}:{}>", expression.name()),
                });
                tokens.collect()
            }
        }
    }

    fn check(text: &str, expected: &str) {
        assert_eq!(shown(text), expected, "{text}");
    }

    #[test]
    fn tokens() {
        check("plain", "plain");
        check("a %proc.name b", "a <proc.name> b");
        check("a%proc.nameand%thread.tidend", "a<proc.name>and<thread.tid>end");
        check("%proc.name.", "<proc.name>.");
        check("%proc.aname[2]x", "<proc.aname[2]>x");
        check("%proc.aname[2 x", "<proc.aname>[2 x");
        check("%evt.arg.flags, %evt.arg[1]", "<evt.arg.flags>, <evt.arg[1]>");
        check("%proc.env[HOME]%proc.env[\"HOME\"]", "<proc.env[HOME]><proc.env[HOME]>");
        check("%10proc.name|%007evt.num", "<10:proc.name>|<7:evt.num>");
        check("*%proc.name", "<proc.name>");
        check("%tolower( toupper(proc.name ) )x", "<tolower(toupper(proc.name))>x");
        check("%join(\"->\", (proc.name, evt.arg.path))", "<join(->,(proc.name,evt.arg.path))>");
        check("%evt.time.s%evt.time", "<evt.time.s><evt.time>");
    }

    #[test]
    fn errors_say_where() {
        check("", "0..0 empty formatting token");
        check("a %", "2..3 invalid formatting syntax: formatting cannot end with a %");
        check("a %12", "2..5 invalid formatting syntax: formatting cannot end with a number");
        check("a %some.field b", "2..13 unknown filter: nonexistent field some.field");
        check("a % b", "2..3 unknown filter: unexpected token after '%', expecting a field");
        for text in [
            "%a b",
            "%(proc.name)",
            "%val(proc.name)",
            "%nope(proc.name)",
            "%toupper(proc.name",
            "%toupper(tolower)",
            "%toupper(evt.num)",
            "%toupper (proc.name)",
            "%toupper()",
            "%toupper(proc.name)[x]",
            "%touper(",
            "%concat(proc.name)",
            "%99999999999999999999proc.name",
            "%join(proc.name)",
            "%\u{e4}",
        ] {
            assert!(OutputTemplate::parse(text).is_err(), "{text} is no output");
        }
        assert!(OutputTemplate::parse(&format!("%{}", "tolower(".repeat(100_000))).is_err());
        assert!(OutputTemplate::parse(&format!("%{}", "a.".repeat(100_000))).is_err());
    }

    #[test]
    fn keys_are_fields_and_the_outermost_functions() {
        let keys = |text: &str| -> Vec<String> {
            OutputTemplate::parse(text).unwrap().keys.into_iter().map(|key| key.name).collect()
        };
        assert_eq!(
            keys("%proc.name %toupper(tolower(proc.exe))"),
            ["proc.name", "proc.exe", "toupper(tolower(proc.exe))"]
        );
        assert_eq!(
            keys("%concat(toupper(proc.name), evt.arg.path)"),
            ["proc.name", "toupper(proc.name)", "evt.arg.path", "concat(toupper(proc.name),evt.arg.path)"]
        );
    }
}
