//! Reports of a frozen profile, byte for byte, and what must hold between them.
//!
//! `LANNER_BLESS=1 cargo test -p lanner-report` writes the golden files anew.

use std::path::{Path, PathBuf};

use lanner_report::diff::{self, Verdict};
use lanner_report::folded::Scope;
use lanner_report::plots::Plot;
use profiler::Profile;
use profiler::model::{CallTree, Saving, Timing};

use lanner_report::{Error, Weight, annotate, flame, folded, graph, html, plots, text, units};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures")
}

fn profile() -> Profile {
    profiler::store::read(&fixtures().join("profiles/demo.json")).unwrap()
}

/// Compares with the golden file of that name, or writes it.
fn check(name: &str, found: &str) {
    let path = fixtures().join("expected/profile").join(name);
    if std::env::var_os("LANNER_BLESS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, found).unwrap();
        return;
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    let at = expected.bytes().zip(found.bytes()).take_while(|(a, b)| a == b).count();
    assert!(
        expected == found,
        "{} differs from byte {at} on (line {}); LANNER_BLESS=1 cargo test -p lanner-report writes it anew",
        path.display(),
        found[..at.min(found.len())].lines().count(),
    );
}

fn made(make: impl FnOnce(&Profile, &mut Vec<u8>) -> Result<(), Error>) -> String {
    let mut out = Vec::new();
    make(&profile(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// The profile without most of its rules, for what would be large.
fn small() -> Profile {
    let mut profile = profile();
    profile.rules.truncate(4);
    profile.timeline.rules.truncate(4);
    for iteration in &mut profile.iterations {
        let columns = &mut iteration.rules;
        for column in [&mut columns.evaluations, &mut columns.matches, &mut columns.total_ns] {
            column.truncate(4);
        }
    }
    profile
}

fn folded_sum(text: &str) -> u64 {
    text.lines().map(|line| line.rsplit_once(' ').unwrap().1.parse::<u64>().unwrap()).sum()
}

#[test]
fn text_is_as_before() {
    check("profile.txt", &made(|p, out| text::write(p, &text::Options::default(), out)));
    let wide = text::Options { sort: text::Sort::Matches, rules_max: Some(8), wide: true, color: true };
    check("profile-wide.txt", &made(|p, out| text::write(p, &wide, out)));
}

/// Rules were left out: one is known well, one is not, one costs less than nothing.
#[test]
fn savings_are_as_before() {
    let mut profile = profile();
    for (rule, rounds_ns) in
        [(0, vec![71_000, 70_000, 69_500]), (3, vec![-20_000, 30_000, 90_000]), (7, vec![-900, -1_000])]
    {
        profile.rules[rule].saving = Saving::of(rounds_ns);
    }
    let without_rules = Profile { timing: Timing::Stages, ..profile.clone() };
    let savings = |profile: &Profile| {
        let mut out = Vec::new();
        text::write(profile, &text::Options::default(), &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        text[text.find("One replay is").unwrap()..].to_owned()
    };
    check("savings.txt", &savings(&profile));
    assert_eq!(savings(&without_rules), savings(&profile));
    for (profile, sections) in [(&profile, 2), (&without_rules, 2), (&self::profile(), 0)] {
        let mut page = Vec::new();
        html::write(profile, &[], &mut page).unwrap();
        let page = String::from_utf8(page).unwrap();
        assert_eq!(page.matches("Leaving rules out").count(), sections);
        assert_eq!(page.contains("class=\"noisy\">33.33 µs"), sections > 0);
    }
}

#[test]
fn folded_stacks_add_up_to_the_evaluation_total() {
    let text = made(|p, out| folded::write(p, Scope::Evaluate, Weight::Time, out));
    check("calls.folded", &text);
    assert_eq!(folded_sum(&text), profile().stages().evaluate_ns);
    let text = made(|p, out| folded::write(p, Scope::Stages, Weight::Time, out));
    assert_eq!(folded_sum(&text), profile().busy_ns());
    let text = made(|p, out| folded::write(p, Scope::Evaluate, Weight::Cost, out));
    check("calls-cost.folded", &text);
    assert_eq!(folded_sum(&text), profile().cost());
}

#[test]
fn a_profile_that_is_read_and_written_is_the_same() {
    let mut text = Vec::new();
    profiler::store::write(&profile(), &mut text).unwrap();
    check("../../profiles/demo.json", &String::from_utf8(text).unwrap());
}

#[test]
fn the_flame_graph_s_root_is_the_evaluation_total() {
    let picture = made(|p, out| flame::write(p, Scope::Evaluate, Weight::Time, out));
    check("flamegraph.svg", &picture);
    let total = profile().stages().evaluate_ns;
    assert!(picture.contains(&format!("total_samples=\"{total}\"")));
    assert!(picture.contains(&format!("all ({} ns, 100%)", units::count(total))));
    let picture = made(|p, out| flame::write(p, Scope::Stages, Weight::Time, out));
    assert!(picture.contains(&format!("total_samples=\"{}\"", profile().busy_ns())));
    check("stages.svg", &picture);
    let picture = made(|p, out| flame::write(p, Scope::Evaluate, Weight::Cost, out));
    check("flamegraph-cost.svg", &picture);
    assert!(picture.contains(&format!("all ({} units, 100%)", units::count(profile().cost()))));
}

#[test]
fn parts_never_exceed_their_whole() {
    let profile = profile();
    let tree = CallTree::of(&profile, None);
    let selves: u64 = tree.calls().iter().map(|call| call.self_ns).sum();
    assert_eq!(selves, profile.stages().evaluate_ns);
    assert_eq!(profile.rules_ns() + profile.engine_ns(), profile.stages().evaluate_ns);
    assert_eq!(profile.stages().sum_ns() + profile.remainder_ns() + profile.waited_ns(), profile.total_ns());
    for rule in &profile.rules {
        let by_event: u64 = rule.events.iter().map(|row| row.total().total_ns).sum();
        assert_eq!(by_event, rule.total_ns(), "{}", rule.name);
        if let Some(root) = rule.nodes.first() {
            assert_eq!((root.evaluations, root.hits), (rule.evaluations, rule.matches), "{}", rule.name);
        }
    }
    for iteration in &profile.iterations {
        assert_eq!(iteration.events, profile.iterations[0].events);
    }
}

#[test]
fn graphviz_accepts_the_call_graph() {
    let graph = made(|p, out| graph::dot::write(p, &graph::Options::default(), out));
    check("calls.dot", &graph);
    let Ok(mut child) = std::process::Command::new("dot")
        .arg("-Tsvg")
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
    else {
        eprintln!("skipped: graphviz is not installed");
        return;
    };
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), graph.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert!(String::from_utf8_lossy(&output.stdout).contains("evaluate"));
}

#[test]
fn the_call_graph_says_what_was_cut() {
    let options = |node_share_min| graph::Options { node_share_min, ..Default::default() };
    check("calls.mmd", &made(|p, out| graph::mermaid::write(p, &options(0.01), out)));
    let coarse = made(|p, out| graph::mermaid::write(p, &options(0.2), out));
    let nodes = |text: &str| text.lines().filter(|line| line.starts_with("    style n")).count();
    assert!(nodes(&coarse) < 10 && coarse.contains(" more, "), "{coarse}");
    let cost = graph::Options { weight: Weight::Cost, edge_share_min: 2.0, ..Default::default() };
    let cost = made(|p, out| graph::dot::write(p, &cost, out));
    check("calls-cost.dot", &cost);
    // No edge has twice of everything; what was cut below a node stays beside it.
    assert!(cost.lines().filter(|line| line.contains("->")).all(|line| line.contains("dashed")), "{cost}");
}

#[test]
fn plots_are_as_before() {
    for plot in Plot::ALL {
        let of = if plot.name().ends_with("over-time") { small() } else { profile() };
        check(&format!("{}.svg", plot.name()), &plots::svg(&of, plot).unwrap());
        // Compressed pixels would be golden for one version of the compressor only.
        let picture = plots::png(&profile(), plot).unwrap();
        assert_eq!(picture, plots::png(&profile(), plot).unwrap());
        assert!(picture.starts_with(b"\x89PNG\r\n\x1a\n"), "{plot:?}");
    }
}

#[test]
fn names_from_rules_cannot_break_out() {
    let mut profile = profile();
    let evil = "a\"b\\<script>alert(1)</script>;c\n\x1b[31m 7";
    for rule in &mut profile.rules {
        rule.name = evil.to_owned();
        rule.location.file = evil.to_owned();
        for node in &mut rule.nodes {
            node.text = evil.to_owned();
        }
    }
    let mut all = Vec::new();
    text::write(&profile, &text::Options::default(), &mut all).unwrap();
    folded::write(&profile, Scope::Evaluate, Weight::Time, &mut all).unwrap();
    let lines = String::from_utf8(all).unwrap();
    assert!(!lines.contains('\x1b') && lines.contains("\\u{1b}[31m 7"));
    let mut pictures = Vec::new();
    flame::write(&profile, Scope::Stages, Weight::Time, &mut pictures).unwrap();
    for plot in Plot::ALL {
        pictures.extend(plots::svg(&profile, plot).unwrap().into_bytes());
    }
    let pictures = String::from_utf8(pictures).unwrap();
    assert!(!pictures.contains("<script>alert") && pictures.contains("&lt;script&gt;alert"));
    let mut graph = Vec::new();
    graph::dot::write(&profile, &graph::Options::default(), &mut graph).unwrap();
    assert!(String::from_utf8(graph).unwrap().contains(r#"a\"b\\<script>"#));
    let mut graph = Vec::new();
    graph::mermaid::write(&profile, &graph::Options::default(), &mut graph).unwrap();
    let graph = String::from_utf8(graph).unwrap();
    assert!(!graph.contains("<script") && graph.contains("a#34;b#92;#60;script#62;"), "{graph}");
}

#[test]
fn a_profile_without_times_has_text_and_no_pictures() {
    let mut profile = profile();
    profile.setup = Default::default();
    profile.events.iter_mut().for_each(|row| row.stages = Default::default());
    for rule in &mut profile.rules {
        (rule.matched, rule.not_matched) = Default::default();
    }
    text::write(&profile, &text::Options::default(), Vec::new()).unwrap();
    plots::svg(&profile, Plot::Evaluations).unwrap();
    assert!(plots::svg(&profile, Plot::Cost).is_err());
    assert!(flame::write(&profile, Scope::Evaluate, Weight::Time, Vec::new()).is_err());
    flame::write(&profile, Scope::Evaluate, Weight::Cost, Vec::new()).unwrap();
    html::write(&profile, &[], Vec::new()).unwrap();
    assert!(graph::dot::write(&profile, &graph::Options::default(), Vec::new()).is_err());
}

#[test]
fn the_page_needs_nothing_else_and_escapes_everything() {
    let text = std::fs::read_to_string(fixtures().join("rules/demo.yaml")).unwrap();
    let mut page = Vec::new();
    html::write(&small(), &[html::Source { name: "rules/demo.yaml", text: &text }], &mut page).unwrap();
    check("report.html", &String::from_utf8(page).unwrap());
    let mut profile = profile();
    profile.rules[0].name = "<img src=x onerror=alert(1)>".to_owned();
    profile.origins[0].captures[0].name = "</title><script>alert(2)</script>".to_owned();
    let sources = [html::Source { name: "rules/demo.yaml", text: &format!("# <b>\n{text}") }];
    let mut page = Vec::new();
    html::write(&profile, &sources, &mut page).unwrap();
    let page = String::from_utf8(page).unwrap();
    assert!(!page.contains("<img") && !page.contains("<script>alert") && page.contains("# &lt;b&gt;"));
    for outside in ["http://", "https://", "src=\"/", "@import"] {
        let allowed = page.matches("http://www.w3.org/2000/svg").count();
        let found = page.matches(outside).count();
        assert_eq!(found, if outside == "http://" { allowed } else { 0 }, "{outside}");
    }
    assert_eq!(page.matches("<figure>").count(), Plot::ALL.len());
}

#[test]
fn lines_add_up_to_the_time_in_rules() {
    let profile = profile();
    let lines = annotate::lines(&profile, "rules/demo.yaml");
    assert_eq!(lines.values().map(|line| line.total_ns).sum::<u64>(), profile.rules_ns());
    assert_eq!(lines.values().map(|line| line.cost).sum::<u64>(), profile.cost());
    let text = std::fs::read_to_string(fixtures().join("rules/demo.yaml")).unwrap();
    check("annotated.txt", &made(|p, out| annotate::write(p, "rules/demo.yaml", &text, false, out)));
}

#[test]
fn a_profile_does_not_differ_from_itself() {
    for by in [None, Some(Weight::Time), Some(Weight::Cost)] {
        let options = diff::Options { by, threshold: 0.1, share_min: 0.005 };
        let found = diff::compare(&profile(), &profile(), &options);
        assert!(found.rows.iter().all(|row| row.verdict == Verdict::Same));
        assert_eq!((found.by, found.warnings.len()), (by.unwrap_or(Weight::Cost), 0));
    }
}

/// The frozen profile with one rule that takes longer, one that costs more, one that is gone and one that is new.
fn changed() -> Profile {
    let mut candidate = profile();
    for iteration in &mut candidate.iterations {
        iteration.rules.total_ns[4] *= 20;
    }
    candidate.rules[5].cost *= 3;
    candidate.rules[0].name = "A | *new* <rule>".to_owned();
    candidate
}

#[test]
fn changes_are_found() {
    let (baseline, candidate) = (profile(), changed());
    let compared =
        |by| diff::compare(&baseline, &candidate, &diff::Options { by, threshold: 0.1, share_min: 0.005 });
    let verdict = |diff: &diff::Diff, name: &str| {
        diff.rows.iter().find(|row| row.name == name).map(|row| (row.verdict, row.time_verdict))
    };
    let (slow, dear) = (&baseline.rules[4].name, &baseline.rules[5].name);
    let by_time = compared(Some(Weight::Time));
    assert_eq!(verdict(&by_time, slow), Some((Verdict::Dearer, Verdict::Dearer)));
    assert_eq!(verdict(&by_time, dear), Some((Verdict::Same, Verdict::Same)));
    let by_cost = compared(None);
    assert!(by_cost.is_regression());
    assert_eq!(verdict(&by_cost, slow), Some((Verdict::Same, Verdict::Dearer)));
    assert_eq!(verdict(&by_cost, dear), Some((Verdict::Dearer, Verdict::Same)));
    assert_eq!(verdict(&by_cost, &baseline.rules[0].name), Some((Verdict::Removed, Verdict::Removed)));
    assert_eq!(verdict(&by_cost, &candidate.rules[0].name), Some((Verdict::Added, Verdict::Added)));
    let mut other = profile();
    other.cost_model += 1;
    other.origins[0].captures[0].hash = "other".to_owned();
    let options = diff::Options { by: None, threshold: 0.1, share_min: 0.005 };
    let found = diff::compare(&baseline, &other, &options);
    assert_eq!((found.by, found.warnings.len()), (Weight::Time, 2));
    for (name, write) in [
        ("diff.txt", (|diff, out| diff::write_text(diff, false, out)) as fn(&_, &mut Vec<u8>) -> _),
        ("diff.md", |diff, out| diff::write_markdown(diff, out)),
        ("diff.json", |diff, out| diff::write_json(diff, out)),
    ] {
        let mut out = Vec::new();
        write(&by_cost, &mut out).unwrap();
        check(name, &String::from_utf8(out).unwrap());
    }
}
