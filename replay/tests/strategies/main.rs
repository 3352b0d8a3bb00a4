//! Every strategy and number of workers gives the same alerts in the same order.

#[path = "../common/mod.rs"]
mod common;
mod conditions;
mod follow;
mod forks;
#[path = "../../benches/support/mod.rs"]
mod support;

use std::io::Read;
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};

use capture::event::{EventBuilder, EventType};
use capture::savefile::{Capture, Compression, ProcessEntry, WriteOptions, Writer, WriterProfile};
use lanner_replay::alert::{AlertFormat, AlertOptions, AlertSink, WriteAlerts};
use lanner_replay::context::EventContext;
use lanner_replay::driver::{Parts, ReplayOptions, Split, iterations, replay, replay_split};
use lanner_replay::engine::{MatchMode, NoProbe, Program, Strategy};
use lanner_replay::fields::{self, ArgSpec, FieldArg, Value};
use lanner_replay::rules::condition::{ConstantValue, Node, NodeKind};
use lanner_replay::rules::{RuleId, Ruleset, Span};

use conditions::Conditions;
use support::{Random, Workload};

const MODES: [MatchMode; 2] = [MatchMode::First, MatchMode::All];
const STRATEGIES: [Strategy; 2] = [Strategy::Faithful, Strategy::Shared];
const WORKERS: [usize; 4] = [1, 2, 3, 4];

/// A split into turns of so many events.
fn split(workers: usize, events: u64) -> Split {
    Split { workers, parts: Parts::Turns(NonZeroU64::new(events).unwrap()) }
}

/// Alerts as JSON lines, and what was wrong with the capture.
fn alerts(
    capture: &Capture,
    program: &Program,
    format: &AlertFormat,
    mode: MatchMode,
    split: Split,
) -> (Vec<u8>, String) {
    let options = ReplayOptions { mode, ..ReplayOptions::default() };
    let mut lines = Vec::new();
    let new_sink = || WriteAlerts::new(format, Vec::new());
    let summary = replay_split(capture, program, &options, split, new_sink, |sink| {
        lines.extend(sink.finish()?);
        Ok(())
    });
    let summary = summary.unwrap();
    assert_eq!(summary.alerts, memchr::memchr_iter(b'\n', &lines).count() as u64);
    assert_eq!(summary.alerts, summary.rule_alerts.iter().sum::<u64>());
    (lines, format!("{:?} {} {}", summary.damage, summary.events, summary.delivered))
}

/// Compares every strategy on these numbers of workers with the faithful one on one. Returns how many bytes of
/// alerts there were.
fn check(name: &str, capture: &Capture, ruleset: &Ruleset, modes: &[MatchMode], workers: &[usize]) -> usize {
    let options = AlertOptions { json: true, ..AlertOptions::default() };
    let format = AlertFormat::new(ruleset, &options).unwrap();
    let programs = STRATEGIES.map(|strategy| (strategy, Program::with_strategy(ruleset, strategy)));
    let mut bytes = 0;
    let mut lengths = [41, 256, 1_500, 9_000].into_iter().cycle();
    for &mode in modes {
        let expected = alerts(capture, &programs[0].1, &format, mode, Split::over(1));
        for (strategy, program) in &programs {
            for &workers in workers {
                for split in [split(workers, lengths.next().unwrap_or(1)), Split::over(workers)] {
                    let found = alerts(capture, program, &format, mode, split);
                    assert!(found == expected, "{name}, {strategy:?}, {mode:?}, {split:?}");
                }
            }
        }
        bytes += expected.0.len();
    }
    bytes
}

fn captures(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    files.filter(|path| path.to_string_lossy().contains(".scap"))
}

/// A capture in memory, as only such are split.
fn unpacked(path: &Path) -> Capture {
    let bytes = std::fs::read(path).unwrap();
    let mut plain = Vec::new();
    if flate2::read::MultiGzDecoder::new(&*bytes).read_to_end(&mut plain).is_err() {
        plain = bytes;
    }
    Capture::from_bytes(path.to_string_lossy(), plain)
}

#[test]
fn of_public_and_broad_rules_over_real_captures() {
    let Some(shared) = common::shared("strategies") else { return };
    let broad = support::loaded("broad.yaml", common::read(&shared.join("rules/broad.yaml")));
    let stock = support::stock_rules(true).unwrap();
    let mut bytes = 0;
    for path in captures(&shared.join("captures")) {
        let name = path.to_string_lossy();
        let capture = unpacked(&path);
        // Tests are not optimized: the long captures, of which one begins as the other, are replayed less often.
        match capture.size_bytes().unwrap_or(0) {
            0..1_000_000 => {
                bytes += check(&name, &capture, &stock, &MODES, &WORKERS);
                bytes += check(&name, &capture, &broad, &MODES, &WORKERS);
            }
            1_000_000..6_000_000 => {
                bytes += check(&name, &capture, &stock, &MODES, &[2]);
                bytes += check(&name, &capture, &broad, &[MatchMode::All], &[1]);
            }
            _ => bytes += check(&name, &capture, &stock, &[MatchMode::All], &[3]),
        }
    }
    assert!(bytes > 1_000_000, "{bytes} bytes of alerts");
}

#[test]
fn of_every_fixture() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures");
    let rules = std::fs::read_to_string(fixtures.join("rules/demo.yaml")).unwrap();
    let rules = support::loaded("demo.yaml", rules);
    let broad = support::loaded("broad.yaml", support::BROAD.to_string());
    let mut bytes = 0;
    for path in captures(&fixtures.join("captures")) {
        let capture = unpacked(&path);
        bytes += check(&path.to_string_lossy(), &capture, &rules, &MODES, &WORKERS);
        bytes += check(&path.to_string_lossy(), &capture, &broad, &MODES, &WORKERS);
    }
    assert!(bytes > 100_000, "{bytes} bytes of alerts");
}

#[test]
fn of_rules_made_from_a_seed_over_every_workload() {
    let generated = support::loaded("generated.yaml", support::generated_rules(200));
    let broad = support::loaded("broad.yaml", support::BROAD.to_string());
    for workload in Workload::ALL {
        let capture = Capture::from_bytes(workload.name(), workload.capture(2_000));
        check(&workload.name(), &capture, &generated, &MODES, &WORKERS);
        assert!(check(&workload.name(), &capture, &broad, &MODES, &WORKERS) > 0, "{}", workload.name());
    }
}

/// The shared strategy remembers what values are worth, gives that up where values do not come again, and is on a
/// budget: names of all kinds, in numbers beyond its limits.
#[test]
fn of_names_that_come_once_or_again() {
    let rules = support::loaded("names.yaml", NAMES.to_string());
    let process = ProcessEntry { tid: 7, pid: 7, comm: b"names".to_vec(), ..ProcessEntry::default() };
    let mut random = Random::new(5);
    for distinct in [3, 300, 1 << 40] {
        let options = WriteOptions { profile: WriterProfile::Schema45, compression: Compression::None };
        let mut writer = Writer::new(Vec::new(), options).unwrap();
        writer.processes(std::slice::from_ref(&process)).unwrap();
        for number in 0..12_000 {
            let folder = *random.pick(&["/etc", "/tmp/x", "/home/u/.ssh", "/a/../b", ""]);
            let path = format!("{folder}/{}", random.below(distinct));
            let fd = if random.one_in(5) { -2 } else { 3 + random.below(9) as i64 };
            let opened = EventBuilder::new(EventType::OPENAT_2_X, number, 7).i64(fd).i64(-100).str(&path);
            let opened = opened.u32(1 << random.below(3)).u32(0o644).u32(0x801).u64(0);
            writer.event(&opened.event()).unwrap();
        }
        let capture = Capture::from_bytes("names", writer.finish().unwrap());
        let bytes = check(&format!("{distinct} names"), &capture, &rules, &MODES, &[1, 2]);
        assert!(bytes > 100_000, "{bytes} bytes of alerts");
    }
}

const NAMES: &str = r#"
- rule: Places
  desc: Of folders and names
  condition: evt.type=openat and (fd.name startswith /etc/1 or fd.directory=/tmp/x and fd.filename in (1, 2, 33))
  output: place (%fd.name)
  priority: DEBUG
- rule: Ends
  desc: Of ends
  condition: evt.type=openat and fd.name endswith 7 and not fd.name contains .ssh and evt.is_open_read=true
  output: end (%fd.name)
  priority: DEBUG
- rule: Raw
  desc: Of names as passed
  condition: evt.type=openat and fd.nameraw contains ../ and fd.name startswith /b/2 and fd.typechar=f
  output: raw (%fd.nameraw)
  priority: DEBUG
- rule: Failed
  desc: Of calls that failed
  condition: evt.type=openat and fd.num<0 and (fd.name glob /etc/*5* or fd.filename=9 or proc.name=other)
  output: failed (%fd.name)
  priority: DEBUG
"#;

/// Matches as pairs of event and rule.
#[derive(Default)]
struct Matches(Vec<(u64, RuleId)>);

impl AlertSink for Matches {
    fn alert(&mut self, rule: RuleId, cx: &EventContext<'_>) -> std::io::Result<()> {
        self.0.push((cx.num, rule));
        Ok(())
    }
}

/// Matches of one replay on so many workers, in turns of a few events.
fn split_matches(
    capture: &Capture,
    program: &Program,
    mode: MatchMode,
    workers: usize,
) -> Vec<(u64, RuleId)> {
    let options = ReplayOptions { mode, ..ReplayOptions::default() };
    let mut matches = Vec::new();
    let replayed = replay_split(capture, program, &options, split(workers, 5), Matches::default, |sink| {
        matches.extend(sink.0);
        Ok(())
    });
    replayed.unwrap();
    matches
}

/// Matches of one replay.
fn matches(capture: &Capture, program: &Program, mode: MatchMode) -> Vec<(u64, RuleId)> {
    let mut sink = Matches::default();
    let options = ReplayOptions { mode, ..ReplayOptions::default() };
    replay(capture, program, &options, &mut NoProbe, &mut sink).unwrap();
    sink.0
}

/// Values that fields have in a capture, so that conditions hold now and then.
fn values_of(capture: &Capture) -> Vec<Vec<ConstantValue>> {
    struct Values(Vec<Vec<ConstantValue>>);
    impl AlertSink for Values {
        fn alert(&mut self, _rule: RuleId, cx: &EventContext<'_>) -> std::io::Result<()> {
            for (def, seen) in fields::all().iter().zip(&mut self.0) {
                let arg = if def.arg == (ArgSpec::Name { required: true }) {
                    FieldArg::Key((*b"name").into())
                } else {
                    FieldArg::None
                };
                let value = match (def.extract)(cx, &arg) {
                    Value::List(list) => list.first().copied().unwrap_or(Value::Absent),
                    value => value,
                };
                let constant = match value {
                    Value::Bool(value) => ConstantValue::Bool(value),
                    Value::I64(value) => ConstantValue::I64(value),
                    Value::U64(value) => ConstantValue::U64(value),
                    Value::F64(value) => ConstantValue::F64(value),
                    Value::Bytes(value) => ConstantValue::Bytes(value.into()),
                    Value::Ip(value) => ConstantValue::Ip(value),
                    Value::Net(..) | Value::Absent | Value::List(_) => continue,
                };
                if seen.len() < 12 && !seen.contains(&constant) {
                    seen.push(constant);
                }
            }
            Ok(())
        }
    }
    let everything = Node { kind: NodeKind::And(Vec::new()), span: Span::default() };
    let program = Program::lower(&common::ruleset(vec![everything]));
    let mut sink = Values(vec![Vec::new(); fields::all().len()]);
    replay(capture, &program, &ReplayOptions::default(), &mut NoProbe, &mut sink).unwrap();
    sink.0
}

#[test]
fn of_a_thousand_random_rulesets() {
    let pairs = conditions::pairs();
    let captures = [Workload::Mixed, Workload::NetworkStorm, Workload::ExecStorm]
        .map(|workload| Capture::from_bytes(workload.name(), workload.capture(25)));
    let values = captures.each_ref().map(values_of);
    let (mut checks, mut matched) = (0, 0);
    for seed in 1..=1_000 {
        let at = seed as usize % captures.len();
        let capture = &captures[at];
        let random = Random::new(seed);
        let mut conditions = Conditions { random, values: &values[at], pairs: &pairs, checks };
        let ruleset = conditions.ruleset();
        checks = conditions.checks;
        let programs = STRATEGIES.map(|strategy| Program::with_strategy(&ruleset, strategy));
        for mode in MODES {
            let expected = matches(capture, &programs[0], mode);
            matched += usize::from(!expected.is_empty());
            assert_eq!(matches(capture, &programs[1], mode), expected, "ruleset {seed}, {mode:?}");
            // Every ruleset is replayed by every number of workers, and every one of those by each strategy.
            for workers in WORKERS {
                let program = &programs[(seed as usize + workers) % programs.len()];
                let found = split_matches(capture, program, mode, workers);
                assert_eq!(found, expected, "ruleset {seed}, {mode:?}, split over {workers}");
            }
        }
        let workers = WORKERS[seed as usize % WORKERS.len()];
        let run = |number: usize| Ok(matches(capture, &programs[number % 2], MatchMode::All));
        let all = iterations(4, workers, run).unwrap();
        assert!(all.iter().all(|one| *one == all[0]), "ruleset {seed}, iterations on {workers}");
    }
    assert!(checks >= 2 * pairs.len(), "{checks} checks for {} pairs of field and operator", pairs.len());
    assert!(matched > 1_000, "only {matched} of the rulesets match anything");
}
