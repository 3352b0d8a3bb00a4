//! Rules files with what each line costs beside it.

use profiler::Profile;
use profiler::model::Location;

use super::Source;
use crate::annotate::{self, Heat};
use crate::escape;

/// What a line of a source is called on the page.
fn anchor(index: usize, line: u32) -> String {
    format!("f{index}-{line}")
}

/// Name of the file without its folders, line, and column if wanted; leads to the line if the file is on the page.
pub fn place(sources: &[Source<'_>], location: &Location, with_column: bool) -> String {
    let name = location.file.rsplit('/').next().unwrap_or(&location.file);
    let mut text = format!("{}:{}", escape::xml(name), location.line);
    if with_column {
        text.push_str(&format!(":{}", location.column));
    }
    match sources.iter().position(|source| source.name == location.file) {
        Some(index) => format!("<a href=\"#{}\">{text}</a>", anchor(index, location.line)),
        None => text,
    }
}

/// Writes the source with this index.
pub fn write(profile: &Profile, index: usize, source: &Source<'_>, out: &mut String) {
    let all_ns = profile.stages().evaluate_ns;
    let costs = annotate::lines(profile, source.name);
    out.push_str("<div class=\"scroll\"><table class=\"code\"><thead><tr>");
    for heading in annotate::HEADING {
        out.push_str(&format!("<th scope=\"col\">{heading}"));
    }
    out.push_str("<th scope=\"col\">line<th scope=\"col\" class=\"text\">rules</tr></thead><tbody>\n");
    for (number, line) in (1..).zip(source.text.lines()) {
        let cost = costs.get(&number);
        let class = match annotate::heat(profile, cost) {
            Heat::Hot => " class=\"hot\"",
            Heat::Warm => " class=\"warm\"",
            Heat::Cold => "",
        };
        let cells = match cost {
            Some(_) => {
                annotate::cells(cost, all_ns).map(|cell| format!("<td>{}", escape::xml(&cell))).concat()
            }
            // Most lines are no condition.
            None => "<td colspan=\"6\">".to_owned(),
        };
        let line = escape::xml(&line.replace('\t', "    "));
        out.push_str(&format!("<tr id=\"{}\"{class}>{cells}<td>{number}<td>{line}\n", anchor(index, number)));
    }
    out.push_str("</tbody></table></div>");
}
