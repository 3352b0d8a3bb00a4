//! A surface to draw on in points, whether a vector picture or a bitmap comes of it.

use std::sync::OnceLock;

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::register_font;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::png::encode;
use crate::error::{Error, ErrorKind};
use crate::palette;

/// Pixels of a bitmap for each point, so that it is sharp on a wall.
const PIXELS: i32 = 2;

pub const BLACK: palette::Rgb = (40, 40, 40);
pub const GREY: palette::Rgb = (112, 112, 112);
pub const PALE: palette::Rgb = (225, 225, 225);

/// What drawing comes to.
pub type Drawn<DB> = Result<(), DrawingAreaErrorKind<<DB as DrawingBackend>::ErrorType>>;

/// Something to draw.
pub trait Draw {
    /// Width and height.
    fn size(&self) -> (i32, i32);

    /// Draws it.
    ///
    /// # Errors
    /// The backend fails.
    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>) -> Drawn<DB>;
}

/// Where a text stands relative to its place.
#[derive(Clone, Copy, Debug)]
pub enum Align {
    /// It begins there.
    Left,
    Center,
    /// It ends there.
    Right,
}

pub struct Canvas<'a, DB: DrawingBackend> {
    area: &'a DrawingArea<DB, Shift>,
    scale: i32,
}

impl<DB: DrawingBackend> Canvas<'_, DB> {
    pub fn rectangle(&self, from: (i32, i32), to: (i32, i32), color: palette::Rgb) -> Drawn<DB> {
        let style = style(color).filled();
        self.area.draw(&Rectangle::new([self.point(from), self.point(to)], style))
    }

    pub fn line(&self, from: (i32, i32), to: (i32, i32), color: palette::Rgb) -> Drawn<DB> {
        let style = style(color).stroke_width(self.scale as u32);
        self.area.draw(&PathElement::new([self.point(from), self.point(to)], style))
    }

    pub fn dot(&self, at: (i32, i32), radius: i32, color: palette::Rgb) -> Drawn<DB> {
        self.area.draw(&Circle::new(self.point(at), radius * self.scale, style(color).filled()))
    }

    /// One line of text, centred vertically.
    pub fn text(
        &self,
        text: &str,
        at: (i32, i32),
        size: i32,
        color: palette::Rgb,
        align: Align,
    ) -> Drawn<DB> {
        let position = match align {
            Align::Left => HPos::Left,
            Align::Center => HPos::Center,
            Align::Right => HPos::Right,
        };
        let font = ("sans-serif", size * self.scale).into_font();
        let color = style(color);
        let style = TextStyle::from(font).color(&color).pos(Pos::new(position, VPos::Center));
        self.area.draw_text(text, &style, self.point(at))
    }

    fn point(&self, (x, y): (i32, i32)) -> (i32, i32) {
        (x * self.scale, y * self.scale)
    }
}

fn style((r, g, b): palette::Rgb) -> RGBColor {
    RGBColor(r, g, b)
}

pub fn svg(picture: &impl Draw) -> Result<String, Error> {
    let mut text = String::new();
    let (width, height) = picture.size();
    let size = (width.unsigned_abs(), height.unsigned_abs());
    draw(SVGBackend::with_string(&mut text, size), picture, 1)?;
    Ok(text)
}

pub fn png(picture: &impl Draw) -> Result<Vec<u8>, Error> {
    let (width, height) = picture.size();
    let size = ((width * PIXELS).unsigned_abs(), (height * PIXELS).unsigned_abs());
    let mut pixels = vec![255; size.0 as usize * size.1 as usize * 3];
    draw(BitMapBackend::with_buffer(&mut pixels, size), picture, PIXELS)?;
    Ok(encode(size, &pixels)?)
}

fn draw<DB: DrawingBackend>(backend: DB, picture: &impl Draw, scale: i32) -> Result<(), Error> {
    let failed = |error: &dyn std::fmt::Display| Error::from(ErrorKind::Plot(error.to_string()));
    // Widths of texts come from a font that is part of this program: what fonts a machine has must not matter.
    static FONT: OnceLock<bool> = OnceLock::new();
    if !FONT.get_or_init(|| register_font("sans-serif", FontStyle::Normal, dejavu::sans::regular()).is_ok()) {
        return Err(failed(&"the font cannot be read"));
    }
    let area = backend.into_drawing_area();
    area.fill(&WHITE).map_err(|error| failed(&error))?;
    picture.draw(&Canvas { area: &area, scale }).map_err(|error| failed(&error))?;
    area.present().map_err(|error| failed(&error))
}
