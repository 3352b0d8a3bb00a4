//! `lanner doctor`: whether this machine and these privileges allow recording, and how to get there.
//!
//! ```text
//! Facts + trial --assess--> Diagnosis --render--> text or JSON
//! ```

mod assess;
mod remedy;
mod render;

use std::io::Write;
use std::process::ExitCode;

use capture::record::{self, Facts};

use super::{FAILURE, Ui};
use assess::{Diagnosis, Trial};

/// Tell whether recording works here, what is missing, and the command that grants it
///
/// Ends with status 0 if `lanner record` works, and 1 otherwise. The eBPF programs are loaded and attached for a
/// moment to find out.
#[derive(clap::Args)]
pub struct Args {
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

pub fn run(args: Args, ui: &Ui) -> anyhow::Result<ExitCode> {
    let facts = Facts::collect();
    // Without these the kernel's refusal would only say that something is not permitted.
    let trial = match record::probe_support() {
        Some(_) => Trial::NotTried,
        None => match record::try_programs() {
            Ok(tried) => Trial::Worked(tried),
            Err(error) => Trial::Refused(format!("{:#}", anyhow::Error::new(error))),
        },
    };
    let diagnosis = Diagnosis::of(&facts, &trial);
    let text = match args.json {
        true => format!("{:#}\n", render::to_json(&facts, &diagnosis)),
        false => render::to_text(&diagnosis, ui.color_stdout),
    };
    std::io::stdout().write_all(text.as_bytes())?;
    Ok(if diagnosis.works() { ExitCode::SUCCESS } else { ExitCode::from(FAILURE) })
}
