//! Opening captures named on the command line.

use std::path::Path;

use anyhow::Context;
use capture::savefile::{Capture, ReadOptions};

/// Opens a capture; `-` is standard input.
pub fn open_capture(path: &Path, options: ReadOptions) -> anyhow::Result<Capture> {
    if path == Path::new("-") {
        return Ok(Capture::from_stream("standard input", Box::new(std::io::stdin())).with_options(options));
    }
    Capture::open(path, options).context("no capture was read")
}
