//! Loading: from rules files to a [`Ruleset`], one file after another.
//!
//! documents -> items (read) -> definitions over all files (collect) -> lists, macros, rules (compile) ->
//! which rules run (select)

mod advice;
mod collect;
mod compile;
mod decode;
mod exceptions;
mod filter;
mod items;
mod lists;
mod macros;
mod overrides;
mod read;
mod resolve;
mod schema;
mod select;
mod version;

use std::ops::Range;

use hashbrown::HashSet;

use collect::Collector;
use compile::Compiled;
pub use filter::Filter;
use read::Reader;
pub use schema::{SchemaWarning, Violation};
pub use select::{Selection, Selector, matches_wildcard};
pub use version::Version;

use super::diagnostic::{Diagnostic, Step, code};
use super::document;
use super::source::{FileId, Span};
use super::traced::span;
use super::{Priority, Ruleset};

/// Version of Falco's rules engine whose language this is.
pub const ENGINE_VERSION: Version = Version(0, 63, 0);

/// What to load and which rules to run.
#[derive(Clone, Debug)]
pub struct LoadOptions {
    /// Rules less urgent than this never run.
    pub min_priority: Priority,
    /// What is enabled and disabled after loading, in order.
    pub selections: Vec<Selection>,
    /// Event sources for which there are events; rules for others are skipped with a warning.
    pub sources: Vec<String>,
    /// Plugins that count as loaded, with versions.
    pub plugins: Vec<(String, Version)>,
    /// Give up a file at its first error, as Falco does, instead of looking for more.
    pub stop_at_first_error: bool,
}

impl Default for LoadOptions {
    fn default() -> Self {
        LoadOptions {
            min_priority: Priority::Debug,
            selections: Vec::new(),
            sources: vec!["syscall".to_string()],
            // Its fields are built in.
            plugins: vec![("container".to_string(), Version(0, 6, 1))],
            stop_at_first_error: false,
        }
    }
}

/// What loading gives: what could be loaded, and everything there is to say about the files.
#[derive(Debug)]
pub struct Loaded {
    pub ruleset: Ruleset,
    /// In the order in which Falco would come upon them; nothing is said twice.
    pub diagnostics: Vec<Diagnostic>,
    /// By file: what Falco's schema has against it; `None` where there is nothing that could be checked.
    pub schema: Vec<Option<Vec<SchemaWarning>>>,
}

impl Loaded {
    /// Whether Falco would refuse the files.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }
}

/// What Falco says about one file: warnings, and the error at which it stops, if any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileReport {
    pub name: String,
    pub error: Option<Diagnostic>,
    pub warnings: Vec<Diagnostic>,
    /// What Falco's schema has against the file; `None` if it is no YAML or has no documents.
    pub schema: Option<Vec<SchemaWarning>>,
}

/// Loads files one after another, each on top of those before.
pub struct Loader {
    options: LoadOptions,
    collector: Collector,
    ruleset: Ruleset,
    /// Messages of every file, as they came.
    reports: Vec<(FileId, Vec<Diagnostic>)>,
    /// Messages about things unused after the last file.
    unused: Vec<Diagnostic>,
    schema: Vec<Option<Vec<SchemaWarning>>>,
}

impl Loader {
    pub fn new(options: LoadOptions) -> Self {
        let collector = Collector::new(ENGINE_VERSION, options.sources.clone());
        Loader {
            options,
            collector,
            ruleset: Ruleset::default(),
            reports: Vec::new(),
            unused: Vec::new(),
            schema: Vec::new(),
        }
    }

    /// Adds a file. Everything is resolved again afterwards: a later file may change what an earlier one says.
    pub fn add(&mut self, name: String, text: String) -> FileReport {
        let file = self.ruleset.sources.add(name, text);
        let mut diagnostics = Vec::new();
        let file_span = self.read(file, &mut diagnostics);
        let failed = diagnostics.iter().any(Diagnostic::is_error);
        if !(failed && self.options.stop_at_first_error) {
            let Compiled { rules, macros, lists } =
                compile::compile(&self.collector, file_span, &mut diagnostics);
            let failed = diagnostics.iter().any(Diagnostic::is_error);
            if !(failed && self.options.stop_at_first_error) {
                self.ruleset.rules = rules;
                self.ruleset.macros = macros;
                self.ruleset.lists = lists;
            }
        }
        let name = self.ruleset.sources.file(file).name.clone();
        let schema = self.schema.last().cloned().flatten();
        let report = FileReport::new(name, &diagnostics, schema);
        let is_unused = |diagnostic: &Diagnostic| {
            diagnostic.code == code::UNUSED_LIST || diagnostic.code == code::UNUSED_MACRO
        };
        self.unused.clear();
        self.unused.extend(diagnostics.extract_if(.., |diagnostic| is_unused(diagnostic)));
        self.reports.push((file, diagnostics));
        report
    }

    /// Reads a file into the collector; gives the place for messages about the whole file.
    fn read(&mut self, file: FileId, diagnostics: &mut Vec<Diagnostic>) -> Span {
        let text = self.ruleset.sources.file(file).text.clone();
        let first_line = text.find('\n').unwrap_or(text.len());
        let file_span = span(file, 0..first_line);
        let (documents, error) = document::parse(file, &text, 0..text.len());
        let is_checked = error.is_none() && !documents.is_empty();
        self.schema.push(is_checked.then(|| schema::check(&documents, file_span)));
        let mut reader = Reader {
            collector: &mut self.collector,
            diagnostics,
            stop_at_first_error: self.options.stop_at_first_error,
        };
        let Some(error) = error else {
            reader.read(&documents, file_span);
            return file_span;
        };
        let not_yaml = |error: document::ParseError| {
            let path = [Step::new("rules content", ""), Step::new("value for", "")];
            Diagnostic::error(code::YAML_PARSE, error.message, error.span).within(path.to_vec())
        };
        let first = error.span;
        reader.diagnostics.push(not_yaml(error));
        if self.options.stop_at_first_error {
            return file_span;
        }
        // The items before and after the place are still worth a look.
        for range in top_level_items(&text) {
            let (documents, error) = document::parse(file, &text, range);
            reader.read(&documents, file_span);
            if let Some(error) = error.filter(|error| error.span != first) {
                reader.diagnostics.push(not_yaml(error));
            }
        }
        file_span
    }

    /// The ruleset, with rules selected, and all messages.
    pub fn finish(mut self) -> Loaded {
        self.check_plugins();
        select::select(&mut self.ruleset.rules, &self.options);
        let mut seen = HashSet::new();
        let mut diagnostics: Vec<Diagnostic> =
            self.reports.into_iter().flat_map(|(_, diagnostics)| diagnostics).chain(self.unused).collect();
        diagnostics.retain(|diagnostic| {
            seen.insert((diagnostic.severity, diagnostic.code, diagnostic.span, diagnostic.message.clone()))
        });
        Loaded { ruleset: self.ruleset, diagnostics, schema: self.schema }
    }

    /// Plugin requirements that are not met.
    fn check_plugins(&mut self) {
        let mut failures = Vec::new();
        for requirement in &self.collector.plugin_requirements {
            let met = requirement.alternatives.iter().any(|(name, version)| {
                self.options.plugins.iter().any(|(plugin, has)| plugin == name && has.satisfies(*version))
            });
            if met {
                continue;
            }
            let wanted: Vec<String> = requirement
                .alternatives
                .iter()
                .map(|(name, version)| format!("{name} (>= {version})"))
                .collect();
            let message =
                format!("Plugin requirement not satisfied, must load one of: {}", wanted.join(", "));
            let path = [Step::new("rules content", ""), Step::new("required plugin versions", "")];
            failures.push(Diagnostic::error(code::VALIDATE, message, requirement.span).within(path.to_vec()));
        }
        if let Some((_, diagnostics)) = self.reports.last_mut() {
            diagnostics.extend(failures);
        }
    }
}

impl FileReport {
    fn new(name: String, diagnostics: &[Diagnostic], schema: Option<Vec<SchemaWarning>>) -> Self {
        let end = diagnostics.iter().position(Diagnostic::is_error);
        let warnings = diagnostics[..end.unwrap_or(diagnostics.len())].to_vec();
        FileReport { name, error: end.map(|end| diagnostics[end].clone()), warnings, schema }
    }
}

/// Ranges of a text that start with a list item at the start of a line.
fn top_level_items(text: &str) -> Vec<Range<usize>> {
    let mut starts: Vec<usize> = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if line.starts_with("- ") || line.starts_with("---") {
            starts.push(at);
        }
        at += line.len();
    }
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    starts.iter().copied().zip(ends).map(|(start, end)| start..end).collect()
}
