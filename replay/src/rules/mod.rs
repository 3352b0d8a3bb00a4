//! The rule language: from YAML files to a resolved, checked [`Ruleset`] and its diagnostics.
//!
//! source map and spans -> YAML document -> lexer, parser, AST -> resolve (lists, macros, overrides,
//! exceptions) -> check (fields, operators, constants) -> ruleset

mod check;
pub mod condition;
pub mod diagnostic;
mod document;
mod load;
pub mod source;
pub mod syntax;
mod traced;

use std::collections::BTreeSet;

use condition::Node;
pub use diagnostic::{Diagnostic, Severity};
pub use load::{
    ENGINE_VERSION, FileReport, Filter, LoadOptions, Loaded, Loader, SchemaWarning, Selection, Selector,
    Version, Violation, matches_wildcard,
};
pub use source::{FileId, SourceMap, Span};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u32);
        impl $name {
            /// As an index into the vector it numbers.
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}

id!(
    /// Position of a rule in its ruleset; also the order in which rules are tried.
    RuleId
);
id!(
    /// Position of a macro in its ruleset.
    MacroId
);
id!(
    /// Position of a list in its ruleset.
    ListId
);

/// Loads rules files, given as name and text, in order.
///
/// Errors do not stop it: they are among the diagnostics, and the ruleset holds what could be loaded. Whether to go
/// on with that is for the caller to decide; Falco would not.
pub fn load(inputs: Vec<(String, String)>, options: &LoadOptions) -> Loaded {
    let mut loader = Loader::new(options.clone());
    for (name, text) in inputs {
        loader.add(name, text);
    }
    loader.finish()
}

/// Rules that are ready to be lowered.
#[derive(Debug, Default)]
pub struct Ruleset {
    /// All rules, in order of first definition; disabled ones too.
    pub rules: Vec<Rule>,
    pub macros: Vec<MacroDef>,
    pub lists: Vec<ListDef>,
    /// The files they came from.
    pub sources: SourceMap,
}

/// One rule.
#[derive(Debug)]
pub struct Rule {
    pub id: RuleId,
    pub name: String,
    pub description: String,
    /// Resolved and checked; exceptions are part of it.
    pub condition: Node,
    /// The condition as canonical text, with lists, macros and exceptions in place.
    pub expanded: String,
    /// Output text, without prefix.
    pub output: String,
    pub priority: Priority,
    /// Event source; `syscall` unless stated.
    pub source: String,
    pub tags: BTreeSet<String>,
    /// It runs: it is not disabled and urgent enough.
    pub enabled: bool,
    /// A match asks for a capture to be written, for this long at least. Without meaning offline.
    pub capture: bool,
    pub capture_duration_ms: u32,
    /// Event types whose events the rule is shown: those for which the condition can be true, and asynchronous
    /// events.
    pub event_types: EventTypeSet,
    /// Where the rule is defined.
    pub span: Span,
}

/// One macro, for reports; conditions hold its resolved body in place.
#[derive(Debug)]
pub struct MacroDef {
    pub name: String,
    pub span: Span,
}

/// One list, for reports; conditions hold its items in place.
#[derive(Debug)]
pub struct ListDef {
    pub name: String,
    pub span: Span,
}

/// How urgent a rule's alerts are. Smaller is more urgent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    Emergency,
    Alert,
    Critical,
    Error,
    Warning,
    Notice,
    Informational,
    Debug,
}

impl Priority {
    /// All of them, the most urgent first.
    pub const ALL: [Priority; 8] = [
        Self::Emergency,
        Self::Alert,
        Self::Critical,
        Self::Error,
        Self::Warning,
        Self::Notice,
        Self::Informational,
        Self::Debug,
    ];

    /// The priority with this name, in any case.
    pub fn parse(text: &str) -> Option<Self> {
        if text.eq_ignore_ascii_case("info") {
            return Some(Self::Informational);
        }
        Self::ALL.into_iter().find(|priority| priority.name().eq_ignore_ascii_case(text))
    }

    /// As shown in alerts.
    pub fn name(self) -> &'static str {
        match self {
            Self::Emergency => "Emergency",
            Self::Alert => "Alert",
            Self::Critical => "Critical",
            Self::Error => "Error",
            Self::Warning => "Warning",
            Self::Notice => "Notice",
            Self::Informational => "Informational",
            Self::Debug => "Debug",
        }
    }
}

/// A set of event types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct EventTypeSet([u64; 8]);

impl EventTypeSet {
    /// Every event type of the schema.
    pub fn all() -> Self {
        let mut set = Self::default();
        for event in &capture::event::schema::EVENTS {
            set.insert(event.id);
        }
        set
    }

    pub fn insert(&mut self, ty: capture::event::EventType) {
        if let Some(word) = self.0.get_mut(usize::from(ty.0 / 64)) {
            *word |= 1 << (ty.0 % 64);
        }
    }

    pub fn contains(&self, ty: capture::event::EventType) -> bool {
        self.0.get(usize::from(ty.0 / 64)).is_some_and(|word| word & (1 << (ty.0 % 64)) != 0)
    }

    pub fn union(self, other: Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i] | other.0[i]))
    }

    pub fn intersection(self, other: Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i] & other.0[i]))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// In order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = capture::event::EventType> + '_ {
        (0..512u16).map(capture::event::EventType).filter(|ty| self.contains(*ty))
    }
}
