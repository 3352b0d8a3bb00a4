//! The `override` key: what an item appends to or replaces of an earlier one.

use super::collect::Collector;
use super::decode::{Context, Failure, boolean, number, required, tags};
use super::exceptions::read_exceptions;
use super::items::RuleUpdate;
use super::read::read_priority;
use crate::rules::diagnostic::{Diagnostic, closest};
use crate::rules::document::Node;

/// Keys that an item wants to append or replace.
#[derive(Debug, Default)]
pub struct Overrides {
    append: Vec<String>,
    replace: Vec<String>,
}

impl Overrides {
    /// What can be appended to a rule.
    pub const RULE_APPEND: [&str; 5] = ["condition", "output", "desc", "tags", "exceptions"];
    /// What can be replaced of a rule.
    pub const RULE_REPLACE: [&str; 11] = [
        "condition",
        "output",
        "desc",
        "priority",
        "capture",
        "capture_duration",
        "tags",
        "exceptions",
        "enabled",
        "warn_evttypes",
        "skip-if-unknown-filter",
    ];

    /// Reads the key, if the item has it.
    pub fn read(
        item: &Node,
        append: &[&str],
        replace: &[&str],
        context: &Context<'_>,
    ) -> Result<Self, Failure> {
        let mut overrides = Overrides::default();
        let Some(entries) = item.get("override").and_then(Node::mapping) else { return Ok(overrides) };
        let context = context.inside("overrides", "", context.span);
        for (key_node, value) in entries {
            let key = key_node.scalar().map_or("", |text| text.as_str());
            let operation = value.scalar().map_or("", |text| text.as_str());
            let can_append = append.contains(&key);
            let can_replace = replace.contains(&key);
            let at_key = context.inside("overrides", key, key_node.span);
            match operation {
                "append" if can_append => overrides.append.push(key.to_string()),
                "append" => {
                    let message = format!("Key '{key}' cannot be appended to, use 'replace' instead");
                    return Err(with_help(at_key.invalid(message), key, append, "appended to"));
                }
                "replace" if can_replace => overrides.replace.push(key.to_string()),
                "replace" => {
                    let message = format!("Key '{key}' cannot be replaced");
                    return Err(with_help(at_key.invalid(message), key, replace, "replaced"));
                }
                _ => {
                    let mut allowed = String::new();
                    allowed += if can_append { "append " } else { "" };
                    allowed += if can_replace { "replace " } else { "" };
                    let message = format!(
                        "Invalid override operation for key '{key}': '{operation}'. Allowed values are: {allowed}"
                    );
                    return Err(context.inside("value for", key, value.span).invalid(message));
                }
            }
        }
        Ok(overrides)
    }

    pub fn is_empty(&self) -> bool {
        self.append.is_empty() && self.replace.is_empty()
    }

    pub fn appends(&self, key: &str) -> bool {
        self.append.iter().any(|k| k == key)
    }

    /// Appends to and then replaces parts of the rule the item names.
    pub fn apply_to_rule(
        &self,
        item: &Node,
        source: &str,
        context: &Context<'_>,
        collector: &mut Collector,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Result<(), Failure> {
        let mut consumed: Vec<&str> = Vec::new();
        for (keys, kind) in [(&self.append, "append"), (&self.replace, "replace")] {
            if keys.is_empty() {
                continue;
            }
            let is_append = kind == "append";
            let wanted = |key: &str| keys.iter().any(|k| k == key);
            let mut take = |key: &'static str| -> Result<bool, Failure> {
                // A key serves one override only.
                if wanted(key) && (item.get(key).is_none() || consumed.contains(&key)) {
                    let message =
                        format!("An {kind} override for '{key}' was specified but '{key}' is not defined");
                    return Err(context.invalid(message));
                }
                consumed.extend(wanted(key).then_some(key));
                Ok(wanted(key))
            };
            let mut update =
                RuleUpdate { name: context.name.to_string(), span: context.span, ..RuleUpdate::default() };
            if take("condition")? {
                update.source = source.to_string();
                update.condition = Some(required(item, "condition", context)?.clone());
            }
            if take("exceptions")? {
                update.exceptions = Some(read_exceptions(item, context, is_append, diagnostics)?);
            }
            if take("output")? {
                update.output = Some(required(item, "output", context)?.clone());
            }
            if take("desc")? {
                update.description = Some(required(item, "desc", context)?.as_str().to_string());
            }
            if take("tags")? {
                update.tags = Some(tags(item, context)?);
            }
            if is_append {
                collector.append_to_rule(update, context)?;
                continue;
            }
            if take("priority")? {
                update.priority = Some(read_priority(item, context)?);
            }
            if take("capture")? {
                update.capture = boolean(item, "capture", context)?;
            }
            if take("capture_duration")? {
                update.capture_duration_ms = number(item, "capture_duration", context)?;
            }
            if take("enabled")? {
                update.enabled = boolean(item, "enabled", context)?;
            }
            if take("warn_evttypes")? {
                update.warn_evttypes = boolean(item, "warn_evttypes", context)?;
            }
            if take("skip-if-unknown-filter")? {
                update.skip_if_unknown_filter = boolean(item, "skip-if-unknown-filter", context)?;
            }
            collector.replace_in_rule(update, context)?;
        }
        // In the order of the names, as Falco reports them.
        let mut overridable = Self::RULE_REPLACE.to_vec();
        overridable.sort_unstable();
        for key in overridable {
            if let Some((key_node, _)) = item.entry(key)
                && !consumed.contains(&key)
            {
                let message =
                    format!("Unexpected key '{key}': no corresponding entry under 'override' is defined.");
                let failure = context.inside("overrides", key, key_node.span).invalid(message);
                return Err(Box::new(failure.help(format!("add `{key}: replace` under `override`"))));
            }
        }
        Ok(())
    }
}

/// Which of the keys may have been meant.
fn with_help(mut failure: Failure, key: &str, keys: &[&str], operation: &str) -> Failure {
    failure.help = Some(match closest(key, keys.iter().copied()) {
        Some(close) => format!("did you mean `{close}`?"),
        None => format!("what can be {operation}: {}", keys.join(", ")),
    });
    failure
}
