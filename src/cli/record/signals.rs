//! Signals that a recording obeys.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGUSR1};

/// Signals that came. None of them leaves a file without its end.
pub struct Signals {
    interrupt: Arc<AtomicBool>,
    terminate: Arc<AtomicBool>,
    write: Arc<AtomicBool>,
}

impl Signals {
    /// Catches those that end a recording, and SIGUSR1 if it has a meaning.
    pub fn catch(with_write: bool) -> anyhow::Result<Signals> {
        let flag = || Arc::new(AtomicBool::new(false));
        let signals = Signals { interrupt: flag(), terminate: flag(), write: flag() };
        let register = |signal, flag: &Arc<AtomicBool>| {
            signal_hook::flag::register(signal, flag.clone()).context("cannot catch signals")
        };
        register(SIGINT, &signals.interrupt)?;
        register(SIGTERM, &signals.terminate)?;
        register(SIGHUP, &signals.terminate)?;
        if with_write {
            register(SIGUSR1, &signals.write)?;
        }
        Ok(signals)
    }

    /// Ctrl-C reaches a command too, which may handle it: then it decides when to end.
    pub fn asked_to_end(&self, has_command: bool) -> bool {
        self.terminate.load(Ordering::Relaxed) || (!has_command && self.interrupt.load(Ordering::Relaxed))
    }

    /// Whether SIGUSR1 came since the last time this was asked and true.
    pub fn take_write(&self) -> bool {
        self.write.swap(false, Ordering::Relaxed)
    }
}
