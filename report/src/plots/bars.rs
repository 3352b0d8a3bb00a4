//! Horizontal bars with names left and values right.

use plotters::prelude::DrawingBackend;

use super::axis;
use super::canvas::{Align, BLACK, Canvas, Draw, Drawn, GREY, PALE};
use crate::{escape, palette};

const WIDTH: i32 = 1100;
const NAMES: i32 = 400;
const VALUES: i32 = 190;
const TOP: i32 = 84;
const BOTTOM: i32 = 62;
const ROW: i32 = 22;
const NAME_LEN_MAX: usize = 56;

/// One row.
pub struct Bar<'a> {
    pub name: &'a str,
    /// Lengths of its parts, one for each series.
    pub parts: Vec<f64>,
    /// The value in words.
    pub label: String,
}

/// Bars whose parts stand one after the other.
pub struct Bars<'a> {
    pub title: &'a str,
    pub note: String,
    /// Meaning and colour of the parts.
    pub series: &'a [(&'a str, palette::Rgb)],
    pub unit: axis::Unit,
    pub bars: Vec<Bar<'a>>,
}

impl Draw for Bars<'_> {
    fn size(&self) -> (i32, i32) {
        (WIDTH, TOP + BOTTOM + ROW * self.bars.len() as i32)
    }

    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>) -> Drawn<DB> {
        let floor = self.size().1 - BOTTOM;
        canvas.text(self.title, (WIDTH / 2, 24), 20, BLACK, Align::Center)?;
        let mut x = NAMES;
        for (name, color) in self.series {
            canvas.rectangle((x, 50), (x + 12, 62), *color)?;
            canvas.text(name, (x + 18, 56), 13, BLACK, Align::Left)?;
            x += 50 + 7 * name.len() as i32;
        }
        let length = |bar: &Bar<'_>| bar.parts.iter().sum::<f64>();
        let max = self.bars.iter().map(length).fold(0.0, f64::max).max(1.0);
        let ticks = axis::linear(max);
        let end = ticks.last().copied().unwrap_or(max);
        let at = |value: f64| NAMES + (value / end * f64::from(WIDTH - NAMES - VALUES)).round() as i32;
        for tick in ticks {
            canvas.line((at(tick), TOP - 8), (at(tick), floor), PALE)?;
            canvas.text(&self.unit.tick(tick), (at(tick), floor + 12), 12, GREY, Align::Center)?;
        }
        for (bar, top) in self.bars.iter().zip((TOP..).step_by(ROW as usize)) {
            let middle = top + ROW / 2 - 2;
            name(canvas, bar.name, (NAMES - 8, middle), NAME_LEN_MAX)?;
            let mut from = 0.0;
            for (part, (_, color)) in bar.parts.iter().zip(self.series) {
                if *part > 0.0 {
                    // The smallest value is a line, not nothing.
                    let right = at(from + part).max(at(from) + 1);
                    canvas.rectangle((at(from), top), (right, top + ROW - 5), *color)?;
                }
                from += part;
            }
            canvas.text(&bar.label, (at(from) + 8, middle), 12, GREY, Align::Left)?;
        }
        canvas.text(&self.note, (NAMES, floor + 40), 12, GREY, Align::Left)
    }
}

/// A name that ends at a place, shortened to so many characters.
pub fn name<DB: DrawingBackend>(
    canvas: &Canvas<'_, DB>,
    name: &str,
    at: (i32, i32),
    len_max: usize,
) -> Drawn<DB> {
    let name = escape::plain(name);
    canvas.text(&escape::shorten(&name, len_max), at, 13, BLACK, Align::Right)
}
