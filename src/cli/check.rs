//! `lanner check`: what is wrong with rules files.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use replay::rules::{self, Diagnostic, LoadOptions, Loaded, SchemaWarning, Span};
use serde_json::{Value, json};

use super::diagnostics::DiagnosticPrinter;
use super::rule_args::read_rules;
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
    let mut loaded = rules::load(read_rules(&args.rules)?, &LoadOptions::default());
    // For people in the order of the files; the library has them in the order in which Falco finds them.
    let place = |diagnostic: &Diagnostic| (diagnostic.span.file, diagnostic.span.start);
    loaded.diagnostics.sort_by_key(place);
    let count = |errors: bool| loaded.diagnostics.iter().filter(|d| d.is_error() == errors).count();
    let (errors, warnings) = (count(true), count(false));
    let mut out = std::io::stdout().lock();
    if args.json {
        serde_json::to_writer_pretty(&mut out, &to_json(&loaded, errors, warnings))?;
        writeln!(out)?;
    } else {
        let printer = DiagnosticPrinter::new(&loaded.ruleset.sources, ui.color_stdout);
        // What Falco's own checks have something against needs no advice as well.
        let known: BTreeSet<_> = loaded.diagnostics.iter().map(place).collect();
        let mut advice: Vec<Diagnostic> =
            schema_warnings(&loaded).map(SchemaWarning::to_diagnostic).collect();
        advice.retain(|diagnostic| !known.contains(&place(diagnostic)));
        let mut messages: Vec<&Diagnostic> = loaded.diagnostics.iter().chain(&advice).collect();
        messages.sort_by_key(|diagnostic| place(diagnostic));
        for diagnostic in messages {
            writeln!(out, "{}\n", printer.render(diagnostic))?;
        }
        ui.note(summary(&loaded, errors, warnings));
    }
    let failed = errors > 0 || (args.deny_warnings && warnings > 0);
    Ok(if failed { ExitCode::from(FAILURE) } else { ExitCode::SUCCESS })
}

fn schema_warnings(loaded: &Loaded) -> impl Iterator<Item = &SchemaWarning> {
    loaded.schema.iter().flatten().flatten()
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
            let schema = loaded.schema.get(i).and_then(Option::as_ref);
            let warnings = schema.into_iter().flatten().map(|warning| schema_json(loaded, warning));
            json!({
                "name": file.name,
                "ok": ok,
                "schema_valid": schema.map(Vec::is_empty),
                "schema_warnings": warnings.collect::<Vec<_>>(),
            })
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

fn schema_json(loaded: &Loaded, warning: &SchemaWarning) -> Value {
    json!({
        "message": warning.violation.to_string(),
        "place": place_json(loaded, warning.span),
        "path": warning.path,
        "help": warning.help,
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
