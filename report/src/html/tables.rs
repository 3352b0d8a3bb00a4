//! The sections that are tables.

use profiler::Profile;
use profiler::model::{EventOutcome, StageTimes};

use super::{number, time};
use crate::findings::{self, FindingKind};
use crate::{escape, units};

pub fn summary(profile: &Profile, out: &mut String) {
    let mut row = |name: &str, value: &str| {
        out.push_str(&format!("<dt>{}</dt><dd>{}</dd>", escape::xml(name), escape::xml(value)));
    };
    row("Replays", &units::count(profile.iterations.len() as u64));
    row("Events", &units::count(profile.event_count(None)));
    row("Alerts", &units::count(profile.alert_count()));
    row("Time", &units::duration(profile.busy_ns()));
    row("Waited for a processor, not counted", &units::duration(profile.waited_ns()));
    row("Time in rules", &units::duration(profile.rules_ns()));
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
                "{} replays after {} to warm up, {} workers, matching {}, {} evaluation, timing {}",
                options.iterations,
                options.warmup,
                options.workers,
                options.matching,
                options.strategy,
                profile.timing.name()
            ),
        );
        row("Clock reading", &format!("{:.1} ns", origin.clock.read_ps as f64 / 1000.0));
    }
    for file in &profile.rules_files {
        row("Rules", &format!("{} ({}, SHA-256 {})", file.name, units::bytes(file.bytes), file.hash));
    }
    let rows = std::mem::take(out);
    out.push_str(&format!("<p>Times and counts are sums over all replays.</p><dl>{rows}</dl>"));
}

pub fn stages(profile: &Profile, out: &mut String) {
    let by_outcome: Vec<(u64, StageTimes)> = EventOutcome::ALL
        .iter()
        .map(|outcome| {
            let rows = profile.events.iter().filter(|row| row.outcome == *outcome);
            rows.fold((0, StageTimes::default()), |sum, row| (sum.0 + row.count, sum.1 + row.stages))
        })
        .collect();
    out.push_str("<table><thead><tr><th class=\"text\">stage<th>total<th>%<th>outside of events");
    for (outcome, (count, _)) in EventOutcome::ALL.iter().zip(&by_outcome) {
        out.push_str(&format!("<th>{} ({})", outcome.name(), units::counted(*count, "event")));
    }
    out.push_str("</tr></thead><tbody>");
    let all_ns = profile.busy_ns();
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
    out.push_str("</tbody></table>");
}

pub fn rules(profile: &Profile, out: &mut String) {
    out.push_str(
        "<input type=\"search\" data-table=\"rules\" placeholder=\"Search rules, tags, files\">\
         <table class=\"sortable\" id=\"rules\"><thead><tr><th class=\"text name\">rule<th>checks<th>matches<th>hit %\
         <th data-order=\"-1\">total<th>%<th>mean<th>matched<th>not matched<th>min<th>p50<th>p90<th>p99<th>max</tr></thead><tbody>",
    );
    let all_ns = profile.stages().evaluate_ns;
    let mut rules: Vec<_> = profile.rules.iter().collect();
    rules.sort_by_key(|rule| std::cmp::Reverse((rule.enabled, rule.total_ns(), rule.evaluations)));
    let largest_ns = rules.iter().map(|rule| rule.total_ns()).max().unwrap_or(0).max(1);
    for rule in rules {
        let latency = rule.latency();
        let state = if rule.enabled { "" } else { " (disabled)" };
        let class = if rule.evaluations == 0 { " class=\"idle\"" } else { "" };
        out.push_str(&format!(
            "<tr{class}><td class=\"text\">{}{state}<small>{}:{} {}</small>",
            escape::xml(&rule.name),
            escape::xml(&rule.location.file),
            rule.location.line,
            escape::xml(&rule.tags.join(" "))
        ));
        number(out, rule.evaluations as f64, &units::count(rule.evaluations));
        number(out, rule.matches as f64, &units::count(rule.matches));
        let hits = rule
            .hit_rate()
            .map_or_else(|| "-".to_owned(), |_| units::percent(rule.matches, rule.evaluations));
        number(out, rule.hit_rate().unwrap_or(-1.0), &hits);
        let timed = latency.count > 0;
        let width = 60 * latency.total_ns / largest_ns;
        out.push_str(&format!(
            "<td data-sort=\"{}\"><span class=\"bar\" style=\"width:{width}px\"></span>",
            latency.total_ns
        ));
        out.push_str(&escape::xml(&if timed { units::duration(latency.total_ns) } else { "-".to_owned() }));
        number(out, latency.total_ns as f64, &units::percent(latency.total_ns, all_ns));
        let mean = |latency: &profiler::model::Latency| {
            (latency.count > 0).then(|| latency.mean_ns().round() as u64)
        };
        for ns in
            [mean(&latency), mean(&rule.matched), mean(&rule.not_matched), timed.then_some(latency.min_ns)]
        {
            time(out, ns);
        }
        for quantile in [0.5, 0.9, 0.99] {
            time(out, latency.quantile_ns(quantile));
        }
        time(out, timed.then_some(latency.max_ns));
        out.push_str("</tr>");
    }
    out.push_str("</tbody></table>");
}

pub fn findings(profile: &Profile, out: &mut String) {
    let findings = findings::find(profile);
    out.push_str(
        "<p>Said of these events only: a rule that never matched may be waiting for its attacker. Macros that are \
         switched off with <code>evt.num=0</code> are left out.</p>\
         <input type=\"search\" data-table=\"findings\" placeholder=\"Search\">\
         <table class=\"sortable\" id=\"findings\"><thead><tr><th class=\"text\">finding<th class=\"text\">rule\
         <th class=\"text\">part<th>evaluated<th class=\"text\">where</tr></thead><tbody>",
    );
    for finding in findings {
        let (text, location, evaluations) = match finding.node {
            Some(node) => (node.text.as_str(), &node.location, node.evaluations),
            None => ("", &finding.rule.location, finding.rule.evaluations),
        };
        // Everything in a rule that was never checked is never reached.
        if finding.kind == FindingKind::NeverReached && finding.rule.evaluations == 0 {
            continue;
        }
        out.push_str(&format!(
            "<tr><td class=\"text\">{}<td class=\"text\">{}<td class=\"text\">{}",
            finding.kind.name(),
            escape::xml(&finding.rule.name),
            escape::xml(text)
        ));
        number(out, evaluations as f64, &units::count(evaluations));
        out.push_str(&format!("<td class=\"text\">{}:{}</tr>", escape::xml(&location.file), location.line));
    }
    out.push_str("</tbody></table>");
}
