//! `lanner check`: what is wrong with rules files.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use replay::rules::{self, Diagnostic, LoadOptions, Loaded, Span};
use serde_json::{Value, json};

use super::diagnostics::DiagnosticPrinter;
use super::{FAILURE, Ui};

/// Check rules files and show what is wrong with them
///
/// Files are loaded in the order given, each on top of those before, as Falco loads them. Unlike Falco, check does
/// not stop at the first error. The exit status is 1 if there are errors.
#[derive(clap::Args)]
pub struct Args {
    /// Rules files, folders of rules files in order of their names, or - for standard input
    #[arg(required = true, value_name = "RULES")]
    rules: Vec<PathBuf>,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    /// Fail if there are warnings, too
    #[arg(long)]
    deny_warnings: bool,
}

/// Version of the JSON output. It grows when a reader of the old one could misread the new one.
const JSON_VERSION: u32 = 1;

/// Runs the verb.
pub fn run(args: Args, ui: &Ui) -> anyhow::Result<ExitCode> {
    let inputs = read(&args.rules)?;
    let loaded = rules::load(inputs, &LoadOptions::default());
    let count = |errors: bool| loaded.diagnostics.iter().filter(|d| d.is_error() == errors).count();
    let (errors, warnings) = (count(true), count(false));
    let mut out = std::io::stdout().lock();
    if args.json {
        serde_json::to_writer_pretty(&mut out, &to_json(&loaded, errors, warnings))?;
        writeln!(out)?;
    } else {
        let printer = DiagnosticPrinter::new(&loaded.ruleset.sources, ui.color_stdout);
        for diagnostic in &loaded.diagnostics {
            writeln!(out, "{}\n", printer.render(diagnostic))?;
        }
        ui.note(summary(&loaded, errors, warnings));
    }
    let failed = errors > 0 || (args.deny_warnings && warnings > 0);
    Ok(if failed { ExitCode::from(FAILURE) } else { ExitCode::SUCCESS })
}

fn summary(loaded: &Loaded, errors: usize, warnings: usize) -> String {
    let ruleset = &loaded.ruleset;
    format!(
        "{}: {}, {}, {}; {}, {}",
        counted(ruleset.sources.files().len(), "file"),
        counted(ruleset.rules.len(), "rule"),
        counted(ruleset.macros.len(), "macro"),
        counted(ruleset.lists.len(), "list"),
        counted(errors, "error"),
        counted(warnings, "warning"),
    )
}

fn counted(count: usize, what: &str) -> String {
    match count {
        0 => format!("no {what}s"),
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    }
}

/// Names and texts of rules files. A folder stands for the YAML files in it, in order of their names.
fn read(paths: &[PathBuf]) -> anyhow::Result<Vec<(String, String)>> {
    let mut inputs = Vec::new();
    for path in paths {
        if path == Path::new("-") {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text).context("cannot read standard input")?;
            inputs.push(("<stdin>".to_string(), text));
            continue;
        }
        let mut files = vec![path.clone()];
        if path.is_dir() {
            let entries = std::fs::read_dir(path).with_context(|| format!("cannot read {}", path.display()))?;
            files = entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
            files.retain(|path| {
                path.is_file() && path.extension().is_some_and(|end| end == "yaml" || end == "yml")
            });
            files.sort();
        }
        for file in files {
            let text =
                std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
            inputs.push((file.display().to_string(), text));
        }
    }
    Ok(inputs)
}

fn to_json(loaded: &Loaded, errors: usize, warnings: usize) -> Value {
    let ruleset = &loaded.ruleset;
    let files: Vec<Value> = ruleset
        .sources
        .files()
        .iter()
        .enumerate()
        .map(|(i, file)| {
            let own = |d: &&Diagnostic| d.span.file.0 as usize == i;
            let ok = !loaded.diagnostics.iter().filter(own).any(Diagnostic::is_error);
            json!({"name": file.name, "ok": ok})
        })
        .collect();
    json!({
        "version": JSON_VERSION,
        "ok": errors == 0,
        "files": files,
        "rules": ruleset.rules.len(),
        "macros": ruleset.macros.len(),
        "lists": ruleset.lists.len(),
        "errors": errors,
        "warnings": warnings,
        "diagnostics": loaded.diagnostics.iter().map(|d| diagnostic_json(loaded, d)).collect::<Vec<_>>(),
    })
}

fn diagnostic_json(loaded: &Loaded, diagnostic: &Diagnostic) -> Value {
    let related = diagnostic.related.iter().map(|(span, label)| {
        let mut place = place_json(loaded, *span);
        place["label"] = json!(label);
        place
    });
    json!({
        "severity": if diagnostic.is_error() { "error" } else { "warning" },
        "code": diagnostic.code,
        "description": rules::diagnostic::describe(diagnostic.code),
        "message": diagnostic.message,
        "place": place_json(loaded, diagnostic.span),
        "path": diagnostic.path.iter().map(|step| json!({"kind": step.kind, "name": step.name})).collect::<Vec<_>>(),
        "related": related.collect::<Vec<_>>(),
        "help": diagnostic.help,
    })
}

/// Lines and columns count from 1, columns in characters; offsets count bytes from 0.
fn place_json(loaded: &Loaded, span: Span) -> Value {
    let sources = &loaded.ruleset.sources;
    let (line, column) = sources.position(span);
    let (end_line, end_column) = sources.position(Span { start: span.end, ..span });
    json!({
        "file": sources.file(span.file).name,
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
        "start": span.start,
        "end": span.end,
    })
}
