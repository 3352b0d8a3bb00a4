//! Stages of a replay, each on top of those before it: reading and state, verdicts, alerts. Throughput is in
//! events, so that figures can be compared with those of other tools; that of alerts is in alerts.

use std::fs::File;
use std::hint::black_box;
use std::io::Write;
use std::path::{Path, PathBuf};

use capture::savefile::{Capture, ReadOptions};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use lanner_replay::alert::{AlertFormat, AlertOptions, Background, Discard, WriteAlerts};
use lanner_replay::driver::{ReplayOptions, replay};
use lanner_replay::engine::{MatchMode, NoProbe, Program};
use lanner_replay::rules::{LoadOptions, Ruleset, Selection, Selector};

fn shared() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    if !path.is_dir() {
        eprintln!("skipped: the benches need {}", path.display());
        return None;
    }
    Some(path)
}

fn load(shared: &Path, files: &[&str], every_rule: bool) -> Ruleset {
    let read =
        |file: &&str| (file.to_string(), std::fs::read_to_string(shared.join(file)).expect("a rules file"));
    let mut options = LoadOptions::default();
    if every_rule {
        options.selections.push(Selection { enable: true, rules: Selector::Name("*".into()) });
    }
    lanner_replay::rules::load(files.iter().map(read).collect(), &options).ruleset
}

fn stages(criterion: &mut Criterion) {
    let Some(shared) = shared() else { return };
    let path = shared.join("captures/mixed-modern.scap");
    let capture = Capture::open(&path, ReadOptions::default()).expect("a capture");
    let every = load(
        &shared,
        &[
            "rules/stock/falco_rules.yaml",
            "rules/stock/falco-incubating_rules.yaml",
            "rules/stock/falco-sandbox_rules.yaml",
        ],
        true,
    );
    let stable = load(&shared, &["rules/stock/falco_rules.yaml"], false);
    let broad = load(&shared, &["rules/broad.yaml"], false);
    let verdicts = |program: &Program| {
        let options = ReplayOptions { mode: MatchMode::All, ..ReplayOptions::default() };
        let summary = replay(&capture, program, &options, &mut NoProbe, &mut Discard).expect("a replay");
        black_box(summary.alerts);
        summary.events
    };
    let nothing = Program::lower(&Ruleset::default());
    let mut group = criterion.benchmark_group("replay");
    group.throughput(Throughput::Elements(verdicts(&nothing)));
    group.sample_size(10);
    group.bench_function("read and state", |bencher| bencher.iter(|| verdicts(&nothing)));
    for (name, ruleset) in [("25 stable rules", &stable), ("93 stock rules", &every)] {
        let program = Program::lower(ruleset);
        group.bench_function(format!("verdicts, {name}"), |bencher| bencher.iter(|| verdicts(&program)));
    }
    let program = Program::lower(&broad);
    group.bench_function("verdicts, broad rules", |bencher| bencher.iter(|| verdicts(&program)));
    group.finish();

    let alerts = |json: bool, out: &mut dyn Write| {
        let format =
            AlertFormat::new(&broad, &AlertOptions { json, ..AlertOptions::default() }).expect("outputs");
        let mut sink = WriteAlerts::new(&format, out);
        let options = ReplayOptions { mode: MatchMode::All, ..ReplayOptions::default() };
        let summary = replay(&capture, &program, &options, &mut NoProbe, &mut sink).expect("a replay");
        sink.finish().expect("a place to write to");
        summary.alerts
    };
    // From the capture to the last byte written: reading, state and verdicts are part of it.
    let mut group = criterion.benchmark_group("alerts");
    group.throughput(Throughput::Elements(alerts(true, &mut std::io::sink())));
    group.sample_size(10);
    group.bench_function("JSON", |bencher| bencher.iter(|| alerts(true, &mut std::io::sink())));
    group.bench_function("text", |bencher| bencher.iter(|| alerts(false, &mut std::io::sink())));
    let file = std::env::temp_dir().join(format!("lanner-alerts-{}.jsonl", std::process::id()));
    group.bench_function("JSON to a file", |bencher| {
        let create = || {
            let _ = std::fs::remove_file(&file);
            Background::new(File::create(&file).expect("a temporary file")).expect("a thread")
        };
        let write = |mut out: Background<File>| {
            alerts(true, &mut out);
            out.finish().expect("everything is written")
        };
        bencher.iter_batched(create, write, BatchSize::PerIteration);
    });
    group.finish();
    let _ = std::fs::remove_file(&file);
}

criterion_group!(benches, stages);
criterion_main!(benches);
