//! Flame graphs: the call tree as an SVG picture that zooms and searches in a browser.
//!
//! inferno draws it and knows frames by name only, but here frames of the same name differ in what their tooltips
//! say, and the costliest shall come first rather than the first by name. So every frame goes in under a number
//! (its place in the wanted order), and its name takes the number's place in the picture.

mod labels;

use std::fmt::Write as _;
use std::io::Write;

use inferno::flamegraph::color::{BackgroundColor, Color, PaletteMap};
use inferno::flamegraph::{FuncFrameAttrsMap, Options, TextTruncateDirection};
use profiler::Profile;
use profiler::model::{Call, CallKind, CallTree, Location};

use crate::error::{Error, ErrorKind};
use crate::folded::{self, Scope};
use crate::weight::Weight;
use crate::{escape, palette, units};

const WIDTH: usize = 1200;
const FONT_SIZE: usize = 12;
/// Mean width of a character, in font sizes.
const FONT_WIDTH: f64 = 0.55;

/// Writes the picture. Of all stages there are times only.
///
/// # Errors
/// There is nothing to show, or `out` fails.
pub fn write(profile: &Profile, scope: Scope, weight: Weight, mut out: impl Write) -> Result<(), Error> {
    let tree = CallTree::of(profile, None);
    let all = match (scope, weight) {
        (Scope::Evaluate, _) => weight.all(&tree)?,
        (Scope::Stages, Weight::Time) if profile.stages().sum_ns() > 0 => profile.busy_ns(),
        (Scope::Stages, Weight::Time) => weight.all(&tree)?,
        (Scope::Stages, Weight::Cost) => return Err(ErrorKind::Empty("cost units of stages").into()),
    };
    let mut frames = Frames::new(weight, all);
    frames.add_tree(&tree, scope);
    if scope == Scope::Stages {
        for (name, ns) in folded::others(profile).filter(|(_, ns)| *ns > 0) {
            frames.add_stage(name, ns);
        }
    }
    let title = match scope {
        Scope::Evaluate => format!("Rule evaluation by {}", weight.name()),
        Scope::Stages => "Replay by stage".to_owned(),
    };
    let picture = frames.draw(&title, &subtitle(profile, weight, all))?;
    out.write_all(picture.as_bytes())?;
    Ok(())
}

fn subtitle(profile: &Profile, weight: Weight, all: u64) -> String {
    let model = match weight {
        Weight::Time => String::new(),
        Weight::Cost => format!(" of cost model {}", profile.cost_model),
    };
    format!(
        "{}{model} over {}, {}",
        weight.text(all),
        units::counted(profile.iterations.len() as u64, "replay"),
        units::counted(profile.event_count(None), "event"),
    )
}

struct Frames {
    weight: Weight,
    all: u64,
    /// Folded lines over numbers.
    lines: Vec<String>,
    /// Tooltips by number, as inferno's name attributes.
    attributes: String,
    palette: PaletteMap,
    names: Vec<String>,
}

impl Frames {
    fn new(weight: Weight, all: u64) -> Self {
        let (lines, names) = (Vec::new(), Vec::new());
        Frames { weight, all, lines, attributes: String::new(), palette: PaletteMap::default(), names }
    }

    fn add_tree(&mut self, tree: &CallTree, scope: Scope) {
        let (calls, weight) = (tree.calls(), self.weight);
        let mut children = vec![Vec::new(); calls.len()];
        for (index, call) in calls.iter().enumerate().rev() {
            if let Some(parent) = call.parent {
                children[parent].push(index);
            }
        }
        for list in &mut children {
            // The last is drawn first: a stack of pending frames.
            list.sort_by(|a, b| weight.total(&calls[*a]).cmp(&weight.total(&calls[*b])).then(b.cmp(a)));
        }
        let mut pending = vec![(0, String::new(), None)];
        while let Some((index, prefix, rule)) = pending.pop() {
            let call = &calls[index];
            if weight.total(call) == 0 {
                continue;
            }
            let rule = if call.kind == CallKind::Rule { Some(call) } else { rule };
            // inferno's own root stands for all that is shown.
            let stack = if index == 0 && scope == Scope::Evaluate {
                String::new()
            } else {
                // Fields are written nowhere but in the check that asks for them.
                let parent = call.parent.map(|parent| &calls[parent]);
                let place = call.location.as_ref().or(parent.and_then(|parent| parent.location.as_ref()));
                let frame = self.add(&call.name, self.tooltip(call, rule, place), palette::of(call).color);
                if prefix.is_empty() { frame } else { format!("{prefix};{frame}") }
            };
            let own = weight.own(call);
            if own > 0 && stack.is_empty() {
                let frame = self.add("outside of events", weight.exact(own), palette::stage("evaluate"));
                self.lines.push(format!("{frame} {own}"));
            } else if own > 0 {
                self.lines.push(format!("{stack} {own}"));
            }
            pending.extend(children[index].iter().map(|child| (*child, stack.clone(), rule)));
        }
    }

    fn add_stage(&mut self, name: &str, ns: u64) {
        let tooltip = format!("{}, {} % of all", self.weight.exact(ns), units::percent(ns, self.all));
        let frame = self.add(name, tooltip, palette::stage(name));
        self.lines.push(format!("{frame} {ns}"));
    }

    /// Numbers a frame. Numbers have the same length, so that their order is that of the text.
    fn add(&mut self, name: &str, tooltip: String, (r, g, b): palette::Rgb) -> String {
        let frame = format!("{:06}", self.names.len());
        let name = escape::plain(name).trim().to_owned();
        // What is in the last parentheses is cut off when a frame is labelled anew after zooming.
        let _ = writeln!(
            self.attributes,
            "{frame}\ttitle={frame}{}{name} ({})",
            labels::MARK,
            tooltip.replace('(', "[").replace(')', "]")
        );
        self.palette.insert(&frame, Color { r, g, b });
        self.names.push(name);
        frame
    }

    fn draw(mut self, title: &str, subtitle: &str) -> Result<String, Error> {
        let (r, g, b) = palette::stage("evaluate");
        self.palette.insert("", Color { r, g, b });
        let mut options = Options::default();
        title.clone_into(&mut options.title);
        options.subtitle = Some(subtitle.to_owned());
        options.image_width = Some(WIDTH);
        options.font_size = FONT_SIZE;
        options.frame_height = 17;
        options.min_width = 0.02;
        options.count_name = if self.weight == Weight::Time { "ns" } else { "units" }.to_owned();
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
        let picture = labels::name_frames(&String::from_utf8_lossy(&picture), &self.names);
        Ok(labels::with_legend(&picture))
    }

    /// `rule` is the one that the frame is in, or is.
    fn tooltip(&self, call: &Call, rule: Option<&Call>, place: Option<&Location>) -> String {
        let weight = self.weight;
        let total = weight.total(call);
        let mut text = format!("{}, {} % of all", weight.exact(total), units::percent(total, self.all));
        if let Some(rule) = rule.filter(|_| call.kind != CallKind::Rule) {
            let name = escape::shorten(&rule.name, 60);
            let share = units::percent(total, weight.total(rule));
            let _ = write!(text, ", {share} % of rule {}", escape::plain(&name));
        }
        let (checks, hits) = counted(call.kind);
        let _ = write!(text, "; {} {checks}, {} {hits}", units::count(call.count), units::count(call.hits));
        // Without costs, frames inside a rule are counted in other replays than those their times are scaled to.
        let is_counted = call.total_cost > 0 || matches!(call.kind, CallKind::Event | CallKind::Rule);
        if call.count > 0 && is_counted {
            let each = |value: u64| units::nanoseconds(value as f64 / call.count as f64);
            match weight {
                Weight::Time => {
                    let one = if call.kind == CallKind::Event { "event" } else { "check" };
                    let _ = write!(text, ", {} ns/{one}", each(call.total_ns));
                }
                Weight::Cost => {
                    let _ = write!(text, ", {} units each", each(call.total_cost));
                }
            }
        }
        if let Some(place) = place {
            let _ = write!(text, "; {}:{}", escape::plain(&place.file), place.line);
        }
        text
    }
}

/// What the counts of a frame are called.
pub(crate) fn counted(kind: CallKind) -> (&'static str, &'static str) {
    match kind {
        CallKind::Stage | CallKind::Source | CallKind::Event => ("events", "matched"),
        CallKind::Rule => ("checks", "matches"),
        CallKind::Field => ("extractions", "values"),
        CallKind::Macro | CallKind::Exception | CallKind::Check => ("checks", "true"),
    }
}
