//! Items of rules files as they are collected: text not yet parsed, names not yet resolved.

use std::collections::BTreeSet;

use super::version::Version;
use crate::rules::Priority;
use crate::rules::source::Span;
use crate::rules::traced::Traced;

/// When an item was first defined, and when it last changed. A macro sees macros whose index is below its
/// visibility.
#[derive(Clone, Copy, Debug, Default)]
pub struct Order {
    pub index: u32,
    pub visibility: u32,
}

/// A list.
#[derive(Clone, Debug)]
pub struct ListItem {
    pub name: String,
    pub items: Vec<Traced>,
    pub span: Span,
    pub order: Order,
}

/// A macro.
#[derive(Clone, Debug)]
pub struct MacroItem {
    pub name: String,
    pub condition: Traced,
    pub span: Span,
    pub order: Order,
}

/// A rule.
#[derive(Clone, Debug)]
pub struct RuleItem {
    pub name: String,
    pub condition: Traced,
    pub output: Traced,
    pub description: String,
    pub priority: Priority,
    pub source: String,
    /// No such source is known; the rule is kept so that it can be appended to, but never compiled.
    pub unknown_source: bool,
    pub tags: BTreeSet<String>,
    pub exceptions: Vec<ExceptionItem>,
    pub enabled: bool,
    pub warn_evttypes: bool,
    pub skip_if_unknown_filter: bool,
    pub capture: bool,
    pub capture_duration_ms: u32,
    pub span: Span,
}

/// What an override or an append changes of a rule.
#[derive(Clone, Debug, Default)]
pub struct RuleUpdate {
    pub name: String,
    /// Stated source; empty if none is.
    pub source: String,
    pub span: Span,
    pub condition: Option<Traced>,
    pub output: Option<Traced>,
    pub description: Option<String>,
    pub priority: Option<Priority>,
    pub tags: Option<BTreeSet<String>>,
    pub exceptions: Option<Vec<ExceptionItem>>,
    pub enabled: Option<bool>,
    pub warn_evttypes: Option<bool>,
    pub skip_if_unknown_filter: Option<bool>,
    pub capture: Option<bool>,
    pub capture_duration_ms: Option<u32>,
}

impl RuleUpdate {
    /// Whether it changes nothing.
    pub fn is_empty(&self) -> bool {
        self.condition.is_none()
            && self.output.is_none()
            && self.description.is_none()
            && self.priority.is_none()
            && self.tags.is_none()
            && self.exceptions.is_none()
            && self.enabled.is_none()
            && self.warn_evttypes.is_none()
            && self.skip_if_unknown_filter.is_none()
            && self.capture.is_none()
            && self.capture_duration_ms.is_none()
    }
}

/// An exception of a rule.
#[derive(Clone, Debug)]
pub struct ExceptionItem {
    pub name: String,
    pub span: Span,
    pub fields: Entry,
    pub comps: Entry,
    pub values: Vec<Entry>,
}

/// Something in an exception that is either one text or a list.
#[derive(Clone, Debug)]
pub enum Entry {
    /// Empty where nothing is given.
    One(Traced),
    Many(Vec<Entry>),
}

impl Default for Entry {
    fn default() -> Self {
        Entry::One(Traced::default())
    }
}

impl Entry {
    /// Whether anything is given.
    pub fn is_given(&self) -> bool {
        match self {
            Entry::One(text) => !text.is_empty(),
            Entry::Many(entries) => !entries.is_empty(),
        }
    }

    /// The entries of a list; none if it is one text.
    pub fn many(&self) -> &[Entry] {
        match self {
            Entry::One(_) => &[],
            Entry::Many(entries) => entries,
        }
    }

    /// The text; empty if it is a list.
    pub fn text(&self) -> &str {
        match self {
            Entry::One(text) => text.as_str(),
            Entry::Many(_) => "",
        }
    }
}

/// One entry of `required_plugin_versions`: any of these will do.
#[derive(Clone, Debug)]
pub struct PluginRequirement {
    pub span: Span,
    pub alternatives: Vec<(String, Version)>,
}
