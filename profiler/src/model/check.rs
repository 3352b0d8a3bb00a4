//! Does a stored profile agree with itself? Reports index and add without looking, so this has to come first.

use super::{FieldCount, Latency, Profile, RuleProfile, StageTimes};

/// Largest sum of all numbers of a profile together. Sums of parts stay below it, hundreds of merged profiles below
/// `u64::MAX`; as nanoseconds it is two years.
const SUM_MAX: u128 = 1 << 56;

impl Profile {
    /// Says what is wrong, if anything is.
    pub(crate) fn check(&self) -> Result<(), String> {
        let rule_count = self.rules.len();
        let mut sum = Sum(0);
        for iteration in &self.iterations {
            let columns = &iteration.rules;
            if [columns.evaluations.len(), columns.matches.len(), columns.total_ns.len()] != [rule_count; 3] {
                return Err(format!("iteration {} does not cover {rule_count} rules", iteration.index));
            }
            sum.add([iteration.events, iteration.alerts, iteration.total_ns, iteration.waited_ns]);
            sum.add_stages(&iteration.stages);
            for column in [&columns.evaluations, &columns.matches, &columns.total_ns] {
                sum.add(column.iter().copied());
            }
        }
        sum.add([self.detail_iterations]);
        sum.add_stages(&self.setup);
        for row in &self.events {
            sum.add([row.count, row.cost]);
            sum.add_stages(&row.stages);
        }
        for row in &self.fields {
            sum.add(amounts(row));
        }
        self.timeline.check(rule_count)?;
        for column in self.timeline.columns() {
            sum.add(column.iter().copied());
        }
        for item in &self.items {
            sum.add([item.evaluations, item.hits]);
        }
        for rule in &self.rules {
            sum.add([rule.evaluations, rule.matches, rule.shadowed, rule.cost]);
            for latency in [&rule.matched, &rule.not_matched] {
                check_latency(latency).map_err(|what| format!("rule \"{}\": {what}", rule.name))?;
                sum.add([latency.count, latency.total_ns, latency.max_ns]);
                sum.add(latency.buckets().iter().map(|bucket| bucket.1));
            }
            for (i, node) in rule.nodes.iter().enumerate() {
                if node.parent.is_some_and(|parent| parent as usize >= i) {
                    return Err(format!("rule \"{}\": node {i} comes before its parent", rule.name));
                }
                sum.add([node.evaluations, node.hits, node.cost, node.shared_cost]);
                sum.add(node.work.amounts());
                sum.add(node.fields.iter().flat_map(amounts));
            }
            for row in &rule.events {
                sum.add([row.matched.count, row.matched.total_ns, row.matched.cost]);
                sum.add([row.not_matched.count, row.not_matched.total_ns, row.not_matched.cost]);
                sum.add(row.node_costs.iter().flat_map(|cost| [cost.count, cost.hits, cost.cost]));
                sum.add(row.field_costs.iter().flat_map(|cost| [cost.count, cost.hits, cost.cost]));
                let costs = row.node_costs.iter().map(|cost| cost.node);
                let costs = costs.chain(row.field_costs.iter().map(|cost| cost.node));
                check_nodes(rule, costs)?;
                let Some(detail) = &row.detail else { continue };
                sum.add([detail.total_ns]);
                sum.add(detail.nodes.iter().flat_map(|time| [time.count, time.hits, time.total_ns]));
                sum.add(detail.fields.iter().flat_map(|time| [time.count, time.hits, time.total_ns]));
                let nodes = detail.nodes.iter().map(|time| time.node);
                check_nodes(rule, nodes.chain(detail.fields.iter().map(|time| time.node)))?;
            }
        }
        if sum.0 > SUM_MAX { Err("its numbers are impossibly large".to_owned()) } else { Ok(()) }
    }
}

struct Sum(u128);

impl Sum {
    fn add(&mut self, values: impl IntoIterator<Item = u64>) {
        self.0 += values.into_iter().map(u128::from).sum::<u128>();
    }

    fn add_stages(&mut self, stages: &StageTimes) {
        self.add([stages.read_ns, stages.decode_ns, stages.state_ns, stages.evaluate_ns, stages.output_ns]);
    }
}

fn amounts(row: &FieldCount) -> [u64; 6] {
    [row.extractions, row.values, row.uses, row.value_bytes, row.ancestor_steps, row.cost]
}

fn check_nodes(rule: &RuleProfile, mut nodes: impl Iterator<Item = u32>) -> Result<(), String> {
    match nodes.find(|node| *node as usize >= rule.nodes.len()) {
        Some(node) => Err(format!("rule \"{}\": there is no node {node}", rule.name)),
        None => Ok(()),
    }
}

fn check_latency(latency: &Latency) -> Result<(), String> {
    if latency.min_ns > latency.max_ns {
        return Err(format!(
            "a shortest time of {} ns and a longest of {} ns",
            latency.min_ns, latency.max_ns
        ));
    }
    if !latency.buckets().windows(2).all(|pair| pair[0].0 < pair[1].0) {
        return Err("histogram buckets are not ascending".to_owned());
    }
    Ok(())
}
