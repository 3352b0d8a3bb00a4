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
            cost: 70,
            nodes: vec![NodeProfile {
                parent: None,
                kind: NodeKind::Check,
                text: "proc.name = \"a, b\"".to_owned(),
                location: Location { file: "rules.yaml".to_owned(), line: 4, column: 14 },
                evaluations: 1,
                cost: 60,
                shared_cost: 55,
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
    let text = csv(Table::rules(&profile()).unwrap());
    let cell = |line: usize, name: &str| {
        let column = text.lines().next().unwrap().split(',').position(|heading| heading == name).unwrap();
        text.lines().nth(line).unwrap().split(',').nth(column).unwrap().to_owned()
    };
    let names = ["rule", "cost", "iteration_mean_ns", "iteration_stddev_ns", "iteration_median_ns"];
    assert_eq!(names.map(|name| cell(1, name)), ["dear", "70", "200.0", "100.0", "200.0"]);
    assert_eq!(names.map(|name| cell(2, name)), ["cheap", "70", "10.0", "0.0", "10.0"]);
}

#[test]
fn rules_are_sorted_by_cost() {
    let text = csv(Table::rules(&profile()).unwrap());
    let mut lines = text.lines();
    assert!(
        lines
            .next()
            .unwrap()
            .starts_with("position,rule,file,line,priority,enabled,evaluations,matches,cost,cost_share,")
    );
    assert!(lines.next().unwrap().starts_with("1,dear,rules.yaml,3,Notice,true,1,0,70,0.5,600,"));
    assert!(lines.next().unwrap().starts_with("0,cheap,"));
}

#[test]
fn iterations_and_nodes_have_all_rows() {
    assert_eq!(Table::iterations(&profile()).unwrap().row_count(), 6);
    let text = csv(Table::nodes(&profile()).unwrap());
    assert_eq!(text.lines().count(), 3);
    assert!(text.contains(r#""proc.name = ""a, b""""#), "{text}");
    assert!(text.lines().nth(1).unwrap().ends_with(",1,0,60,55,"), "{text}");
}

#[test]
fn a_profile_without_rules_is_an_empty_table() {
    let empty = Profile { rules: vec![], iterations: vec![], ..profile() };
    assert_eq!(Table::rules(&empty).unwrap().row_count(), 0);
}

/// Tables of the frozen profile, byte for byte; `LANNER_BLESS=1 cargo test -p lanner-tables` writes them anew.
#[test]
fn tables_are_as_before() {
    let fixtures = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let profile = profiler::store::read(&fixtures.join("profiles/demo.json")).unwrap();
    let tables = [
        ("rules.csv", Table::rules(&profile)),
        ("nodes.csv", Table::nodes(&profile)),
        ("iterations.csv", Table::iterations(&profile)),
    ];
    for (name, table) in tables {
        let (path, found) = (fixtures.join("expected/profile").join(name), csv(table.unwrap()));
        if std::env::var_os("LANNER_BLESS").is_some() {
            std::fs::write(path, found).unwrap();
        } else {
            let expected = std::fs::read_to_string(path).unwrap_or_default();
            let line = expected.lines().zip(found.lines()).position(|(a, b)| a != b);
            assert!(expected == found, "{name} differs, first in line {:?}", line.map(|line| line + 1));
        }
    }
}

#[test]
fn parquet_holds_the_same() {
    use polars_io::SerReader;
    for make in [Table::rules, Table::nodes, Table::iterations] {
        let mut table = make(&profile()).unwrap();
        let mut out = std::io::Cursor::new(Vec::new());
        table.write_parquet(&mut out).unwrap();
        let read = polars_io::prelude::ParquetReader::new(out).finish().unwrap();
        assert!(read.equals_missing(&table.0), "{read:?}");
    }
}
