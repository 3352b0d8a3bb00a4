//! Messages about rules files.

use super::source::Span;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    Error,
    Warning,
    /// Advice.
    Note,
}

/// One message, with the place it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    pub severity: Severity,
    /// Falco's code, such as `LOAD_ERR_COMPILE_CONDITION`.
    pub code: &'static str,
    /// In Falco's words where Falco has the same message.
    pub message: String,
    pub span: Span,
    /// The items the place is in, from the outermost, as Falco names them.
    pub path: Vec<Step>,
    /// Further places with a label each, such as the macro through which the place is reached.
    pub related: Vec<(Span, String)>,
    /// What to do about it.
    pub help: Option<String>,
}

/// An item of a rules file on the way to a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Kind of item, such as `rule` or `condition expression`.
    pub kind: &'static str,
    /// Its name; may be empty.
    pub name: String,
}

impl Step {
    pub(super) fn new(kind: &'static str, name: impl Into<String>) -> Self {
        Step { kind, name: name.into() }
    }
}

impl Diagnostic {
    pub(super) fn error(code: &'static str, message: impl Into<String>, span: Span) -> Self {
        Self::new(Severity::Error, code, message, span)
    }

    pub(super) fn warning(code: &'static str, message: impl Into<String>, span: Span) -> Self {
        Self::new(Severity::Warning, code, message, span)
    }

    pub(super) fn note(code: &'static str, message: impl Into<String>, span: Span) -> Self {
        Self::new(Severity::Note, code, message, span)
    }

    fn new(severity: Severity, code: &'static str, message: impl Into<String>, span: Span) -> Self {
        let message = message.into();
        Diagnostic { severity, code, message, span, path: Vec::new(), related: Vec::new(), help: None }
    }

    pub(super) fn within(mut self, path: Vec<Step>) -> Self {
        self.path = path;
        self
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub(super) fn related(mut self, span: Span, label: impl Into<String>) -> Self {
        self.related.push((span, label.into()));
        self
    }

    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident $code:literal $description:literal;)*) => {
        /// Falco's codes.
        pub mod code {
            $($(#[$doc])* #[doc = $description] pub const $name: &str = $code;)*
        }

        /// What a code means, in a few words.
        pub fn describe(code: &str) -> &'static str {
            match code {
                $($code => $description,)*
                _ => "",
            }
        }
    };
}

codes! {
    FILE_READ "LOAD_ERR_FILE_READ" "the file cannot be read";
    YAML_PARSE "LOAD_ERR_YAML_PARSE" "the text is not YAML";
    YAML_VALIDATE "LOAD_ERR_YAML_VALIDATE" "the YAML does not have the structure of a rules file";
    COMPILE_CONDITION "LOAD_ERR_COMPILE_CONDITION" "a condition cannot be compiled";
    COMPILE_OUTPUT "LOAD_ERR_COMPILE_OUTPUT" "an output cannot be compiled";
    VALIDATE "LOAD_ERR_VALIDATE" "a rule, macro, list or exception is not valid";
    UNKNOWN_SOURCE "LOAD_UNKNOWN_SOURCE" "a rule is for an event source that is not known";
    UNSAFE_NA_CHECK "LOAD_UNSAFE_NA_CHECK" "a value that may be missing is compared with `<NA>`";
    NO_EVTTYPE "LOAD_NO_EVTTYPE" "a condition looks at events of nearly every type";
    UNKNOWN_FILTER "LOAD_UNKNOWN_FILTER" "a rule that may be skipped uses an unknown field or event type";
    UNUSED_MACRO "LOAD_UNUSED_MACRO" "nothing uses the macro";
    UNUSED_LIST "LOAD_UNUSED_LIST" "nothing uses the list";
    UNKNOWN_ITEM "LOAD_UNKNOWN_ITEM" "an item is no rule, macro, list or requirement";
    DEPRECATED_ITEM "LOAD_DEPRECATED_ITEM" "something deprecated is used";
    APPEND_NO_VALUES "LOAD_APPEND_NO_VALUES" "an exception is appended without values";
    EXCEPTION_NAME_NOT_UNIQUE "LOAD_EXCEPTION_NAME_NOT_UNIQUE" "two exceptions of a rule have one name";
    INVALID_MACRO_NAME "LOAD_INVALID_MACRO_NAME" "no condition can refer to a macro of this name";
    INVALID_LIST_NAME "LOAD_INVALID_LIST_NAME" "no condition can refer to a list of this name";
    CONDITION_WARNING "LOAD_COMPILE_CONDITION" "a condition may not mean what it says";
    UNKNOWN_KEY "LOAD_UNKNOWN_KEY" "an item has a key that is not known";
    /// Falco has no code for it.
    SCHEMA "SCHEMA" "something is not as the schema of rules files wants it, which is advice only";
}

/// The name most like `wanted` among `names`, if any is like it at all.
pub(super) fn closest<'n>(wanted: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let limit = (wanted.chars().count() / 3).clamp(1, 3);
    names
        .filter(|name| name.len().abs_diff(wanted.len()) <= limit)
        .map(|name| (distance(wanted, name), name))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, name)| name)
}

/// Edit distance with swaps of neighbours, over bytes.
fn distance(a: &str, b: &str) -> usize {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut next = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let changed = usize::from(a[i - 1] != b[j - 1]);
            next[j] = (row[j] + 1).min(next[j - 1] + 1).min(row[j - 1] + changed);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                next[j] = next[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut row, next);
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_name_is_found() {
        let names = ["proc.name", "proc.pname", "proc.exe", "fd.name"];
        assert_eq!(closest("proc.nmae", names.into_iter()), Some("proc.name"));
        assert_eq!(closest("proc.pnam", names.into_iter()), Some("proc.pname"));
        assert_eq!(closest("container.id", names.into_iter()), None);
        assert_eq!(closest("proc.name", std::iter::empty()), None);
    }
}
