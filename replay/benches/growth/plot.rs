//! Curves over logarithmic axes, as SVG.

use std::fmt::Write;

pub struct Plot {
    pub title: &'static str,
    pub x_label: &'static str,
    pub y_label: &'static str,
    pub lines: Vec<Line>,
}

pub struct Line {
    pub label: &'static str,
    /// Number and time, in ascending order of the number.
    pub points: Vec<(f64, f64)>,
}

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 360.0;
/// Room for labels left, right, above and below the curves.
const MARGINS: [f64; 4] = [70.0, 30.0, 60.0, 50.0];
/// Distinguishable by people with any kind of colour vision, by Okabe and Ito.
const COLORS: [&str; 2] = ["#0072b2", "#d55e00"];

/// Slope of log y over log x by least squares.
pub fn exponent(points: &[(f64, f64)]) -> f64 {
    let logs: Vec<(f64, f64)> = points.iter().map(|(x, y)| (x.ln(), y.ln())).collect();
    let count = logs.len() as f64;
    let mean_x = logs.iter().map(|(x, _)| x).sum::<f64>() / count;
    let mean_y = logs.iter().map(|(_, y)| y).sum::<f64>() / count;
    let both: f64 = logs.iter().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
    let slope = both / logs.iter().map(|(x, _)| (x - mean_x).powi(2)).sum::<f64>();
    // To hundredths, and never a negative zero.
    (slope * 100.0).round() / 100.0 + 0.0
}

/// A number for people: 3 digits that count, and thousands as k.
pub fn number(value: f64) -> String {
    match value {
        1e6.. => format!("{}M", number(value / 1e6)),
        1e3.. => format!("{}k", number(value / 1e3)),
        100.0.. => format!("{value:.0}"),
        10.0.. => format!("{value:.1}").trim_end_matches(".0").to_string(),
        _ => format!("{value:.2}").trim_end_matches('0').trim_end_matches('.').to_string(),
    }
}

/// An axis from a number to another, on so many pixels.
struct Axis {
    from: f64,
    to: f64,
    start: f64,
    end: f64,
}

impl Axis {
    fn at(&self, value: f64) -> f64 {
        let part = (value / self.from).ln() / (self.to / self.from).ln();
        self.start + part * (self.end - self.start)
    }

    /// Round numbers on the axis: powers of ten, and in between where there are few of those.
    fn ticks(&self) -> Vec<f64> {
        let wide = self.to / self.from >= 100.0;
        let steps: &[f64] = if wide { &[1.0] } else { &[1.0, 2.0, 3.0, 5.0, 7.0] };
        let exponents = self.from.log10().floor() as i32..=self.to.log10().ceil() as i32;
        let ticks = exponents.flat_map(|exponent| steps.iter().map(move |step| step * 10f64.powi(exponent)));
        ticks.filter(|tick| (self.from..=self.to).contains(tick)).collect()
    }
}

impl Plot {
    /// Name of the picture's file.
    pub fn file(&self) -> String {
        format!("growth-{}.svg", self.x_label.replace(' ', "-"))
    }

    /// A time with its unit.
    pub fn value(&self, y: f64) -> String {
        format!("{} {}", number(y), self.y_label)
    }

    pub fn svg(&self) -> String {
        let points = || self.lines.iter().flat_map(|line| &line.points);
        let range = |of: fn(&(f64, f64)) -> f64| {
            points().map(of).fold((f64::MAX, 0.0f64), |(low, high), value| (low.min(value), high.max(value)))
        };
        let [left, right, above, below] = MARGINS;
        let (from, to) = range(|point| point.0);
        let x = Axis { from, to, start: left, end: WIDTH - right };
        let (low, high) = range(|point| point.1);
        // At least a decade, so that what hardly grows looks like it.
        let (from, to) = ((low / 1.2).min(high / 10.0), high * 1.2);
        let y = Axis { from, to, start: HEIGHT - below, end: above };
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
             font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
        );
        let mut text = |x: f64, y: f64, anchor: &str, text: &str| {
            let _ = writeln!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{text}</text>");
        };
        text(WIDTH / 2.0, 20.0, "middle", self.title);
        text((left + WIDTH - right) / 2.0, HEIGHT - 10.0, "middle", self.x_label);
        text(left - 50.0, above - 8.0, "start", self.y_label);
        let (x_ticks, y_ticks) = (x.ticks(), y.ticks());
        x_ticks.iter().for_each(|tick| text(x.at(*tick), y.start + 18.0, "middle", &number(*tick)));
        y_ticks.iter().for_each(|tick| text(left - 8.0, y.at(*tick) + 4.0, "end", &number(*tick)));
        let mut grid = |from: (f64, f64), to: (f64, f64)| {
            let _ = writeln!(
                svg,
                "<path d=\"M{:.1} {:.1}L{:.1} {:.1}\" stroke=\"#ddd\"/>",
                from.0, from.1, to.0, to.1
            );
        };
        x_ticks.iter().for_each(|tick| grid((x.at(*tick), y.start), (x.at(*tick), y.end)));
        y_ticks.iter().for_each(|tick| grid((x.start, y.at(*tick)), (x.end, y.at(*tick))));
        for (number, (line, color)) in self.lines.iter().zip(COLORS).enumerate() {
            let at: Vec<(f64, f64)> = line.points.iter().map(|(a, b)| (x.at(*a), y.at(*b))).collect();
            let path: Vec<String> = at.iter().map(|(x, y)| format!("{x:.1} {y:.1}")).collect();
            let _ = writeln!(
                svg,
                "<path d=\"M{}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"2\"/>",
                path.join("L")
            );
            for (x, y) in at {
                let _ = writeln!(svg, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.5\" fill=\"{color}\"/>");
            }
            let _ = writeln!(
                svg,
                "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\" fill=\"{color}\">{}, exponent {:.2}</text>",
                WIDTH - right,
                above - 8.0 - 15.0 * (self.lines.len() - 1 - number) as f64,
                line.label,
                exponent(&line.points)
            );
        }
        svg.push_str("</svg>\n");
        svg
    }
}
