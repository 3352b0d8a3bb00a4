//! Heat maps: rules down, time of the capture across.

use plotters::prelude::DrawingBackend;

use super::axis::{self, Unit};
use super::bars::name;
use super::canvas::{Align, BLACK, Canvas, Draw, Drawn, GREY, PALE};
use crate::palette;

const WIDTH: i32 = 1100;
const NAMES: i32 = 360;
/// Right of the cells, for the last tick's text.
const MARGIN: i32 = 36;
const TOP: i32 = 124;
const BOTTOM: i32 = 62;
const ROW: i32 = 18;
const NAME_LEN_MAX: usize = 50;
/// Height of the bars of events above the map.
const EVENTS: i32 = 32;
/// Shades that can be told apart; equal neighbours are one rectangle, which keeps pictures small.
const SHADES: u32 = 16;

/// Values by bin; 0 where there is none.
pub struct Row<'a> {
    pub name: &'a str,
    pub values: Vec<f64>,
}

/// A value for every rule and bin.
pub struct Heat<'a> {
    pub title: &'a str,
    pub note: String,
    pub unit: Unit,
    pub bin_ns: u64,
    /// Events by bin, all replays together.
    pub events: &'a [u64],
    pub rows: Vec<Row<'a>>,
}

impl Draw for Heat<'_> {
    fn size(&self) -> (i32, i32) {
        (WIDTH, TOP + BOTTOM + ROW * self.rows.len() as i32)
    }

    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>) -> Drawn<DB> {
        let floor = self.size().1 - BOTTOM;
        let bins = self.events.len().max(1);
        let room = f64::from(WIDTH - NAMES - MARGIN);
        let at = |bin: f64| NAMES + (bin / bins as f64 * room).round() as i32;
        canvas.text(self.title, (WIDTH / 2, 24), 20, BLACK, Align::Center)?;
        let scale = Scale::of(self.rows.iter().flat_map(|row| row.values.iter().copied()));
        self.draw_scale(canvas, &scale)?;
        let end_ns = self.bin_ns as f64 * bins as f64;
        for tick in axis::linear(end_ns).into_iter().filter(|tick| *tick <= end_ns) {
            let x = at(tick / self.bin_ns as f64);
            canvas.line((x, TOP - 8), (x, floor + 4), PALE)?;
            canvas.text(&Unit::Nanoseconds.tick(tick), (x, floor + 14), 12, GREY, Align::Center)?;
        }
        canvas.text("all events", (NAMES - 8, TOP - 18), 12, GREY, Align::Right)?;
        let most = self.events.iter().copied().max().unwrap_or(0).max(1) as f64;
        for (bin, count) in self.events.iter().enumerate().filter(|(_, count)| **count > 0) {
            let height = ((*count as f64 / most * f64::from(EVENTS)).round() as i32).max(1);
            let (left, right) = (at(bin as f64), at((bin + 1) as f64) - 1);
            canvas.rectangle((left, TOP - 8 - height), (right, TOP - 8), palette::EVENTS)?;
        }
        for (row, top) in self.rows.iter().zip((TOP..).step_by(ROW as usize)) {
            name(canvas, row.name, (NAMES - 8, top + ROW / 2 - 1), NAME_LEN_MAX)?;
            let shades: Vec<Option<u32>> = row.values.iter().map(|value| scale.shade(*value)).collect();
            let mut from = 0;
            for run in shades.chunk_by(|a, b| a == b) {
                let to = from + run.len();
                if let Some(shade) = run[0] {
                    let corners = ((at(from as f64), top), (at(to as f64), top + ROW - 2));
                    canvas.rectangle(corners.0, corners.1, color(shade))?;
                }
                from = to;
            }
        }
        canvas.text(&self.note, (NAMES, floor + 40), 12, GREY, Align::Left)
    }
}

impl Heat<'_> {
    fn draw_scale<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>, scale: &Scale) -> Drawn<DB> {
        const SHADE: i32 = 14;
        let left = WIDTH - MARGIN - SHADE * SHADES as i32 - 70;
        canvas.text(&self.unit.value(scale.min), (left - 6, 56), 12, GREY, Align::Right)?;
        for shade in 0..SHADES {
            let x = left + SHADE * shade as i32;
            canvas.rectangle((x, 50), (x + SHADE, 62), color(shade))?;
        }
        let right = left + SHADE * SHADES as i32;
        canvas.text(&self.unit.value(scale.max), (right + 6, 56), 12, GREY, Align::Left)
    }
}

fn color(shade: u32) -> palette::Rgb {
    palette::ramp(f64::from(shade) / f64::from(SHADES - 1))
}

/// Values to shades, by their logarithms: rules differ by orders of magnitude.
struct Scale {
    min: f64,
    max: f64,
}

impl Scale {
    fn of(values: impl Iterator<Item = f64>) -> Self {
        let (min, max) = values
            .filter(|value| *value > 0.0)
            .fold((f64::MAX, 0.0), |(min, max): (f64, f64), value| (min.min(value), max.max(value)));
        Scale { min: min.min(max), max }
    }

    fn shade(&self, value: f64) -> Option<u32> {
        if value <= 0.0 {
            return None;
        }
        let span = (self.max / self.min).ln();
        let share = if span > 0.0 { (value / self.min).ln() / span } else { 1.0 };
        Some((share * f64::from(SHADES - 1)).round() as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shades_go_from_the_smallest_value_to_the_largest() {
        let scale = Scale::of([0.0, 10.0, 1000.0].into_iter());
        assert_eq!([0.0, 10.0, 100.0, 1000.0].map(|v| scale.shade(v)), [None, Some(0), Some(8), Some(15)]);
        assert_eq!(Scale::of([7.0, 7.0].into_iter()).shade(7.0), Some(15));
        assert_eq!(Scale::of(std::iter::empty()).shade(0.0), None);
    }
}
