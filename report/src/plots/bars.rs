//! Horizontal bars with names left and values right.

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::error::{Error, ErrorKind};
use crate::{escape, palette, units};

const WIDTH: i32 = 1100;
const NAMES: i32 = 400;
const VALUES: i32 = 190;
const TOP: i32 = 84;
const BOTTOM: i32 = 62;
const ROW: i32 = 22;
const NAME_LEN_MAX: usize = 58;

/// One rule.
pub struct Bar<'a> {
    pub name: &'a str,
    pub matched: f64,
    pub not_matched: f64,
    /// The value in words.
    pub label: String,
}

/// What to draw.
pub struct Chart<'a> {
    pub title: &'a str,
    pub note: &'a str,
    /// Matched and not matched in one bar, or in two.
    pub stacked: bool,
    /// Values are nanoseconds.
    pub time: bool,
    pub bars: &'a [Bar<'a>],
}

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Failure<'a> = DrawingAreaErrorKind<<SVGBackend<'a> as DrawingBackend>::ErrorType>;

pub fn draw(chart: &Chart<'_>) -> Result<String, Error> {
    let mut picture = String::new();
    let height = TOP + BOTTOM + ROW * chart.bars.len() as i32;
    {
        let area = SVGBackend::with_string(&mut picture, (WIDTH as u32, height as u32)).into_drawing_area();
        draw_on(&area, chart, height).map_err(|error| ErrorKind::Plot(error.to_string()))?;
    }
    Ok(picture)
}

fn draw_on<'a>(area: &Area<'a>, chart: &Chart<'_>, height: i32) -> Result<(), Failure<'a>> {
    let black = RGBColor(40, 40, 40);
    let grey = RGBColor(120, 120, 120);
    let (matched, not_matched) = (color(palette::MATCHED), color(palette::NOT_MATCHED));
    area.fill(&WHITE)?;
    text(area, chart.title, (WIDTH / 2, 14), 20, &black, HPos::Center, VPos::Top)?;
    let mut x = NAMES;
    for (name, style) in [("not matched", &not_matched), ("matched", &matched)] {
        area.draw(&Rectangle::new([(x, 50), (x + 12, 62)], style.filled()))?;
        text(area, name, (x + 18, 56), 13, &black, HPos::Left, VPos::Center)?;
        x += 110;
    }
    let length = |bar: &Bar<'_>| {
        if chart.stacked { bar.matched + bar.not_matched } else { bar.matched.max(bar.not_matched) }
    };
    let max = chart.bars.iter().map(length).fold(0.0, f64::max).max(1.0);
    let step = tick_step(max);
    let end = (max / step).ceil() * step;
    let room = WIDTH - NAMES - VALUES;
    let at = |value: f64| NAMES + (value / end * f64::from(room)).round() as i32;
    let floor = height - BOTTOM;
    let mut tick = 0.0;
    while tick <= end + step / 2.0 {
        let x = at(tick);
        area.draw(&PathElement::new([(x, TOP - 8), (x, floor)], RGBColor(225, 225, 225)))?;
        let label = if chart.time { units::duration(tick as u64) } else { units::count(tick as u64) };
        text(area, &label, (x, floor + 6), 12, &grey, HPos::Center, VPos::Top)?;
        tick += step;
    }
    for (i, bar) in chart.bars.iter().enumerate() {
        let top = TOP + ROW * i as i32;
        let middle = top + ROW / 2 - 2;
        let name = escape::plain(bar.name);
        let name = escape::shorten(&name, NAME_LEN_MAX);
        text(area, &name, (NAMES - 8, middle), 13, &black, HPos::Right, VPos::Center)?;
        let rectangle = |from: f64, to: f64, top: i32, bottom: i32, style: &RGBColor| {
            // The smallest value is a line, not nothing.
            let right = if to > from { at(to).max(at(from) + 1) } else { return Ok(()) };
            area.draw(&Rectangle::new([(at(from), top), (right, bottom)], style.filled()))
        };
        let bottom = top + ROW - 5;
        if chart.stacked {
            rectangle(0.0, bar.not_matched, top, bottom, &not_matched)?;
            rectangle(bar.not_matched, bar.not_matched + bar.matched, top, bottom, &matched)?;
        } else {
            rectangle(0.0, bar.not_matched, top, middle, &not_matched)?;
            rectangle(0.0, bar.matched, middle, bottom, &matched)?;
        }
        text(area, &bar.label, (at(length(bar)) + 8, middle), 12, &grey, HPos::Left, VPos::Center)?;
    }
    text(area, chart.note, (NAMES, height - 22), 12, &grey, HPos::Left, VPos::Center)?;
    area.present()
}

fn color((r, g, b): palette::Rgb) -> RGBColor {
    RGBColor(r, g, b)
}

fn text<'a>(
    area: &Area<'a>,
    text: &str,
    at: (i32, i32),
    size: i32,
    color: &RGBColor,
    h: HPos,
    v: VPos,
) -> Result<(), Failure<'a>> {
    let style = TextStyle::from(("sans-serif", size).into_font()).color(color).pos(Pos::new(h, v));
    area.draw_text(text, &style, at)
}

/// A round distance between four to eight ticks.
fn tick_step(max: f64) -> f64 {
    let rough = max / 6.0;
    let power = 10f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|m| m * power).find(|step| *step >= rough);
    step.unwrap_or(10.0 * power).max(1.0)
}
