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
            eprintln!("{text}");
        }
    }

    /// Something the person should know even with `--quiet`.
    pub fn warn(&self, text: impl std::fmt::Display) {
        if self.color_stderr {
            eprintln!("\x1b[33mwarning:\x1b[0m {text}");
        } else {
            eprintln!("warning: {text}");
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
            eprint!("\r\x1b[K{}", text());
            let _ = std::io::stderr().flush();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.active && self.last.is_some() {
            eprint!("\r\x1b[K");
        }
    }
}
