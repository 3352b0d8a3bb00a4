//! What is defined so far, over all files: definitions, redefinitions, appends and replacements.

use hashbrown::{HashMap, HashSet};

use super::decode::{Context, Failure};
use super::exceptions;
use super::items::{ListItem, MacroItem, Order, PluginRequirement, RuleItem, RuleUpdate};
use super::version::Version;
use crate::rules::diagnostic::{Diagnostic, code};
use crate::rules::document::Node;

/// Items in order of first definition, findable by name.
#[derive(Debug)]
pub struct Named<T> {
    items: Vec<T>,
    by_name: HashMap<String, usize>,
}

impl<T> Default for Named<T> {
    fn default() -> Self {
        Named { items: Vec::new(), by_name: HashMap::new() }
    }
}

impl<T> Named<T> {
    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.items.iter()
    }

    pub fn as_slice(&self) -> &[T] {
        &self.items
    }

    pub fn position(&self, name: &str) -> Option<usize> {
        self.by_name.get(name).copied()
    }

    pub fn get(&self, name: &str) -> Option<&T> {
        self.position(name).map(|i| &self.items[i])
    }

    fn get_mut(&mut self, name: &str) -> Option<&mut T> {
        self.position(name).map(|i| &mut self.items[i])
    }

    fn set(&mut self, name: &str, item: T) {
        match self.position(name) {
            Some(i) => self.items[i] = item,
            None => {
                self.by_name.insert(name.to_string(), self.items.len());
                self.items.push(item);
            }
        }
    }
}

/// All definitions.
#[derive(Debug)]
pub struct Collector {
    pub lists: Named<ListItem>,
    pub macros: Named<MacroItem>,
    pub rules: Named<RuleItem>,
    pub plugin_requirements: Vec<PluginRequirement>,
    /// Kinds and names of items that could not be read, so that references to them are not errors, too.
    broken: HashSet<(&'static str, String)>,
    engine_version: Version,
    sources: Vec<String>,
    next_index: u32,
}

impl Collector {
    pub fn new(engine_version: Version, sources: Vec<String>) -> Self {
        Collector {
            lists: Named::default(),
            macros: Named::default(),
            rules: Named::default(),
            plugin_requirements: Vec::new(),
            broken: HashSet::new(),
            engine_version,
            sources,
            next_index: 0,
        }
    }

    fn next_index(&mut self) -> u32 {
        self.next_index += 1;
        self.next_index - 1
    }

    /// Notes that `item` has an error and was not collected.
    pub fn note_broken(&mut self, item: &Node) {
        for kind in ["list", "macro", "rule"] {
            if let Some(name) = item.get(kind).and_then(Node::scalar) {
                self.broken.insert((kind, name.as_str().to_string()));
            }
        }
    }

    /// Whether an item of this kind and name was there, but had an error.
    pub fn is_broken(&self, kind: &'static str, name: &str) -> bool {
        !self.broken.is_empty() && self.broken.contains(&(kind, name.to_string()))
    }

    pub fn knows_source(&self, source: &str) -> bool {
        self.sources.iter().any(|known| known == source)
    }

    pub fn require_engine(&mut self, required: Version, context: &Context<'_>) -> Result<(), Failure> {
        let ours = self.engine_version;
        if ours.satisfies(required) {
            return Ok(());
        }
        Err(context
            .rejected(format!("Rules require engine version {required}, but engine version is {ours}")))
    }

    pub fn require_plugin(&mut self, requirement: PluginRequirement) {
        self.plugin_requirements.push(requirement);
    }

    pub fn define_list(&mut self, mut list: ListItem) {
        let visibility = self.next_index();
        let index = self.lists.get(&list.name).map_or(visibility, |previous| previous.order.index);
        list.order = Order { index, visibility };
        let name = list.name.clone();
        self.lists.set(&name, list);
    }

    pub fn append_list(&mut self, list: ListItem, context: &Context<'_>) -> Result<(), Failure> {
        let visibility = self.next_index();
        let Some(previous) = self.lists.get_mut(&list.name) else {
            return Err(context.rejected(
                "List uses 'append' or 'override.items: append' but no list by that name already exists",
            ));
        };
        previous.items.extend(list.items);
        previous.order.visibility = visibility;
        Ok(())
    }

    pub fn define_macro(&mut self, mut item: MacroItem) {
        let visibility = self.next_index();
        let index = self.macros.get(&item.name).map_or(visibility, |previous| previous.order.index);
        item.order = Order { index, visibility };
        let name = item.name.clone();
        self.macros.set(&name, item);
    }

    pub fn append_macro(&mut self, item: MacroItem, context: &Context<'_>) -> Result<(), Failure> {
        let visibility = self.next_index();
        let Some(previous) = self.macros.get_mut(&item.name) else {
            return Err(context.rejected(
                "Macro uses 'append' or 'override.condition: append' but no macro by that name already exists",
            ));
        };
        previous.condition.push_made_up(" ", item.span);
        previous.condition.push(&item.condition);
        previous.order.visibility = visibility;
        Ok(())
    }

    pub fn define_rule(
        &mut self,
        mut rule: RuleItem,
        context: &Context<'_>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Result<(), Failure> {
        self.check_source(&rule.name, &rule.source, context)?;
        rule.unknown_source = !self.knows_source(&rule.source);
        if rule.unknown_source {
            let message = format!("Unknown source {}, skipping", rule.source);
            diagnostics.push(context.warning(code::UNKNOWN_SOURCE, message));
        }
        for exception in &mut rule.exceptions {
            let name = exception.name.clone();
            let context = context.inside("exception", &name, exception.span);
            if !exception.fields.is_given() {
                let message = "Rule exception item must have fields property with a list of fields";
                return Err(context.rejected(message));
            }
            exceptions::validate(exception, !rule.unknown_source, &context)?;
        }
        self.next_index();
        let name = rule.name.clone();
        self.rules.set(&name, rule);
        Ok(())
    }

    pub fn append_to_rule(&mut self, update: RuleUpdate, context: &Context<'_>) -> Result<(), Failure> {
        self.check_source(&update.name, &update.source, context)?;
        let Some(rule) = self.rules.get_mut(&update.name) else {
            return Err(context.rejected(
                "Rule uses 'append' or 'override.<key>: append' but no rule by that name already exists",
            ));
        };
        if update.is_empty() {
            return Err(context.rejected("Appended rule must have exceptions or condition property"));
        }
        if let Some(condition) = update.condition {
            rule.condition.push_made_up(" ", update.span);
            rule.condition.push(&condition);
        }
        if let Some(output) = update.output {
            rule.output.push_made_up(" ", update.span);
            rule.output.push(&output);
        }
        if let Some(description) = update.description {
            rule.description.push(' ');
            rule.description += &description;
        }
        rule.tags.extend(update.tags.unwrap_or_default());
        for mut exception in update.exceptions.unwrap_or_default() {
            let name = exception.name.clone();
            let context = context.inside("exception", &name, exception.span);
            match rule.exceptions.iter_mut().find(|previous| previous.name == exception.name) {
                Some(previous) => {
                    for (given, what) in
                        [(exception.fields.is_given(), "fields"), (exception.comps.is_given(), "comps")]
                    {
                        if given {
                            return Err(context.rejected(format!(
                                "Can not append exception {what} to existing exception, only values"
                            )));
                        }
                    }
                    previous.values.append(&mut exception.values);
                }
                None => {
                    if !exception.fields.is_given() {
                        return Err(context
                            .rejected("Rule exception must have fields property with a list of fields"));
                    }
                    if exception.values.is_empty() {
                        return Err(context
                            .rejected("Rule exception must have values property with a list of values"));
                    }
                    exceptions::validate(&mut exception, !rule.unknown_source, &context)?;
                    rule.exceptions.push(exception);
                }
            }
        }
        self.next_index();
        Ok(())
    }

    pub fn replace_in_rule(&mut self, update: RuleUpdate, context: &Context<'_>) -> Result<(), Failure> {
        self.check_source(&update.name, &update.source, context)?;
        let Some(rule) = self.rules.get_mut(&update.name) else {
            return Err(context.rejected(
                "An 'override.<key>: replace' to a rule was requested but no rule by that name already exists",
            ));
        };
        fn replace<T>(old: &mut T, new: Option<T>) {
            if let Some(new) = new {
                *old = new;
            }
        }
        replace(&mut rule.condition, update.condition);
        replace(&mut rule.output, update.output);
        replace(&mut rule.description, update.description);
        replace(&mut rule.tags, update.tags);
        if let Some(mut exceptions) = update.exceptions {
            // Falco does not check replaced exceptions and then reads beyond their missing comparisons.
            for exception in &mut exceptions {
                let name = exception.name.clone();
                let context = context.inside("exception", &name, exception.span);
                exceptions::validate(exception, !rule.unknown_source, &context)?;
            }
            rule.exceptions = exceptions;
        }
        replace(&mut rule.priority, update.priority);
        replace(&mut rule.capture, update.capture);
        replace(&mut rule.capture_duration_ms, update.capture_duration_ms);
        replace(&mut rule.enabled, update.enabled);
        replace(&mut rule.warn_evttypes, update.warn_evttypes);
        replace(&mut rule.skip_if_unknown_filter, update.skip_if_unknown_filter);
        self.next_index();
        Ok(())
    }

    pub fn enable_rule(&mut self, name: &str, enabled: bool, context: &Context<'_>) -> Result<(), Failure> {
        match self.rules.get_mut(name) {
            Some(rule) => {
                rule.enabled = enabled;
                Ok(())
            }
            None => Err(context.rejected("Rule has 'enabled' key but no rule by that name already exists")),
        }
    }

    /// A rule keeps its source for good.
    fn check_source(&self, name: &str, source: &str, context: &Context<'_>) -> Result<(), Failure> {
        match self.rules.get(name) {
            Some(previous)
                if !source.is_empty() && !previous.source.is_empty() && previous.source != source =>
            {
                Err(context.rejected("Rule has been re-defined with a different source"))
            }
            _ => Ok(()),
        }
    }
}
