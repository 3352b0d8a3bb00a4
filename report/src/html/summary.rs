//! What was measured, and where the time went.

use profiler::Profile;
use profiler::model::{EventOutcome, StageTimes};

use super::table::time;
use crate::{escape, palette, text, units};

pub fn summary(profile: &Profile, out: &mut String) {
    let mut rows = String::new();
    let mut row = |name: &str, value: &str| {
        rows.push_str(&format!("<dt>{}</dt><dd>{}</dd>", escape::xml(name), escape::xml(value)));
    };
    row("Replays", &units::count(profile.iterations.len() as u64));
    row("Events", &units::count(profile.event_count(None)));
    row("Alerts", &units::count(profile.alert_count()));
    row("Time", &units::duration(profile.busy_ns()));
    row("Waited for a processor, not counted", &units::duration(profile.waited_ns()));
    row("Time in rules", &units::duration(profile.rules_ns()));
    row("Cost of rules", &format!("{} units of model {}", units::count(profile.cost()), profile.cost_model));
    if let Some((median, smallest, largest)) = text::overhead(profile) {
        let [median, smallest, largest] = [median, smallest, largest].map(|share| 100.0 * share);
        row("Overhead of measuring", &format!("{median:+.1} % ({smallest:+.1} to {largest:+.1} % in pairs)"));
    }
    for origin in &profile.origins {
        row("Made by", &origin.tool);
        row("Processor", origin.cpu.as_deref().unwrap_or("unknown"));
        for capture in &origin.captures {
            row(
                "Capture",
                &format!("{} ({}, SHA-256 {})", capture.name, units::bytes(capture.bytes), capture.hash),
            );
        }
        let options = &origin.options;
        row(
            "Options",
            &format!(
                "{} replays after {} to warm up, {} workers, matching {}, {} evaluation, timing {} of 1 event in {}",
                options.iterations,
                options.warmup,
                options.workers,
                options.matching,
                options.strategy,
                profile.timing.name(),
                options.sample.max(1)
            ),
        );
        row("Clock reading", &format!("{:.1} ns", origin.clock.read_ps as f64 / 1000.0));
    }
    for file in &profile.rules_files {
        row("Rules", &format!("{} ({}, SHA-256 {})", file.name, units::bytes(file.bytes), file.hash));
    }
    out.push_str(&format!(
        "<p>Times, counts and costs are sums over all replays. Cost units are exact counts of operations, weighed: the \
         same on every machine and in every run.</p><dl>{rows}</dl>"
    ));
}

pub fn stages(profile: &Profile, out: &mut String) {
    let all_ns = profile.busy_ns();
    if profile.stages().sum_ns() == 0 {
        out.push_str("<p>Stages were not timed.</p>");
        return;
    }
    let parts = profile.stages().named().into_iter().chain([("remainder", profile.remainder_ns())]);
    out.push_str("<div class=\"split\" role=\"img\" aria-label=\"Stages as shares of the total\">");
    for (name, ns) in parts {
        let percent = 100.0 * ns as f64 / all_ns.max(1) as f64;
        out.push_str(&format!(
            "<span style=\"width:{percent:.2}%;background:{}\" title=\"{name}: {}\">{}</span>",
            palette::hex(palette::stage(name)),
            escape::xml(&units::duration(ns)),
            // Too narrow for a word.
            if percent > 5.0 { name } else { "" },
        ));
    }
    out.push_str("</div>");
    let by_outcome: Vec<(u64, StageTimes)> = EventOutcome::ALL
        .iter()
        .map(|outcome| {
            let rows = profile.events.iter().filter(|row| row.outcome == *outcome);
            rows.fold((0, StageTimes::default()), |sum, row| (sum.0 + row.count, sum.1 + row.stages))
        })
        .collect();
    out.push_str(
        "<div class=\"scroll\"><table><thead><tr><th class=\"text\">stage<th>total<th>%<th>outside of events",
    );
    for (outcome, (count, _)) in EventOutcome::ALL.iter().zip(&by_outcome) {
        out.push_str(&format!("<th>{} ({})", outcome.name(), units::counted(*count, "event")));
    }
    out.push_str("</tr></thead><tbody>");
    for (i, (name, ns)) in profile.stages().named().into_iter().enumerate() {
        out.push_str(&format!("<tr><td class=\"text\">{name}"));
        time(out, Some(ns));
        out.push_str(&format!("<td>{}", escape::xml(&units::percent(ns, all_ns))));
        time(out, Some(profile.setup.named()[i].1));
        for (_, stages) in &by_outcome {
            time(out, Some(stages.named()[i].1));
        }
        out.push_str("</tr>");
    }
    for (name, ns, class) in [("remainder", profile.remainder_ns(), ""), ("total", all_ns, " class=\"sum\"")]
    {
        out.push_str(&format!("<tr{class}><td class=\"text\">{name}"));
        time(out, Some(ns));
        out.push_str(&format!("<td>{}<td><td><td><td></tr>", escape::xml(&units::percent(ns, all_ns))));
    }
    out.push_str("</tbody></table></div>");
}
