//! Random conditions as text, over all kinds of values, against a naive evaluator: from the parser to the match, for
//! events of a recorded capture. `evaluation.rs` does this for the shape of conditions and for probes.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use lanner_replay::context::EventContext;
use lanner_replay::engine::{MatchMode, NoProbe, Program, Scratch, Strategy};
use lanner_replay::fields::{self, FieldArg, FieldId, Value};
use lanner_replay::rules::Filter;
use lanner_replay::rules::condition::Node;

/// How a field compares.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Text,
    /// Any of several texts or numbers.
    AnyText,
    Number,
    Bool,
    Ip,
    /// Either of two addresses or ports.
    EitherIp,
    EitherPort,
    Net,
    List,
}

const FIELDS: [(&str, Kind); 32] = [
    ("proc.name", Kind::Text),
    ("proc.exe", Kind::Text),
    ("proc.exepath", Kind::Text),
    ("proc.cmdline", Kind::Text),
    ("proc.pname", Kind::Text),
    ("proc.aname[2]", Kind::Text),
    ("fd.name", Kind::Text),
    ("fd.directory", Kind::Text),
    ("fd.typechar", Kind::Text),
    ("fs.path.name", Kind::Text),
    ("evt.res", Kind::Text),
    ("evt.arg.flags", Kind::Text),
    ("user.name", Kind::Text),
    ("container.id", Kind::Text),
    ("proc.aname", Kind::AnyText),
    ("proc.aexepath", Kind::AnyText),
    ("evt.num", Kind::Number),
    ("evt.rawres", Kind::Number),
    ("fd.num", Kind::Number),
    ("proc.pid", Kind::Number),
    ("proc.ppid", Kind::Number),
    ("fd.sport", Kind::Number),
    ("user.uid", Kind::Number),
    ("evt.failed", Kind::Bool),
    ("evt.is_open_read", Kind::Bool),
    ("fd.sip", Kind::Ip),
    ("fd.cip", Kind::Ip),
    ("fd.ip", Kind::EitherIp),
    ("fd.port", Kind::EitherPort),
    ("fd.snet", Kind::Net),
    ("fd.types", Kind::List),
    ("proc.tty", Kind::Number),
];

/// Functions of text; `len` gives a number.
const FUNCTIONS: [&str; 4] = ["tolower", "toupper", "basename", "len"];

/// What stands on a side of a comparison.
#[derive(Clone, Copy)]
struct Side {
    field: &'static str,
    function: Option<&'static str>,
}

enum Right {
    Constants(Vec<String>),
    Side(Side),
    Nothing,
}

struct Check {
    left: Side,
    kind: Kind,
    operator: &'static str,
    modifier: Option<&'static str>,
    right: Right,
}

enum Condition {
    And(Vec<Condition>),
    Or(Vec<Condition>),
    Not(Box<Condition>),
    Check(Check),
}

// The text of a condition.

impl Side {
    fn text(self, is_right: bool) -> String {
        match self.function {
            Some(function) => format!("{function}({})", self.field),
            None if is_right => format!("val({})", self.field),
            None => self.field.to_string(),
        }
    }
}

impl Condition {
    fn text(&self) -> String {
        let join = |children: &[Condition], word: &str| {
            let texts: Vec<String> = children.iter().map(|child| format!("({})", child.text())).collect();
            texts.join(word)
        };
        match self {
            Condition::And(children) => join(children, " and "),
            Condition::Or(children) => join(children, " or "),
            Condition::Not(child) => format!("not ({})", child.text()),
            Condition::Check(check) => check.text(),
        }
    }
}

impl Check {
    fn text(&self) -> String {
        let left = self.left.text(false);
        let quote = |text: &String| match self.kind {
            Kind::Text | Kind::AnyText if text.bytes().any(|byte| !byte.is_ascii_digit()) => {
                format!("\"{text}\"")
            }
            _ => text.clone(),
        };
        let right = match &self.right {
            Right::Nothing => return format!("{left} exists"),
            Right::Side(side) => side.text(true),
            Right::Constants(constants) => {
                let all: Vec<String> = constants.iter().map(quote).collect();
                let is_list =
                    matches!(self.operator, "in" | "intersects" | "pmatch") || self.modifier.is_some();
                if is_list { format!("({})", all.join(", ")) } else { all[0].clone() }
            }
        };
        match self.modifier {
            Some(modifier) => format!("{left} {} {modifier} {right}", self.operator),
            None => format!("{left} {} {right}", self.operator),
        }
    }
}

// Making them up.

/// SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((word ^ (word >> 31)) % bound.max(1) as u64) as usize
    }

    fn pick<'t, T>(&mut self, from: &'t [T]) -> &'t T {
        &from[self.below(from.len())]
    }
}

/// By field: texts of values that occur and can be written in a condition.
type Pool = BTreeMap<&'static str, Vec<String>>;

fn condition(random: &mut Random, pool: &Pool, depth: usize) -> Condition {
    match random.below(if depth == 0 { 4 } else { 10 }) {
        0..4 => Condition::Check(check(random, pool)),
        4..6 => Condition::Not(Box::new(condition(random, pool, depth - 1))),
        choice => {
            let children = (0..2 + random.below(2)).map(|_| condition(random, pool, depth - 1)).collect();
            if choice < 8 { Condition::And(children) } else { Condition::Or(children) }
        }
    }
}

fn check(random: &mut Random, pool: &Pool) -> Check {
    let (field, kind) = *random.pick(&FIELDS);
    let plain = Side { field, function: None };
    if random.below(12) == 0 {
        return Check { left: plain, kind, operator: "exists", modifier: None, right: Right::Nothing };
    }
    match kind {
        // Falco takes no functions of ancestors, and compares them with constants only.
        Kind::Text if random.below(6) == 0 && !field.starts_with("proc.a") => {
            let function = *random.pick(&FUNCTIONS);
            function_check(random, pool, Side { field, function: Some(function) })
        }
        Kind::Text | Kind::AnyText => text_check(random, pool, plain, kind),
        Kind::Number if random.below(8) == 0 => {
            let right = *random.pick(&["proc.pid", "proc.ppid", "proc.vpid", "proc.sid"]);
            let operator = *random.pick(&["=", "!=", "<", ">="]);
            let right = Right::Side(Side { field: right, function: None });
            Check { left: Side { field: "proc.pid", function: None }, kind, operator, modifier: None, right }
        }
        _ => {
            let operators: &[&str] = match kind {
                Kind::Number => &["=", "==", "!=", "<", "<=", ">", ">=", "in", "intersects"],
                Kind::Bool => &["=", "!="],
                // `in` never matches for these, which is a quirk of its own.
                Kind::EitherIp => &["=", "!="],
                Kind::EitherPort => &["=", "!=", "<", ">="],
                Kind::List => &["in", "intersects"],
                _ => &["=", "!=", "in"],
            };
            let operator = *random.pick(operators);
            let count = if matches!(operator, "in" | "intersects") { 1 + random.below(3) } else { 1 };
            let constants = (0..count).map(|_| constant(random, pool, field, kind)).collect();
            Check { left: plain, kind, operator, modifier: None, right: Right::Constants(constants) }
        }
    }
}

fn function_check(random: &mut Random, pool: &Pool, left: Side) -> Check {
    let check = |operator, right| Check { left, kind: Kind::Text, operator, modifier: None, right };
    if left.function == Some("len") {
        let constants = vec![random.below(12).to_string()];
        return check(*random.pick(&["=", "!=", "<", ">="]), Right::Constants(constants));
    }
    if random.below(2) == 0 {
        let right = Side { field: random.pick::<&str>(&["proc.exe", "proc.name", "proc.exepath"]), ..left };
        return check(*random.pick(&["=", "!=", "startswith", "endswith", "contains"]), Right::Side(right));
    }
    let value = random.pick(&pool[left.field]);
    let constants = vec![
        apply(left.function, value.as_bytes())
            .map_or_else(String::new, |text| String::from_utf8_lossy(&text).into_owned()),
    ];
    check(*random.pick(&["=", "!=", "in", "startswith"]), Right::Constants(constants))
}

fn text_check(random: &mut Random, pool: &Pool, left: Side, kind: Kind) -> Check {
    let operators = [
        "=",
        "==",
        "!=",
        "<",
        "<=",
        ">",
        ">=",
        "contains",
        "icontains",
        "startswith",
        "endswith",
        "glob",
        "iglob",
        "regex",
        "in",
        "intersects",
        "pmatch",
    ];
    if kind == Kind::Text && !left.field.starts_with("proc.a") && random.below(8) == 0 {
        let field = *random.pick(&["proc.exe", "proc.name", "proc.pname", "fd.name"]);
        let operator = *random.pick(&["=", "!=", "<", "contains", "startswith", "endswith", "icontains"]);
        return Check {
            left,
            kind,
            operator,
            modifier: None,
            right: Right::Side(Side { field, function: None }),
        };
    }
    let operator = *random.pick(&operators);
    let takes_list = matches!(operator, "in" | "intersects" | "pmatch");
    let modifiers = [None, None, None, Some("oneof"), Some("anyof"), Some("allof")];
    let ordered = matches!(operator, "<" | "<=" | ">" | ">=");
    // Falco ignores modifiers where any of several values counts, which is a quirk of its own.
    let unmodified = takes_list || ordered || kind == Kind::AnyText;
    let modifier = if unmodified { None } else { *random.pick(&modifiers) };
    let count = if takes_list || modifier.is_some() { 1 + random.below(4) } else { 1 };
    let mut make = || {
        let value = constant(random, pool, left.field, kind);
        let text = match operator {
            "glob" | "iglob" => pattern(random, &value),
            "regex" => expression(random, &value),
            "contains" | "icontains" | "startswith" | "endswith" | "pmatch" => piece(random, &value),
            // The grammar wants numbers there.
            _ if ordered => value.len().to_string(),
            _ => value,
        };
        if random.below(6) == 0 { text.to_uppercase() } else { text }
    };
    let constants = (0..count).map(|_| make()).collect();
    Check { left, kind, operator, modifier, right: Right::Constants(constants) }
}

fn constant(random: &mut Random, pool: &Pool, field: &str, kind: Kind) -> String {
    let none = Vec::new();
    let known = pool.get(field).unwrap_or(&none);
    match kind {
        Kind::Bool => random.pick(&["true", "false"]).to_string(),
        Kind::Number | Kind::EitherPort if known.is_empty() || random.below(4) == 0 => {
            random.below(500).to_string()
        }
        Kind::Ip | Kind::EitherIp if known.is_empty() || random.below(4) == 0 => "127.0.0.1".into(),
        Kind::Net => {
            let address = if known.is_empty() { "127.0.0.1" } else { random.pick(known) };
            let address = if address.contains('.') { address } else { "10.0.0.1" };
            format!("{address}/{}", random.pick(&[8, 16, 24, 32]))
        }
        Kind::List => random.pick(&["file", "pipe", "ipv4", "unix", "event"]).to_string(),
        Kind::Text | Kind::AnyText if known.is_empty() || random.below(6) == 0 => {
            random.pick(&["sh", "root", "/usr", "x", "<NA>"]).to_string()
        }
        _ => random.pick(known).clone(),
    }
}

/// A part of a text.
fn piece(random: &mut Random, text: &str) -> String {
    let from = random.below(text.len());
    let to = from + 1 + random.below(text.len() - from);
    match random.below(3) {
        0 => text[..to].to_string(),
        1 => text[from..].to_string(),
        _ => text[from..to].to_string(),
    }
}

/// A glob that may match a text.
fn pattern(random: &mut Random, text: &str) -> String {
    let at = random.below(text.len());
    match random.below(4) {
        0 => format!("{}*", &text[..at]),
        1 => format!("*{}", &text[at..]),
        2 => format!("{}?{}", &text[..at], &text[at + 1..]),
        _ => format!("*{}*", &text[at..at + 1]),
    }
}

/// A regular expression that may match a text.
fn expression(random: &mut Random, text: &str) -> String {
    let word: String = text.chars().filter(char::is_ascii_alphanumeric).take(6).collect();
    let word = if word.is_empty() { "x".to_string() } else { word };
    match random.below(3) {
        0 => word,
        1 => format!(".*{word}.*"),
        _ => "[a-z]+".into(),
    }
}

// What they mean.

fn holds(condition: &Condition, cx: &EventContext<'_>) -> bool {
    match condition {
        Condition::And(children) => children.iter().all(|child| holds(child, cx)),
        Condition::Or(children) => children.iter().any(|child| holds(child, cx)),
        Condition::Not(child) => !holds(child, cx),
        Condition::Check(check) => check_holds(check, cx),
    }
}

fn value<'a>(field: &str, cx: &EventContext<'a>) -> Value<'a> {
    static RESOLVED: Mutex<BTreeMap<String, (FieldId, FieldArg)>> = Mutex::new(BTreeMap::new());
    let mut resolved = RESOLVED.lock().unwrap();
    if !resolved.contains_key(field) {
        resolved.insert(field.to_string(), fields::resolve(field).unwrap());
    }
    let (id, arg) = &resolved[field];
    (id.def().extract)(cx, arg)
}

/// The text of one side, or its number's decimal text; `None` when there is no value.
fn text_of(side: Side, cx: &EventContext<'_>) -> Option<Vec<u8>> {
    let text = match value(side.field, cx) {
        Value::Bytes(bytes) => bytes.to_vec(),
        Value::U64(number) => number.to_string().into_bytes(),
        Value::I64(number) => number.to_string().into_bytes(),
        _ => return None,
    };
    apply(side.function, &text)
}

fn apply(function: Option<&str>, text: &[u8]) -> Option<Vec<u8>> {
    Some(match function {
        None => text.to_vec(),
        Some("tolower") => text.to_ascii_lowercase(),
        Some("toupper") => text.to_ascii_uppercase(),
        Some("len") => text.len().to_string().into_bytes(),
        Some(_) => text.rsplit(|byte| *byte == b'/').next()?.to_vec(),
    })
}

fn check_holds(check: &Check, cx: &EventContext<'_>) -> bool {
    let found = value(check.left.field, cx);
    let constants = match &check.right {
        Right::Nothing => return found.is_present(),
        Right::Side(side) => {
            let (Some(left), Some(right)) = (text_of(check.left, cx), text_of(*side, cx)) else {
                return false;
            };
            return compare(check, &left, &right);
        }
        Right::Constants(constants) => constants,
    };
    let candidates: Vec<Vec<u8>> = match found {
        Value::Absent => return false,
        Value::List(items) => items.iter().map(|item| printed(*item)).collect(),
        value => apply(check.left.function, &printed(value)).into_iter().collect(),
    };
    match check.kind {
        Kind::List => {
            let is_known = |item: &Vec<u8>| constants.iter().any(|constant| constant.as_bytes() == item);
            if check.operator == "in" {
                candidates.iter().all(is_known)
            } else {
                candidates.iter().any(is_known)
            }
        }
        // Either end must differ from the constant, and there must be ends.
        Kind::EitherIp | Kind::EitherPort if check.operator == "!=" => {
            !candidates.is_empty() && candidates.iter().all(|value| matches(check, value, constants))
        }
        _ => candidates.iter().any(|value| matches(check, value, constants)),
    }
}

fn printed(value: Value<'_>) -> Vec<u8> {
    match value {
        Value::Bytes(bytes) => bytes.to_vec(),
        Value::Bool(value) => value.to_string().into_bytes(),
        Value::U64(number) => number.to_string().into_bytes(),
        Value::I64(number) => number.to_string().into_bytes(),
        Value::Ip(address) => address.to_string().into_bytes(),
        other => panic!("{other:?} is none of these kinds"),
    }
}

/// Whether one value and all constants compare as they should.
fn matches(check: &Check, value: &[u8], constants: &[String]) -> bool {
    let mut hits = constants.iter().filter(|constant| compare(check, value, constant.as_bytes()));
    match check.modifier {
        Some("oneof") => hits.count() == 1,
        Some("allof") => hits.count() == constants.len(),
        _ => hits.next().is_some(),
    }
}

fn compare(check: &Check, left: &[u8], right: &[u8]) -> bool {
    let is_number =
        check.kind == Kind::Number || check.kind == Kind::EitherPort || check.left.function == Some("len");
    if is_number {
        let number = |text: &[u8]| std::str::from_utf8(text).unwrap().parse::<i128>().unwrap();
        return order(check.operator, &number(left), &number(right));
    }
    if check.kind == Kind::Net {
        return in_network(left, right) == (check.operator != "!=");
    }
    let (lower, lower_right) = (left.to_ascii_lowercase(), right.to_ascii_lowercase());
    match check.operator {
        "contains" => contains(left, right),
        "icontains" => contains(&lower, &lower_right),
        "startswith" => left.starts_with(right),
        "endswith" => left.ends_with(right),
        "glob" => glob(right, left),
        "iglob" => glob(&lower_right, &lower),
        "pmatch" => {
            let parts = |path: &[u8]| -> Vec<Vec<u8>> {
                path.split(|byte| *byte == b'/').filter(|part| !part.is_empty()).map(<[u8]>::to_vec).collect()
            };
            parts(left).starts_with(&parts(right))
        }
        "regex" => match std::str::from_utf8(right).unwrap() {
            "[a-z]+" => !left.is_empty() && left.iter().all(u8::is_ascii_lowercase),
            "[A-Z]+" => !left.is_empty() && left.iter().all(u8::is_ascii_uppercase),
            text => match text.strip_prefix(".*").and_then(|text| text.strip_suffix(".*")) {
                Some(word) => contains(left, word.as_bytes()),
                None => left == right,
            },
        },
        operator => order(operator, left, right),
    }
}

fn order<T: PartialOrd + ?Sized>(operator: &str, left: &T, right: &T) -> bool {
    match operator {
        "=" | "==" | "in" | "intersects" => left == right,
        "!=" => left != right,
        "<" => left < right,
        "<=" => left <= right,
        ">" => left > right,
        ">=" => left >= right,
        other => panic!("{other}"),
    }
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    part.is_empty() || text.windows(part.len()).any(|window| window == part)
}

fn glob(pattern: &[u8], text: &[u8]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some((b'*', rest)) => (0..=text.len()).any(|at| glob(rest, &text[at..])),
        Some((b'?', rest)) => !text.is_empty() && glob(rest, &text[1..]),
        Some((byte, rest)) => text.first() == Some(byte) && glob(rest, &text[1..]),
    }
}

fn in_network(address: &[u8], network: &[u8]) -> bool {
    let text = |bytes: &[u8]| std::str::from_utf8(bytes).unwrap().to_string();
    let network = text(network);
    let (base, len) = network.split_once('/').unwrap();
    match (text(address).parse::<IpAddr>().unwrap(), base.parse::<IpAddr>().unwrap()) {
        (IpAddr::V4(address), IpAddr::V4(base)) => {
            let drop = 32 - len.parse::<u32>().unwrap();
            u64::from(address.to_bits()) >> drop == u64::from(base.to_bits()) >> drop
        }
        _ => false,
    }
}

// The replay.

/// Of so many events one is looked at; all would take too long for what they add.
const EVERY: u64 = 41;

fn demo() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/captures/demo.scap")
}

/// Values that occur in the capture.
fn pool() -> Pool {
    let mut values: BTreeMap<&'static str, BTreeSet<String>> = BTreeMap::new();
    common::for_each_event(&demo(), |n, cx| {
        if !n.is_multiple_of(23) {
            return;
        }
        for (field, _) in FIELDS {
            let texts: Vec<Vec<u8>> = match value(field, cx) {
                Value::Absent | Value::Net(..) | Value::F64(_) => continue,
                Value::List(items) => items.iter().map(|item| printed(*item)).collect(),
                value => vec![printed(value)],
            };
            let known = values.entry(field).or_default();
            // Without what would have to be escaped, in conditions or in patterns.
            let is_plain = |text: &String| {
                (1..80).contains(&text.len())
                    && text.bytes().all(|byte| matches!(byte, b' '..=b'~') && !b"\"\\*?[".contains(&byte))
            };
            let texts = texts.into_iter().filter_map(|text| String::from_utf8(text).ok());
            known.extend(texts.filter(is_plain).take(40 - known.len().min(40)));
        }
    });
    values.into_iter().map(|(field, texts)| (field, texts.into_iter().collect())).collect()
}

#[test]
fn random_conditions_hold_for_the_events_for_which_they_hold_naively() {
    let pool = pool();
    for (field, kind) in FIELDS {
        assert!(kind != Kind::Text || pool.contains_key(field), "{field} never has a value");
    }
    let mut random = Random(1);
    // Short ones first: where one is wrong, it is the one to be told.
    let conditions: Vec<Condition> =
        (0..300).map(|index| condition(&mut random, &pool, if index < 150 { 0 } else { 3 })).collect();
    let nodes: Vec<Node> = conditions
        .iter()
        .map(|condition| {
            let text = condition.text();
            Filter::new(&text).unwrap_or_else(|error| panic!("{text}: {}", error[0].message)).condition
        })
        .collect();
    let ruleset = common::ruleset(nodes);
    let mut programs = [Strategy::Faithful, Strategy::Shared]
        .map(|strategy| (Program::with_strategy(&ruleset, strategy), Scratch::new()));
    let (mut events, mut hits) = (0, 0);
    common::for_each_event(&demo(), |n, cx| {
        if !n.is_multiple_of(EVERY) {
            return;
        }
        let naive: Vec<bool> = conditions.iter().map(|condition| holds(condition, cx)).collect();
        for (program, scratch) in &mut programs {
            program.evaluate(cx, MatchMode::All, scratch, &mut NoProbe);
            let mut found = vec![false; conditions.len()];
            scratch.matches().iter().for_each(|rule| found[rule.index()] = true);
            if let Some(index) = (0..found.len()).find(|index| found[*index] != naive[*index]) {
                let text = conditions[index].text();
                panic!("event {}: {text} holds: {}, naively: {}", cx.num, found[index], naive[index]);
            }
        }
        events += 1;
        hits += naive.iter().filter(|holds| **holds).count();
    });
    let share = hits as f64 / (events * conditions.len()) as f64;
    println!(
        "{} conditions, {events} events, {:.0} % of the answers are yes",
        conditions.len(),
        share * 100.0
    );
    // Else the conditions would test little.
    assert!(events > 500 && (0.1..0.9).contains(&share));
}
