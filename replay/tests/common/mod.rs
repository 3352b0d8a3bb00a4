//! What the tests against ../shared have in common.
#![allow(dead_code)] // each test uses some of it

use std::io::Read;
use std::path::{Path, PathBuf};

use capture::savefile::{Capture, ReadOptions};
use lanner_replay::alert::AlertSink;
use lanner_replay::context::EventContext;
use lanner_replay::driver::{ReplayOptions, replay};
use lanner_replay::engine::{NoProbe, Program};
use lanner_replay::rules::condition::{Node, NodeKind};
use lanner_replay::rules::{EventTypeSet, Priority, Rule, RuleId, Ruleset, Span};

/// The folder of captures, rules and expectations beside the repository; `None`, with a message, without it.
pub fn shared(test: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    if !path.is_dir() {
        eprintln!("skipped: {test} needs {}", path.display());
        return None;
    }
    Some(path)
}

/// A file's text, decompressed if it is compressed.
pub fn read(path: &Path) -> String {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut text = String::new();
    if path.extension().is_some_and(|extension| extension == "gz") {
        flate2::read::GzDecoder::new(&*bytes).read_to_string(&mut text).unwrap();
    } else {
        text = String::from_utf8(bytes).unwrap();
    }
    text
}

/// Calls `each` for every event of a capture that rules may see, with its number among them, from 1.
pub fn for_each_event(capture: &Path, each: impl FnMut(u64, &EventContext<'_>)) {
    struct Visit<F>(u64, F);
    impl<F: FnMut(u64, &EventContext<'_>)> AlertSink for Visit<F> {
        fn alert(&mut self, _rule: RuleId, cx: &EventContext<'_>) -> std::io::Result<()> {
            self.0 += 1;
            (self.1)(self.0, cx);
            Ok(())
        }
    }
    let everything = Node { kind: NodeKind::And(Vec::new()), span: Span::default() };
    let program = Program::lower(&ruleset(vec![everything]));
    let capture = Capture::open(capture, ReadOptions::default()).unwrap();
    replay(&capture, &program, &ReplayOptions::default(), &mut NoProbe, &mut Visit(0, each)).unwrap();
}

/// Rules with the given conditions, for all event types.
pub fn ruleset(conditions: Vec<Node>) -> Ruleset {
    let rule = |(index, condition)| Rule {
        id: RuleId(index as u32),
        name: format!("rule {index}"),
        description: String::new(),
        condition,
        expanded: String::new(),
        output: "%evt.num".into(),
        priority: Priority::Debug,
        source: "syscall".into(),
        tags: Default::default(),
        enabled: true,
        capture: false,
        capture_duration_ms: 0,
        event_types: EventTypeSet::all(),
        span: Span::default(),
    };
    Ruleset { rules: conditions.into_iter().enumerate().map(rule).collect(), ..Ruleset::default() }
}
