//! Where the rule language differs from Falco's on purpose; docs/rules.md lists these.

use lanner_replay::rules::{self, Filter, LoadOptions, Loaded, Selection, Selector};

const RULE: &str = "- rule: r\n  desc: d\n  output: o\n  priority: INFO\n  condition: ";

fn load(yaml: &str, options: &LoadOptions) -> Loaded {
    rules::load(vec![("rules.yaml".to_string(), yaml.to_string())], options)
}

fn messages(yaml: &str) -> Vec<(usize, &'static str)> {
    let loaded = load(yaml, &LoadOptions::default());
    let line = |span| loaded.ruleset.sources.position(span).0;
    loaded.diagnostics.iter().map(|diagnostic| (line(diagnostic.span), diagnostic.code)).collect()
}

#[test]
fn mistakes_around_broken_yaml_are_found() {
    let yaml = "- macro: a\n  condition: proc.nme = x\n- list: l\n  items: [a\n- rule: r\n  desc: d\n";
    let codes: Vec<&str> = messages(yaml).into_iter().map(|(_, code)| code).collect();
    assert!(codes.contains(&"LOAD_ERR_YAML_PARSE"), "{codes:?}");
    assert!(codes.contains(&"LOAD_ERR_YAML_VALIDATE"), "{codes:?}");
}

#[test]
fn macro_messages_come_once() {
    let yaml = format!("- macro: m\n  condition: proc.nme = x\n{RULE}evt.type = open and (m or m)\n");
    assert_eq!(messages(&yaml), [(2, "LOAD_ERR_COMPILE_CONDITION")]);
}

#[test]
fn replaced_exceptions_are_checked() {
    let exceptions = "  exceptions:\n    - name: e\n      fields: [proc.nme]\n      values: [[x]]\n";
    let yaml =
        format!("{RULE}evt.type = open\n- rule: r\n{exceptions}  override:\n    exceptions: replace\n");
    assert_eq!(messages(&yaml), [(9, "LOAD_ERR_VALIDATE")]);
    let good = yaml.replace("proc.nme", "proc.name");
    let loaded = load(&good, &LoadOptions::default());
    assert_eq!(loaded.ruleset.rules[0].expanded, "(evt.type = open and not proc.name = x)");
}

#[test]
fn ports_have_fixed_names() {
    assert!(Filter::new("fd.sport = https and fd.sport != 22").is_ok());
    assert!(Filter::new("fd.sport = no-such-service").is_err());
}

#[test]
fn selected_rules_keep_their_order() {
    let rule = |name: &str| {
        RULE.replace("rule: r", &format!("rule: {name}\n  enabled: false")) + "evt.type = open\n"
    };
    let yaml = ["c", "a", "b"].map(rule).concat();
    let all = Selection { enable: true, rules: Selector::Name("*".to_string()) };
    let loaded = load(&yaml, &LoadOptions { selections: vec![all], ..LoadOptions::default() });
    let names: Vec<&str> = loaded.ruleset.rules.iter().map(|rule| rule.name.as_str()).collect();
    assert_eq!(names, ["c", "a", "b"]);
    assert!(loaded.ruleset.rules.iter().all(|rule| rule.enabled));
}

/// The fields belong to plugins, so that the rule is an error as well; Falco says both.
#[test]
fn comparisons_with_missing_values_are_told() {
    let check = |condition: &str, expected: &[&str]| {
        let yaml = format!(
            "- rule: r\n  desc: d\n  output: o\n  priority: INFO\n  condition: evt.type = open and {condition}\n"
        );
        let loaded = rules::load(vec![("rules.yaml".to_string(), yaml)], &LoadOptions::default());
        let found: Vec<&str> = loaded
            .diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.code == "LOAD_UNSAFE_NA_CHECK")
            .map(|diagnostic| loaded.ruleset.sources.text(diagnostic.span))
            .collect();
        assert_eq!(found, expected, "{condition}");
    };
    check("ka.verb = <NA>", &["<NA>"]);
    check("not jevt.value[/a] in (x, \"<NA>\")", &["\"<NA>\""]);
    check("ka.verb != get", &[]);
    check("ka.verb contains <NA>", &[]);
    check("proc.name = <NA>", &[]);
}
