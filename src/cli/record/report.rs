//! What is said about a recording at its end.

use std::collections::BTreeMap;

use serde_json::json;

use super::session::on_cpus;
use super::target::Outcome;
use crate::cli::Ui;
use crate::cli::format::{bytes, count, duration};

/// Says how it went: in words, or with the command's exit code as JSON.
pub fn report(outcome: &Outcome, json: Option<u8>, ui: &Ui) {
    if let Some(exit_code) = json {
        ui.result(to_json(outcome, exit_code));
        return;
    }
    ui.note(sentence(outcome));
    if outcome.summary.drop_count() > 0 {
        ui.warn(format_args!("not everything was recorded: {}", lost(outcome)));
    }
    if let Some(kept) = outcome.kept.as_ref().filter(|kept| kept.is_cut_by_bytes) {
        let time = duration(kept.duration.as_nanos() as u64);
        ui.warn(format_args!("memory held the last {time} only; give --ring a size too for more"));
    }
}

fn sentence(outcome: &Outcome) -> String {
    let summary = &outcome.summary;
    let name = match &outcome.files[..] {
        [] => "standard output".to_owned(),
        [file] => file.display().to_string(),
        [.., last] if outcome.kept.is_some() => last.display().to_string(),
        [first, .., last] => format!("{} to {}", first.display(), last.display()),
    };
    let time = |time: std::time::Duration| duration(time.as_nanos() as u64);
    let drops = match summary.drop_count() {
        0 => "no drops".to_owned(),
        dropped => format!("{} dropped{}", count(dropped), on_cpus(&summary.dropped_by_cpu)),
    };
    let (events, size) = (count(summary.events), bytes(outcome.bytes));
    match &outcome.kept {
        None => format!("{events} events, {size} in {name}, {}, {drops}", time(summary.duration)),
        Some(kept) => format!(
            "the last {}, {} of {events} events, {size} in {name}, {drops}",
            time(kept.duration),
            count(kept.events)
        ),
    }
}

/// Lost events by cause, with the types that lost most.
fn lost(outcome: &Outcome) -> String {
    let causes = by(outcome, |drops| drops.cause.describe());
    let causes: Vec<String> = causes.iter().map(|(cause, sum)| format!("{cause} {}", count(*sum))).collect();
    let mut types: Vec<(&str, u64)> = by(outcome, |drops| drops.event.info().name).into_iter().collect();
    types.sort_by_key(|(_, sum)| std::cmp::Reverse(*sum));
    let most: Vec<&str> = types.iter().take(3).map(|(name, _)| *name).collect();
    format!("{} (most of them {})", causes.join(", "), most.join(", "))
}

fn by(
    outcome: &Outcome,
    key: impl Fn(&capture::record::Drops) -> &'static str,
) -> BTreeMap<&'static str, u64> {
    let mut sums = BTreeMap::new();
    for drops in outcome.summary.drops.iter().filter(|drops| drops.cause.is_loss()) {
        *sums.entry(key(drops)).or_insert(0) += drops.count;
    }
    sums
}

fn to_json(outcome: &Outcome, exit_code: u8) -> serde_json::Value {
    let summary = &outcome.summary;
    let files: Vec<_> = outcome.files.iter().map(|file| file.to_string_lossy()).collect();
    let drops = summary.drops.iter().map(|drops| {
        json!({ "cause": drops.cause.describe(), "event": drops.event.info().symbol, "count": drops.count })
    });
    json!({
        "files": files,
        "events": summary.events,
        "bytes": outcome.bytes,
        "duration_ns": summary.duration.as_nanos() as u64,
        "kept_events": outcome.kept.as_ref().map(|kept| kept.events),
        "kept_duration_ns": outcome.kept.as_ref().map(|kept| kept.duration.as_nanos() as u64),
        "dropped": summary.drop_count(),
        "dropped_by_cpu": summary.dropped_by_cpu,
        "drops": drops.collect::<Vec<_>>(),
        "exit_code": exit_code,
    })
}
