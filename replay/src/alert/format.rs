//! Lines of alerts, as Falco writes them: text, or one JSON object with sorted keys.

use capture::event::Event;

use super::expression::Expression;
use super::template::{Key, OutputTemplate, TemplateError};
use crate::context::EventContext;
use crate::fields::{self, json_escape, json_string};
use crate::rules::{RuleId, Ruleset};

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
    /// Text appended to every output, with fields.
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
    utc_offset_ns: i64,
    /// The time in front of an output.
    time: Expression,
    rules: Vec<RuleFormat>,
}

#[derive(Debug)]
struct RuleFormat {
    /// `: Warning `, after the time.
    priority: Vec<u8>,
    message: OutputTemplate,
    /// Members of `output_fields`: `"name":` as JSON, in order of names.
    fields: Vec<(Vec<u8>, Expression)>,
    /// JSON between the fields and the time.
    tail: Vec<u8>,
}

impl AlertFormat {
    /// Prepares the outputs of all rules.
    ///
    /// # Errors
    /// When an output is not a valid template, with the rule it belongs to. Outputs of a ruleset without
    /// errors are, so then only what is appended to them can be wrong.
    pub fn new(ruleset: &Ruleset, options: &AlertOptions) -> Result<AlertFormat, (RuleId, TemplateError)> {
        let (time_name, suffix) =
            (if options.iso_time { "evt.time.iso8601" } else { "evt.time" }, suffix(options));
        let time = match fields::resolve(time_name) {
            Ok((id, arg)) => Expression::Field { id, arg },
            Err(_) => Expression::Literal(Box::default()),
        };
        let rule_format = |rule: &crate::rules::Rule| {
            let star = if rule.output.starts_with('*') { "" } else { "*" };
            let message = OutputTemplate::parse(&format!("{star}{}{suffix}", rule.output))
                .map_err(|error| (rule.id, error))?;
            let mut fields: Vec<(String, Expression)> = message
                .keys()
                .iter()
                .filter(|key| !key.transformed)
                .map(|Key { name, expression, .. }| (name.clone(), expression.clone()))
                .collect();
            fields.push((time_name.to_string(), time.clone()));
            fields.sort_by(|left, right| left.0.cmp(&right.0));
            fields.dedup_by(|left, right| left.0 == right.0);
            let fields =
                fields.into_iter().map(|(name, expression)| (member(name.as_bytes()), expression)).collect();
            let mut tail = b",\"priority\":".to_vec();
            json_string(rule.priority.name().as_bytes(), &mut tail);
            tail.extend_from_slice(b",\"rule\":");
            json_string(rule.name.as_bytes(), &mut tail);
            tail.extend_from_slice(b",\"source\":");
            json_string(rule.source.as_bytes(), &mut tail);
            if options.members.tags {
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
            Ok(RuleFormat {
                priority: format!(": {} ", rule.priority.name()).into_bytes(),
                message,
                fields,
                tail,
            })
        };
        Ok(AlertFormat {
            json: options.json,
            members: options.members,
            hostname: options.hostname.clone(),
            utc_offset_ns: if options.iso_time { 0 } else { i64::from(options.utc_offset_s) * 1_000_000_000 },
            rules: ruleset.rules.iter().map(rule_format).collect::<Result<_, _>>()?,
            time,
        })
    }

    /// Appends the line of an alert, without a line end. `text` is a buffer to work in.
    pub fn write(&self, rule: RuleId, cx: &EventContext<'_>, text: &mut Vec<u8>, out: &mut Vec<u8>) {
        let format = &self.rules[rule.index()];
        text.clear();
        self.write_time(cx, text);
        text.extend_from_slice(&format.priority);
        let message_start = text.len();
        format.message.render(cx, text);
        if !self.json {
            // Text alerts are escaped like JSON strings: what a process does must not write to a terminal.
            return json_escape(text, out);
        }
        out.extend_from_slice(b"{\"hostname\":");
        let recorded = &cx.state.machine().hostname;
        json_string(self.hostname.as_ref().map_or(recorded, |hostname| hostname.as_bytes()), out);
        if self.members.message {
            out.extend_from_slice(b",\"message\":");
            json_string(&text[message_start..], out);
        }
        if self.members.output {
            out.extend_from_slice(b",\"output\":");
            json_string(text, out);
        }
        if self.members.output_fields {
            out.extend_from_slice(b",\"output_fields\":");
            let mut separator = b'{';
            for (name, expression) in &format.fields {
                out.push(separator);
                out.extend_from_slice(name);
                expression.write_json(cx, out);
                separator = b',';
            }
            out.push(b'}');
        }
        out.extend_from_slice(&format.tail);
        write_iso_time(cx.event.ts_ns, out);
        out.extend_from_slice(b"\"}");
    }

    /// The time in front of an output. Only that one is local: what a template says itself stays in UTC.
    fn write_time(&self, cx: &EventContext<'_>, text: &mut Vec<u8>) {
        let event = Event { ts_ns: cx.event.ts_ns.saturating_add_signed(self.utc_offset_ns), ..*cx.event };
        self.time.render(&EventContext { event: &event, ..*cx }, text);
    }
}

/// What is appended to every output.
fn suffix(options: &AlertOptions) -> String {
    let mut suffix = String::new();
    if let Some(append) = &options.append {
        suffix.push(' ');
        suffix.push_str(append);
    }
    if options.suggested {
        for field in fields::all().iter().filter(|field| field.suggested) {
            suffix.push_str(&format!(" {}=%{}", field.name.replace('.', "_"), field.name));
        }
    }
    suffix
}

/// `"name":`
fn member(name: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    json_string(name, &mut out);
    out.push(b':');
    out
}

/// Appends `YYYY-MM-DDTHH:MM:SS.nnnnnnnnnZ`.
fn write_iso_time(ts_ns: u64, out: &mut Vec<u8>) {
    let (seconds, nanoseconds) = (ts_ns / 1_000_000_000, ts_ns % 1_000_000_000);
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = civil_date(days);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let parts = [
        (year, 4, b'-'),
        (month, 2, b'-'),
        (day, 2, b'T'),
        (hour, 2, b':'),
        (minute, 2, b':'),
        (second, 2, b'.'),
    ];
    for (value, width, separator) in parts {
        write_padded(value, width, out);
        out.push(separator);
    }
    write_padded(nanoseconds, 9, out);
    out.push(b'Z');
}

/// Appends the last `width` digits of a number.
fn write_padded(mut value: u64, width: usize, out: &mut Vec<u8>) {
    let start = out.len();
    out.resize(start + width, b'0');
    for digit in out[start..].iter_mut().rev() {
        *digit += (value % 10) as u8;
        value /= 10;
    }
}

/// Year, month and day of a number of days since 1970-01-01, in the Gregorian calendar. Years are counted from
/// March, so that the leap day is the last of a year; 146,097 days are 400 years.
fn civil_date(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    #[test]
    fn iso_times() {
        for (ts_ns, expected) in [
            (0, "1970-01-01T00:00:00.000000000Z"),
            (1_795_229_923_259_218_806, "2026-11-21T02:58:43.259218806Z"),
            (951_782_400_000_000_001, "2000-02-29T00:00:00.000000001Z"),
            (4_107_542_399_999_999_999, "2100-02-28T23:59:59.999999999Z"),
        ] {
            let mut out = Vec::new();
            super::write_iso_time(ts_ns, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
    }
}
