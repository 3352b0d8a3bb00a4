//! From the documents of a file to items, in Falco's order of checks.
//!
//! An error ends the item it is in; reading goes on with the next one. The first error of a file is the one Falco
//! would stop at.

use std::rc::Rc;

use super::collect::Collector;
use super::decode::{self, Context, Failure, boolean, number, optional, required};
use super::exceptions::read_exceptions;
use super::items::{ListItem, MacroItem, Order, PluginRequirement, RuleItem, RuleUpdate};
use super::overrides::Overrides;
use super::version::Version;
use crate::rules::Priority;
use crate::rules::diagnostic::{Diagnostic, closest, code};
use crate::rules::document::Node;
use crate::rules::source::Span;

pub const APPEND_DEPRECATED: &str =
    "'append' key is deprecated. Add an 'append' entry (e.g. 'condition: append') under 'override' instead.";
const ENABLED_DEPRECATED: &str = "The standalone 'enabled' key usage is deprecated. The correct approach requires \
                                  also a 'replace' entry under the 'override' key (i.e. 'enabled: replace').";
const APPEND_AND_OVERRIDE: &str = "Keys 'override' and 'append: true' cannot be used together. Add an 'append' entry \
                                   (e.g. 'condition: append') under 'override' instead.";

const RULE_KEYS: [&str; 15] = [
    "rule",
    "condition",
    "output",
    "desc",
    "priority",
    "source",
    "enabled",
    "capture",
    "capture_duration",
    "warn_evttypes",
    "skip-if-unknown-filter",
    "tags",
    "exceptions",
    "override",
    "append",
];
const LIST_KEYS: [&str; 4] = ["list", "items", "append", "override"];
const MACRO_KEYS: [&str; 4] = ["macro", "condition", "append", "override"];
const ITEM_KINDS: [&str; 5] =
    ["required_engine_version", "required_plugin_versions", "list", "macro", "rule"];

/// Reads the documents of one file into the collector.
pub struct Reader<'a> {
    pub collector: &'a mut Collector,
    pub diagnostics: &'a mut Vec<Diagnostic>,
    /// Stop at the first error, as Falco does.
    pub stop_at_first_error: bool,
}

impl Reader<'_> {
    /// Reads all items; tells whether it got to the end without an error.
    pub fn read(&mut self, documents: &[Rc<Node>], file: Span) -> bool {
        let context = Context::file(file);
        let mut clean = true;
        for document in documents {
            if document.is_null() {
                continue;
            }
            let items = match (document.sequence(), document.mapping()) {
                (Some(items), _) => items,
                (_, mapping) => {
                    let message = match mapping {
                        Some(_) => "Rules content is not yaml array of objects",
                        None => "Rules content is not yaml",
                    };
                    let context = context.at(first_line(document, file));
                    let help = "a rules file is a list: each rule, macro or list starts with `- `";
                    self.diagnostics.push(context.invalid(message).help(help));
                    clean = false;
                    if self.stop_at_first_error {
                        return false;
                    }
                    continue;
                }
            };
            for item in items.iter().filter(|item| !item.is_null()) {
                if let Err(failure) = self.item(item, &context) {
                    self.collector.note_broken(item);
                    self.diagnostics.push(*failure);
                    clean = false;
                    if self.stop_at_first_error {
                        return false;
                    }
                    // A key that is missing may be there under a name with a typo.
                    self.warn_unknown_keys_of(item, &context);
                }
            }
        }
        clean
    }

    fn item(&mut self, item: &Node, parent: &Context<'_>) -> Result<(), Failure> {
        if item.mapping().is_none() {
            let context = parent.inside("rules content item", "", item.span);
            return Err(
                context.invalid("Unexpected element type. Each element should be a yaml associative array.")
            );
        }
        match ITEM_KINDS.into_iter().find(|kind| item.get(kind).is_some()) {
            Some("required_engine_version") => self.engine_version(item, parent),
            Some("required_plugin_versions") => self.plugin_versions(item, parent),
            Some("list") => self.list(item, parent),
            Some("macro") => self.macro_(item, parent),
            Some(_) => self.rule(item, parent),
            None => {
                let context = parent.inside("rules content item", "", header(item, ""));
                let mut warning = context.warning(code::UNKNOWN_ITEM, "Unknown top level item");
                let keys = item.mapping().unwrap_or(&[]).iter().filter_map(|(key, _)| key.scalar());
                let close = keys.filter_map(|key| closest(key.as_str(), ITEM_KINDS.into_iter())).next();
                if let Some(close) = close {
                    warning = warning.help(format!("did you mean `{close}`?"));
                }
                self.diagnostics.push(warning);
                Ok(())
            }
        }
    }

    fn engine_version(&mut self, item: &Node, parent: &Context<'_>) -> Result<(), Failure> {
        let key = "required_engine_version";
        let context = parent.inside(key, "", header(item, key));
        let text = required(item, key, &context)?.as_str();
        // A bare number N is version 0.N.0.
        let version = match decode::parse_u32(text) {
            Some(minor) => Version(0, minor, 0),
            None => Version::parse(text).ok_or_else(|| {
                context.invalid(format!(
                    "Unable to parse engine version '{text}' as a semver string. Expected \"x.y.z\" semver format."
                ))
            })?,
        };
        self.collector.require_engine(version, &context)?;
        self.warn_unknown_keys(item, &[key], &context);
        Ok(())
    }

    fn plugin_versions(&mut self, item: &Node, parent: &Context<'_>) -> Result<(), Failure> {
        let key = "required_plugin_versions";
        let context = parent.inside("required plugin versions", "", header(item, key));
        let plugins = item
            .get(key)
            .and_then(Node::sequence)
            .ok_or_else(|| context.invalid("Value of required_plugin_versions must be a sequence"))?;
        for plugin in plugins {
            let kind = "required plugin versions entry";
            let unnamed = context.inside(kind, "", plugin.span);
            if plugin.mapping().is_none() {
                return Err(unnamed.invalid("Plugin version must be a mapping"));
            }
            let name = required(plugin, "name", &unnamed)?.as_str();
            let entry = context.inside(kind, name, header(plugin, "name"));
            let mut alternatives = vec![(name.to_string(), required(plugin, "version", &entry)?.as_str())];
            if let Some(others) = plugin.get("alternatives") {
                let others = others.sequence().ok_or_else(|| {
                    entry.invalid("Value of plugin version alternatives must be a sequence")
                })?;
                for other in others {
                    let kind = "required plugin versions alternative";
                    let unnamed = entry.inside(kind, "", other.span);
                    if other.mapping().is_none() {
                        return Err(unnamed.invalid("Plugin version alternative must be a mapping"));
                    }
                    let name = required(other, "name", &unnamed)?.as_str();
                    let alternative = entry.inside(kind, name, header(other, "name"));
                    let version = required(other, "version", &alternative)?.as_str();
                    alternatives.push((name.to_string(), version));
                }
            }
            let mut checked: Vec<(String, Version)> = Vec::new();
            for (name, version) in alternatives {
                let version = Version::parse(version).ok_or_else(|| {
                    entry.rejected(format!("Invalid required version '{version}' for plugin '{name}'"))
                })?;
                if checked.iter().any(|(other, _)| *other == name) {
                    let message =
                        format!("Defined multiple alternative version requirements for plugin '{name}'");
                    return Err(entry.rejected(message));
                }
                checked.push((name, version));
            }
            self.collector.require_plugin(PluginRequirement { span: entry.span, alternatives: checked });
        }
        self.warn_unknown_keys(item, &[key], &context);
        Ok(())
    }

    fn list(&mut self, item: &Node, parent: &Context<'_>) -> Result<(), Failure> {
        let context = named(item, "list", parent)?;
        let name = context.name.to_string();
        if name.is_empty() || name.contains(|c: char| "()\"'=,".contains(c) || is_space(c)) {
            let message = "List has an invalid name. List names should match a regular expression: \
                           ([^()\"'[:space:]=,]+)";
            self.diagnostics.push(context.warning(code::INVALID_LIST_NAME, message));
        }
        let items = decode::texts(item, "items", &context)?
            .ok_or_else(|| context.invalid("Item has no mapping for key 'items'"))?;
        let append = self.append_flag(item, &context)?;
        let overrides = Overrides::read(item, &["items"], &["items"], &context)?;
        if append && !overrides.is_empty() {
            return Err(context.invalid(APPEND_AND_OVERRIDE));
        }
        let list = ListItem { name, items, span: context.span, order: Order::default() };
        if append || overrides.appends("items") {
            self.collector.append_list(list, &context)?;
        } else {
            self.collector.define_list(list);
        }
        self.warn_unknown_keys(item, &LIST_KEYS, &context);
        Ok(())
    }

    fn macro_(&mut self, item: &Node, parent: &Context<'_>) -> Result<(), Failure> {
        let context = named(item, "macro", parent)?;
        let name = context.name.to_string();
        if !is_identifier(&name) {
            let message = "Macro has an invalid name. Macro names should match a regular expression: \
                           ([a-zA-Z]+[a-zA-Z0-9_]*)";
            self.diagnostics.push(context.warning(code::INVALID_MACRO_NAME, message));
        }
        let condition = required(item, "condition", &context)?.clone();
        let append = self.append_flag(item, &context)?;
        let overrides = Overrides::read(item, &["condition"], &["condition"], &context)?;
        if append && !overrides.is_empty() {
            return Err(context.invalid(APPEND_AND_OVERRIDE));
        }
        let item_ = MacroItem { name, condition, span: context.span, order: Order::default() };
        if append || overrides.appends("condition") {
            self.collector.append_macro(item_, &context)?;
        } else {
            self.collector.define_macro(item_);
        }
        self.warn_unknown_keys(item, &MACRO_KEYS, &context);
        Ok(())
    }

    fn rule(&mut self, item: &Node, parent: &Context<'_>) -> Result<(), Failure> {
        let context = named(item, "rule", parent)?;
        let source = decode::optional_empty(item, "source", &context)?
            .map_or_else(String::new, |source| source.as_str().to_string());
        let append = self.append_flag(item, &context)?;
        let overrides = Overrides::read(item, &Overrides::RULE_APPEND, &Overrides::RULE_REPLACE, &context)?;
        if append && !overrides.is_empty() {
            return Err(context.invalid(APPEND_AND_OVERRIDE));
        }
        if !overrides.is_empty() {
            overrides.apply_to_rule(item, &source, &context, self.collector, self.diagnostics)?;
        } else if append {
            self.append_to_rule(item, source, &context)?;
        } else if ["condition", "output", "desc", "priority"].iter().all(|key| item.get(key).is_none()) {
            let enabled = boolean(item, "enabled", &context)?
                .ok_or_else(|| context.invalid("Item has no mapping for key 'enabled'"))?;
            self.diagnostics.push(context.warning(code::DEPRECATED_ITEM, ENABLED_DEPRECATED));
            self.collector.enable_rule(context.name, enabled, &context)?;
        } else {
            self.define_rule(item, &context)?;
        }
        self.warn_unknown_keys(item, &RULE_KEYS, &context);
        Ok(())
    }

    /// The old form of appending knows only conditions and exceptions.
    fn append_to_rule(&mut self, item: &Node, source: String, context: &Context<'_>) -> Result<(), Failure> {
        let mut update = RuleUpdate {
            name: context.name.to_string(),
            source,
            span: context.span,
            ..RuleUpdate::default()
        };
        if item.get("condition").is_some() {
            update.condition = Some(required(item, "condition", context)?.clone());
        }
        if item.get("exceptions").is_some() {
            update.exceptions = Some(read_exceptions(item, context, true, self.diagnostics)?);
        }
        self.collector.append_to_rule(update, context)
    }

    fn define_rule(&mut self, item: &Node, context: &Context<'_>) -> Result<(), Failure> {
        let condition = required(item, "condition", context)?.clone();
        let output = required(item, "output", context)?.trimmed();
        let description = required(item, "desc", context)?.as_str().to_string();
        let priority = read_priority(item, context)?;
        let source = optional(item, "source", context);
        // An empty source is no source; Falco checks that before this.
        let source = match decode::optional_empty(item, "source", context)? {
            None => "syscall".to_string(),
            Some(_) => source?.map_or_else(String::new, |source| source.as_str().to_string()),
        };
        let rule = RuleItem {
            name: context.name.to_string(),
            condition,
            output,
            description,
            priority,
            source,
            unknown_source: false,
            enabled: boolean(item, "enabled", context)?.unwrap_or(true),
            capture: boolean(item, "capture", context)?.unwrap_or(false),
            capture_duration_ms: number(item, "capture_duration", context)?.unwrap_or(0),
            warn_evttypes: boolean(item, "warn_evttypes", context)?.unwrap_or(true),
            skip_if_unknown_filter: boolean(item, "skip-if-unknown-filter", context)?.unwrap_or(false),
            tags: decode::tags(item, context)?,
            exceptions: read_exceptions(item, context, false, self.diagnostics)?,
            span: context.span,
        };
        self.collector.define_rule(rule, context, self.diagnostics)
    }

    fn append_flag(&mut self, item: &Node, context: &Context<'_>) -> Result<bool, Failure> {
        let append = boolean(item, "append", context)?.unwrap_or(false);
        if append {
            let span = item
                .entry("append")
                .map_or(context.span, |(key, value)| Span { end: value.span.end, ..key.span });
            let context = context.at(span);
            self.diagnostics.push(context.warning(code::DEPRECATED_ITEM, APPEND_DEPRECATED));
        }
        Ok(append)
    }

    /// Warns about unknown keys of an item that could not be read.
    fn warn_unknown_keys_of(&mut self, item: &Node, parent: &Context<'_>) {
        let kinds = [("list", &LIST_KEYS[..]), ("macro", &MACRO_KEYS), ("rule", &RULE_KEYS)];
        if let Some((kind, keys)) = kinds.into_iter().find(|(kind, _)| item.get(kind).is_some()) {
            let name = item.get(kind).and_then(Node::scalar).map_or("", |name| name.as_str());
            self.warn_unknown_keys(item, keys, &parent.inside(kind, name, item.span));
        }
    }

    fn warn_unknown_keys(&mut self, item: &Node, known: &[&'static str], context: &Context<'_>) {
        for (key, _) in item.mapping().unwrap_or(&[]) {
            let name = key.scalar().map_or("", |text| text.as_str());
            if known.contains(&name) {
                continue;
            }
            let context = context.at(key.span);
            let message = format!("Unknown key '{name}'. The key will be ignored.");
            let mut warning = context.warning(code::UNKNOWN_KEY, message);
            if let Some(close) = closest(name, known.iter().copied()) {
                warning = warning.help(format!("did you mean `{close}`?"));
            }
            self.diagnostics.push(warning);
        }
    }
}

/// The context of an item that has a name.
fn named<'c>(item: &'c Node, kind: &'static str, parent: &'c Context<'c>) -> Result<Context<'c>, Failure> {
    let span = header(item, kind);
    let name = required(item, kind, &parent.inside(kind, "", span))?;
    Ok(parent.inside(kind, name.as_str(), span))
}

/// The priority of a rule.
pub fn read_priority(item: &Node, context: &Context<'_>) -> Result<Priority, Failure> {
    let text = required(item, "priority", context)?.as_str();
    Priority::parse(text).ok_or_else(|| {
        let span = item.get("priority").map_or(context.span, |value| value.span);
        let mut failure = context.inside("rule priority", "", span).invalid("Invalid priority");
        let names = Priority::ALL.map(Priority::name);
        let lower = text.to_lowercase();
        let is_close = |name: &&&str| {
            let name = name.to_lowercase();
            name.starts_with(&lower) || closest(&lower, std::iter::once(&*name)).is_some()
        };
        let close = names.iter().find(is_close);
        failure.help = Some(match close {
            Some(name) => format!("did you mean `{}`?", name.to_uppercase()),
            None => format!("priorities are {}", names.join(", ").to_uppercase()),
        });
        failure
    })
}

/// Where messages about a whole item point: the line that names it.
fn header(item: &Node, key: &str) -> Span {
    let entries = item.mapping().unwrap_or(&[]);
    let entry = item.entry(key).or_else(|| entries.first().map(|(key, value)| (&**key, &**value)));
    match entry {
        Some((key, value)) if value.scalar().is_some() => Span { end: value.span.end, ..key.span },
        Some((key, _)) => key.span,
        None => item.span,
    }
}

/// The first thing in a document, for messages about the whole of it.
fn first_line(document: &Node, file: Span) -> Span {
    match document.mapping().and_then(<[_]>::first) {
        Some((key, _)) => key.span,
        None if document.span.start < document.span.end => document.span,
        None => file,
    }
}

fn is_identifier(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0b' | '\x0c')
}
