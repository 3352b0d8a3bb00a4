//! Arguments that name rules and choose among them, shared by the verbs that run rules.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Arg, ArgAction, ArgMatches, Command, FromArgMatches};
use replay::rules::{LoadOptions, Loaded, Priority, Selection, Selector};

use super::Ui;
use super::diagnostics::DiagnosticPrinter;

/// Rules files and which of their rules run.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Rules")]
pub struct RuleArgs {
    /// Rules file, or folder of rules files in order of their names; give it once per file or folder
    #[arg(short, long, required = true, value_name = "PATH")]
    pub rules: Vec<PathBuf>,
    /// Leave out rules that are less urgent than this
    #[arg(long, value_name = "PRIORITY", default_value = "debug", value_parser = parse_priority)]
    pub priority: Priority,
    #[command(flatten)]
    pub selections: Selections,
}

/// Rules to enable and disable, in the order of the command line.
#[derive(Debug, Default)]
pub struct Selections(pub Vec<Selection>);

/// Option, short form, what it does to rules, how its value names them.
const SELECTION_ARGS: [(&str, Option<char>, &str, &str); 4] = [
    ("enable", None, "GLOB", "Enable rules by name; only * is special"),
    ("disable", None, "GLOB", "Disable rules by name; only * is special"),
    ("tag", Some('t'), "TAG", "Run only rules with one of these tags"),
    ("skip-tag", Some('T'), "TAG", "Disable rules with one of these tags"),
];

impl clap::Args for Selections {
    fn augment_args(command: Command) -> Command {
        SELECTION_ARGS.into_iter().fold(command, |command, (name, short, value, help)| {
            let arg = Arg::new(name).long(name).value_name(value).help(help).action(ArgAction::Append);
            command.arg(match short {
                Some(short) => arg.short(short),
                None => arg,
            })
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Selections {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut given: Vec<(usize, &str, String)> = Vec::new();
        for (name, ..) in SELECTION_ARGS {
            let values = matches.get_many::<String>(name).into_iter().flatten().cloned();
            given.extend(
                matches
                    .indices_of(name)
                    .into_iter()
                    .flatten()
                    .zip(values)
                    .map(|(at, value)| (at, name, value)),
            );
        }
        given.sort();
        let mut selections = Vec::new();
        if given.iter().any(|(_, name, _)| *name == "tag") {
            selections.push(Selection { enable: false, rules: Selector::Name("*".into()) });
        }
        selections.extend(given.into_iter().map(|(_, name, value)| match name {
            "enable" | "disable" => Selection { enable: name == "enable", rules: Selector::Name(value) },
            _ => Selection { enable: name == "tag", rules: Selector::Tag(value) },
        }));
        Ok(Selections(selections))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl RuleArgs {
    /// Loads the rules. Warnings are shown unless the person wants quiet.
    ///
    /// # Errors
    /// When a file cannot be read or has errors; these are shown first.
    pub fn load(&self, ui: &Ui) -> anyhow::Result<Loaded> {
        let options = LoadOptions {
            min_priority: self.priority,
            selections: self.selections.0.clone(),
            ..LoadOptions::default()
        };
        let loaded = replay::rules::load(read_rules(&self.rules)?, &options);
        let printer = DiagnosticPrinter::new(&loaded.ruleset.sources, ui.color_stderr);
        let (mut errors, mut warnings) = (0, 0);
        for diagnostic in &loaded.diagnostics {
            if diagnostic.is_error() {
                errors += 1;
                eprintln!("{}\n", printer.render(diagnostic));
            } else {
                warnings += 1;
            }
        }
        if errors > 0 {
            bail!("the rules have {errors} error{}", if errors == 1 { "" } else { "s" });
        }
        if warnings > 0 {
            ui.note(format_args!("{warnings} warnings about the rules; lanner check shows them"));
        }
        Ok(loaded)
    }
}

/// Names and texts of rules files; a folder stands for the YAML files in it, in order of their names, and `-` for
/// standard input.
///
/// # Errors
/// When one cannot be read.
pub fn read_rules(paths: &[PathBuf]) -> anyhow::Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            let entries =
                std::fs::read_dir(path).with_context(|| format!("cannot read {}", path.display()))?;
            let mut inside: Vec<PathBuf> =
                entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
            inside.retain(|path| is_yaml(path));
            inside.sort();
            files.extend(inside);
        } else {
            files.push(path.clone());
        }
    }
    let read = |path: PathBuf| {
        if path == Path::new("-") {
            let text = std::io::read_to_string(std::io::stdin()).context("cannot read standard input")?;
            return Ok(("<stdin>".to_string(), text));
        }
        let text =
            std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        Ok((path.display().to_string(), text))
    };
    files.into_iter().map(read).collect()
}

fn is_yaml(path: &Path) -> bool {
    path.is_file() && path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml")
}

fn parse_priority(text: &str) -> Result<Priority, String> {
    let names = || Priority::ALL.map(|priority| priority.name().to_lowercase()).join(", ");
    Priority::parse(text).ok_or_else(|| format!("not one of {}", names()))
}
