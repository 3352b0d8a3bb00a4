//! The whole profile as one HTML file that needs nothing else: no network, no other file.

mod code;
mod findings;
mod flame;
mod page;
mod parts;
mod rules;
mod savings;
mod summary;
mod table;

use std::io::Write;

use profiler::Profile;
use profiler::model::CallTree;

use crate::Weight;
use crate::error::Error;
use crate::plots::{self, Plot};

use page::Page;

/// A rules file, to be shown with its costs.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// As in the profile's locations.
    pub name: &'a str,
    pub text: &'a str,
}

/// Writes the page. Sources are not part of a profile; those that are not given are not shown.
///
/// # Errors
/// `out` fails.
pub fn write(profile: &Profile, sources: &[Source<'_>], mut out: impl Write) -> Result<(), Error> {
    let mut page = Page::default();
    page.section("Summary", |out| summary::summary(profile, out));
    page.section("Stages", |out| summary::stages(profile, out));
    // Without that, what is about rules would say that nothing was covered.
    let knows_rules = profile.knows_rules();
    if knows_rules {
        page.section("Rules", |out| rules::write(profile, sources, out));
    }
    if savings::is_known(profile) {
        page.section("Leaving rules out", |out| savings::write(profile, sources, out));
    }
    let tree = CallTree::of(profile, None);
    if Weight::ALL.iter().any(|weight| weight.all(&tree).is_ok()) {
        page.section("Flame graph", |out| flame::write(profile, &tree, out));
    }
    if knows_rules {
        page.section("Parts of conditions", |out| parts::conditions(profile, sources, out));
        page.section("Fields", |out| parts::fields(profile, out));
    }
    page.section("Event types", |out| parts::events(profile, out));
    let plots: Vec<String> = Plot::ALL.iter().filter_map(|plot| plots::svg(profile, *plot).ok()).collect();
    if !plots.is_empty() {
        page.section("Plots", |out| {
            for plot in &plots {
                out.push_str(&format!("<figure>{}</figure>", plot.trim_start_matches(|c| c != '<')));
            }
        });
    }
    if knows_rules {
        page.section("What was not covered", |out| findings::write(profile, sources, out));
    }
    for (index, source) in sources.iter().enumerate().filter(|_| knows_rules) {
        page.section(&format!("Costs in {}", source.name), |out| code::write(profile, index, source, out));
    }
    let captures = profile.origins.iter().flat_map(|origin| &origin.captures);
    let mut names: Vec<&str> = captures.map(|capture| capture.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    out.write_all(page.finish(&format!("Rule costs: {}", names.join(", "))).as_bytes())?;
    Ok(())
}
