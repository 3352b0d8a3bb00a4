//! What the person at the terminal sees besides results: notes, warnings and progress on standard error.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

/// When to use colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless NO_COLOR is set
    #[default]
    Auto,
    Always,
    Never,
}

/// How to talk to the person.
pub struct Ui {
    quiet: bool,
    /// Standard output takes colour.
    pub color_stdout: bool,
    /// Standard error takes colour.
    pub color_stderr: bool,
    stderr_is_terminal: bool,
}

impl Ui {
    pub fn new(quiet: bool, color: ColorChoice) -> Self {
        let wanted = |terminal: bool| match color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            // The convention of no-color.org: set and not empty.
            ColorChoice::Auto => {
                terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
            }
        };
        let stderr_is_terminal = std::io::stderr().is_terminal();
        Ui {
            quiet,
            color_stdout: wanted(std::io::stdout().is_terminal()),
            color_stderr: wanted(stderr_is_terminal),
            stderr_is_terminal,
        }
    }

    /// The global options that make another run of this program talk in the same way.
    pub fn global_args(&self) -> &'static [&'static str] {
        if self.quiet { &["--quiet"] } else { &[] }
    }

    /// A line of information; not printed with `--quiet`.
    pub fn note(&self, text: impl std::fmt::Display) {
        if !self.quiet {
            say(format_args!("{text}\n"));
        }
    }

    /// What was asked for, where standard output belongs to somebody else.
    pub fn result(&self, text: impl std::fmt::Display) {
        say(format_args!("{text}\n"));
    }

    /// Why nothing came of it, when the exit code is not the one of every failure.
    pub fn error(&self, text: impl std::fmt::Display) {
        say(format_args!("lanner: {text}\n"));
    }

    /// Something the person should know even with `--quiet`.
    pub fn warn(&self, text: impl std::fmt::Display) {
        if self.color_stderr {
            say(format_args!("\x1b[33mwarning:\x1b[0m {text}\n"));
        } else {
            say(format_args!("warning: {text}\n"));
        }
    }

    /// A progress line for long work: drawn only on a terminal, at most ten times a second.
    pub fn progress(&self) -> Progress {
        Progress { active: !self.quiet && self.stderr_is_terminal, last: None }
    }
}

/// A line on standard error that is drawn over and over.
pub struct Progress {
    active: bool,
    last: Option<Instant>,
}

impl Progress {
    /// Shows `text` instead of what was shown before, if it is time for it.
    pub fn update(&mut self, text: impl FnOnce() -> String) {
        let due = self.last.is_none_or(|last| last.elapsed() >= Duration::from_millis(100));
        if self.active && due {
            self.last = Some(Instant::now());
            say(format_args!("\r\x1b[K{}", text()));
        }
    }

    /// Removes the line, so that something else can be said.
    pub fn clear(&mut self) {
        if self.active && self.last.take().is_some() {
            say(format_args!("\r\x1b[K"));
        }
    }
}

/// Prints to standard error. A terminal that has gone is no reason to end before the work is done.
fn say(text: std::fmt::Arguments<'_>) {
    // In one piece, as others may write there too.
    let _ = std::io::stderr().write_all(text.to_string().as_bytes());
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.clear();
    }
}
