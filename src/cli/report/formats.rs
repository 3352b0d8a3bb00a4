//! What can be made of a profile.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use anyhow::bail;
use profiler::{Profile, fingerprint, store};
use report::folded::Scope;
use report::plots::Plot;
use report::text::Sort;
use report::{Weight, annotate, flame, folded, graph, html, plots, text};

use super::super::tables::{self, As, Rows};
use super::super::{Ui, rule_args};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
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
    /// Call graph for what draws Mermaid, such as GitHub
    Mermaid,
    /// Stacks for flame graph tools
    Folded,
    /// Flame graph of the evaluation
    Svg,
    /// Flame graph of all stages
    StagesSvg,
    /// Plot of evaluations per rule
    Evaluations,
    /// Plot of latencies per rule
    Latency,
    /// Plot of total time per rule
    Cost,
    /// Plot of events per type
    Events,
    /// Plot of evaluations per rule over the time of the capture
    EvaluationsOverTime,
    /// Plot of mean latency per rule over the time of the capture
    LatencyOverTime,
    /// All plots, as SVG and PNG
    Plots,
    /// Everything that `lanner profile` writes
    All,
    #[value(skip)]
    Csv(Rows),
    #[value(skip)]
    Parquet(Rows),
}

impl Format {
    /// Whether texts of rules files are part of it.
    pub fn needs_sources(self) -> bool {
        matches!(self, Format::Html | Format::Annotated)
    }
}

/// What to print instead of tables for people.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
#[command(next_help_heading = "Instead of tables for people")]
#[group(multiple = false)]
pub struct PrintArgs {
    /// The profile as JSON, indented
    #[arg(long)]
    json: bool,
    /// A table as comma-separated values, with a row for each of these
    #[arg(long, value_enum, value_name = "ROWS", num_args = 0..=1, default_missing_value = "rules", require_equals = true)]
    csv: Option<Rows>,
    /// A table as a Parquet file
    #[arg(long, value_enum, value_name = "ROWS", num_args = 0..=1, default_missing_value = "rules", require_equals = true)]
    parquet: Option<Rows>,
    /// Rules files with costs beside every line
    #[arg(long)]
    annotate: bool,
}

impl PrintArgs {
    /// What was asked for, if anything was.
    pub fn format(&self) -> Option<Format> {
        let json = self.json.then_some(Format::Json);
        let annotated = self.annotate.then_some(Format::Annotated);
        json.or(annotated).or(self.csv.map(Format::Csv)).or(self.parquet.map(Format::Parquet))
    }
}

/// How the text report looks.
#[derive(Debug, Default, clap::Args)]
#[command(next_help_heading = "Text")]
pub struct TextArgs {
    /// Order of the rules
    #[arg(long, value_enum, default_value_t, value_name = "COLUMN")]
    pub(super) sort: SortBy,
    /// Show so many rules and sum up the others
    #[arg(long, value_name = "N")]
    pub(super) top: Option<usize>,
    /// More columns: hit rate, matched apart from not matched, minimum, p90
    #[arg(long)]
    pub(super) wide: bool,
}

#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
pub(super) enum SortBy {
    /// Time in all
    #[default]
    Total,
    /// Cost units, which are the same on every machine
    Cost,
    Checks,
    Matches,
    Mean,
    P99,
    Max,
    Name,
    /// As in the rules files
    Order,
}

/// What pictures show, and what the call graph leaves out.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Flame and call graphs")]
pub struct GraphArgs {
    /// Draw by measured time, or by cost units
    #[arg(long, value_enum, default_value_t, value_name = "WEIGHT")]
    by: By,
    /// Smallest share of the evaluation that a node of the call graph needs, in percent
    #[arg(long, value_name = "PERCENT", default_value_t = 1.0)]
    node_min: f64,
    /// Smallest share that an edge needs, in percent
    #[arg(long, value_name = "PERCENT", default_value_t = 0.5)]
    edge_min: f64,
    /// Most nodes
    #[arg(long, value_name = "N", default_value_t = 50)]
    nodes_max: usize,
}

impl Default for GraphArgs {
    fn default() -> Self {
        GraphArgs { by: By::Time, node_min: 1.0, edge_min: 0.5, nodes_max: 50 }
    }
}

/// Values of `--by`.
#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
pub enum By {
    #[default]
    Time,
    Cost,
}

impl From<By> for Weight {
    fn from(by: By) -> Self {
        match by {
            By::Time => Weight::Time,
            By::Cost => Weight::Cost,
        }
    }
}

impl GraphArgs {
    /// As without options, by this weight.
    pub fn by(by: By) -> Self {
        GraphArgs { by, ..Default::default() }
    }

    fn options(&self) -> graph::Options {
        graph::Options {
            weight: self.by.into(),
            node_share_min: self.node_min / 100.0,
            edge_share_min: self.edge_min / 100.0,
            node_count_max: self.nodes_max,
        }
    }
}

/// A profile and the names and texts of its rules files.
pub struct Contents<'a> {
    pub profile: &'a Profile,
    pub sources: Vec<(String, String)>,
}

impl<'a> Contents<'a> {
    /// The rules files under the names they have in the profile: of the given ones, or where they were then, those with
    /// the same contents.
    pub fn of(profile: &'a Profile, given: &[PathBuf], ui: &Ui) -> anyhow::Result<Self> {
        let given = rule_args::read_rules(given)?;
        let mut sources = Vec::new();
        for file in &profile.rules_files {
            let is_it = |text: &str| fingerprint::of_bytes(text.as_bytes()).0 == file.hash;
            let of_given = || given.iter().map(|(_, text)| text).find(|text| is_it(text)).cloned();
            let as_then = || fs::read_to_string(&file.name).ok().filter(|text| is_it(text));
            match of_given().or_else(as_then) {
                Some(text) => sources.push((file.name.clone(), text)),
                None => ui.warn(format_args!("{} is not shown: name the file with --rules", file.name)),
            }
        }
        Ok(Contents { profile, sources })
    }
}

/// Writes what is a single file, made first: so what fails while writing is an error of `out`, such as that of a reader
/// who has had enough.
pub fn write(
    contents: &Contents<'_>,
    format: Format,
    text: &TextArgs,
    graph_args: &GraphArgs,
    png: bool,
    color: bool,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let mut made = Vec::new();
    make(contents, format, text, graph_args, png, color, &mut made)?;
    Ok(out.write_all(&made)?)
}

fn make(
    contents: &Contents<'_>,
    format: Format,
    text: &TextArgs,
    graph_args: &GraphArgs,
    png: bool,
    color: bool,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let profile = contents.profile;
    let weight = Weight::from(graph_args.by);
    match format {
        Format::Text => write_text(profile, text, color, out)?,
        Format::Html => {
            let sources = contents.sources.iter().map(|(name, text)| html::Source { name, text });
            html::write(profile, &sources.collect::<Vec<_>>(), out)?;
        }
        Format::Annotated | Format::Csv(_) | Format::Parquet(_) if !profile.knows_rules() => {
            let what = "single rules; it was made with --strategy shared";
            return Err(report::Error::from(report::ErrorKind::Empty(what)).into());
        }
        Format::Annotated => {
            for (name, text) in &contents.sources {
                writeln!(out)?;
                annotate::write(profile, name, text, color, &mut *out)?;
            }
        }
        Format::Json => store::write_pretty(profile, out)?,
        Format::Dot => graph::dot::write(profile, &graph_args.options(), out)?,
        Format::Mermaid => graph::mermaid::write(profile, &graph_args.options(), out)?,
        Format::Folded => folded::write(profile, Scope::Evaluate, weight, out)?,
        Format::Svg => flame::write(profile, Scope::Evaluate, weight, out)?,
        Format::StagesSvg => flame::write(profile, Scope::Stages, weight, out)?,
        Format::Evaluations => write_plot(profile, Plot::Evaluations, png, out)?,
        Format::Latency => write_plot(profile, Plot::Latency, png, out)?,
        Format::Cost => write_plot(profile, Plot::Cost, png, out)?,
        Format::Events => write_plot(profile, Plot::Events, png, out)?,
        Format::EvaluationsOverTime => write_plot(profile, Plot::EvaluationsOverTime, png, out)?,
        Format::LatencyOverTime => write_plot(profile, Plot::LatencyOverTime, png, out)?,
        Format::Csv(rows) => tables::write(profile, rows, As::Csv, out)?,
        Format::Parquet(rows) => tables::write(profile, rows, As::Parquet, out)?,
        Format::Plots | Format::All => bail!("not a single file of a profile"),
    }
    Ok(())
}

/// Writes a plot as SVG or PNG.
pub fn write_plot(profile: &Profile, plot: Plot, png: bool, out: &mut dyn Write) -> anyhow::Result<()> {
    let picture = if png { plots::png(profile, plot)? } else { plots::svg(profile, plot)?.into_bytes() };
    Ok(out.write_all(&picture)?)
}

/// Writes the stage split and the rule table.
fn write_text(profile: &Profile, args: &TextArgs, color: bool, out: &mut dyn Write) -> anyhow::Result<()> {
    let options = text::Options {
        sort: match args.sort {
            SortBy::Total => Sort::Total,
            SortBy::Cost => Sort::Cost,
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
    };
    Ok(text::write(profile, &options, out)?)
}
