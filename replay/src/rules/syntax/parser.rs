//! Recursive descent parser of conditions.
//!
//! ```text
//! or        := and { "or" (blank and | "(" or ")") }
//! and       := not { "and" (blank not | "(" or ")") }
//! not       := { "not" blank } ( "not(" or ")" | primary )
//! primary   := "(" or ")" | operand check | identifier
//! check     := "exists" | numeric value | text [ modifier ] value | list values
//! operand   := field [ "[" arg "]" ] | transformer "(" args ")" [ "[" arg "]" ]
//! ```
//!
//! `or` binds weaker than `and`; chains make one node. Keywords match as prefixes, so that `orx` after an
//! expression reads as `or` with a missing blank.

use std::ops::Range;

use super::lexer::{Lexer, Quoted};
use super::{
    Check, Expr, ExprKind, MODIFIERS, OPERATORS, Operand, OperandKind, Right, TRANSFORMS, Token, Value,
    unquote,
};
use crate::rules::condition::{Modifier, Operator, Transform};

/// Bounds of what is parsed.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Nested calls of the grammar's productions; a pair of parentheses takes five.
    pub depth: u32,
}

impl Limits {
    /// Falco's for rules.
    pub const RULES: Limits = Limits { depth: 1000 };
    /// The library's own, for conditions that are not part of a rule.
    pub const LIBRARY: Limits = Limits { depth: 100 };
}

/// Why a text is not a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// In Falco's words.
    pub message: String,
    /// Offset at which the parser gave up.
    pub at: usize,
    /// Offset of the innermost parenthesis that was not closed there.
    pub unclosed: Option<usize>,
}

/// Parses a whole condition.
pub fn parse(text: &str, limits: Limits) -> Result<Expr, ParseError> {
    if text.is_empty() {
        let message = "filter input string is empty".to_string();
        return Err(ParseError { message, at: 0, unclosed: None });
    }
    let mut parser = Parser::new(text, limits);
    match parser.or() {
        Ok(expr) if parser.lexer.is_at_end() => Ok(expr),
        Ok(_) => Err(parser.error(parser.unexpected())),
        Err(message) => Err(parser.error(message)),
    }
}

/// Parses what may stand on the left of an operator, at the start of `text`; gives its length, too.
pub fn parse_left(text: &str, limits: Limits) -> Result<(Operand, usize), ParseError> {
    let mut parser = Parser::new(text, limits);
    match parser.left() {
        Ok(Some(operand)) => Ok((operand, parser.lexer.at())),
        Ok(None) => Err(parser.error(format!("unexpected token after '{}'", parser.last_token()))),
        Err(message) => Err(parser.error(message)),
    }
}

/// Operators that compare numbers, and so on; see [`OPERATORS`].
const UNARY: Range<usize> = 0..1;
const NUMERIC: Range<usize> = 1..5;
const TEXT_SIGNS: Range<usize> = 5..8;
const TEXT_WORDS: Range<usize> = 8..17;
const LIST: Range<usize> = 17..20;

type Result<T, E = String> = std::result::Result<T, E>;

struct Parser<'t> {
    lexer: Lexer<'t>,
    limits: Limits,
    depth: u32,
    /// For the message about what follows it.
    last: Last<'t>,
    unclosed: Option<usize>,
}

enum Last<'t> {
    Text(&'t str),
    Unquoted(Vec<u8>),
}

impl<'t> Parser<'t> {
    fn new(text: &'t str, limits: Limits) -> Self {
        Parser { lexer: Lexer::new(text), limits, depth: 0, last: Last::Text(""), unclosed: None }
    }

    /// Runs a production one level deeper.
    fn nested<T>(&mut self, production: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.depth += 1;
        if self.depth >= self.limits.depth {
            return Err(format!("exceeded max depth limit of {}", self.limits.depth));
        }
        let result = production(self);
        self.depth -= 1;
        result
    }

    fn error(&self, message: String) -> ParseError {
        ParseError { message, at: self.lexer.at(), unclosed: self.unclosed }
    }

    fn last_token(&self) -> String {
        match &self.last {
            Last::Text(text) => (*text).to_string(),
            Last::Unquoted(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        }
    }

    fn unexpected(&self) -> String {
        format!("unexpected token after '{}', expecting 'or', 'and'", self.last_token())
    }

    /// Notes a token as the last one.
    fn seen(&mut self, token: Option<Range<usize>>) -> Option<Range<usize>> {
        let range = token?;
        self.last = Last::Text(self.lexer.text(range.clone()));
        Some(range)
    }

    fn fixed(&mut self, text: &str) -> Option<Range<usize>> {
        let token = self.lexer.fixed(text);
        self.seen(token)
    }

    fn field_name(&mut self) -> Option<Range<usize>> {
        let token = self.lexer.field_name();
        self.seen(token)
    }

    fn identifier(&mut self) -> Option<Range<usize>> {
        let token = self.lexer.identifier();
        self.seen(token)
    }

    fn text(&self, range: &Range<usize>) -> String {
        self.lexer.text(range.clone()).to_string()
    }

    fn or(&mut self) -> Result<Expr> {
        self.chain("or", Self::and, ExprKind::Or)
    }

    fn and(&mut self) -> Result<Expr> {
        self.chain("and", Self::not, ExprKind::And)
    }

    fn chain(
        &mut self,
        word: &str,
        operand: fn(&mut Self) -> Result<Expr>,
        kind: fn(Vec<Expr>) -> ExprKind,
    ) -> Result<Expr> {
        self.nested(|p| {
            p.lexer.blank();
            let start = p.lexer.at();
            let first = operand(p)?;
            let mut end = p.lexer.at();
            p.lexer.blank();
            let mut rest = Vec::new();
            while p.fixed(word).is_some() {
                let child = if p.lexer.blank() {
                    operand(p)?
                } else if let Some(open) = p.fixed("(") {
                    p.group(open.start)?
                } else {
                    return Err(format!("expected blank or '(' after '{word}'"));
                };
                end = child.range.end;
                rest.push(child);
                p.lexer.blank();
            }
            if rest.is_empty() {
                return Ok(first);
            }
            rest.insert(0, first);
            Ok(Expr { kind: kind(rest), range: start..end })
        })
    }

    fn not(&mut self) -> Result<Expr> {
        self.nested(|p| {
            p.lexer.blank();
            let start = p.lexer.at();
            let mut negated = false;
            while p.lexer.not() {
                p.last = Last::Text("not ");
                negated = !negated;
            }
            let child = match p.fixed("not(") {
                Some(token) => {
                    negated = !negated;
                    p.group(token.end - 1)?
                }
                None => p.primary()?,
            };
            if !negated {
                return Ok(child);
            }
            let range = start..child.range.end;
            Ok(Expr { kind: ExprKind::Not(Box::new(child)), range })
        })
    }

    /// What comes after an opening parenthesis.
    fn group(&mut self, open: usize) -> Result<Expr> {
        self.nested(|p| {
            let mut expr = p.or()?;
            p.lexer.blank();
            p.close(open, "expected a ')' token")?;
            expr.range = open..p.lexer.at();
            Ok(expr)
        })
    }

    /// The parenthesis that closes the one at `open`.
    fn close(&mut self, open: usize, message: &str) -> Result<()> {
        if self.fixed(")").is_some() {
            return Ok(());
        }
        self.unclosed = Some(open);
        Err(message.to_string())
    }

    fn primary(&mut self) -> Result<Expr> {
        self.nested(|p| {
            p.lexer.blank();
            if let Some(open) = p.fixed("(") {
                return p.group(open.start);
            }
            if let Some(left) = p.left()? {
                return p.check(left);
            }
            match p.identifier() {
                Some(range) => Ok(Expr { kind: ExprKind::Identifier(p.text(&range)), range }),
                None => Err("expected a '(' token, a field check, or an identifier".to_string()),
            }
        })
    }

    /// A field or a call of a transformer, if there is one here.
    fn left(&mut self) -> Result<Option<Operand>> {
        if let Some(name) = self.field_name() {
            return self.nested(|p| p.field(name)).map(Some);
        }
        self.call()
    }

    /// What comes after the name of a field.
    fn field(&mut self, name: Range<usize>) -> Result<Operand> {
        let arg = self.bracketed()?;
        let range = name.start..self.lexer.at();
        Ok(Operand { kind: OperandKind::Field { name: self.text(&name), arg }, range })
    }

    /// An optional argument in brackets.
    fn bracketed(&mut self) -> Result<Option<Vec<u8>>> {
        if self.fixed("[").is_none() {
            return Ok(None);
        }
        let arg = match self.quoted()? {
            Some(value) => value.bytes,
            None => {
                let bare = self.lexer.bare_arg();
                let range = self
                    .seen(bare)
                    .ok_or("expected a valid field argument: a quoted string or a bare string")?;
                self.text(&range).into_bytes()
            }
        };
        self.fixed("]").ok_or("expected a ']' token")?;
        Ok(Some(arg))
    }

    /// A call of a transformer, if there is one here.
    fn call(&mut self) -> Result<Option<Operand>> {
        let Some((name, transform)) = self.lexer.call(&TRANSFORMS) else { return Ok(None) };
        self.last = Last::Text(self.lexer.text(name.clone()));
        self.nested(|p| {
            let mut args = Vec::new();
            loop {
                p.lexer.blank();
                args.push(p.nested(Self::argument)?);
                p.lexer.blank();
                if p.fixed(",").is_none() {
                    break;
                }
            }
            p.close(name.end, "expected a ')' token closing the transformer")?;
            let selector = p.bracketed()?;
            let range = name.start..p.lexer.at();
            Ok(Some(Operand { kind: OperandKind::Transform { transform, args, selector }, range }))
        })
    }

    /// One argument of a transformer.
    fn argument(&mut self) -> Result<Operand> {
        if let Some(literal) = self.number_literal() {
            return Ok(literal);
        }
        if let Some(value) = self.quoted()? {
            return Ok(Operand { kind: OperandKind::Literal(value.bytes), range: value.range });
        }
        if let Some(open) = self.fixed("(") {
            return self.list_argument(open.start);
        }
        if let Some(call) = self.call()? {
            return Ok(call);
        }
        match self.field_name() {
            Some(name) => self.nested(|p| p.field(name)),
            None => {
                Err("expected field transformer argument: field, transformer, quoted string, number, or \
                         transformer list"
                    .to_string())
            }
        }
    }

    fn number_literal(&mut self) -> Option<Operand> {
        let number = self.lexer.number();
        let range = self.seen(number)?;
        Some(Operand { kind: OperandKind::Literal(self.text(&range).into_bytes()), range })
    }

    /// A list as argument, after its opening parenthesis.
    fn list_argument(&mut self, open: usize) -> Result<Operand> {
        let mut items = Vec::new();
        self.lexer.blank();
        if self.fixed(")").is_none() {
            loop {
                items.push(self.list_argument_item()?);
                self.lexer.blank();
                if self.fixed(",").is_none() {
                    break;
                }
                self.lexer.blank();
            }
            self.close(open, "expected ')'")?;
        }
        Ok(Operand { kind: OperandKind::List(items), range: open..self.lexer.at() })
    }

    fn list_argument_item(&mut self) -> Result<Operand> {
        if let Some(operand) = self.left()? {
            return Ok(operand);
        }
        if let Some(value) = self.quoted()? {
            return Ok(Operand { kind: OperandKind::Literal(value.bytes), range: value.range });
        }
        self.number_literal().ok_or_else(|| {
            "expected transformer list argument: field, transformer, quoted string, or number".to_string()
        })
    }

    /// Operator and right-hand side.
    fn check(&mut self, left: Operand) -> Result<Expr> {
        self.nested(|p| {
            p.lexer.blank();
            let mut modifier = None;
            let (operator, right) = if let Some(operator) = p.operator(UNARY) {
                (operator, Right::None)
            } else if let Some(operator) = p.operator(NUMERIC) {
                (operator, p.nested(Self::number_value)?)
            } else if let Some(operator) = p.text_operator() {
                modifier = p.modifier(&operator);
                let right = match modifier {
                    Some(_) => p.nested(Self::list_value)?,
                    None => p.nested(|p| p.text_value(true))?,
                };
                (operator, right)
            } else if let Some(operator) = p.operator(LIST) {
                (operator, p.nested(Self::list_or_operand)?)
            } else {
                return Err(format!("expected a valid check operator: one of {}", names(&OPERATORS)));
            };
            let range = left.range.start..p.lexer.at();
            let check = Check { left, operator, modifier, right };
            Ok(Expr { kind: ExprKind::Check(Box::new(check)), range })
        })
    }

    fn operator(&mut self, group: Range<usize>) -> Option<Token<Operator>> {
        let (range, text, value) = self.lexer.one_of(&OPERATORS[group])?;
        self.last = Last::Text(text);
        Some(Token { value, range, text })
    }

    fn text_operator(&mut self) -> Option<Token<Operator>> {
        self.operator(TEXT_SIGNS).or_else(|| {
            let (range, text, value) = self.lexer.word_of(&OPERATORS[TEXT_WORDS])?;
            self.last = Last::Text(text);
            Some(Token { value, range, text })
        })
    }

    /// A modifier with a list after it. Anything else with its name is a value.
    fn modifier(&mut self, operator: &Token<Operator>) -> Option<Token<Modifier>> {
        // The blank after a word was read with the word.
        let is_word = operator.text.starts_with(|c: char| c.is_ascii_alphabetic());
        let had_blank = self.lexer.blank() || is_word;
        let start = self.lexer.at();
        if had_blank
            && let Some((range, text, value)) = self.lexer.word_of(&MODIFIERS)
            && self.lexer.at_list_value()
        {
            return Some(Token { value, range, text });
        }
        self.lexer.seek(start);
        None
    }

    fn number_value(&mut self) -> Result<Right> {
        self.lexer.blank();
        if let Some(operand) = self.nested(Self::right_operand)? {
            return Ok(Right::Operand(operand));
        }
        let number = self.lexer.number();
        match self.seen(number) {
            Some(range) => Ok(Right::Value(Value { bytes: self.text(&range).into_bytes(), range })),
            None => Err(format!("expected a number value or a field with a valid transformer: {}", calls())),
        }
    }

    fn text_value(&mut self, operand_allowed: bool) -> Result<Right> {
        self.lexer.blank();
        if operand_allowed && let Some(operand) = self.nested(Self::right_operand)? {
            return Ok(Right::Operand(operand));
        }
        if let Some(value) = self.quoted()? {
            return Ok(Right::Value(value));
        }
        let bare = self.lexer.bare_string();
        match self.seen(bare) {
            Some(range) => Ok(Right::Value(Value { bytes: self.text(&range).into_bytes(), range })),
            None if operand_allowed => {
                Err(format!("expected a string value or a field with a valid transformer: {}", calls()))
            }
            None => Err("expected a string value".to_string()),
        }
    }

    /// Text in quotes, if there is any here, without them.
    fn quoted(&mut self) -> Result<Option<Value>> {
        match self.lexer.quoted() {
            Quoted::No => Ok(None),
            Quoted::Yes(range) => {
                let bytes = unquote(self.lexer.text(range.clone()).as_bytes())?;
                self.last = Last::Unquoted(bytes.clone());
                Ok(Some(Value { bytes, range }))
            }
        }
    }

    fn list_value(&mut self) -> Result<Right> {
        self.lexer.blank();
        if let Some(list) = self.list()? {
            return Ok(list);
        }
        self.list_name().ok_or_else(|| "expected a list or an identifier".to_string())
    }

    fn list_or_operand(&mut self) -> Result<Right> {
        self.lexer.blank();
        if let Some(list) = self.list()? {
            return Ok(list);
        }
        if let Some(operand) = self.nested(Self::right_operand)? {
            return Ok(Right::Operand(operand));
        }
        self.list_name().ok_or_else(|| {
            format!("expected a list, an identifier, or a field with a valid transformer: {}", calls())
        })
    }

    /// The name of a list that does not exist is a value.
    fn list_name(&mut self) -> Option<Right> {
        let range = self.identifier()?;
        Some(Right::Value(Value { bytes: self.text(&range).into_bytes(), range }))
    }

    /// Values in parentheses, if there are any here.
    fn list(&mut self) -> Result<Option<Right>> {
        let Some(open) = self.fixed("(") else { return Ok(None) };
        let mut values = Vec::new();
        self.lexer.blank();
        // Whatever is wrong with the first value, Falco then expects an empty list.
        let depth = self.depth;
        let first = self.nested(|p| p.text_value(false));
        self.depth = depth;
        if let Ok(Right::Value(value)) = first {
            values.push(value);
            self.lexer.blank();
            while self.fixed(",").is_some() {
                if let Right::Value(value) = self.nested(|p| p.text_value(false))? {
                    values.push(value);
                }
                self.lexer.blank();
            }
        }
        self.close(open.start, "expected a ')' token")?;
        Ok(Some(Right::List { values, range: open.start..self.lexer.at() }))
    }

    /// `val(field)` or a call of a transformer, if there is one here.
    fn right_operand(&mut self) -> Result<Option<Operand>> {
        self.lexer.blank();
        let Some((name, transform)) = self.lexer.call(&[("val", Transform::Val)]) else { return self.call() };
        self.lexer.blank();
        let field = self.field_name().ok_or("expected a field within 'val' transformer")?;
        let field = self.nested(|p| p.field(field))?;
        self.lexer.blank();
        self.close(name.end, "expected a ')' token closing the transformer")?;
        let selector = self.bracketed()?;
        let range = name.start..self.lexer.at();
        Ok(Some(Operand { kind: OperandKind::Transform { transform, args: vec![field], selector }, range }))
    }
}

fn names<T>(table: &[(&str, T)]) -> String {
    table.iter().map(|(name, _)| format!("'{name}'")).collect::<Vec<_>>().join(", ")
}

fn calls() -> String {
    format!("'val', {}", names(&TRANSFORMS))
}
