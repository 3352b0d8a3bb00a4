//! The whole profile as one HTML file that needs nothing else: no network, no other file.

mod page;
mod tables;

use std::io::Write;

use profiler::Profile;

use crate::error::Error;
use crate::flame;
use crate::folded::Scope;
use crate::plots::{self, Plot};
use crate::{annotate, escape, units};

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
    page.section("Summary", |out| tables::summary(profile, out));
    page.section("Stages", |out| tables::stages(profile, out));
    page.section("Rules", |out| tables::rules(profile, out));
    if profile.stages().evaluate_ns > 0 {
        let mut picture = Vec::new();
        flame::write(profile, Scope::Evaluate, &mut picture)?;
        page.section("Flame graph", |out| {
            // A frame of its own, because the picture brings a script that believes to be alone.
            let height = 40 + picture_height(&picture);
            out.push_str(&format!(
                "<p>Click a frame to zoom, \"Search\" in the corner to search.</p><iframe title=\"Flame graph\" \
                 style=\"height:{height}px\" src=\"data:image/svg+xml;base64,{}\"></iframe>",
                base64(&picture)
            ));
        });
    }
    let plots: Vec<String> = Plot::ALL.iter().filter_map(|plot| plots::svg(profile, *plot).ok()).collect();
    if !plots.is_empty() {
        page.section("Plots", |out| {
            for plot in &plots {
                out.push_str(&format!("<figure>{}</figure>", plot.trim_start_matches(|c| c != '<')));
            }
        });
    }
    page.section("What the events did not show", |out| tables::findings(profile, out));
    for source in sources {
        page.section(&format!("Costs in {}", source.name), |out| annotated(profile, source, out));
    }
    let title =
        profile.origins.iter().flat_map(|origin| &origin.captures).map(|capture| capture.name.as_str());
    let title = title.collect::<Vec<_>>().join(", ");
    out.write_all(page.finish(&format!("Rule costs: {title}")).as_bytes())?;
    Ok(())
}

fn annotated(profile: &Profile, source: &Source<'_>, out: &mut String) {
    let all_ns = profile.stages().evaluate_ns;
    let costs = annotate::lines(profile, source.name);
    out.push_str("<table class=\"code\"><thead><tr><th>time<th>%<th>evaluated<th>true %<th>line<th></tr></thead><tbody>");
    for (number, line) in (1..).zip(source.text.lines()) {
        let cost = costs.get(&number);
        let share = cost.map_or(0.0, |cost| cost.total_ns as f64 / all_ns.max(1) as f64);
        let class = match share {
            s if s >= annotate::HOT_SHARE => " class=\"hot\"",
            s if s >= annotate::WARM_SHARE => " class=\"warm\"",
            _ => "",
        };
        let [time, percent, evaluations, hits] = annotate::cells(cost, all_ns);
        let line = escape::xml(&line.replace('\t', "    "));
        out.push_str(&format!(
            "<tr{class}><td>{}<td>{}<td>{}<td>{}<td>{number}<td><pre>{line}</pre></tr>",
            escape::xml(&time),
            escape::xml(&percent),
            escape::xml(&evaluations),
            escape::xml(&hits)
        ));
    }
    out.push_str("</tbody></table>");
}

fn picture_height(picture: &[u8]) -> u64 {
    let text = String::from_utf8_lossy(&picture[..picture.len().min(1000)]);
    let height = text.split_once(" height=\"").and_then(|(_, rest)| rest.split_once('"')?.0.parse().ok());
    height.unwrap_or(400)
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let bits =
            group.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        for i in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * i) & 63) as usize];
            text.push(if i <= group.len() { char::from(digit) } else { '=' });
        }
    }
    text
}

/// A cell that sorts by a number.
fn number(out: &mut String, value: f64, text: &str) {
    out.push_str(&format!("<td data-sort=\"{value}\">{}", escape::xml(text)));
}

/// A time, or a dash where there is none.
fn time(out: &mut String, ns: Option<u64>) {
    match ns {
        Some(ns) => number(out, ns as f64, &units::duration(ns)),
        None => number(out, -1.0, "-"),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn base64_of_all_lengths() {
        let cases = [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")];
        for (text, expected) in cases {
            assert_eq!(super::base64(text.as_bytes()), expected);
        }
    }
}
