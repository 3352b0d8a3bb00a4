//! docs/measuring.md has the weights of the cost model, and the counts and costs of three rules written out.

mod common;

use std::path::Path;

use lanner_profiler::cost::{self, ClassWeights, FieldClass};
use lanner_profiler::model::RuleProfile;
use replay::engine::{MatchMode, Work};
use replay::rules::{self, LoadOptions};

fn document() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/measuring.md");
    std::fs::read_to_string(path).unwrap()
}

/// Cells of the table row that begins with `name`, with numbers as written.
#[track_caller]
fn row<'d>(document: &'d str, name: &str) -> Vec<&'d str> {
    let start = format!("| {name} |");
    let line = document.lines().find(|line| line.starts_with(&start));
    let line = line.unwrap_or_else(|| panic!("no row for {name}"));
    line.split('|').map(str::trim).skip(2).collect()
}

fn number(cell: &str) -> u64 {
    cell.replace(',', "").parse().unwrap_or(0)
}

#[test]
fn the_tables_of_weights_are_those_of_the_model() {
    let document = document();
    assert!(document.contains(&format!("### Model {}\n", cost::VERSION)));
    assert_eq!(number(row(&document, "evaluation")[0]), cost::EVALUATION);
    for work in Work::ALL {
        let name = match work {
            Work::Check => "check",
            Work::RememberedCheck => "remembered check",
            Work::Candidate => "candidate",
            Work::Transform => "transform",
            Work::Bytes => "byte",
            Work::Search => "search",
            Work::SearchByte => "search byte",
            Work::SetProbe => "set probe",
            Work::GlobStep => "glob step",
            Work::GlobSearchByte => "glob search byte",
            Work::RegexStep => "regex step",
            // Part of extractions.
            Work::ValueBytes | Work::AncestorStep => continue,
        };
        assert_eq!(number(row(&document, name)[0]), cost::of_work(work), "{name}");
    }
    for class in FieldClass::ALL {
        let ClassWeights { each, byte, step } = class.weights();
        let cells = row(&document, class.name());
        assert_eq!([1, 2, 3].map(|i| number(cells[i])), [each, byte, step], "{}", class.name());
    }
}

/// The number that ends a text, whatever is around it.
fn last_number(text: &str) -> u64 {
    let digits = |text: char| text.is_ascii_digit() || text == ',';
    let text = text.trim_end_matches(|last| !digits(last));
    number(&text[text.rfind(|other| !digits(other)).map_or(0, |at| at + 1)..])
}

/// The number before a word.
fn count(text: &str, word: &str) -> Option<u64> {
    text.split(word).next().filter(|before| before.len() < text.len()).map(last_number)
}

/// Compares a rule that is written out with its profile: a line about it, and a table of its checks.
fn check_traced(text: &str, rule: &RuleProfile) {
    let (about, table) = text.split_once("|---|").unwrap();
    assert_eq!(count(about, " matches"), (rule.matches > 0).then_some(rule.matches), "{}", rule.name);
    let mut sum = 0;
    for line in table.lines().skip(1).take_while(|line| line.starts_with('|')) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let cost = last_number(cells[cells.len() - 1]);
        match cells[0] {
            "**rule**" => assert_eq!((cost, sum), (rule.cost, rule.cost), "{}", rule.name),
            "evaluations" => {
                assert_eq!(number(cells[1]), rule.evaluations, "{}", rule.name);
                assert_eq!(cost, rule.evaluations * cost::EVALUATION, "{}", rule.name);
                sum += cost;
            }
            cell => {
                let check = cell.split('`').nth(1).unwrap();
                let is_it = |text: &str| text == check || text == format!("({check})");
                let node = rule.nodes.iter().find(|node| node.evaluations > 0 && is_it(&node.text));
                let node = node.unwrap_or_else(|| panic!("{}: no {check}", rule.name));
                assert_eq!(count(cells[1], " checks"), Some(node.evaluations), "{check}");
                assert_eq!(cost, node.cost, "{check}");
                sum += cost;
            }
        }
    }
}

#[test]
fn the_rules_that_are_traced_by_hand_cost_what_is_written() {
    let document = document();
    let (_, traced) = document.split_once("## Three rules traced by hand").unwrap();
    let Some(capture) = common::shared("captures/mixed-modern.scap") else { return };
    let paths = common::STOCK.map(|file| common::shared(&format!("rules/stock/{file}")).unwrap());
    let inputs =
        paths.iter().map(|path| (path.display().to_string(), std::fs::read_to_string(path).unwrap()));
    let ruleset = rules::load(inputs.collect(), &LoadOptions::default()).ruleset;
    let options = common::count_once();
    let profile = common::profile_matching(&common::open(&capture), &ruleset, MatchMode::First, &options);
    let mut checked = 0;
    for rule in &profile.rules {
        if let Some((_, text)) = traced.split_once(&format!("**{}**: ", rule.name)) {
            check_traced(text, rule);
            checked += 1;
        }
    }
    assert_eq!(checked, 3);
}
