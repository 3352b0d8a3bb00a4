//! Flame graphs: the call tree as an SVG picture that zooms and searches in a browser.
//!
//! inferno draws it and knows frames by name only, but here frames of the same name differ in what their tooltips
//! say, and the costliest shall come first rather than the first by name. So every frame goes in under a number
//! (its place in the wanted order), and its name takes the number's place in the picture.

use std::fmt::Write as _;
use std::io::Write;

use inferno::flamegraph::color::{BackgroundColor, Color, PaletteMap};
use inferno::flamegraph::{FuncFrameAttrsMap, Options, TextTruncateDirection};
use profiler::Profile;
use profiler::model::{Call, CallKind, CallTree};

use crate::error::{Error, ErrorKind};
use crate::folded::{self, Scope};
use crate::{escape, palette, units};

const WIDTH: usize = 1200;
const FONT_SIZE: usize = 12;
/// Mean width of a character, in font sizes.
const FONT_WIDTH: f64 = 0.55;
/// Height of the strip with the legend.
const LEGEND_HEIGHT: usize = 24;
const TITLE: &str = "<title>";
/// Stands between a frame's number and its name. Names cannot contain it, because it is escaped.
const MARK: char = '\u{2063}';

/// Writes the picture.
///
/// # Errors
/// There is no time to show, or `out` fails.
pub fn write(profile: &Profile, scope: Scope, mut out: impl Write) -> Result<(), Error> {
    let tree = CallTree::of(profile, None);
    let all_ns = match scope {
        Scope::Evaluate => tree.calls().first().map_or(0, |root| root.total_ns),
        Scope::Stages => profile.busy_ns(),
    };
    if all_ns == 0 {
        return Err(ErrorKind::Empty("times; it was made with --timing off").into());
    }
    let mut frames = Frames::default();
    frames.add_tree(&tree, scope, all_ns);
    if scope == Scope::Stages {
        for (name, ns) in folded::others(profile).filter(|(_, ns)| *ns > 0) {
            frames.add_stage(name, ns, all_ns);
        }
    }
    let title = match scope {
        Scope::Evaluate => "Rule evaluation",
        Scope::Stages => "Replay by stage",
    };
    let picture = frames.draw(title, &subtitle(profile, all_ns))?;
    out.write_all(picture.as_bytes())?;
    Ok(())
}

fn subtitle(profile: &Profile, all_ns: u64) -> String {
    format!(
        "{} over {}, {}",
        units::duration(all_ns),
        units::counted(profile.iterations.len() as u64, "replay"),
        units::counted(profile.event_count(None), "event"),
    )
}

#[derive(Default)]
struct Frames {
    /// Folded lines over numbers.
    lines: Vec<String>,
    /// Tooltips by number, as inferno's name attributes.
    attributes: String,
    palette: PaletteMap,
    names: Vec<String>,
}

impl Frames {
    fn add_tree(&mut self, tree: &CallTree, scope: Scope, all_ns: u64) {
        let calls = tree.calls();
        let mut children = vec![Vec::new(); calls.len()];
        for (index, call) in calls.iter().enumerate().rev() {
            if let Some(parent) = call.parent {
                children[parent].push(index);
            }
        }
        for list in &mut children {
            // The last is drawn first: a stack of pending frames.
            list.sort_by(|a, b| calls[*a].total_ns.cmp(&calls[*b].total_ns).then(b.cmp(a)));
        }
        let mut pending = vec![(0, String::new(), 0)];
        while let Some((index, prefix, rule_ns)) = pending.pop() {
            let call = &calls[index];
            if call.total_ns == 0 {
                continue;
            }
            let rule_ns = if call.kind == CallKind::Rule { call.total_ns } else { rule_ns };
            // inferno's own root stands for all that is shown.
            let stack = if index == 0 && scope == Scope::Evaluate {
                String::new()
            } else {
                let frame = self.add(&call.name, tooltip(call, all_ns, rule_ns), palette::of(call).color);
                if prefix.is_empty() { frame } else { format!("{prefix};{frame}") }
            };
            if call.self_ns > 0 && stack.is_empty() {
                let tooltip = format!("{} ns", units::count(call.self_ns));
                let frame = self.add("outside of events", tooltip, palette::LEGEND[0].color);
                self.lines.push(format!("{frame} {}", call.self_ns));
            } else if call.self_ns > 0 {
                self.lines.push(format!("{stack} {}", call.self_ns));
            }
            pending.extend(children[index].iter().map(|child| (*child, stack.clone(), rule_ns)));
        }
    }

    fn add_stage(&mut self, name: &str, ns: u64, all_ns: u64) {
        let tooltip = format!("{} ns, {} % of all", units::count(ns), units::percent(ns, all_ns));
        let frame = self.add(name, tooltip, palette::LEGEND[0].color);
        self.lines.push(format!("{frame} {ns}"));
    }

    /// Numbers a frame. Numbers have the same length, so that their order is that of the text.
    fn add(&mut self, name: &str, tooltip: String, (r, g, b): palette::Rgb) -> String {
        let frame = format!("{:06}", self.names.len());
        let name = escape::plain(name).trim().to_owned();
        // What is in the last parentheses is cut off when a frame is labelled anew after zooming.
        let _ =
            writeln!(self.attributes, "{frame}\ttitle={frame}{MARK}{name} ({})", tooltip.replace('(', "["));
        self.palette.insert(&frame, Color { r, g, b });
        self.names.push(name);
        frame
    }

    fn draw(mut self, title: &str, subtitle: &str) -> Result<String, Error> {
        let (r, g, b) = palette::LEGEND[0].color;
        self.palette.insert("", Color { r, g, b });
        let mut options = Options::default();
        title.clone_into(&mut options.title);
        options.subtitle = Some(subtitle.to_owned());
        options.image_width = Some(WIDTH);
        options.font_size = FONT_SIZE;
        options.frame_height = 17;
        options.min_width = 0.02;
        options.count_name = "ns".to_owned();
        options.name_type = String::new();
        options.font_type = "sans-serif".to_owned();
        options.font_width = FONT_WIDTH;
        options.text_truncate_direction = TextTruncateDirection::Right;
        options.bgcolors = Some(BackgroundColor::Flat(Color { r: 255, g: 255, b: 255 }));
        options.deterministic = true;
        options.palette_map = Some(&mut self.palette);
        options.func_frameattrs = FuncFrameAttrsMap::from_reader(self.attributes.as_bytes())?;
        let mut picture = Vec::new();
        inferno::flamegraph::from_lines(&mut options, self.lines.iter().map(String::as_str), &mut picture)?;
        let picture = name_frames(&String::from_utf8_lossy(&picture), &self.names);
        Ok(with_legend(&picture))
    }
}

fn tooltip(call: &Call, all_ns: u64, rule_ns: u64) -> String {
    let mut text =
        format!("{} ns, {} % of all", units::count(call.total_ns), units::percent(call.total_ns, all_ns));
    if rule_ns > 0 && call.kind != CallKind::Rule {
        let _ = write!(text, ", {} % of rule", units::percent(call.total_ns, rule_ns));
    }
    let (checks, hits) = match call.kind {
        CallKind::Stage | CallKind::Event => ("events", "matched"),
        CallKind::Rule => ("checks", "matches"),
        CallKind::Field => ("extractions", "values"),
        CallKind::Macro | CallKind::Exception | CallKind::Check => ("evaluations", "true"),
    };
    let _ = write!(text, "; {} {checks}, {} {hits}", units::count(call.count), units::count(call.hits));
    // Frames inside a rule are counted in other replays than they are scaled to.
    if call.count > 0 && matches!(call.kind, CallKind::Stage | CallKind::Event | CallKind::Rule) {
        let unit = if call.kind == CallKind::Rule { "ns/check" } else { "ns/event" };
        let _ = write!(text, ", {} {unit}", units::nanoseconds(call.total_ns as f64 / call.count as f64));
    }
    if let Some(location) = &call.location {
        let _ = write!(text, "; {}:{}", escape::plain(&location.file), location.line);
    }
    text
}

/// Puts names where numbers are shown, in as far as there is room.
fn name_frames(picture: &str, names: &[String]) -> String {
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
fn with_legend(picture: &str) -> String {
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
    let mut x = 10;
    for entry in palette::LEGEND {
        let color = palette::hex(entry.color);
        let _ = write!(
            out,
            "<rect x=\"{x}\" y=\"{y}\" width=\"11\" height=\"11\" fill=\"{color}\"/><text x=\"{}\" y=\"{}\">{}</text>",
            x + 16,
            y + 10,
            escape::xml(entry.name),
        );
        x += 40 + entry.name.len() * 7;
    }
    out.push_str("</g>");
    out
}
