//! Profiles of rules that are evaluated together.

mod common;

use lanner_profiler::model::{EventOutcome, Timing};
use lanner_profiler::session::{self, CaptureReplay, Inputs, Options};
use lanner_profiler::sites::Sites;
use replay::alert::{AlertFormat, AlertOptions};
use replay::engine::{MatchMode, Program, Strategy};

/// They find the same, know the stages, and nothing of single rules.
#[test]
fn rules_that_are_evaluated_together_have_stages_only() {
    let capture = common::open(&common::fixture("captures/demo.scap"));
    let ruleset = common::load(&[common::fixture("rules/demo.yaml")]);
    let options =
        |timing| Options { timing, iterations: 2, warmup: 0, overhead_pairs: 0, ..Options::default() };
    let mut faithful = common::profile(&capture, &ruleset, &options(Timing::Rules));
    let program = Program::with_strategy(&ruleset, Strategy::Shared);
    let format = AlertFormat::new(&ruleset, &AlertOptions::default()).unwrap();
    let captures = [&capture];
    let replay = CaptureReplay::new(&captures, &program, &format, MatchMode::All);
    let inputs = Inputs {
        tool: "test".to_owned(),
        cpu: None,
        captures: vec![],
        ruleset_hash: "0".to_owned(),
        rules_files: vec![],
        matching: "all".to_owned(),
        strategy: "shared".to_owned(),
    };
    let sites = Sites::of(&ruleset, &program);
    let shared = session::run(&replay, &sites, inputs, &options(Timing::Stages), |_| {}).unwrap();
    assert!(faithful.knows_rules() && !shared.knows_rules());
    assert_eq!(shared.alert_count(), faithful.alert_count());
    for outcome in [None, Some(EventOutcome::Match)] {
        assert_eq!(shared.event_count(outcome), faithful.event_count(outcome), "{outcome:?}");
    }
    let stages = shared.stages();
    assert!(stages.named().iter().all(|(_, ns)| *ns > 0), "{stages:?}");
    assert!(stages.sum_ns() <= shared.busy_ns());
    let of_rules =
        shared.rules.iter().map(|rule| (rule.evaluations, rule.total_ns(), rule.cost, rule.shadowed));
    assert!(of_rules.clone().all(|numbers| numbers == (0, 0, 0, 0)), "{:?}", of_rules.collect::<Vec<_>>());
    assert!(faithful.merge(shared).is_err());
}
