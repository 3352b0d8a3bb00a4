//! Lines of alerts against the same lines made the simple way: each part on its own, escaped by another library.

mod common;

use bumpalo::Bump;
use capture::event::{Event, EventBuilder, EventType};
use lanner_replay::alert::{AlertFormat, AlertOptions, AlertScratch, JsonMembers, OutputTemplate};
use lanner_replay::context::{EventContext, EventFacts};
use lanner_replay::rules::condition::{Node, NodeKind};
use lanner_replay::rules::{RuleId, Span};
use lanner_replay::state::State;
use proptest::prelude::*;
use serde_json::{Value, json};

/// Parts of outputs: text, values that may be anything, and values that are digits, lists or absent.
const PARTS: [&str; 17] = [
    " ",
    "text \"quoted\" \\ \t",
    "\u{e9}",
    "%evt.arg.name",
    "%evt.rawarg.name",
    "%3evt.rawarg.name",
    "%12evt.arg.name",
    "%tolower(evt.arg.name)",
    "%evt.arg.flags",
    "%evt.rawarg.flags",
    "%evt.rawarg.mode",
    "%evt.num",
    "%evt.time",
    "%evt.time.iso8601",
    "%evt.buffer",
    "%evt.cpu",
    "%proc.name",
];

/// Bytes of names: plain ones, those that are escaped, and parts of characters.
const BYTES: [u8; 12] = [b'a', b'Z', b'/', b'"', b'\\', b'\n', 0x01, 0x7f, 0xe2, 0x82, 0xac, 0xff];

fn rendered(output: &str, cx: &EventContext<'_>) -> String {
    let mut text = Vec::new();
    OutputTemplate::parse(&format!("*{output}")).unwrap().render(cx, &mut text);
    String::from_utf8_lossy(&text).into_owned()
}

/// The line made part by part.
fn simple(output: &str, options: &AlertOptions, cx: &EventContext<'_>) -> String {
    let time = if options.iso_time { "evt.time.iso8601" } else { "evt.time" };
    let local = Event {
        ts_ns: cx.event.ts_ns.saturating_add_signed(i64::from(options.utc_offset_s) * 1_000_000_000),
        ..*cx.event
    };
    let prefix = rendered(&format!("%{time}"), &EventContext { event: &local, ..*cx });
    let message = rendered(output, cx);
    // Escaping replaces what is no UTF-8, so it has to see the whole text at once.
    let text = format!("{prefix}: Debug {message}");
    if !options.json {
        let quoted = Value::from(text).to_string();
        return quoted[1..quoted.len() - 1].to_string();
    }
    let mut fields = Vec::new();
    OutputTemplate::parse(&format!("*{output} %{time}")).unwrap().write_json(cx, false, &mut fields);
    let mut members = vec![format!("\"hostname\":{}", json!(options.hostname))];
    if options.members.message {
        members.push(format!("\"message\":{}", json!(message)));
    }
    if options.members.output {
        members.push(format!("\"output\":{}", json!(text)));
    }
    if options.members.output_fields {
        members.push(format!("\"output_fields\":{}", String::from_utf8(fields).unwrap()));
    }
    members.push("\"priority\":\"Debug\",\"rule\":\"rule 0\",\"source\":\"syscall\"".into());
    if options.members.tags {
        members.push("\"tags\":[]".into());
    }
    let iso = rendered("%evt.time.iso8601", cx);
    members.push(format!("\"time\":\"{}Z\"", iso.trim_end_matches("+0000")));
    format!("{{{}}}", members.join(","))
}

fn options() -> impl Strategy<Value = AlertOptions> {
    (any::<bool>(), any::<[bool; 4]>(), any::<bool>(), -50_000..50_000i32).prop_map(
        |(json, [output, message, output_fields, tags], iso_time, offset)| AlertOptions {
            json,
            members: JsonMembers { output, message, output_fields, tags },
            iso_time,
            suggested: false,
            append: None,
            hostname: Some("a \"host\"".into()),
            utc_offset_s: if iso_time { 0 } else { offset },
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]
    #[test]
    fn lines_are_those_made_part_by_part(
        parts in proptest::collection::vec(proptest::sample::select(&PARTS[..]), 1..6),
        names in proptest::collection::vec(proptest::collection::vec(proptest::sample::select(&BYTES[..]), 0..12), 1..4),
        options in options(),
        ts_ns in any::<u64>(),
    ) {
        let output = parts.concat();
        let everything = Node { kind: NodeKind::And(Vec::new()), span: Span::default() };
        let mut ruleset = common::ruleset(vec![everything]);
        ruleset.rules[0].output = output.clone();
        let format = AlertFormat::new(&ruleset, &options).unwrap();
        let (state, mut scratch) = (State::default(), AlertScratch::default());
        // One after the other with the same scratch: nothing of a line may show up in the next.
        for (index, name) in names.iter().enumerate() {
            let built = EventBuilder::new(EventType::OPEN_X, ts_ns.saturating_add(index as u64 * 300_000_000), 1)
                .i64(-2).str(name).u32(0x43).u32(0o640).u32(1).u64(7);
            let (event, arena) = (built.event(), Bump::new());
            let cx = EventContext {
                event: &event, num: 7, state: &state, thread: None, fd_num: -1, fd: None,
                facts: EventFacts::default(), arena: &arena,
            };
            let mut line = b"before".to_vec();
            format.write(RuleId(0), &cx, &mut scratch, &mut line);
            let expected = format!("before{}", simple(&output, &options, &cx));
            prop_assert_eq!(String::from_utf8(line).unwrap(), expected);
        }
    }
}
