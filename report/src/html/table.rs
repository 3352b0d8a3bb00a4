//! Tables that sort and can be searched.

use crate::{escape, units};

/// What stands above a column.
#[derive(Clone, Copy)]
pub enum Column {
    Text(&'static str),
    Number(&'static str),
    /// The column that rows are sorted by, largest first.
    Sorted(&'static str),
}

/// Writes a table with a field to search it; `rows` writes the rows.
pub fn sortable(
    out: &mut String,
    id: &str,
    search: &str,
    columns: &[Column],
    rows: impl FnOnce(&mut String),
) {
    out.push_str(&format!(
        "<div class=\"tools\"><label>Search <input type=\"search\" data-table=\"{id}\" placeholder=\"{search}\"></label>\
         <output></output></div><div class=\"scroll\"><table class=\"sortable\" id=\"{id}\"><thead><tr>"
    ));
    for column in columns {
        let (attributes, name) = match column {
            Column::Text(name) => (" class=\"text\"", name),
            Column::Number(name) => ("", name),
            Column::Sorted(name) => (" aria-sort=\"descending\"", name),
        };
        out.push_str(&format!("<th scope=\"col\"{attributes}><button type=\"button\">{name}</button>"));
    }
    out.push_str("</tr></thead><tbody>\n");
    rows(out);
    out.push_str("</tbody></table></div>");
}

/// A cell of text.
pub fn text(out: &mut String, text: &str) {
    out.push_str(&format!("<td class=\"text\">{}", escape::xml(text)));
}

/// A cell of markup that stays in one line.
pub fn html(out: &mut String, markup: &str) {
    out.push_str(&format!("<td class=\"text place\">{markup}"));
}

/// A cell that sorts by a number.
pub fn number(out: &mut String, value: f64, text: &str) {
    out.push_str(&format!("<td data-sort=\"{value}\">{}", escape::xml(text)));
}

/// A count.
pub fn count(out: &mut String, value: u64) {
    number(out, value as f64, &units::count(value));
}

/// A part of a whole in percent, or a dash where there is no whole.
pub fn share(out: &mut String, part: u64, whole: u64) {
    match whole {
        0 => number(out, -1.0, "-"),
        _ => number(out, part as f64 / whole as f64, &units::percent(part, whole)),
    }
}

/// Cost units, or a dash where there are none.
pub fn cost(out: &mut String, units: u64) {
    match units {
        0 => number(out, 0.0, "-"),
        _ => number(out, units as f64, &crate::units::cost(units)),
    }
}

/// A time, or a dash where there is none.
pub fn time(out: &mut String, ns: Option<u64>) {
    match ns {
        Some(ns) => number(out, ns as f64, &units::duration(ns)),
        None => number(out, -1.0, "-"),
    }
}
