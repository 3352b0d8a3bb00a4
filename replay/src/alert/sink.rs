//! Where alerts go.

use std::io::{self, Write};

use super::Alert;
use super::format::{AlertFormat, AlertScratch};
use crate::context::EventContext;
use crate::rules::RuleId;

/// Takes alerts in the order of events, and of rules where one event has several.
pub trait AlertSink {
    /// A rule matched an event. The context is valid during the call only.
    ///
    /// # Errors
    /// An error ends the replay.
    fn alert(&mut self, rule: RuleId, cx: &EventContext<'_>) -> io::Result<()>;
}

/// No alerts are wanted; the driver counts them anyway.
#[derive(Clone, Copy, Debug, Default)]
pub struct Discard;

impl AlertSink for Discard {
    fn alert(&mut self, _rule: RuleId, _cx: &EventContext<'_>) -> io::Result<()> {
        Ok(())
    }
}

/// Writes one line per alert. Buffers itself; call [`WriteAlerts::finish`] at the end.
pub struct WriteAlerts<'f, W> {
    format: &'f AlertFormat,
    out: W,
    scratch: AlertScratch,
    lines: Vec<u8>,
}

/// Lines are handed on when there are this many bytes of them.
const BUFFER_BYTES: usize = 64 << 10;

impl<'f, W: Write> WriteAlerts<'f, W> {
    pub fn new(format: &'f AlertFormat, out: W) -> Self {
        WriteAlerts {
            format,
            out,
            scratch: AlertScratch::default(),
            lines: Vec::with_capacity(BUFFER_BYTES + 4096),
        }
    }

    /// Writes lines that another sink with the same format made.
    ///
    /// # Errors
    /// When writing fails.
    pub fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        self.lines.extend_from_slice(lines);
        self.hand_on()
    }

    fn hand_on(&mut self) -> io::Result<()> {
        if self.lines.len() >= BUFFER_BYTES {
            self.out.write_all(&self.lines)?;
            self.lines.clear();
        }
        Ok(())
    }

    /// Writes what is buffered.
    ///
    /// # Errors
    /// When writing fails.
    pub fn finish(mut self) -> io::Result<W> {
        self.out.write_all(&self.lines)?;
        self.out.flush()?;
        Ok(self.out)
    }
}

impl<W: Write> AlertSink for WriteAlerts<'_, W> {
    fn alert(&mut self, rule: RuleId, cx: &EventContext<'_>) -> io::Result<()> {
        self.format.write(rule, cx, &mut self.scratch, &mut self.lines);
        self.lines.push(b'\n');
        self.hand_on()
    }
}

/// Keeps all alerts, for tests and small captures.
pub struct Collect<'f> {
    format: &'f AlertFormat,
    scratch: AlertScratch,
    line: Vec<u8>,
    pub alerts: Vec<Alert>,
}

impl<'f> Collect<'f> {
    pub fn new(format: &'f AlertFormat) -> Self {
        Collect { format, scratch: AlertScratch::default(), line: Vec::new(), alerts: Vec::new() }
    }
}

impl AlertSink for Collect<'_> {
    fn alert(&mut self, rule: RuleId, cx: &EventContext<'_>) -> io::Result<()> {
        self.line.clear();
        self.format.write(rule, cx, &mut self.scratch, &mut self.line);
        self.alerts.push(Alert {
            rule,
            event_num: cx.num,
            ts_ns: cx.event.ts_ns,
            line: String::from_utf8_lossy(&self.line).into_owned(),
        });
        Ok(())
    }
}
