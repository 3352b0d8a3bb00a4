//! docs/measuring.md has the weights of the cost model.

use std::path::Path;

use lanner_profiler::cost::{self, ClassWeights, FieldClass};
use replay::engine::Work;

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
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/measuring.md");
    let document = std::fs::read_to_string(path).unwrap();
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
