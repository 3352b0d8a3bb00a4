//! Files and folders of reports.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use anyhow::Context;
use profiler::{Profile, store};
use report::ErrorKind;
use report::plots::Plot;

use super::super::{private, tables};
use super::formats::{self, By, Contents, Format, GraphArgs, TextArgs};

/// Writes the profile and everything that can be made of it; returns the number of files. What a profile has nothing
/// for, such as pictures of times without times, is left out.
pub fn write_folder(contents: &Contents<'_>, folder: &Path) -> anyhow::Result<usize> {
    make_folder(folder)?;
    let profile = contents.profile;
    let mut count = 0;
    let mut file = |name: &str, format: Format, by: By| -> anyhow::Result<()> {
        let (text, graph) = (TextArgs { wide: true, ..Default::default() }, GraphArgs::by(by));
        let make = |out: &mut dyn Write| formats::write(contents, format, &text, &graph, false, false, out);
        count += usize::from(write_if_any(&folder.join(name), make)?);
        Ok(())
    };
    file("profile.txt", Format::Text, By::Time)?;
    file("report.html", Format::Html, By::Time)?;
    for (by, suffix) in [(By::Time, ""), (By::Cost, "-cost")] {
        file(&format!("calls{suffix}.dot"), Format::Dot, by)?;
        file(&format!("calls{suffix}.mmd"), Format::Mermaid, by)?;
        file(&format!("calls{suffix}.folded"), Format::Folded, by)?;
        file(&format!("flamegraph{suffix}.svg"), Format::Svg, by)?;
    }
    file("stages.svg", Format::StagesSvg, By::Time)?;
    for (rows, name) in tables::FILES {
        file(&format!("{name}.csv"), Format::Csv(*rows), By::Time)?;
        file(&format!("{name}.parquet"), Format::Parquet(*rows), By::Time)?;
    }
    write_output(&folder.join("profile.json"), |out| Ok(store::write(profile, out)?))?;
    Ok(1 + count + write_plots(profile, folder)?)
}

/// Writes every plot as SVG and PNG; returns the number of files.
pub fn write_plots(profile: &Profile, folder: &Path) -> anyhow::Result<usize> {
    let mut count = 0;
    for plot in Plot::ALL {
        for (png, extension) in [(false, "svg"), (true, "png")] {
            let path = folder.join(format!("{}.{extension}", plot.name()));
            count += usize::from(write_if_any(&path, |out| formats::write_plot(profile, plot, png, out))?);
        }
    }
    Ok(count)
}

/// Writes a file unless the profile has nothing for it; says whether it did.
fn write_if_any(
    path: &Path,
    make: impl FnOnce(&mut dyn Write) -> anyhow::Result<()>,
) -> anyhow::Result<bool> {
    let mut contents = Vec::new();
    match make(&mut contents) {
        Ok(()) => {}
        // A ruleset of which nothing was evaluated is nothing to draw, and no reason to fail.
        Err(error) if is_empty(&error) => return Ok(false),
        Err(error) => return Err(error.context(format!("cannot write {}", path.display()))),
    }
    write_output(path, |out| Ok(out.write_all(&contents)?))?;
    Ok(true)
}

fn is_empty(error: &anyhow::Error) -> bool {
    let error = error.downcast_ref::<report::Error>();
    error.is_some_and(|error| matches!(error.kind(), ErrorKind::Empty(_)))
}

/// Makes a folder and those above it.
pub fn make_folder(folder: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))
}

/// Writes a file that only its owner may read, because rules and captures can be secret; - is standard output.
pub fn write_output(
    path: &Path,
    make: impl FnOnce(&mut dyn Write) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    if path == Path::new("-") {
        return make(&mut io::stdout().lock());
    }
    let describe = || format!("cannot write {}", path.display());
    let mut out = io::BufWriter::new(private::create(path).with_context(describe)?);
    make(&mut out).with_context(describe)?;
    out.flush().with_context(describe)
}
