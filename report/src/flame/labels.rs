//! Turns numbers into names in a picture, and says what colours mean.

use std::fmt::Write as _;

use super::{FONT_SIZE, FONT_WIDTH, WIDTH};
use crate::{escape, palette};

/// Height of the two rows of the legend.
const LEGEND_HEIGHT: usize = 44;
const TITLE: &str = "<title>";
/// Stands between a frame's number and its name. Names cannot contain it, because it is escaped.
pub const MARK: char = '\u{2063}';

/// Puts names where numbers are shown, in as far as there is room.
pub fn name_frames(picture: &str, names: &[String]) -> String {
    let mut pieces = picture.split(TITLE);
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        out.push_str(TITLE);
        let numbered = match piece.split_once(MARK) {
            Some((number, rest)) => {
                number.parse::<usize>().ok().and_then(|n| names.get(n)).and_then(|name| relabel(rest, name))
            }
            None => relabel(piece, "all"),
        };
        out.push_str(numbered.as_deref().unwrap_or(piece));
    }
    out
}

/// `rest` is what follows a frame's number up to the next frame: a title, a rectangle and a label.
fn relabel(rest: &str, name: &str) -> Option<String> {
    let (before, from_width) = rest.split_once("width=\"")?;
    let width_percent: f64 = from_width.split_once('%')?.0.parse().ok()?;
    let room = (width_percent / 100.0 * WIDTH as f64 / (FONT_SIZE as f64 * FONT_WIDTH)) as usize;
    let label: String = match name.chars().count() {
        _ if room < 3 => String::new(),
        len if len <= room => name.to_owned(),
        _ => name.chars().take(room - 2).chain("..".chars()).collect(),
    };
    let text = from_width.find("<text")?;
    let start = text + from_width[text..].find('>')? + 1;
    let end = start + from_width[start..].find('<')?;
    Some(format!("{before}width=\"{}{}{}", &from_width[..start], escape::xml(&label), &from_width[end..]))
}

/// Adds a strip below the picture that says what the colours mean.
pub fn with_legend(picture: &str) -> String {
    let add = || {
        let height: usize = picture.split_once(" height=\"")?.1.split_once('"')?.0.parse().ok()?;
        let taller = height + LEGEND_HEIGHT;
        let body = picture.strip_suffix("</svg>")?;
        let body = body.replacen(&format!(" height=\"{height}\""), &format!(" height=\"{taller}\""), 1);
        let body = body.replacen(&format!("0 0 {WIDTH} {height}"), &format!("0 0 {WIDTH} {taller}"), 1);
        Some(format!("{body}{}</svg>", legend(height)))
    };
    add().unwrap_or_else(|| picture.to_owned())
}

fn legend(y: usize) -> String {
    let mut out = "<g id=\"legend\">".to_owned();
    let fields = palette::FIELDS.iter().map(|(_, entry)| entry);
    legend_row(&mut out, "Frames:", palette::KINDS.into_iter(), y);
    legend_row(&mut out, "Fields:", fields, y + LEGEND_HEIGHT / 2);
    out.push_str("</g>");
    out
}

fn legend_row<'a>(
    out: &mut String,
    title: &str,
    entries: impl Iterator<Item = &'a palette::Entry>,
    y: usize,
) {
    let _ = write!(out, "<text x=\"10\" y=\"{}\">{title}</text>", y + 10);
    let mut x = 66;
    for entry in entries {
        let color = palette::hex(entry.color);
        let _ = write!(
            out,
            "<rect x=\"{x}\" y=\"{y}\" width=\"11\" height=\"11\" fill=\"{color}\"/><text x=\"{}\" y=\"{}\">{}</text>",
            x + 16,
            y + 10,
            escape::xml(entry.name),
        );
        x += 32 + entry.name.len() * 7;
    }
}
