//! Messages about rules files.

use super::source::Span;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    Error,
    Warning,
}

/// One message, with the place it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    pub severity: Severity,
    /// Falco's code, such as `LOAD_ERR_COMPILE_CONDITION`.
    pub code: &'static str,
    pub message: String,
    pub span: Span,
    /// Further places with a label each, such as the macro through which the place is reached.
    pub related: Vec<(Span, String)>,
    /// What to do about it.
    pub help: Option<String>,
}
