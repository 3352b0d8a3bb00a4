//! Loading of rules: all public rules in one file after another, and lowering what came out.

use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use lanner_replay::engine::Program;
use lanner_replay::rules::{LoadOptions, load};

const FILES: [&str; 3] = ["falco_rules.yaml", "falco-incubating_rules.yaml", "falco-sandbox_rules.yaml"];

fn loading(criterion: &mut Criterion) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/rules/stock");
    if !folder.is_dir() {
        eprintln!("skipped: the benches need {}", folder.display());
        return;
    }
    let read =
        |file: &str| (file.to_string(), std::fs::read_to_string(folder.join(file)).expect("a rules file"));
    let inputs = FILES.map(read).to_vec();
    let bytes = inputs.iter().map(|(_, text)| text.len() as u64).sum();
    let mut group = criterion.benchmark_group("rules");
    group.throughput(Throughput::Bytes(bytes));
    group.sample_size(20);
    let options = LoadOptions::default();
    group.bench_function("load 93 stock rules", |bencher| {
        bencher.iter(|| black_box(load(inputs.clone(), &options).ruleset.rules.len()));
    });
    group.bench_function("load and lower 93 stock rules", |bencher| {
        bencher.iter(|| black_box(Program::lower(&load(inputs.clone(), &options).ruleset)));
    });
}

criterion_group!(benches, loading);
criterion_main!(benches);
