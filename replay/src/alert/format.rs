//! Lines of alerts, as Falco writes them: text, or one JSON object with sorted keys.

use super::expression::Expression;
use super::line::{OutputLine, Shown};
use super::template::TemplateError;
use crate::context::EventContext;
use crate::fields::time::{DateText, TIME_AT};
use crate::fields::{self, json_string};
use crate::rules::{Rule, RuleId, Ruleset};

/// How alerts look. The defaults are those of Falco's configuration.
#[derive(Clone, Debug)]
pub struct AlertOptions {
    /// JSON objects instead of text.
    pub json: bool,
    /// Which optional members these objects have.
    pub members: JsonMembers,
    /// ISO 8601 times in UTC in front of outputs instead of the time of day.
    pub iso_time: bool,
    /// Fields that every output gets appended, such as the container's name.
    pub suggested: bool,
    /// Text appended to every output, with fields, after those that are suggested.
    pub append: Option<String>,
    /// Host name in JSON alerts; that of the recorded machine if not given.
    pub hostname: Option<String>,
    /// Seconds east of UTC of the time of day in front of outputs.
    pub utc_offset_s: i32,
}

/// Optional members of JSON alerts, by default those that Falco writes by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JsonMembers {
    /// The text, with time and priority.
    pub output: bool,
    /// The text alone.
    pub message: bool,
    /// The fields in the text.
    pub output_fields: bool,
    /// Tags of the rule.
    pub tags: bool,
}

impl Default for JsonMembers {
    fn default() -> Self {
        JsonMembers { output: true, message: false, output_fields: true, tags: true }
    }
}

impl Default for AlertOptions {
    fn default() -> Self {
        AlertOptions {
            json: false,
            members: JsonMembers::default(),
            iso_time: false,
            suggested: true,
            append: None,
            hostname: None,
            utc_offset_s: 0,
        }
    }
}

/// Everything about alerts that does not depend on the event, by rule.
#[derive(Debug)]
pub struct AlertFormat {
    json: bool,
    members: JsonMembers,
    hostname: Option<String>,
    iso_time: bool,
    utc_offset_ns: i64,
    rules: Vec<RuleFormat>,
}

#[derive(Debug)]
struct RuleFormat {
    /// `: Warning `, after the time.
    priority: Vec<u8>,
    output: OutputLine,
    /// JSON between the fields and the time.
    tail: Vec<u8>,
}

/// What writing alerts works in; of any contents between two of them.
#[derive(Debug)]
pub struct AlertScratch {
    text: Vec<u8>,
    /// By value of the line at hand.
    shown: Vec<Shown>,
    utc: DateText,
    local: DateText,
}

impl Default for AlertScratch {
    fn default() -> Self {
        AlertScratch { text: Vec::new(), shown: Vec::new(), utc: DateText::new(0), local: DateText::new(0) }
    }
}

impl AlertFormat {
    /// Prepares the outputs of all rules.
    ///
    /// # Errors
    /// When an output is not a valid template, with the rule it belongs to. Outputs of a ruleset without
    /// errors are, so then only what is appended to them can be wrong.
    pub fn new(ruleset: &Ruleset, options: &AlertOptions) -> Result<AlertFormat, (RuleId, TemplateError)> {
        let suffix = suffix(options);
        let time = match fields::resolve(if options.iso_time { "evt.time.iso8601" } else { "evt.time" }) {
            Ok((id, arg)) => Expression::Field { id, arg },
            Err(_) => Expression::Literal(Box::default()),
        };
        let rule_format = |rule: &Rule| {
            let star = if rule.output.starts_with('*') { "" } else { "*" };
            let output = format!("{star}{}{suffix}", rule.output);
            Ok(RuleFormat {
                priority: format!(": {} ", rule.priority.name()).into_bytes(),
                output: OutputLine::new(&output, &time).map_err(|error| (rule.id, error))?,
                tail: tail(rule, options.members),
            })
        };
        Ok(AlertFormat {
            json: options.json,
            members: options.members,
            hostname: options.hostname.clone(),
            iso_time: options.iso_time,
            utc_offset_ns: i64::from(options.utc_offset_s) * 1_000_000_000,
            rules: ruleset.rules.iter().map(rule_format).collect::<Result<_, _>>()?,
        })
    }

    /// Appends the line of an alert, without a line end.
    pub fn write(&self, rule: RuleId, cx: &EventContext<'_>, scratch: &mut AlertScratch, out: &mut Vec<u8>) {
        let format = &self.rules[rule.index()];
        if !self.json {
            // Text alerts are escaped like JSON strings: what a process does must not write to a terminal.
            self.write_time(cx.event.ts_ns, scratch, out);
            out.extend_from_slice(&format.priority);
            return format.output.write_text(cx, &mut scratch.text, &mut scratch.shown, out);
        }
        out.extend_from_slice(b"{\"hostname\":");
        let recorded = &cx.state.machine().hostname;
        json_string(self.hostname.as_ref().map_or(recorded, |hostname| hostname.as_bytes()), out);
        scratch.shown.clear();
        let mut message = None;
        if self.members.message {
            out.extend_from_slice(b",\"message\":\"");
            let start = out.len();
            format.output.write_text(cx, &mut scratch.text, &mut scratch.shown, out);
            message = Some(start..out.len());
            out.push(b'"');
        }
        if self.members.output {
            out.extend_from_slice(b",\"output\":\"");
            self.write_time(cx.event.ts_ns, scratch, out);
            out.extend_from_slice(&format.priority);
            match message {
                Some(message) => out.extend_from_within(message),
                None => format.output.write_text(cx, &mut scratch.text, &mut scratch.shown, out),
            }
            out.push(b'"');
        }
        if self.members.output_fields {
            out.extend_from_slice(b",\"output_fields\":");
            format.output.write_members(cx, &scratch.shown, out);
        }
        out.extend_from_slice(&format.tail);
        out.extend_from_slice(scratch.utc.at(cx.event.ts_ns));
        out.extend_from_slice(b"Z\"}");
    }

    /// The time in front of an output. Only the time of day is local: a template's own times stay in UTC.
    fn write_time(&self, ts_ns: u64, scratch: &mut AlertScratch, out: &mut Vec<u8>) {
        if self.iso_time {
            out.extend_from_slice(scratch.utc.at(ts_ns));
            out.extend_from_slice(b"+0000");
        } else {
            let local = ts_ns.saturating_add_signed(self.utc_offset_ns);
            out.extend_from_slice(&scratch.local.at(local)[TIME_AT..]);
        }
    }
}

/// What is appended to every output.
fn suffix(options: &AlertOptions) -> String {
    let mut suffix = String::new();
    if options.suggested {
        for field in fields::all().iter().filter(|field| field.suggested) {
            suffix.push_str(&format!(" {}=%{}", field.name.replace('.', "_"), field.name));
        }
    }
    if let Some(append) = &options.append {
        suffix.push(' ');
        suffix.push_str(append);
    }
    suffix
}

/// JSON of an alert between its fields and its time.
fn tail(rule: &Rule, members: JsonMembers) -> Vec<u8> {
    let mut tail = b",\"priority\":".to_vec();
    json_string(rule.priority.name().as_bytes(), &mut tail);
    tail.extend_from_slice(b",\"rule\":");
    json_string(rule.name.as_bytes(), &mut tail);
    tail.extend_from_slice(b",\"source\":");
    json_string(rule.source.as_bytes(), &mut tail);
    if members.tags {
        tail.extend_from_slice(b",\"tags\":[");
        for (index, tag) in rule.tags.iter().enumerate() {
            if index > 0 {
                tail.push(b',');
            }
            json_string(tag.as_bytes(), &mut tail);
        }
        tail.push(b']');
    }
    tail.extend_from_slice(b",\"time\":\"");
    tail
}
