//! Falco's schema of rules files: advice beside its own checks, which are the ones that count.
//!
//! The schema is stricter in some places (names of priorities have to be in capitals) and knows nothing of what
//! items mean. Whether a file is valid is what Falco finds; the words and places are ours.

use std::fmt::{self, Write};
use std::rc::Rc;

use crate::rules::diagnostic::{Diagnostic, closest, code};
use crate::rules::document::Node;
use crate::rules::source::Span;

/// What the schema has against a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaWarning {
    pub violation: Violation,
    pub span: Span,
    /// Where in the document, as Falco writes it: `<root>[0][priority]`.
    pub path: String,
    pub help: Option<String>,
}

/// How something is not as the schema wants it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Violation {
    /// It should be something else, such as a list.
    Type(&'static str),
    /// It is none of the allowed texts.
    Value(&'static str),
    UnknownKey(String),
    RepeatedKey(String),
    MissingKey(&'static str),
    Empty(&'static str),
}

impl fmt::Display for Violation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Violation::Type(wanted) => write!(out, "the schema wants {wanted} here"),
            Violation::Value(wanted) => write!(out, "the schema wants {wanted} here"),
            Violation::UnknownKey(key) => write!(out, "the schema does not know the key '{key}'"),
            Violation::RepeatedKey(key) => write!(out, "the key '{key}' is there twice; the first counts"),
            Violation::MissingKey(key) => write!(out, "the schema wants the key '{key}' here"),
            Violation::Empty(what) => write!(out, "the schema wants something in {what}"),
        }
    }
}

impl SchemaWarning {
    /// As a message for people.
    pub fn to_diagnostic(&self) -> Diagnostic {
        let mut diagnostic = Diagnostic::note(code::SCHEMA, self.violation.to_string(), self.span);
        diagnostic.help.clone_from(&self.help);
        diagnostic
    }
}

/// What may stand in a place.
enum Schema {
    Anything,
    Text,
    /// `true` or `false`, in these letters.
    Boolean,
    Integer,
    /// Any of some texts, and what to call them.
    OneOf(&'static [&'static str], &'static str),
    List(&'static Schema),
    Mapping(&'static Keys),
}

struct Keys {
    known: &'static [(&'static str, &'static Schema)],
    required: &'static [&'static str],
    /// What to call a mapping that may not be empty.
    not_empty: Option<&'static str>,
}

const OPERATION: Schema = Schema::OneOf(&["append", "replace"], "append or replace");

const OVERRIDE: Keys = Keys {
    known: &[
        ("items", &OPERATION),
        ("desc", &OPERATION),
        ("condition", &OPERATION),
        ("output", &OPERATION),
        ("priority", &OPERATION),
        ("enabled", &OPERATION),
        ("exceptions", &OPERATION),
        ("capture", &OPERATION),
        ("capture_duration", &OPERATION),
        ("tags", &OPERATION),
        ("warn_evttypes", &OPERATION),
        ("skip-if-unknown-filter", &OPERATION),
    ],
    required: &[],
    not_empty: Some("an override"),
};

const EXCEPTION: Keys = Keys {
    known: &[
        ("name", &Schema::Text),
        ("fields", &Schema::Anything),
        ("comps", &Schema::Anything),
        ("values", &Schema::Anything),
    ],
    required: &["name"],
    not_empty: None,
};

const ALTERNATIVE: Keys = Keys {
    known: &[("name", &Schema::Text), ("version", &Schema::Text)],
    required: &["name", "version"],
    not_empty: None,
};

const PLUGIN: Keys = Keys {
    known: &[
        ("name", &Schema::Text),
        ("version", &Schema::Text),
        ("alternatives", &Schema::List(&Schema::Mapping(&ALTERNATIVE))),
    ],
    required: &["name", "version"],
    not_empty: None,
};

const PRIORITY: Schema = Schema::OneOf(
    &["EMERGENCY", "ALERT", "CRITICAL", "ERROR", "WARNING", "NOTICE", "INFO", "INFORMATIONAL", "DEBUG"],
    "the name of a priority in capitals",
);

const ITEM: Keys = Keys {
    known: &[
        ("required_engine_version", &Schema::Text),
        ("required_plugin_versions", &Schema::List(&Schema::Mapping(&PLUGIN))),
        ("macro", &Schema::Text),
        ("condition", &Schema::Text),
        ("list", &Schema::Text),
        ("items", &Schema::List(&Schema::Text)),
        ("rule", &Schema::Text),
        ("desc", &Schema::Text),
        ("enabled", &Schema::Boolean),
        ("output", &Schema::Text),
        ("append", &Schema::Boolean),
        ("priority", &PRIORITY),
        ("capture", &Schema::Boolean),
        ("capture_duration", &Schema::Integer),
        ("source", &Schema::Text),
        ("exceptions", &Schema::List(&Schema::Mapping(&EXCEPTION))),
        ("override", &Schema::Mapping(&OVERRIDE)),
        ("tags", &Schema::List(&Schema::Text)),
        ("warn_evttypes", &Schema::Boolean),
        ("skip-if-unknown-filter", &Schema::Boolean),
    ],
    required: &[],
    not_empty: None,
};

const FILE: Schema = Schema::List(&Schema::Mapping(&ITEM));

/// Everything in the documents of a file that is not as the schema wants it, in order of places. `file` is the place for what has none.
pub fn check(documents: &[Rc<Node>], file: Span) -> Vec<SchemaWarning> {
    let mut checker = Checker { file, path: String::new(), warnings: Vec::new() };
    for document in documents {
        checker.path.clear();
        checker.path.push_str("<root>");
        checker.node(document, &FILE);
    }
    checker.warnings.sort_by_key(|warning| warning.span.start);
    checker.warnings
}

struct Checker {
    file: Span,
    path: String,
    warnings: Vec<SchemaWarning>,
}

impl Checker {
    fn node(&mut self, node: &Node, schema: &Schema) {
        let text = node.scalar().map(|text| text.as_str());
        match schema {
            Schema::Anything => {}
            Schema::Text if text.is_none() => self.warn(Violation::Type("a text"), node.span),
            Schema::Text => {}
            Schema::Boolean => {
                if !matches!(text, Some("true" | "false")) {
                    self.warn(Violation::Type("true or false"), node.span);
                }
            }
            Schema::Integer => {
                let number =
                    text.map(|text| text.trim_start_matches([' ', '\t', '\n', '\x0b', '\x0c', '\r']));
                if number.is_none_or(|number| number.parse::<i64>().is_err()) {
                    self.warn(Violation::Type("a whole number"), node.span);
                }
            }
            Schema::OneOf(allowed, wanted) => self.one_of(node, allowed, wanted),
            Schema::List(item) => match node.sequence() {
                None => self.warn(Violation::Type("a list"), node.span),
                Some(items) => {
                    for (index, node) in items.iter().enumerate() {
                        self.inside(index, |checker| checker.node(node, item));
                    }
                }
            },
            Schema::Mapping(keys) => match node.mapping() {
                None => self.warn(Violation::Type("a mapping of keys to values"), node.span),
                Some(entries) => self.mapping(node, entries, keys),
            },
        }
    }

    fn one_of(&mut self, node: &Node, allowed: &[&str], wanted: &'static str) {
        let Some(text) = node.scalar().map(|text| text.as_str()) else {
            return self.warn(Violation::Type("a text"), node.span);
        };
        if !allowed.contains(&text) {
            self.warn(Violation::Value(wanted), node.span);
            let meant = allowed.iter().find(|allowed| allowed.eq_ignore_ascii_case(text));
            if let (Some(meant), Some(warning)) = (meant, self.warnings.last_mut()) {
                warning.help = Some(format!("write `{meant}`"));
            }
        }
    }

    fn mapping(&mut self, node: &Node, entries: &[(Rc<Node>, Rc<Node>)], keys: &Keys) {
        for (name, schema) in keys.known {
            if let Some(value) = node.get(name) {
                self.inside(name, |checker| checker.node(value, schema));
            }
        }
        for required in keys.required.iter().filter(|name| node.get(name).is_none()) {
            self.warn(Violation::MissingKey(required), node.span);
        }
        for (index, (key, _)) in entries.iter().enumerate() {
            let name = key.scalar().map_or("", |text| text.as_str());
            let is_same =
                |(other, _): &(Rc<Node>, Rc<Node>)| other.scalar().is_some_and(|text| text.as_str() == name);
            if !keys.known.iter().any(|(known, _)| *known == name) {
                self.warn(Violation::UnknownKey(name.to_string()), key.span);
                let close = closest(name, keys.known.iter().map(|(known, _)| *known));
                if let (Some(close), Some(warning)) = (close, self.warnings.last_mut()) {
                    warning.help = Some(format!("did you mean `{close}`?"));
                }
            } else if entries[..index].iter().any(is_same) {
                self.warn(Violation::RepeatedKey(name.to_string()), key.span);
            }
        }
        if let (Some(what), []) = (keys.not_empty, entries) {
            self.warn(Violation::Empty(what), node.span);
        }
    }

    fn inside(&mut self, step: impl fmt::Display, check: impl FnOnce(&mut Self)) {
        let len = self.path.len();
        // Writing to a string cannot fail.
        let _ = write!(self.path, "[{step}]");
        check(self);
        self.path.truncate(len);
    }

    fn warn(&mut self, violation: Violation, span: Span) {
        // Nothing at all is nowhere.
        let span = if span.start < span.end { span } else { self.file };
        self.warnings.push(SchemaWarning { violation, span, path: self.path.clone(), help: None });
    }
}
