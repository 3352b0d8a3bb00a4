//! `lanner info`: what a capture holds.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use capture::event::drops::CPU_PREFIX;
use capture::event::{Direction, EventType};
use capture::savefile::{BlockKind, ReadOptions};
use capture::summary::{Rate, Summary};
use serde_json::json;

use super::format::{amount, bytes, count, duration, printable, utc};
use super::{DAMAGED, Ui, input};

/// Show what a capture holds: blocks, events, times, processes, drops, oddities
#[derive(clap::Args)]
pub struct Args {
    /// Capture to read; `-` is standard input
    file: PathBuf,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    /// Rows of the lists of event types, processes and containers; 0 shows all
    #[arg(long, default_value_t = 20, value_name = "ROWS")]
    top: usize,
    /// Give up when compressed input expands to more than this many bytes
    #[arg(long, value_name = "BYTES")]
    max_inflated: Option<u64>,
}

pub fn run(args: Args, ui: &Ui) -> anyhow::Result<ExitCode> {
    let mut options = ReadOptions { read_ahead: true, ..Default::default() };
    options.max_inflated_bytes = args.max_inflated.unwrap_or(options.max_inflated_bytes);
    let capture = input::open_capture(&args.file, options)?;
    let summary = Summary::read(&capture).with_context(|| format!("cannot read {}", capture.name()))?;
    let text = if args.json {
        format!("{:#}\n", to_json(capture.name(), capture.size_bytes(), &summary))
    } else {
        to_text(capture.name(), capture.size_bytes(), &summary, args.top)
    };
    std::io::stdout().write_all(text.as_bytes())?;
    match &summary.damage {
        None => Ok(ExitCode::SUCCESS),
        Some(damage) => {
            ui.warn(format_args!("{}: {damage}; everything before was counted", capture.name()));
            Ok(ExitCode::from(DAMAGED))
        }
    }
}

fn to_text(name: &str, size: Option<u64>, summary: &Summary, top: usize) -> String {
    let mut page = Page::default();
    let size = size.map_or(String::new(), |size| format!(" ({})", bytes(size)));
    page.row("file", format!("{}{size}", printable(name.as_bytes())));
    page.row(
        "content",
        format!("{}, {}", bytes(summary.bytes), amount(summary.sections, "section", "sections")),
    );
    if let Some(machine) = &summary.machine {
        let host = printable(&machine.hostname);
        let memory = bytes(machine.memory_size_bytes);
        page.row("machine", format!("{host}, {}, {memory}", amount(machine.num_cpus.into(), "CPU", "CPUs")));
        if machine.boot_ts_epoch_ns != 0 {
            page.row("booted", utc(machine.boot_ts_epoch_ns));
        }
    }
    if let Some((first, last)) = summary.span_ns {
        page.row("first event", utc(first));
        page.row("last event", utc(last));
        page.row("duration", duration(last - first));
    }
    let stats = &summary.stats;
    page.row("events", format!("{}{}", count(stats.events), per_second(stats.events, summary.duration_ns())));
    if stats.delivered != stats.events {
        let (current, absorbed) = (count(stats.delivered), count(stats.absorbed));
        page.row(
            "current",
            format!("{current} after old events were converted, {absorbed} merged or dropped"),
        );
    }
    let threads = amount(summary.threads, "thread", "threads");
    page.row("at start", format!("{threads}, {}", amount(summary.fds, "descriptor", "descriptors")));
    let (users, groups) = (amount(summary.users, "user", "users"), amount(summary.groups, "group", "groups"));
    let interfaces = amount(summary.interfaces, "interface", "interfaces");
    page.row("lists", format!("{users}, {groups}, {interfaces}"));
    page.row("drops", drops(summary));
    page.row("rate", sparkline(&summary.rate));

    page.table("blocks", 0, &summary.blocks, |(ty, number)| {
        (format!("{ty} ({})", block_name(ty.kind())), *number)
    });
    let name = |ty: EventType| {
        let info = ty.info();
        format!("{} {} {}", arrow(ty.direction()), info.name, info.symbol)
    };
    page.table("event types", top, &summary.types, |row| (name(row.ty), row.recorded.max(row.current)));
    page.table("processes", top, &summary.processes, |process| {
        (format!("{} {}", process.pid, printable(&process.comm)), process.events)
    });
    page.table("containers", top, &summary.containers, |container| {
        let processes = amount(container.processes, "process", "processes");
        (format!("{} ({processes})", container.id), container.events)
    });
    let oddities: Vec<_> = oddities(summary).collect();
    page.table("oddities", 0, &oddities, |(what, number)| (what.to_string(), *number));
    page.text
}

fn block_name(kind: BlockKind) -> &'static str {
    match kind {
        BlockKind::Section => "section header",
        BlockKind::Machine => "machine",
        BlockKind::Processes { .. } => "processes",
        BlockKind::Fds { .. } => "descriptors",
        BlockKind::Interfaces { .. } => "interfaces",
        BlockKind::Users { .. } => "users and groups",
        BlockKind::Event { flagged: false, .. } => "event",
        BlockKind::Event { flagged: true, .. } => "event with flags",
        BlockKind::Unknown => "unknown, skipped",
    }
}

fn arrow(direction: Direction) -> char {
    match direction {
        Direction::Enter => '>',
        Direction::Exit => '<',
    }
}

/// Lines with a name and a value, and tables of counts.
#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    fn row(&mut self, name: &str, value: String) {
        self.text.push_str(&format!("{name:<12}{value}\n"));
    }

    fn table<T>(
        &mut self,
        title: &str,
        top: usize,
        rows: impl IntoIterator<Item = T>,
        show: impl Fn(T) -> (String, u64),
    ) {
        let rows: Vec<(String, u64)> = rows.into_iter().map(show).collect();
        if rows.is_empty() {
            return;
        }
        let shown = if top == 0 { rows.len() } else { top.min(rows.len()) };
        self.text.push_str(&format!("\n{title}\n"));
        for (name, number) in &rows[..shown] {
            self.text.push_str(&format!("{:>14}  {name}\n", count(*number)));
        }
        if shown < rows.len() {
            let rest: u64 = rows[shown..].iter().map(|(_, number)| number).sum();
            self.text.push_str(&format!("{:>14}  in {} more\n", count(rest), rows.len() - shown));
        }
    }
}

fn per_second(events: u64, duration_ns: u64) -> String {
    if duration_ns == 0 {
        return String::new();
    }
    format!(" ({} per second)", count((events as f64 * 1e9 / duration_ns as f64) as u64))
}

fn drops(summary: &Summary) -> String {
    if summary.drops.is_empty() {
        return "not recorded in this capture".to_owned();
    }
    // By cause first, then by CPU: those are the same events once more.
    let (cpus, causes): (Vec<_>, Vec<_>) =
        summary.drops.iter().partition(|(cause, _)| cause.starts_with(CPU_PREFIX));
    let list = |counts: Vec<(&String, &u64)>| {
        let texts =
            counts.iter().map(|(what, number)| format!("{} {}", count(**number), printable(what.as_bytes())));
        texts.collect::<Vec<_>>().join(", ")
    };
    if cpus.is_empty() { list(causes) } else { format!("{}; by CPU: {}", list(causes), list(cpus)) }
}

/// Everything that is not as it should be, with its count.
fn oddities(summary: &Summary) -> impl Iterator<Item = (&'static str, u64)> {
    let stats = &summary.stats;
    let skipped = [
        ("blocks of unknown types", stats.skipped_blocks),
        ("events newer than this version", stats.skipped_events),
        ("events older than the one before", summary.out_of_order),
    ];
    skipped.into_iter().chain(stats.oddities.iter()).filter(|(_, number)| *number > 0)
}

/// The rate as a row of bars, at most 60, and what the highest stands for.
fn sparkline(rate: &Rate) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    const WIDTH: usize = 60;
    let group = rate.counts().len().div_ceil(WIDTH).max(1);
    let sums: Vec<u64> = rate.counts().chunks(group).map(|counts| counts.iter().sum()).collect();
    let Some(highest) = sums.iter().copied().max().filter(|&highest| highest > 0) else {
        return "no events".to_owned();
    };
    let bar = |&sum: &u64| if sum == 0 { ' ' } else { BARS[((sum * 7).div_ceil(highest)).min(7) as usize] };
    let interval = duration(rate.interval_ns().saturating_mul(group as u64));
    format!("{} at most {} in {interval}", sums.iter().map(bar).collect::<String>(), count(highest))
}

fn to_json(name: &str, size: Option<u64>, summary: &Summary) -> serde_json::Value {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let stats = &summary.stats;
    json!({
        "file": name,
        "size_bytes": size,
        "content_bytes": summary.bytes,
        "sections": summary.sections,
        "machine": summary.machine.as_ref().map(|machine| json!({
            "hostname": text(&machine.hostname),
            "num_cpus": machine.num_cpus,
            "memory_size_bytes": machine.memory_size_bytes,
            "boot_ts_epoch_ns": machine.boot_ts_epoch_ns,
        })),
        "first_event_ns": summary.span_ns.map(|(first, _)| first),
        "last_event_ns": summary.span_ns.map(|(_, last)| last),
        "duration_ns": summary.duration_ns(),
        "events": stats.events,
        "current_events": stats.delivered,
        "absorbed_events": stats.absorbed,
        "threads": summary.threads,
        "fds": summary.fds,
        "users": summary.users,
        "groups": summary.groups,
        "interfaces": summary.interfaces,
        "drops": summary.drops,
        "rate": {
            "start_ns": summary.rate.start_ns(),
            "interval_ns": summary.rate.interval_ns(),
            "counts": summary.rate.counts(),
        },
        "blocks": summary.blocks.iter().map(|(ty, number)| (ty.to_string(), *number))
            .collect::<std::collections::BTreeMap<_, _>>(),
        "event_types": summary.types.iter().map(|row| json!({
            "id": row.ty.0,
            "symbol": row.ty.info().symbol,
            "name": row.ty.info().name,
            "recorded": row.recorded,
            "current": row.current,
        })).collect::<Vec<_>>(),
        "processes": summary.processes.iter().map(|process| json!({
            "pid": process.pid, "name": text(&process.comm), "events": process.events,
        })).collect::<Vec<_>>(),
        "containers": summary.containers.iter().map(|container| json!({
            "id": container.id, "processes": container.processes, "events": container.events,
        })).collect::<Vec<_>>(),
        "oddities": oddities(summary).map(|(what, number)| json!({ "what": what, "count": number }))
            .collect::<Vec<_>>(),
        "damage": summary.damage.as_ref().map(ToString::to_string),
    })
}
