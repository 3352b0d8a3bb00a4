//! `lanner convert`: any readable capture as a current one.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use capture::savefile::{Capture, Compression, Item, ReadOptions, WriteOptions, Writer, WriterProfile};

use super::format::{bytes, count};
use super::{DAMAGED, Ui, input, private};

/// Write any readable capture as a current one with the same events
#[derive(clap::Args)]
pub struct Args {
    /// Capture to read; `-` is standard input
    file: PathBuf,
    /// Capture to write; `-` is standard output
    #[arg(short, long, value_name = "OUT")]
    output: PathBuf,
    /// For which readers
    #[arg(long, value_enum, default_value_t)]
    profile: Profile,
    /// Compress with gzip
    #[arg(long, value_name = "LEVEL", num_args = 0..=1, default_missing_value = "3",
          value_parser = clap::value_parser!(u32).range(1..=9))]
    gzip: Option<u32>,
    /// Do not compress (the default)
    #[arg(long, conflicts_with = "gzip")]
    plain: bool,
    /// Threads that compress; all CPUs if not given
    #[arg(long, value_name = "N", requires = "gzip")]
    threads: Option<usize>,
    /// Give up when compressed input expands to more than this many bytes
    #[arg(long, value_name = "BYTES")]
    max_inflated: Option<u64>,
}

#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
pub(super) enum Profile {
    /// Falco from 0.39 on; the default
    #[default]
    Portable,
    /// Everything, for Falco from 0.44 on
    #[value(name = "4.5")]
    Schema45,
    /// Also sysdig of any age, with about double the events
    Compat,
}

impl From<Profile> for WriterProfile {
    fn from(profile: Profile) -> Self {
        match profile {
            Profile::Portable => WriterProfile::Portable,
            Profile::Schema45 => WriterProfile::Schema45,
            Profile::Compat => WriterProfile::Compat,
        }
    }
}

pub fn run(args: Args, ui: &Ui) -> anyhow::Result<ExitCode> {
    let mut read_options = ReadOptions { read_ahead: true, ..Default::default() };
    read_options.max_inflated_bytes = args.max_inflated.unwrap_or(read_options.max_inflated_bytes);
    let capture = input::open_capture(&args.file, read_options)?;
    let options = WriteOptions {
        profile: args.profile.into(),
        compression: match args.gzip {
            None => Compression::None,
            Some(level) => Compression::Gzip { level, threads: args.threads.unwrap_or_else(cpus) },
        },
    };
    let converted = if args.output == Path::new("-") {
        convert(&capture, io::stdout().lock(), options, ui)?
    } else {
        let output = Output::create(&args.output)?;
        let converted = convert(&capture, &output.file, options, ui)?;
        output.keep()?;
        converted
    };
    let (events, read) = (count(converted.events), bytes(converted.bytes));
    ui.note(format_args!(
        "{events} events from {read} of {} are in {}",
        capture.name(),
        args.output.display()
    ));
    match converted.damage {
        None => Ok(ExitCode::SUCCESS),
        Some(damage) => {
            ui.warn(format_args!("{}: {damage}; everything before was converted", capture.name()));
            Ok(ExitCode::from(DAMAGED))
        }
    }
}

fn cpus() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

struct Converted {
    events: u64,
    bytes: u64,
    damage: Option<capture::Error>,
}

fn convert(capture: &Capture, out: impl Write, options: WriteOptions, ui: &Ui) -> anyhow::Result<Converted> {
    let context = || format!("cannot read {}", capture.name());
    let mut reader = capture.reader().with_context(context)?;
    let mut writer = Writer::new(out, options)?;
    let mut progress = ui.progress();
    let (mut events, mut sections, mut bytes) = (0u64, 0u64, 0);
    let (mut section_has_events, mut late) = (false, 0u64);
    let damage = loop {
        let item = match reader.next() {
            Ok(Some(item)) => item,
            Ok(None) => break None,
            // Nothing was read: the input is not a capture.
            Err(error) if sections == 0 => return Err(error).with_context(context),
            Err(error) => break Some(error),
        };
        match item {
            Item::Section => {
                // The writer has begun the first one.
                if sections > 0 {
                    writer.section()?;
                }
                sections += 1;
                section_has_events = false;
            }
            Item::Event(event) => {
                writer.event(&event)?;
                events += 1;
                section_has_events = true;
            }
            // Other readers would stop there.
            _late_metadata if section_has_events => late += 1,
            metadata => write_metadata(&mut writer, metadata)?,
        }
        if events.is_multiple_of(1 << 16) {
            bytes = reader.offset();
            progress.update(|| format!("{} events, {}", count(events), super::format::bytes(bytes)));
        }
    };
    bytes = bytes.max(reader.offset());
    writer.finish()?;
    if late > 0 {
        ui.warn(format_args!("{late} blocks of metadata after events were left out"));
    }
    Ok(Converted { events, bytes, damage })
}

fn write_metadata<W: Write>(writer: &mut Writer<W>, item: Item<'_>) -> capture::Result<()> {
    match item {
        Item::Machine(info) => writer.machine(&info),
        Item::Interfaces(list) => writer.interfaces(&list),
        Item::Users { users, groups } => writer.users(&users, &groups),
        Item::Processes(list) => writer.processes(&list),
        Item::Fds { tid, fds } => writer.fds(tid, &fds),
        Item::Section | Item::Event(_) => Ok(()),
    }
}

/// A file that appears under its name only when it is complete, so that it can replace the one that is read.
struct Output {
    file: File,
    path: PathBuf,
    /// Where it is written meanwhile; `None` for devices and pipes, which are written directly.
    temporary: Option<PathBuf>,
}

impl Output {
    fn create(path: &Path) -> anyhow::Result<Output> {
        let context = || format!("cannot write {}", path.display());
        let special = fs::metadata(path).is_ok_and(|metadata| !metadata.is_file());
        if special {
            let file = File::options().write(true).open(path).with_context(context)?;
            return Ok(Output { file, path: path.to_owned(), temporary: None });
        }
        let Some(name) = path.file_name() else { bail!("{} is not a file name", path.display()) };
        let mut partial = name.to_owned();
        partial.push(".partial");
        let temporary = path.with_file_name(partial);
        let file = private::create(&temporary).with_context(context)?;
        Ok(Output { file, path: path.to_owned(), temporary: Some(temporary) })
    }

    /// Gives the file its name.
    fn keep(mut self) -> anyhow::Result<()> {
        if let Some(temporary) = self.temporary.take() {
            fs::rename(&temporary, &self.path).with_context(|| {
                format!("cannot rename {} to {}", temporary.display(), self.path.display())
            })?;
        }
        Ok(())
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        if let Some(temporary) = &self.temporary {
            let _ = fs::remove_file(temporary);
        }
    }
}
