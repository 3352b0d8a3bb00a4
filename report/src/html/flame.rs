//! The flame graph of the page: the call tree as data for its script.

use std::collections::HashMap;
use std::fmt::Write as _;

use profiler::Profile;
use profiler::model::CallTree;

use crate::flame::counted;
use crate::{escape, palette};

/// Texts that are referred to by number.
#[derive(Default)]
struct Texts {
    numbers: HashMap<String, usize>,
    list: Vec<String>,
}

impl Texts {
    fn number(&mut self, text: String) -> usize {
        *self.numbers.entry(text).or_insert_with_key(|text| {
            self.list.push(escape::json(text));
            self.list.len() - 1
        })
    }
}

/// Writes the section's contents. There is something to show if the tree's root has a weight.
pub fn write(profile: &Profile, tree: &CallTree, out: &mut String) {
    let has_times = tree.calls().first().is_some_and(|root| root.total_ns > 0);
    let has_costs = tree.calls().first().is_some_and(|root| root.total_cost > 0);
    out.push_str(
        "<div class=\"tools\"><label>Search <input type=\"search\" id=\"flame-search\"></label>\
         <button type=\"button\" id=\"flame-reset\">Zoom out</button>",
    );
    if has_times && has_costs {
        out.push_str(
            "<label><input type=\"radio\" name=\"flame-weight\" value=\"time\"> by time</label>\
             <label><input type=\"radio\" name=\"flame-weight\" value=\"cost\"> by cost units</label>",
        );
    }
    out.push_str(
        "</div><div id=\"flame\" role=\"tree\" aria-label=\"Flame graph; arrow keys move, Enter zooms, Escape zooms \
         out\"></div><p id=\"flame-details\" aria-live=\"polite\"></p><p class=\"legend\">",
    );
    for entry in palette::KINDS {
        legend(out, entry, "");
    }
    for (_, entry) in &palette::FIELDS {
        legend(out, entry, " field");
    }
    out.push_str(
        "</p><noscript><p>The flame graph needs scripts; flamegraph.svg is one without.</p></noscript>",
    );
    out.push_str("<script type=\"application/json\" id=\"flame-data\">");
    write_data(profile, tree, out);
    out.push_str("</script>");
}

fn legend(out: &mut String, entry: &palette::Entry, what: &str) {
    let color = palette::hex(entry.color);
    let _ = write!(out, "<i style=\"background:{color}\"></i>{}{what}", escape::xml(entry.name));
}

fn write_data(profile: &Profile, tree: &CallTree, out: &mut String) {
    let (mut names, mut places, mut looks) = (Texts::default(), Texts::default(), Texts::default());
    let mut look_list = Vec::new();
    let mut frames = String::new();
    for (index, call) in tree.calls().iter().enumerate() {
        let color = palette::hex(palette::of(call).color);
        let look = looks.number(format!("{}{color}", call.kind.name()));
        if look == look_list.len() {
            let (checks, hits) = counted(call.kind);
            look_list.push(format!(
                "{{\"kind\":\"{}\",\"color\":\"{color}\",\"counted\":\"{checks}\",\"hit\":\"{hits}\"}}",
                call.kind.name()
            ));
        }
        let parent = call.parent.and_then(|parent| tree.calls().get(parent));
        let place = call.location.as_ref().or(parent.and_then(|parent| parent.location.as_ref()));
        let place = place.map_or_else(String::new, |place| format!("{}:{}", place.file, place.line));
        let _ = write!(
            frames,
            "{}[{},{look},{},{},{},{},{},{}]",
            if index > 0 { ",\n" } else { "" },
            call.parent.map_or(-1, |parent| parent as i64),
            names.number(call.name.clone()),
            places.number(place),
            call.count,
            call.hits,
            call.total_ns,
            call.total_cost,
        );
    }
    let _ = write!(
        out,
        "{{\"model\":{},\"looks\":[{}],\n\"names\":[{}],\n\"places\":[{}],\n\"frames\":[{frames}]}}",
        profile.cost_model,
        look_list.join(","),
        names.list.join(","),
        places.list.join(",")
    );
}
