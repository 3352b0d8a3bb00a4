//! Does leaving a rule out say what it costs, also where rules are evaluated together?

mod common;

use std::time::Duration;

use lanner_profiler::model::Saving;
use lanner_profiler::session::{CaptureVariants, LeaveOutOptions, leave_out};
use replay::alert::{AlertFormat, AlertOptions};
use replay::engine::{MatchMode, Strategy};

/// A text that is compared with every ancestor's command line, many times over.
fn planted() -> String {
    let checks: Vec<String> =
        (0..20).map(|i| format!("proc.acmdline contains \"no such text {i}\"")).collect();
    format!(
        "- rule: planted\n  desc: slow\n  condition: evt.num >= 0 and ({})\n  output: planted\n  priority: DEBUG\n",
        checks.join(" or ")
    )
}

#[test]
fn leaving_out_a_planted_slow_rule_saves_most() {
    let demo = std::fs::read_to_string(common::fixture("rules/demo.yaml")).unwrap();
    let mut ruleset =
        common::load_texts(vec![("demo.yaml".to_owned(), demo), ("planted.yaml".to_owned(), planted())]);
    let capture = common::open(&common::fixture("captures/demo.scap"));
    let format = AlertFormat::new(&ruleset, &AlertOptions::default()).unwrap();
    let mut profile = common::profile(&capture, &ruleset, &common::count_once());
    let mut rules: Vec<usize> = (0..profile.rules.len()).collect();
    rules.sort_by_key(|rule| std::cmp::Reverse(profile.rules[*rule].cost));
    rules.truncate(3);
    assert_eq!(profile.rules[rules[0]].name, "planted");
    // The first two rounds, whatever they take.
    let options = LeaveOutOptions { time_max: Duration::ZERO, ..LeaveOutOptions::default() };
    for strategy in [Strategy::Faithful, Strategy::Shared] {
        let mut variants = CaptureVariants {
            captures: &[&capture],
            ruleset: &mut ruleset,
            strategy,
            format: &format,
            mode: MatchMode::All,
        };
        leave_out(&mut variants, &rules, &options, &mut profile, |_| true).unwrap();
        let saving = |rule: usize| profile.rules[rule].saving.as_ref().unwrap();
        let saved: Vec<i64> = rules.iter().map(|rule| saving(*rule).saved_ns).collect();
        assert!(saved[0] > 0 && saved[0] > saved[1].max(saved[2]), "{strategy:?}: {saved:?}");
        assert!(rules.iter().all(|rule| saving(*rule).rounds_ns.len() == 2));
        assert!(ruleset.rules.iter().all(|rule| rule.enabled), "rules are as before");
    }
    let known = profile.rules.iter().filter(|rule| rule.saving.is_some()).count();
    assert_eq!(known, 3);
    let rounds = |saving: &Option<Saving>| saving.as_ref().map_or(0, |saving| saving.rounds_ns.len());
    let mut merged = profile.clone();
    merged.merge(profile).unwrap();
    assert_eq!(rounds(&merged.rules[rules[0]].saving), 4);
}
