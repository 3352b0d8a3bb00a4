use profiler::model::{
    FORMAT, Iteration, IterationRules, Latency, Location, NodeKind, NodeProfile, Profile, RuleProfile,
    StageTimes, VERSION,
};

use super::*;

/// Two rules over three iterations; the second costs more.
fn profile() -> Profile {
    let rule = |name: &str, total_ns| {
        let mut histogram = profiler::histogram::Histogram::default();
        histogram.record(total_ns);
        RuleProfile {
            name: name.to_owned(),
            location: Location { file: "rules.yaml".to_owned(), line: 3, column: 1 },
            priority: "Notice".to_owned(),
            enabled: true,
            evaluations: 1,
            not_matched: Latency::new(&histogram, total_ns),
            nodes: vec![NodeProfile {
                parent: None,
                kind: NodeKind::Check,
                text: "proc.name = \"a, b\"".to_owned(),
                location: Location { file: "rules.yaml".to_owned(), line: 4, column: 14 },
                evaluations: 1,
                ..NodeProfile::default()
            }],
            ..RuleProfile::default()
        }
    };
    let iteration = |index, cheap, dear| Iteration {
        index,
        worker: 0,
        events: 1,
        alerts: 0,
        total_ns: 1000,
        waited_ns: 0,
        stages: StageTimes { evaluate_ns: cheap + dear, ..Default::default() },
        rules: IterationRules { evaluations: vec![1, 1], matches: vec![0, 0], total_ns: vec![cheap, dear] },
    };
    Profile {
        format: FORMAT.to_owned(),
        version: VERSION,
        iterations: vec![iteration(0, 10, 100), iteration(1, 10, 200), iteration(2, 10, 300)],
        rules: vec![rule("cheap", 30), rule("dear", 600)],
        ..Profile::default()
    }
}

fn csv(mut table: Table) -> String {
    let mut out = Vec::new();
    table.write_csv(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn spreads_are_over_iterations() {
    let [cheap, dear] = spreads(&profile()).unwrap()[..] else { panic!() };
    assert_eq!((cheap.mean_ns, cheap.stddev_ns), (10.0, 0.0));
    assert_eq!((dear.mean_ns, dear.stddev_ns, dear.median_ns), (200.0, 100.0, 200.0));
}

#[test]
fn rules_are_sorted_by_cost() {
    let text = csv(Table::rules(&profile()).unwrap());
    let mut lines = text.lines();
    assert!(
        lines
            .next()
            .unwrap()
            .starts_with("position,rule,file,line,priority,enabled,evaluations,matches,total_ns")
    );
    assert!(lines.next().unwrap().starts_with("1,dear,rules.yaml,3,Notice,true,1,0,600,"));
    assert!(lines.next().unwrap().starts_with("0,cheap,"));
}

#[test]
fn iterations_and_nodes_have_all_rows() {
    assert_eq!(Table::iterations(&profile()).unwrap().row_count(), 6);
    let text = csv(Table::nodes(&profile()).unwrap());
    assert_eq!(text.lines().count(), 3);
    assert!(text.contains(r#""proc.name = ""a, b""""#), "{text}");
}

#[test]
fn a_profile_without_rules_is_an_empty_table() {
    let empty = Profile { rules: vec![], iterations: vec![], ..profile() };
    assert_eq!(Table::rules(&empty).unwrap().row_count(), 0);
    assert_eq!(spreads(&empty).unwrap(), []);
}

#[test]
fn parquet_has_its_magic_number() {
    let mut out = Vec::new();
    Table::rules(&profile()).unwrap().write_parquet(&mut out).unwrap();
    assert!(out.starts_with(b"PAR1") && out.ends_with(b"PAR1"));
}
