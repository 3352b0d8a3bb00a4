//! `lanner report`: any output of a profile again, from the stored profile alone.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use profiler::{Profile, fingerprint, store};
use report::folded::Scope;
use report::plots::Plot;
use report::text::Sort;
use report::{annotate, dot, flame, folded, html, plots, text};

use super::{Ui, private, rule_args, tables};

/// Makes any report of a stored profile
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Profile that `lanner profile` wrote
    #[arg(value_name = "PROFILE.json")]
    profile: PathBuf,
    /// What to make
    #[arg(short, long, value_enum, default_value_t)]
    format: Format,
    /// File to write instead of standard output; for plots and all, the folder
    #[arg(short, long, value_name = "PATH")]
    output: Option<PathBuf>,
    /// Rules files to show with their costs, if they are no longer where they were profiled
    #[arg(short, long, value_name = "PATH")]
    rules: Vec<PathBuf>,
    #[command(flatten)]
    text: TextArgs,
    #[command(flatten)]
    graph: GraphArgs,
}

/// How the text report looks.
#[derive(Debug, Default, clap::Args)]
#[command(next_help_heading = "Text")]
pub struct TextArgs {
    /// Order of the rules
    #[arg(long, value_enum, default_value_t, value_name = "COLUMN")]
    sort: SortBy,
    /// Show so many rules and sum up the others
    #[arg(long, value_name = "N")]
    top: Option<usize>,
    /// More columns: hit rate, matched apart from not matched, minimum, p90
    #[arg(long)]
    wide: bool,
}

/// What the call graph leaves out.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Call graph")]
pub struct GraphArgs {
    /// Smallest share of the evaluation time that a node needs, in percent
    #[arg(long, value_name = "PERCENT", default_value_t = 1.0)]
    node_min: f64,
    /// Smallest share that an edge needs, in percent
    #[arg(long, value_name = "PERCENT", default_value_t = 0.5)]
    edge_min: f64,
    /// Most nodes
    #[arg(long, value_name = "N", default_value_t = 50)]
    nodes_max: usize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// Stage split and rule table
    #[default]
    Text,
    /// One HTML file with everything
    Html,
    /// Rules files with costs beside every line
    Annotated,
    /// The profile itself, indented
    Json,
    /// Call graph for graphviz
    Dot,
    /// Stacks for flame graph tools
    Folded,
    /// Flame graph of the evaluation
    Svg,
    /// Flame graph of all stages
    StagesSvg,
    /// Plot of evaluations per rule
    Evaluations,
    /// Plot of mean latency per rule
    Latency,
    /// Plot of total time per rule
    Cost,
    /// All three plots
    Plots,
    /// Rules as comma-separated values
    Csv,
    /// Rules as Parquet
    Parquet,
    /// Rules of every iteration as comma-separated values
    IterationsCsv,
    /// Rules of every iteration as Parquet
    IterationsParquet,
    /// Nodes of all conditions as comma-separated values
    NodesCsv,
    /// Nodes of all conditions as Parquet
    NodesParquet,
    /// Everything that `lanner profile` writes
    All,
}

#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
enum SortBy {
    #[default]
    Total,
    Checks,
    Matches,
    Mean,
    P99,
    Max,
    Name,
    Order,
}

pub fn run(args: Args, ui: &Ui) -> anyhow::Result<ExitCode> {
    let profile = store::read(&args.profile)?;
    match (args.format, &args.output) {
        (Format::All, Some(folder)) => {
            let files = write_folder(&profile, &sources(&profile, &args.rules, ui)?, folder)?;
            ui.note(format_args!("{files} files are in {}", folder.display()));
        }
        (Format::Plots, Some(folder)) => {
            make_folder(folder)?;
            for plot in Plot::ALL {
                let path = folder.join(format!("{}.svg", plot.name()));
                write_file(&path, |out| Ok(out.write_all(plots::svg(&profile, plot)?.as_bytes())?))?;
            }
        }
        (Format::All | Format::Plots, None) => bail!("several files need a folder: --output FOLDER"),
        (Format::Html | Format::Annotated, output) => {
            let sources = sources(&profile, &args.rules, ui)?;
            let write = |color: bool, out: &mut dyn Write| match args.format {
                Format::Html => write_html(&profile, &sources, out),
                _ => write_annotated(&profile, &sources, color, out),
            };
            match output {
                Some(path) => write_file(path, |out| write(false, out))?,
                None => write(ui.color_stdout, &mut io::stdout().lock())?,
            }
        }
        (format, Some(path)) => write_file(path, |out| args.write(format, &profile, false, out))?,
        (format, None) => args.write(format, &profile, ui.color_stdout, &mut io::stdout().lock())?,
    }
    Ok(ExitCode::SUCCESS)
}

impl Args {
    fn write(
        &self,
        format: Format,
        profile: &Profile,
        color: bool,
        out: &mut dyn Write,
    ) -> anyhow::Result<()> {
        match format {
            Format::Text => write_text(profile, &self.text, color, out)?,
            Format::Json => store::write_pretty(profile, out)?,
            Format::Dot => dot::write(profile, &self.graph.options(), out)?,
            Format::Folded => folded::write(profile, Scope::Evaluate, out)?,
            Format::Svg => flame::write(profile, Scope::Evaluate, out)?,
            Format::StagesSvg => flame::write(profile, Scope::Stages, out)?,
            Format::Evaluations => out.write_all(plots::svg(profile, Plot::Evaluations)?.as_bytes())?,
            Format::Latency => out.write_all(plots::svg(profile, Plot::Latency)?.as_bytes())?,
            Format::Cost => out.write_all(plots::svg(profile, Plot::Cost)?.as_bytes())?,
            Format::Csv => tables::write(profile, tables::Rows::Rules, tables::As::Csv, out)?,
            Format::Parquet => tables::write(profile, tables::Rows::Rules, tables::As::Parquet, out)?,
            Format::IterationsCsv => tables::write(profile, tables::Rows::Iterations, tables::As::Csv, out)?,
            Format::IterationsParquet => {
                tables::write(profile, tables::Rows::Iterations, tables::As::Parquet, out)?;
            }
            Format::NodesCsv => tables::write(profile, tables::Rows::Nodes, tables::As::Csv, out)?,
            Format::NodesParquet => tables::write(profile, tables::Rows::Nodes, tables::As::Parquet, out)?,
            Format::Html | Format::Annotated | Format::Plots | Format::All => {
                bail!("not a single file of a profile")
            }
        }
        Ok(())
    }
}

impl GraphArgs {
    fn options(&self) -> dot::Options {
        dot::Options {
            node_share_min: self.node_min / 100.0,
            edge_share_min: self.edge_min / 100.0,
            node_count_max: self.nodes_max,
        }
    }
}

/// Writes the stage split and the rule table.
pub fn write_text(
    profile: &Profile,
    args: &TextArgs,
    color: bool,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let spreads = tables::relative_spreads(profile)?;
    let options = text::Options {
        sort: match args.sort {
            SortBy::Total => Sort::Total,
            SortBy::Checks => Sort::Checks,
            SortBy::Matches => Sort::Matches,
            SortBy::Mean => Sort::Mean,
            SortBy::P99 => Sort::P99,
            SortBy::Max => Sort::Max,
            SortBy::Name => Sort::Name,
            SortBy::Order => Sort::Order,
        },
        rules_max: args.top,
        wide: args.wide,
        color,
        spreads: spreads.as_deref(),
    };
    Ok(text::write(profile, &options, out)?)
}

/// Writes the profile and everything that can be made of it; returns the number of files. Without times there are
/// no pictures of them.
pub fn write_folder(profile: &Profile, sources: &[(String, String)], folder: &Path) -> anyhow::Result<usize> {
    make_folder(folder)?;
    let mut count = 0;
    let mut file = |name: &str, make: &dyn Fn(&mut dyn Write) -> anyhow::Result<()>| {
        count += 1;
        write_file(&folder.join(name), make)
    };
    file("profile.json", &|out| Ok(store::write(profile, out)?))?;
    file("profile.txt", &|out| {
        write_text(profile, &TextArgs { wide: true, ..Default::default() }, false, out)
    })?;
    file("report.html", &|out| write_html(profile, sources, out))?;
    file("evaluations.svg", &|out| write_plot(profile, Plot::Evaluations, out))?;
    if profile.stages().evaluate_ns > 0 {
        file("calls.dot", &|out| Ok(dot::write(profile, &dot::Options::default(), out)?))?;
        file("calls.folded", &|out| Ok(folded::write(profile, Scope::Evaluate, out)?))?;
        file("flamegraph.svg", &|out| Ok(flame::write(profile, Scope::Evaluate, out)?))?;
        file("stages.svg", &|out| Ok(flame::write(profile, Scope::Stages, out)?))?;
        if profile.rules_ns() > 0 {
            file("latency.svg", &|out| write_plot(profile, Plot::Latency, out))?;
            file("cost.svg", &|out| write_plot(profile, Plot::Cost, out))?;
        }
    }
    for (rows, name) in tables::FILES {
        file(&format!("{name}.csv"), &|out| tables::write(profile, rows, tables::As::Csv, out))?;
        file(&format!("{name}.parquet"), &|out| tables::write(profile, rows, tables::As::Parquet, out))?;
    }
    Ok(count)
}

/// Writes the page with everything.
fn write_html(profile: &Profile, sources: &[(String, String)], out: &mut dyn Write) -> anyhow::Result<()> {
    let sources: Vec<html::Source<'_>> =
        sources.iter().map(|(name, text)| html::Source { name, text }).collect();
    Ok(html::write(profile, &sources, out)?)
}

/// Writes rules files with costs beside every line.
pub fn write_annotated(
    profile: &Profile,
    sources: &[(String, String)],
    color: bool,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    for (name, text) in sources {
        writeln!(out)?;
        annotate::write(profile, name, text, color, &mut *out)?;
    }
    Ok(())
}

/// The rules files of a profile under the names they have there: of the given ones, or where they were then, those
/// with the same contents.
fn sources(profile: &Profile, given: &[PathBuf], ui: &Ui) -> anyhow::Result<Vec<(String, String)>> {
    let given = rule_args::read_rules(given)?;
    let mut found = Vec::new();
    for file in &profile.rules_files {
        let is_it = |text: &str| fingerprint::of_bytes(text.as_bytes()).0 == file.hash;
        let of_given = || given.iter().map(|(_, text)| text).find(|text| is_it(text)).cloned();
        let as_then = || fs::read_to_string(&file.name).ok().filter(|text| is_it(text));
        match of_given().or_else(as_then) {
            Some(text) => found.push((file.name.clone(), text)),
            None => ui.warn(format_args!("{} is not shown: name the file with --rules", file.name)),
        }
    }
    Ok(found)
}

fn write_plot(profile: &Profile, plot: Plot, out: &mut dyn Write) -> anyhow::Result<()> {
    match plots::svg(profile, plot) {
        Ok(picture) => Ok(out.write_all(picture.as_bytes())?),
        // A ruleset of which nothing was evaluated is nothing to draw, and no reason to fail.
        Err(error) if matches!(error.kind(), report::ErrorKind::Empty(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Makes a folder and those above it.
pub fn make_folder(folder: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))
}

/// Writes a file that only its owner may read: rules and captures can be secret.
pub fn write_file(
    path: &Path,
    make: impl FnOnce(&mut dyn Write) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let describe = || format!("cannot write {}", path.display());
    let mut out = io::BufWriter::new(private::create(path).with_context(describe)?);
    make(&mut out).with_context(describe)?;
    out.flush().with_context(describe)
}
