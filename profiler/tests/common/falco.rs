//! Costs of the public rules in Falco, and ours.

use std::fmt;

use lanner_profiler::Profile;
use lanner_profiler::session::Options;

use super::{costs, least_ns, open, profile, shared, spearman, stock};

/// Falco's dearest rules that ours should hold.
pub const DEAREST: usize = 10;
/// Among how many of ours.
pub const AMONG: usize = 12;

/// Rules with what they cost in Falco and here.
pub struct Comparison {
    pub rows: Vec<Row>,
}

pub struct Row {
    pub rule: String,
    pub falco_cycles: f64,
    pub cost: f64,
    pub ns: f64,
}

/// Profiles the capture whose costs in Falco are known; every rule on its own, as there.
pub fn compare(options: &Options) -> Option<Comparison> {
    let capture = open(&shared("captures/mixed-modern.scap")?);
    let profile = profile(&capture, &stock()?, options);
    with_costs(&profile, &costs(&profile))
}

/// Puts costs of the rules of a profile, and their times, beside Falco's costs.
pub fn with_costs(profile: &Profile, costs: &[f64]) -> Option<Comparison> {
    let reference = std::fs::read(shared("oracle/falco-rule-costs.json")?).expect("a readable file");
    let reference: serde_json::Value = serde_json::from_slice(&reference).expect("valid JSON");
    let times = least_ns(profile);
    let rows = reference["rules"].as_array().expect("a list of rules").iter().filter_map(|row| {
        let rule = row["rule"].as_str().expect("a name").to_owned();
        let index = profile.rules.iter().position(|r| r.name == rule)?;
        let falco_cycles = row["cycles"].as_f64().expect("a number");
        Some(Row { rule, falco_cycles, cost: costs[index], ns: times[index] })
    });
    Some(Comparison { rows: rows.collect() })
}

impl Comparison {
    /// Rank correlation with a column of ours.
    pub fn spearman(&self, column: fn(&Row) -> f64) -> f64 {
        let falco: Vec<f64> = self.rows.iter().map(|row| row.falco_cycles).collect();
        spearman(&falco, &self.rows.iter().map(column).collect::<Vec<f64>>())
    }

    /// How many of Falco's dearest rules are among our dearest.
    pub fn dearest_in_common(&self, column: fn(&Row) -> f64) -> usize {
        let falco = self.dearest(|row| row.falco_cycles, DEAREST);
        let ours = self.dearest(column, AMONG);
        falco.iter().filter(|rule| ours.contains(rule)).count()
    }

    fn dearest(&self, column: fn(&Row) -> f64, count: usize) -> Vec<&str> {
        let mut rows: Vec<&Row> = self.rows.iter().collect();
        rows.sort_by(|a, b| column(b).total_cmp(&column(a)));
        rows.iter().take(count).map(|row| row.rule.as_str()).collect()
    }
}

/// What rules are compared by.
type Column = fn(&Row) -> f64;

/// Place of a row in the order of a column, from 1.
fn rank(rows: &[Row], row: &Row, column: Column) -> usize {
    1 + rows.iter().filter(|other| column(other) > column(row)).count()
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns: [(&str, Column); 2] = [("cost units", |row| row.cost), ("time", |row| row.ns)];
        for (name, column) in columns {
            writeln!(
                f,
                "{name}: Spearman {:.3} over {} rules, {} of Falco's {DEAREST} dearest among our {AMONG}",
                self.spearman(column),
                self.rows.len(),
                self.dearest_in_common(column),
            )?;
        }
        writeln!(
            f,
            "{:>5} {:>5} {:>5}  {:>12} {:>14} {:>12}",
            "Falco", "cost", "time", "cycles", "cost units", "ns"
        )?;
        for row in &self.rows {
            let [falco, cost, time] = [|row: &Row| row.falco_cycles, columns[0].1, columns[1].1]
                .map(|column: fn(&Row) -> f64| rank(&self.rows, row, column));
            writeln!(
                f,
                "{falco:>5} {cost:>5} {time:>5}  {:>12.0} {:>14.0} {:>12.0}  {}",
                row.falco_cycles, row.cost, row.ns, row.rule
            )?;
        }
        Ok(())
    }
}
