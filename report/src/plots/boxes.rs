//! Box plots on a logarithmic axis: how long evaluations take, not only on average.

use plotters::prelude::DrawingBackend;
use profiler::model::Latency;

use super::axis::{self, Unit};
use super::bars::name;
use super::canvas::{Align, BLACK, Canvas, Draw, Drawn, GREY, PALE};
use crate::{palette, units};

const WIDTH: i32 = 1100;
const NAMES: i32 = 400;
const VALUES: i32 = 150;
const TOP: i32 = 104;
const BOTTOM: i32 = 62;
const ROW: i32 = 24;
const NAME_LEN_MAX: usize = 56;

/// One rule.
pub struct Row<'a> {
    pub name: &'a str,
    pub matched: &'a Latency,
    pub not_matched: &'a Latency,
    /// Both together.
    pub all: Latency,
}

/// Latencies of rules.
pub struct Boxes<'a> {
    pub title: &'a str,
    pub note: String,
    pub rows: Vec<Row<'a>>,
}

impl Draw for Boxes<'_> {
    fn size(&self) -> (i32, i32) {
        (WIDTH, TOP + BOTTOM + ROW * self.rows.len() as i32)
    }

    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>) -> Drawn<DB> {
        let floor = self.size().1 - BOTTOM;
        canvas.text(self.title, (WIDTH / 2, 24), 20, BLACK, Align::Center)?;
        let mut x = NAMES;
        for (name, color) in [("not matched", palette::NOT_MATCHED), ("matched", palette::MATCHED)] {
            canvas.rectangle((x, 50), (x + 12, 62), color)?;
            canvas.text(name, (x + 18, 56), 13, BLACK, Align::Left)?;
            x += 120;
        }
        let how =
            "Box: middle half, parted by the median. Line: from 1 % to 99 %, tick at 90 %. Dot: longest.";
        canvas.text(how, (NAMES, 78), 12, GREY, Align::Left)?;
        let quickest = |row: &Row<'_>| row.all.quantile_ns(0.01).unwrap_or(0) as f64;
        let min = self.rows.iter().map(quickest).fold(f64::MAX, f64::min);
        let max = self.rows.iter().map(|row| row.all.max_ns as f64).fold(1.0, f64::max);
        let ticks = axis::decades(min, max);
        let (low, high) = (ticks[0].log10(), ticks[ticks.len() - 1].log10());
        let at = |ns: u64| {
            let share = ((ns.max(1) as f64).log10() - low) / (high - low);
            NAMES + (share.max(0.0) * f64::from(WIDTH - NAMES - VALUES)).round() as i32
        };
        for tick in &ticks {
            let x = at(*tick as u64);
            canvas.line((x, TOP - 8), (x, floor), PALE)?;
            canvas.text(&Unit::Nanoseconds.tick(*tick), (x, floor + 12), 12, GREY, Align::Center)?;
        }
        for (row, top) in self.rows.iter().zip((TOP..).step_by(ROW as usize)) {
            let middle = top + ROW / 2 - 2;
            name(canvas, row.name, (NAMES - 8, middle), NAME_LEN_MAX)?;
            let both = row.matched.count > 0 && row.not_matched.count > 0;
            let sides = [(row.not_matched, palette::NOT_MATCHED, -5), (row.matched, palette::MATCHED, 5)];
            for (latency, color, offset) in sides.into_iter().filter(|(latency, ..)| latency.count > 0) {
                let (middle, half) = if both { (middle + offset, 4) } else { (middle, 6) };
                draw_box(canvas, latency, color, middle, half, &at)?;
            }
            let quantile = |q| row.all.quantile_ns(q).map_or_else(String::new, units::duration);
            let label = format!("{} / {}", quantile(0.5), quantile(0.99));
            canvas.text(&label, (WIDTH - VALUES + 12, middle), 11, GREY, Align::Left)?;
        }
        canvas.text("median / 99 %", (WIDTH - VALUES + 12, TOP - 14), 11, GREY, Align::Left)?;
        canvas.text(&self.note, (NAMES, floor + 40), 12, GREY, Align::Left)
    }
}

fn draw_box<DB: DrawingBackend>(
    canvas: &Canvas<'_, DB>,
    latency: &Latency,
    color: palette::Rgb,
    middle: i32,
    half: i32,
    at: &impl Fn(u64) -> i32,
) -> Drawn<DB> {
    let x = |q| at(latency.quantile_ns(q).unwrap_or(0));
    canvas.line((x(0.01), middle), (x(0.99), middle), color)?;
    canvas.line((x(0.9), middle - half), (x(0.9), middle + half), color)?;
    let (left, right) = (x(0.25), x(0.75).max(x(0.25) + 2));
    canvas.rectangle((left, middle - half), (right, middle + half), color)?;
    canvas.line((x(0.5), middle - half), (x(0.5), middle + half), BLACK)?;
    canvas.dot((at(latency.max_ns), middle), 2, color)
}
