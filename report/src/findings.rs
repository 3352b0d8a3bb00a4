//! What the events did not show of the rules, and what they showed to be without effect.

use profiler::Profile;
use profiler::model::{NodeKind, NodeProfile, RuleProfile};

/// Something about a rule that its author may want to know.
#[derive(Clone, Copy, Debug)]
pub struct Finding<'a> {
    pub rule: &'a RuleProfile,
    pub kind: FindingKind,
    /// The part of the condition it is about, if not the whole rule.
    pub node: Option<&'a NodeProfile>,
}

/// Kinds of findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FindingKind {
    /// Switched off by itself or by an option.
    Disabled,
    /// About events that captures do not hold.
    OtherSource,
    /// A rule before it matched whenever there was an event for it.
    Shadowed,
    /// No event of the types it looks at.
    NeverChecked,
    /// Checked, never matched.
    NeverMatched,
    /// An exception that never held back an alert.
    IdleException,
    /// A check that was always true where it was asked.
    AlwaysTrue,
    /// A check that was never true where it was asked.
    NeverTrue,
    /// A check that evaluation never got to.
    NeverReached,
}

impl FindingKind {
    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            FindingKind::Disabled => "rule disabled",
            FindingKind::OtherSource => "rule for another source of events",
            FindingKind::Shadowed => "rule shadowed by matches of rules before it",
            FindingKind::NeverChecked => "rule never checked",
            FindingKind::NeverMatched => "rule never matched",
            FindingKind::IdleException => "exception never applied",
            FindingKind::AlwaysTrue => "always true",
            FindingKind::NeverTrue => "never true",
            FindingKind::NeverReached => "never reached",
        }
    }
}

/// All findings, rule by rule. Conditions that are switched off on purpose are none.
pub fn find(profile: &Profile) -> Vec<Finding<'_>> {
    let mut findings = Vec::new();
    for rule in &profile.rules {
        if rule.evaluations == 0 {
            let kind = match rule.source.as_str() {
                _ if !rule.enabled => FindingKind::Disabled,
                "syscall" if rule.shadowed > 0 => FindingKind::Shadowed,
                "syscall" => FindingKind::NeverChecked,
                _ => FindingKind::OtherSource,
            };
            findings.push(Finding { rule, kind, node: None });
            continue;
        }
        if rule.matches == 0 {
            findings.push(Finding { rule, kind: FindingKind::NeverMatched, node: None });
        }
        let off = switched_off(rule);
        for (node, off) in rule.nodes.iter().zip(off) {
            let kind = match node.kind {
                _ if off => None,
                NodeKind::Exception if node.hits == 0 => Some(FindingKind::IdleException),
                NodeKind::Check if node.evaluations == 0 => Some(FindingKind::NeverReached),
                NodeKind::Check if node.hits == 0 => Some(FindingKind::NeverTrue),
                NodeKind::Check if node.hits == node.evaluations => Some(FindingKind::AlwaysTrue),
                _ => None,
            };
            findings.extend(kind.map(|kind| Finding { rule, kind, node: Some(node) }));
        }
    }
    findings
}

/// Nodes that cannot be true because somebody wants it so: `evt.num=0` and whatever is made of nothing else. Rules
/// files use it for macros that others are meant to override.
fn switched_off(rule: &RuleProfile) -> Vec<bool> {
    let nodes = &rule.nodes;
    let mut off: Vec<bool> = nodes
        .iter()
        .map(|node| {
            let text: String =
                node.text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '(' | ')')).collect();
            node.kind == NodeKind::Check && text == "evt.num=0"
        })
        .collect();
    // Children come after their parents, so this goes from the leaves up.
    for index in (0..nodes.len()).rev() {
        let mut children =
            (index + 1..nodes.len()).filter(|child| nodes[*child].parent == Some(index as u32)).peekable();
        if children.peek().is_none() {
            continue;
        }
        off[index] = match nodes[index].kind {
            NodeKind::And => children.any(|child| off[child]),
            NodeKind::Or | NodeKind::Macro | NodeKind::Exception => children.all(|child| off[child]),
            NodeKind::Not | NodeKind::Check => false,
        };
    }
    // What stands below something switched off is off with it.
    for index in 0..nodes.len() {
        let parent = nodes[index].parent.map(|parent| parent as usize);
        off[index] |= parent.is_some_and(|parent| off[parent] && nodes[parent].kind != NodeKind::Or);
    }
    off
}

#[cfg(test)]
mod tests {
    use profiler::model::Location;

    use super::*;

    /// Nodes as parent, kind, text, evaluations, hits.
    fn check(nodes: &[(Option<u32>, NodeKind, &str, u64, u64)], expected: &[(FindingKind, &str)]) {
        let location = Location { file: "rules.yaml".to_owned(), line: 1, column: 1 };
        let nodes = nodes.iter().map(|(parent, kind, text, evaluations, hits)| NodeProfile {
            parent: *parent,
            kind: *kind,
            text: (*text).to_owned(),
            location: location.clone(),
            evaluations: *evaluations,
            hits: *hits,
            ..NodeProfile::default()
        });
        let rule = RuleProfile {
            name: "rule".to_owned(),
            location: location.clone(),
            enabled: true,
            evaluations: 10,
            matches: 1,
            nodes: nodes.collect(),
            ..RuleProfile::default()
        };
        let profile = Profile { rules: vec![rule], ..Profile::default() };
        let found: Vec<_> =
            find(&profile).iter().map(|f| (f.kind, f.node.map_or("", |node| node.text.as_str()))).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn checks_without_effect() {
        use NodeKind::{And, Check, Exception};
        check(
            &[
                (None, And, "and", 10, 1),
                (Some(0), Check, "a", 10, 10),
                (Some(0), Check, "b", 10, 5),
                (Some(0), Exception, "known", 5, 0),
                (Some(3), Check, "c", 5, 0),
            ],
            &[
                (FindingKind::AlwaysTrue, "a"),
                (FindingKind::IdleException, "known"),
                (FindingKind::NeverTrue, "c"),
            ],
        );
    }

    #[test]
    fn what_is_switched_off_on_purpose_is_no_finding() {
        use NodeKind::{And, Check, Macro, Not, Or};
        check(
            &[
                (None, And, "and", 10, 1),
                (Some(0), Not, "not", 10, 10),
                (Some(1), Macro, "user_known", 10, 0),
                (Some(2), Check, "(evt.num = 0)", 10, 0),
                (Some(0), Or, "or", 10, 1),
                (Some(4), Check, "evt.num=0", 10, 0),
                (Some(4), Check, "d", 10, 0),
            ],
            &[(FindingKind::NeverTrue, "d")],
        );
    }
}
