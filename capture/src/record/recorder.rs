//! The recorder: from attached programs to a written capture.

use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{getpriority_process, setpriority_process};
use rustix::time::{ClockId, clock_gettime};

use super::drops::{self, Drops};
use super::load::{self, Loaded};
use super::options::{Limits, RecordOptions, Scope};
use super::order::{Each, Reorder};
use super::output::{Output, RawEvent};
use super::pace::{POLL, Pace};
use super::seed;
use crate::error::{Error, ErrorKind, Result};
use crate::event::EventBuilder;
use crate::event::encoded::Header;
use crate::event::schema::EVENTS;
use crate::savefile::StartState;

/// Before each record: the CPU and padding (capture/bpf/event.h).
const PREFIX_LEN: usize = 8;
const OUTSIDE: u32 = 1 << 16;
/// `enum followed` of capture/bpf/maps.h.
const FOLLOWED: u8 = 1;
const FOLLOWED_FROM_EXEC: u8 = 2;
/// Taken from the ring before something is written, so that memory stays bounded when it never empties.
const BATCH_BYTES: usize = 4 << 20;
/// How often the file is made readable up to its end, in case the recorder is killed.
const FLUSH_EVERY: Duration = Duration::from_secs(1);
/// Without it, a machine under load starves the reader and most events are lost.
const PRIORITY: i32 = -15;

/// How a recording went.
#[derive(Clone, Debug)]
pub struct RecordSummary {
    /// Events written.
    pub events: u64,
    /// Their bytes, before compression.
    pub bytes: u64,
    /// From the first look at the machine to the end.
    pub duration: Duration,
    /// What was lost.
    pub drops: Vec<Drops>,
    /// What was lost on each CPU.
    pub dropped_by_cpu: Vec<u64>,
}

impl RecordSummary {
    /// Events lost, whatever the cause.
    pub fn drop_count(&self) -> u64 {
        drops::lost(&self.drops)
    }
}

/// How a recording goes.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    /// Events written so far.
    pub events: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Events lost so far, as of the last second.
    pub dropped: u64,
    /// The same by CPU.
    pub dropped_by_cpu: &'a [u64],
    /// Since the beginning.
    pub elapsed: Duration,
}

/// Records events of this machine. [`Recorder::start`] loads and attaches, so that nothing is missed from
/// there on; [`Recorder::run`] writes until it is told to stop; [`Recorder::stop`] writes what is left.
pub struct Recorder {
    loaded: Loaded,
    order: Reorder,
    pace: Pace,
    seed: Option<StartState>,
    /// Types that are not shown, by id; empty when all are.
    hidden: Vec<bool>,
    /// Events up to here may already be part of the seed.
    seeded_until_ns: u64,
    boot_epoch_ns: u64,
    started: Instant,
    flushed: Instant,
    events: u64,
    bytes: u64,
    /// Events that readers show.
    shown: u64,
    limits: Limits,
    /// A limit was reached: nothing is written any more.
    is_full: bool,
    /// Lost, as far as the capture says so.
    dropped: u64,
    dropped_by_cpu: Vec<u64>,
    /// Time of the newest event written.
    last_ns: u64,
    _priority: Priority,
}

/// The calling thread's raised priority; what it was before comes back in the end.
struct Priority(Option<i32>);

impl Priority {
    fn raise() -> Priority {
        let before = getpriority_process(None).ok();
        Priority(before.filter(|_| setpriority_process(None, PRIORITY).is_ok()))
    }
}

impl Drop for Priority {
    fn drop(&mut self) {
        if let Some(before) = self.0 {
            let _ = setpriority_process(None, before);
        }
    }
}

impl Recorder {
    /// Loads the programs, attaches them and looks at the machine. Events collect meanwhile.
    ///
    /// The calling thread gets a high priority, if that is allowed, until the recorder is gone: [`Recorder::run`]
    /// belongs on it.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] when the kernel or the privileges do not suffice.
    pub fn start(options: &RecordOptions) -> Result<Recorder> {
        let boot_epoch_ns = seed::boot_epoch_ns();
        let mut loaded = load::load(options, boot_epoch_ns)?;
        if let Some(roots) = options.scope.roots() {
            let state = match options.scope {
                Scope::Command(_) => FOLLOWED_FROM_EXEC,
                _ => FOLLOWED,
            };
            for pid in seed::tree_of(roots) {
                loaded.followed.insert(pid, state, 0).map_err(|e| {
                    Error::new(ErrorKind::Unsupported, "cannot tell the kernel which processes to follow")
                        .with_source(e)
                })?;
            }
        }
        loaded.attach()?;
        let priority = Priority::raise();
        let mut recorder = Recorder {
            loaded,
            order: Reorder::default(),
            // Without knowing how many CPUs there are, the shortest sleep is right.
            pace: Pace::new(
                options.ring_bytes,
                aya::util::online_cpus().map_or(usize::MAX, |cpus| cpus.len()),
            ),
            seed: None,
            hidden: hidden_types(options),
            seeded_until_ns: 0,
            boot_epoch_ns,
            started: Instant::now(),
            flushed: Instant::now(),
            events: 0,
            bytes: 0,
            shown: 0,
            limits: options.limits,
            is_full: false,
            dropped: 0,
            dropped_by_cpu: Vec::new(),
            last_ns: 0,
            _priority: priority,
        };
        let iterators = recorder.loaded.iterators.take();
        let seed = recorder.drain_while(|| seed::collect(options, boot_epoch_ns, iterators))?;
        recorder.seed = Some(seed);
        recorder.seeded_until_ns = recorder.now_ns();
        Ok(recorder)
    }

    /// Runs `work` on another thread and empties the ring meanwhile.
    fn drain_while<T: Send>(&mut self, work: impl FnOnce() -> T + Send) -> Result<T> {
        thread::scope(|scope| {
            let worker = scope.spawn(work);
            while !worker.is_finished() {
                self.collect(usize::MAX);
                thread::sleep(POLL);
            }
            worker.join().map_err(|_| Error::new(ErrorKind::Io, "looking at the machine failed"))
        })
    }

    /// Time of day in the clock of events.
    fn now_ns(&self) -> u64 {
        let now = clock_gettime(ClockId::Boottime);
        self.boot_epoch_ns + now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
    }

    /// Takes events from the ring. Returns whether it was emptied.
    fn collect(&mut self, bytes_max: usize) -> bool {
        while self.order.len() < bytes_max {
            let Some(record) = self.loaded.ring.next() else {
                return true;
            };
            let prefix = record.first_chunk::<4>().map_or(0, |prefix| u32::from_le_bytes(*prefix));
            let (cpu, state_only) = (prefix as u16, prefix & OUTSIDE != 0);
            let event = record.get(PREFIX_LEN..).unwrap_or_default();
            if let Some(header) = Header::read(event) {
                // The ring pads records, so the event ends before them.
                let event = event.get(..header.len as usize).unwrap_or(event);
                self.order.push(&RawEvent { ts_ns: header.ts_ns, cpu, state_only, bytes: event });
            }
        }
        false
    }

    /// Writes what describes the machine, then events until `stop` returns true or a limit is reached. `stop` is
    /// asked some hundred times a second.
    ///
    /// # Errors
    /// When the capture cannot be written.
    pub fn run<O: Output>(
        &mut self,
        out: &mut O,
        mut stop: impl FnMut(&Progress, &mut O) -> bool,
    ) -> Result<()> {
        if let Some(seed) = self.seed.take() {
            out.begin(seed)?;
            // From here on the file can be read whatever happens.
            out.flush()?;
        }
        loop {
            let (events, bytes, dropped) = (self.events, self.bytes, self.dropped);
            let (dropped_by_cpu, elapsed) = (&self.dropped_by_cpu[..], self.started.elapsed());
            let progress = Progress { events, bytes, dropped, dropped_by_cpu, elapsed };
            let stopping = stop(&progress, out) || self.is_full;
            // Read before the ring is emptied: what comes later is newer.
            let now_ns = self.now_ns();
            let waiting = self.order.len();
            let emptied = self.collect(BATCH_BYTES);
            let taken = self.order.len() - waiting;
            self.write(out, if emptied { Some(now_ns) } else { None })?;
            if stopping {
                return Ok(());
            }
            if self.flushed.elapsed() > FLUSH_EVERY {
                if drops::total(&self.loaded.drops) > self.dropped {
                    self.write_drops(out)?;
                }
                out.flush()?;
                self.flushed = Instant::now();
            }
            if emptied {
                thread::sleep(self.pace.after(taken));
            }
        }
    }

    /// Writes events that nothing can come before any more. `now_ns` is absent when the ring still holds
    /// older events than now; then the newest event that arrived is the measure.
    fn write(&mut self, out: &mut impl Output, now_ns: Option<u64>) -> Result<()> {
        let now_ns = now_ns.or_else(|| self.order.newest_ns()).unwrap_or(0);
        self.release(out, |order, each| order.release(now_ns, each))
    }

    fn release(
        &mut self,
        out: &mut impl Output,
        release: impl FnOnce(&mut Reorder, &mut Each<'_, Error>) -> Result<()>,
    ) -> Result<()> {
        let Recorder { order, events, shown, bytes, last_ns, seeded_until_ns, hidden, .. } = self;
        let Recorder { limits, is_full, .. } = self;
        release(order, &mut |event| {
            // What happened before the look at the machine ended is part of the state already, at least partly.
            let seeded = event.ts_ns <= *seeded_until_ns;
            let state_only = event.state_only || seeded || is_hidden(hidden, event.bytes);
            let event = RawEvent { state_only, ..*event };
            *is_full = *is_full || limits.is_reached(*shown, || out.bytes_with(&event));
            if *is_full {
                return Ok(());
            }
            *events += 1;
            *bytes += event.bytes.len() as u64;
            *last_ns = event.ts_ns;
            *shown += u64::from(!state_only);
            out.event(&event)
        })
    }

    /// Stores what was lost so far, if anything was.
    fn write_drops(&mut self, out: &mut impl Output) -> Result<Vec<Drops>> {
        let drops = drops::read(&self.loaded.drops);
        self.dropped = drops::lost(&drops);
        self.dropped_by_cpu = drops::by_cpu(&self.loaded.drops);
        if !drops.is_empty() {
            self.write_made(out, &drops::event(self.last_ns, &drops, &self.dropped_by_cpu))?;
        }
        Ok(drops)
    }

    /// Writes an event that the recorder made itself.
    fn write_made(&self, out: &mut impl Output, event: &EventBuilder) -> Result<()> {
        let Some(bytes) = event.encode() else {
            return Err(Error::new(ErrorKind::InvalidInput, "an event of the recorder is too long"));
        };
        out.event(&RawEvent { ts_ns: event.event().ts_ns, cpu: 0, state_only: false, bytes: &bytes })
    }

    /// Detaches, writes what is left, and counts.
    ///
    /// # Errors
    /// When the capture cannot be written.
    pub fn stop(mut self, out: &mut impl Output) -> Result<RecordSummary> {
        if let Some(seed) = self.seed.take() {
            out.begin(seed)?;
        }
        self.loaded.detach();
        while !self.collect(BATCH_BYTES) {
            self.write(out, None)?;
        }
        self.release(out, |order, each| order.release_all(each))?;
        let drops = self.write_drops(out)?;
        out.flush()?;
        Ok(RecordSummary {
            events: self.events,
            bytes: self.bytes,
            duration: self.started.elapsed(),
            drops,
            dropped_by_cpu: self.dropped_by_cpu,
        })
    }
}

/// Which types are not shown, by id; empty when all are.
fn hidden_types(options: &RecordOptions) -> Vec<bool> {
    let hidden: Vec<bool> = EVENTS.iter().map(|event| !options.events.shows(event.id)).collect();
    if hidden.contains(&true) { hidden } else { Vec::new() }
}

/// Whether an event is of a type that is not shown.
fn is_hidden(hidden: &[bool], bytes: &[u8]) -> bool {
    !hidden.is_empty()
        && Header::read(bytes).is_some_and(|header| hidden.get(usize::from(header.ty.0)) == Some(&true))
}
