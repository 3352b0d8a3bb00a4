//! From the profile to columns.

use polars::prelude::*;
use profiler::Profile;
use profiler::model::{Iteration, Latency, NodeProfile, RuleProfile};

/// A column for each name, with its value for every row.
macro_rules! frame {
    ($rows:expr, |$row:ident| { $($name:ident: $value:expr),+ $(,)? }) => {{
        let rows: Vec<_> = $rows.collect();
        df![$(stringify!($name) => rows.iter().map(|$row| $value).collect::<Vec<_>>()),+]
    }};
}

struct IterationRow<'a> {
    number: usize,
    iteration: &'a Iteration,
    position: usize,
    rule: &'a RuleProfile,
}

pub fn iterations(profile: &Profile) -> PolarsResult<DataFrame> {
    let rows = profile.iterations.iter().enumerate().flat_map(|(number, iteration)| {
        profile.rules.iter().enumerate().map(move |(position, rule)| IterationRow {
            number,
            iteration,
            position,
            rule,
        })
    });
    let cell = |column: &[u64], row: &IterationRow<'_>| column.get(row.position).copied().unwrap_or(0);
    frame!(rows, |row| {
        iteration: row.number as u32,
        worker: row.iteration.worker,
        position: row.position as u32,
        rule: row.rule.name.as_str(),
        evaluations: cell(&row.iteration.rules.evaluations, row),
        matches: cell(&row.iteration.rules.matches, row),
        total_ns: cell(&row.iteration.rules.total_ns, row),
        iteration_total_ns: row.iteration.total_ns,
        iteration_evaluate_ns: row.iteration.stages.evaluate_ns,
    })
}

struct RuleRow<'a> {
    position: usize,
    rule: &'a RuleProfile,
    latency: Latency,
}

/// What does not depend on iterations.
pub fn rules(profile: &Profile) -> PolarsResult<DataFrame> {
    let (all_ns, all_cost) = (profile.rules_ns(), profile.cost());
    let rows = profile.rules.iter().enumerate();
    let rows = rows.map(|(position, rule)| RuleRow { position, rule, latency: rule.latency() });
    frame!(rows, |row| {
        position: row.position as u32,
        rule: row.rule.name.as_str(),
        file: row.rule.location.file.as_str(),
        line: row.rule.location.line,
        priority: row.rule.priority.as_str(),
        enabled: row.rule.enabled,
        evaluations: row.rule.evaluations,
        matches: row.rule.matches,
        cost: row.rule.cost,
        cost_share: (all_cost > 0).then(|| row.rule.cost as f64 / all_cost as f64),
        total_ns: row.latency.total_ns,
        share: (all_ns > 0).then(|| row.latency.total_ns as f64 / all_ns as f64),
        replay_low_ns: row.rule.interval.map(|interval| interval.low_ns),
        replay_high_ns: row.rule.interval.map(|interval| interval.high_ns),
        noisy: row.rule.interval.map(|interval| interval.noisy),
        saved_ns: row.rule.saving.as_ref().map(|saving| saving.saved_ns),
        saved_low_ns: row.rule.saving.as_ref().map(|saving| saving.low_ns),
        saved_high_ns: row.rule.saving.as_ref().map(|saving| saving.high_ns),
        mean_ns: row.rule.mean_ns(),
        min_ns: (row.latency.count > 0).then_some(row.latency.min_ns),
        p50_ns: row.latency.quantile_ns(0.5),
        p90_ns: row.latency.quantile_ns(0.9),
        p99_ns: row.latency.quantile_ns(0.99),
        p999_ns: row.latency.quantile_ns(0.999),
        max_ns: (row.latency.count > 0).then_some(row.latency.max_ns),
        matched_ns: row.rule.matched.total_ns,
        not_matched_ns: row.rule.not_matched.total_ns,
    })
}

struct NodeRow<'a> {
    rule: &'a RuleProfile,
    index: usize,
    node: &'a NodeProfile,
    detail_ns: Option<u64>,
}

pub fn nodes(profile: &Profile) -> PolarsResult<DataFrame> {
    let rows = profile.rules.iter().flat_map(|rule| {
        let mut times = vec![None; rule.nodes.len()];
        for time in rule.events.iter().filter_map(|row| row.detail.as_ref()).flat_map(|detail| &detail.nodes)
        {
            if let Some(sum) = times.get_mut(time.node as usize) {
                *sum = Some(sum.unwrap_or(0) + time.total_ns);
            }
        }
        let rows = rule.nodes.iter().zip(times).enumerate();
        rows.map(move |(index, (node, detail_ns))| NodeRow { rule, index, node, detail_ns })
    });
    frame!(rows, |row| {
        rule: row.rule.name.as_str(),
        node: row.index as u32,
        parent: row.node.parent,
        kind: row.node.kind.name(),
        text: row.node.text.as_str(),
        file: row.node.location.file.as_str(),
        line: row.node.location.line,
        column: row.node.location.column,
        evaluations: row.node.evaluations,
        hits: row.node.hits,
        cost: row.node.cost,
        shared_cost: row.node.shared_cost,
        detail_ns: row.detail_ns,
    })
}
