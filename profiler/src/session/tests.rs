//! Sessions over a scripted replay, on a clock that advances only when the script says so.

use capture::event::EventType;
use replay::engine::probe::NodeId;
use replay::engine::{Outcome, Probe, Site, Stage, Work};
use replay::fields::FieldId;
use replay::rules::RuleId;

use super::assemble::{Part, empty_rules};
use super::*;
use crate::clock::ManualClock;
use crate::model::{CallKind, CallTree, EventOutcome, Location, NodeKind, StageTimes, Tally};
use crate::sites::{NodeSite, RuleSite};

fn location(line: u32) -> Location {
    Location { file: "rules.yaml".to_owned(), line, column: 3 }
}

/// Two rules; the second is a macro with one check.
fn sites() -> Sites {
    let rule = |name: &str, line| RuleSite {
        name: name.to_owned(),
        location: location(line),
        source: "syscall".to_owned(),
        priority: "Notice".to_owned(),
        tags: vec![],
        enabled: true,
    };
    let node = |rule, parent, kind, text: &str| NodeSite {
        rule,
        parent,
        kind,
        text: text.to_owned(),
        location: location(7),
    };
    Sites {
        rules: vec![rule("one", 1), rule("two", 5), rule("never", 9)],
        nodes: vec![
            node(0, None, NodeKind::Check, "evt.type = open"),
            node(1, None, NodeKind::Macro, "shell"),
            node(1, Some(1), NodeKind::And, "and"),
            node(1, Some(2), NodeKind::Check, "proc.name = sh"),
        ],
        fields: vec!["evt.type".to_owned(), "proc.name".to_owned()],
        events: vec!["open".to_owned(), "close".to_owned()],
        rules_by_event: vec![vec![0, 1, 2], vec![]],
        ..Sites::default()
    }
}

/// Setup, one `open` event that rule two matches, one `close` event that no rule considers.
fn script<P: Probe>(probe: &mut P, pass: impl Fn(u64)) {
    fn stage<P: Probe>(probe: &mut P, stage: Stage, inside: impl FnOnce(&mut P)) {
        let mark = probe.enter(Site::Stage(stage));
        inside(probe);
        probe.leave(Site::Stage(stage), mark, true);
    }
    stage(probe, Stage::Read, |_| pass(1000));
    pass(7);
    stage(probe, Stage::Read, |_| pass(10));
    stage(probe, Stage::Decode, |_| pass(20));
    stage(probe, Stage::State, |_| pass(30));
    stage(probe, Stage::Evaluate, |probe| {
        let event = probe.enter(Site::Event(EventType(0)));
        let rule = probe.enter(Site::Rule(RuleId(0)));
        let node = probe.enter(Site::Node(NodeId(0)));
        pass(100);
        probe.leave(Site::Node(NodeId(0)), node, false);
        probe.leave(Site::Rule(RuleId(0)), rule, false);
        let rule = probe.enter(Site::Rule(RuleId(1)));
        let outer = probe.enter(Site::Node(NodeId(1)));
        let and = probe.enter(Site::Node(NodeId(2)));
        let check = probe.enter(Site::Node(NodeId(3)));
        let field = probe.enter(Site::Field(FieldId(1)));
        pass(150);
        probe.work(Work::ValueBytes, 4);
        probe.leave(Site::Field(FieldId(1)), field, true);
        probe.value_used(0);
        probe.work(Work::Bytes, 5);
        probe.work(Work::Bytes, 7);
        pass(40);
        probe.leave(Site::Node(NodeId(3)), check, true);
        pass(6);
        probe.leave(Site::Node(NodeId(2)), and, true);
        pass(3);
        probe.leave(Site::Node(NodeId(1)), outer, true);
        pass(1);
        probe.leave(Site::Rule(RuleId(1)), rule, true);
        pass(50);
        probe.evaluated(&[RuleId(0), RuleId(1)], &[RuleId(1)]);
        probe.leave(Site::Event(EventType(0)), event, true);
    });
    stage(probe, Stage::Output, |_| pass(400));
    stage(probe, Stage::State, |_| pass(5));
    pass(9);
    probe.event(EventType(0), 1, Outcome::Match);
    stage(probe, Stage::Read, |_| pass(1));
    stage(probe, Stage::Decode, |_| pass(2));
    stage(probe, Stage::State, |_| pass(3));
    stage(probe, Stage::Evaluate, |_| pass(4));
    probe.event(EventType(1), 2, Outcome::NotConsidered);
}

fn inputs() -> Inputs {
    Inputs {
        tool: "lanner test".to_owned(),
        cpu: None,
        captures: vec![],
        ruleset_hash: "0".to_owned(),
        rules_files: vec![],
        matching: "all".to_owned(),
        strategy: "faithful".to_owned(),
    }
}

fn record<M: Mode>(timing: Timing) -> Profile {
    let clock = ManualClock::default();
    let sites = sites();
    let classes = sites.fields.iter().map(|name| FieldClass::of(name)).collect();
    let mut recorder = Recorder::<_, M>::new(
        clock.clone(),
        sites.rules.len(),
        sites.nodes.len(),
        classes,
        Sample::new(1, 0),
    );
    let start = clock.now();
    script(&mut recorder, |ticks| {
        if ticks == 150 {
            // In the middle of a field's extraction somebody else gets the processor.
            clock.wait(1_000_000);
        }
        clock.advance(ticks);
    });
    let ticks = clock.now() - start;
    let recording = recorder.finish();
    let mut profile = Profile { timing, rules: empty_rules(&sites), ..Profile::default() };
    let part = Part { sites: &sites, clock: &clock, recording: &recording };
    part.add_iteration(&mut profile, 0, 0, Replayed { events: 2, alerts: 1 }, ticks);
    if M::NODES {
        part.add_counts(&mut profile);
    }
    if M::NODES && M::TIME {
        part.add_detail(&mut profile);
    }
    profile
}

#[test]
fn every_nanosecond_is_in_one_place() {
    for profile in [record::<TimeRules>(Timing::Rules), record::<TimeNodes>(Timing::Nodes)] {
        let stages = profile.stages();
        assert_eq!(
            stages,
            StageTimes { read_ns: 1011, decode_ns: 22, state_ns: 38, evaluate_ns: 354, output_ns: 400 }
        );
        assert_eq!(profile.setup, StageTimes { read_ns: 1000, ..Default::default() });
        assert_eq!((profile.remainder_ns(), profile.waited_ns()), (7 + 9, 1_000_000));
        assert_eq!(profile.total_ns(), stages.sum_ns() + profile.remainder_ns() + 1_000_000);
        assert_eq!((profile.rules_ns(), profile.engine_ns()), (300, 54));
        assert_eq!(profile.event_count(Some(EventOutcome::NotConsidered)), 1);
        let [one, two, never] = &profile.rules[..] else { panic!("{:?}", profile.rules) };
        assert_eq!((one.evaluations, one.matches, one.total_ns()), (1, 0, 100));
        assert_eq!((two.evaluations, two.matches, two.matched.quantile_ns(0.5)), (1, 1, Some(200)));
        // It looks at such events, too, but another rule had matched.
        assert_eq!((never.evaluations, never.total_ns(), never.shadowed), (0, 0, 1));
        assert_eq!(
            two.events[0].matched,
            Tally { count: 1, total_ns: 200, cost: two.events[0].matched.cost }
        );
        assert_eq!(two.nodes[2].parent, Some(1));
        assert_eq!(profile.iterations[0].rules.total_ns, [100, 200, 0]);
        assert_eq!(profile.timeline.bin_ns, 1000);
        let timeline: Vec<_> = profile.timeline.rules.iter().map(|rule| &rule.total_ns[..]).collect();
        assert_eq!(timeline, [&[100][..], &[200], &[]]);
    }
}

#[test]
fn counting_alone_reads_no_clock() {
    let profile = record::<CountRules>(Timing::Off);
    assert_eq!(profile.stages().sum_ns(), 0);
    assert_eq!(
        profile.rules.iter().map(|rule| (rule.evaluations, rule.matches)).collect::<Vec<_>>(),
        [(1, 0), (1, 1), (0, 0)]
    );
    assert_eq!(profile.rules[1].matched.count, 0);
}

#[test]
fn counts_are_of_nodes_fields_and_work() {
    let profile = record::<CountNodes>(Timing::Off);
    let two = &profile.rules[1];
    let counts: Vec<_> =
        two.nodes.iter().map(|node| (node.evaluations, node.hits, node.work.bytes)).collect();
    assert_eq!(counts, [(1, 1, 0), (1, 1, 0), (1, 1, 12)]);
    assert_eq!(two.nodes[2].fields, profile.fields);
    assert_eq!(profile.timeline.events, [2]);
    let bins: Vec<_> = profile.timeline.rules.iter().map(|rule| &rule.evaluations[..]).collect();
    assert_eq!(bins, [&[1][..], &[1], &[]]);
    assert_eq!((&*profile.fields[0].field, profile.fields[0].extractions), ("proc.name", 1));
}

#[test]
fn the_call_tree_has_every_frame() {
    let tree = CallTree::of(&record::<TimeNodes>(Timing::Nodes), None);
    let frames: Vec<_> =
        tree.calls().iter().map(|call| (call.kind, &*call.name, call.total_ns, call.self_ns)).collect();
    assert_eq!(
        frames,
        [
            (CallKind::Stage, "evaluate", 354, 0),
            (CallKind::Source, "syscall", 354, 0),
            (CallKind::Event, "close", 4, 4),
            (CallKind::Event, "open", 350, 50),
            (CallKind::Rule, "one", 100, 0),
            (CallKind::Check, "evt.type = open", 100, 100),
            (CallKind::Rule, "two", 200, 1),
            (CallKind::Macro, "shell", 199, 9),
            (CallKind::Check, "proc.name = sh", 190, 40),
            (CallKind::Field, "proc.name", 150, 150),
        ]
    );
    let stack: Vec<_> = tree.stack(8).iter().map(|call| &*call.name).collect();
    assert_eq!(stack, ["evaluate", "syscall", "open", "two", "shell", "proc.name = sh"]);
}

#[test]
fn detail_is_scaled_to_the_rule() {
    let mut profile = record::<TimeNodes>(Timing::Nodes);
    for rule in &mut profile.rules {
        for detail in rule.events.iter_mut().filter_map(|row| row.detail.as_mut()) {
            detail.total_ns *= 2;
            detail.nodes.iter_mut().for_each(|time| time.total_ns *= 2);
            detail.fields.iter_mut().for_each(|time| time.total_ns *= 2);
        }
    }
    assert_eq!(CallTree::of(&profile, None), CallTree::of(&record::<TimeNodes>(Timing::Nodes), None));
}

/// The script as something to run sessions over, on the real clock.
struct Scripted;

impl Replay for Scripted {
    type Error = &'static str;
    fn replay<P: Probe>(&self, probe: &mut P) -> Result<Replayed, &'static str> {
        script(probe, |_| {});
        Ok(Replayed { events: 2, alerts: 1 })
    }
}

#[test]
fn sessions_merge_what_workers_measured() {
    for timing in [Timing::Off, Timing::Rules, Timing::Nodes] {
        let options =
            Options { timing, iterations: 9, warmup: 2, workers: 3, detail: 2, ..Options::default() };
        let profile = run(&Scripted, &sites(), inputs(), &options, |_| {}).unwrap();
        assert_eq!(profile.iterations.len(), 9);
        assert_eq!(profile.event_count(None), 18);
        assert_eq!(profile.alert_count(), 9);
        assert_eq!((profile.rules[1].evaluations, profile.rules[1].matches), (9, 9));
        assert_eq!(profile.rules[1].nodes[2].evaluations, 9);
        assert_eq!(
            profile.rules[1].total_ns(),
            profile.rules[1].events.iter().map(|r| r.total().total_ns).sum::<u64>()
        );
        assert!(profile.total_ns() >= profile.stages().sum_ns());
        let detail = profile.rules[1].events[0].detail.as_ref().map(|detail| detail.nodes[0].count);
        assert_eq!(detail, [None, None, Some(2), Some(9)][timing as usize]);
    }
}

#[test]
fn the_first_error_ends_the_session() {
    struct Fails;
    impl Replay for Fails {
        type Error = &'static str;
        fn replay<P: Probe>(&self, _: &mut P) -> Result<Replayed, &'static str> {
            Err("broken")
        }
    }
    assert_eq!(run(&Fails, &sites(), inputs(), &Options::default(), |_| {}).unwrap_err(), "broken");
}
