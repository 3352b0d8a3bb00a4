//! `lanner fields`: what conditions and outputs can name.

use std::io::Write;
use std::process::ExitCode;

use replay::fields::{ArgSpec, CLASSES, FieldClass, FieldDef, Shape, TypeGroup, Usage, transformed_type};
use replay::rules::syntax::{OPERATORS, TRANSFORMS};
use serde_json::{Value, json};

use super::{FAILURE, Ui};

/// List the fields that conditions and outputs can use
///
/// Without a pattern all fields are listed, except those that are only kept for old rules. A field's full name shows
/// everything about it. An argument in parentheses may be left out.
#[derive(clap::Args)]
pub struct Args {
    /// Show only fields whose name contains this
    #[arg(value_name = "PATTERN")]
    pattern: Option<String>,
    /// Also list fields that are kept for old rules
    #[arg(short, long)]
    all: bool,
    /// Print JSON, one object per field
    #[arg(long, conflicts_with = "markdown")]
    json: bool,
    /// Print the reference, docs/fields.md
    #[arg(long, conflicts_with_all = ["pattern", "all"])]
    markdown: bool,
}

/// Runs the verb.
pub fn run(args: Args, ui: &Ui) -> anyhow::Result<ExitCode> {
    let mut out = std::io::stdout().lock();
    if args.markdown {
        out.write_all(markdown().as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    }
    let pattern = args.pattern.as_deref().unwrap_or("");
    let exact = replay::fields::all().iter().find(|def| def.name == pattern);
    let is_shown = |def: &FieldDef| {
        let is_current = args.all || !(def.hidden || def.deprecated);
        exact.map_or(is_current && def.name.contains(pattern), |exact| exact.name == def.name)
    };
    let classes: Vec<(&FieldClass, Vec<&FieldDef>)> = CLASSES
        .iter()
        .map(|class| (class, class.fields.iter().filter(|def| is_shown(def)).collect::<Vec<_>>()))
        .filter(|(_, fields)| !fields.is_empty())
        .collect();
    if classes.is_empty() {
        ui.warn(format_args!("no field has '{}' in its name", pattern.escape_default()));
        return Ok(ExitCode::from(FAILURE));
    }
    match exact {
        _ if args.json => {
            let all = classes.iter().flat_map(|(class, fields)| fields.iter().map(|def| to_json(class, def)));
            writeln!(out, "{:#}", Value::from_iter(all))?;
        }
        Some(def) => out.write_all(details(def).as_bytes())?,
        None => out.write_all(list(&classes).as_bytes())?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Type of a field for people.
fn type_name(def: &FieldDef) -> &'static str {
    use capture::event::ParamType as T;
    match def.ty {
        _ if def.is_list => "list",
        T::CharBuf => "text",
        T::ByteBuf => "bytes",
        T::Bool => "bool",
        T::Double => "decimal",
        T::IpAddr => "address",
        T::IpNet => "network",
        T::Port => "port",
        T::RelTime | T::AbsTime => "time",
        T::Dyn => "any",
        _ => "number",
    }
}

/// The argument as it is written behind the name.
fn argument(def: &FieldDef) -> Option<(&'static str, bool)> {
    Some(match def.arg {
        ArgSpec::None => return None,
        ArgSpec::Index { required } => ("[N]", required),
        ArgSpec::Key { required } => ("[KEY]", required),
        ArgSpec::IndexOrKey { required } => ("[N or KEY]", required),
        ArgSpec::Name { required } => (".NAME", required),
        ArgSpec::IndexOrName { required } => ("[N] or .NAME", required),
    })
}

/// Name with the argument it needs or may have.
fn signature(def: &FieldDef) -> String {
    match argument(def) {
        None => def.name.to_string(),
        Some((form, true)) => format!("{}{form}", def.name),
        Some((form, false)) => format!("{}({form})", def.name),
    }
}

fn operators(def: &FieldDef) -> Vec<&'static str> {
    let group = TypeGroup::of(def.ty);
    let allowed =
        OPERATORS.iter().filter(|(name, operator)| *name != "==" && group.allows(*operator, def.is_list));
    allowed.map(|(name, _)| *name).collect()
}

fn transformers(def: &FieldDef) -> Vec<&'static str> {
    let takes = |transform| {
        def.takes_transform(transform) && transformed_type(transform, def.ty, def.is_list, false).is_some()
    };
    TRANSFORMS
        .iter()
        .filter(|(name, transform)| *name != "val" && takes(*transform))
        .map(|(name, _)| *name)
        .collect()
}

/// What is special about a field.
fn notes(def: &FieldDef) -> Vec<&'static str> {
    let mut notes = Vec::new();
    if def.deprecated {
        notes.push("deprecated");
    }
    if def.hidden {
        notes.push("kept for old rules");
    }
    match def.usage {
        Usage::Filter => notes.push("only in conditions"),
        Usage::Output => notes.push("only in outputs"),
        Usage::Anywhere => {}
    }
    if def.shape == Shape::AnyOf {
        notes.push("without an argument, true if true for any ancestor");
    }
    if def.shape == Shape::EitherEnd && def.usage == Usage::Filter {
        notes.push("true if true for either end, != for both");
    }
    if def.suggested {
        notes.push("part of outputs with suggested fields");
    }
    notes
}

fn list(classes: &[(&FieldClass, Vec<&FieldDef>)]) -> String {
    const NAME: usize = 40;
    const TYPE: usize = 8;
    let mut text = String::new();
    for (class, fields) in classes {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&format!("{}\n\n", class.title));
        for def in fields {
            let mut left = format!("  {:NAME$} {:TYPE$} ", signature(def), type_name(def));
            for line in wrap(&described(def), 110 - NAME - TYPE - 4) {
                text.push_str(&format!("{left}{line}\n"));
                left = " ".repeat(NAME + TYPE + 4);
            }
        }
    }
    text
}

/// The description and what is special.
fn described(def: &FieldDef) -> String {
    let notes: Vec<_> = notes(def).into_iter().filter(|note| !note.starts_with("part of")).collect();
    if notes.is_empty() {
        def.description.replace('`', "")
    } else {
        format!("{} ({})", def.description.replace('`', ""), notes.join("; "))
    }
}

fn details(def: &FieldDef) -> String {
    let or_none = |names: Vec<&str>| if names.is_empty() { "none".to_string() } else { names.join(" ") };
    let mut rows = vec![("type", type_name(def).to_string())];
    if let Some((form, required)) = argument(def) {
        rows.push(("argument", format!("{form}, {}", if required { "required" } else { "optional" })));
    }
    let comparable = TypeGroup::of(def.ty) != TypeGroup::Other;
    let by_parameter = || "those of the parameter's type".to_string();
    rows.push(("operators", if comparable { or_none(operators(def)) } else { by_parameter() }));
    rows.push(("transformers", or_none(transformers(def))));
    rows.push(("right-hand side", if def.rhs { "yes" } else { "no" }.to_string()));
    if !notes(def).is_empty() {
        rows.push(("notes", notes(def).join("; ")));
    }
    let mut text = format!("{}\n\n", signature(def));
    for line in wrap(&def.description.replace('`', ""), 100) {
        text.push_str(&format!("  {line}\n"));
    }
    text.push('\n');
    for (name, value) in rows {
        let mut left = format!("  {name:17}");
        for line in wrap(&value, 83) {
            text.push_str(&format!("{left}{line}\n"));
            left = " ".repeat(19);
        }
    }
    text
}

/// Lines of at most `width` characters, broken at blanks.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().expect("there is always one");
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width {
            lines.push(word.to_string());
        } else {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

fn to_json(class: &FieldClass, def: &FieldDef) -> Value {
    json!({
        "name": def.name,
        "class": class.title,
        "type": format!("{:?}", def.ty).to_uppercase(),
        "format": format!("{:?}", def.format).to_uppercase(),
        "list": def.is_list,
        "argument": argument(def).map(|(form, required)| json!({ "form": form, "required": required })),
        "operators": operators(def),
        "transformers": transformers(def),
        "right_hand_side": def.rhs,
        "conditions": def.usage != Usage::Output,
        "outputs": def.usage != Usage::Filter,
        "deprecated": def.deprecated,
        "hidden": def.hidden,
        "suggested": def.suggested,
        "description": def.description,
    })
}

const INTRODUCTION: &str = "\
# Fields

What conditions and outputs can name. This page is made by `lanner fields --markdown`; `lanner fields NAME` shows one
field.

- A field without a value makes every comparison with it false, `!=` too; `exists` tells whether there is one. Text
  such as `<NA>` or an empty text is a value.
- `[N]` is a position from 0, `[KEY]` a name, `.NAME` a name after a dot. An argument in parentheses may be left out.
- Times are in nanoseconds. Texts of times are in UTC, whatever the time zone of the machine.
- Nothing is looked up on the machine that replays unless `lanner replay` is told so (`--host-users`, `--resolve-dns`):
  user names come from the capture, names of hosts and services are not resolved.

## Operators

| type | operators |
|---|---|
| number, port, time, decimal | `=` `!=` `<` `<=` `>` `>=` `in` `intersects` `exists` |
| bool, address, network | `=` `!=` `in` `intersects` `exists` |
| text | `=` `!=` `<` `<=` `>` `>=` `in` `intersects` `pmatch` `contains` `icontains` `startswith` `endswith` `glob` `iglob` `regex` `exists` |
| bytes | `=` `!=` `in` `intersects` `contains` `bcontains` `startswith` `bstartswith` `endswith` `exists` |
| list | `in` `intersects` `exists` |
";

const DIFFERENCES: &str = "
## Differences from Falco

Every field prints what Falco's libraries print, for every event of the captures at hand, except where those depend on
the machine or are faulty:

- User and group names come from the capture alone. Falco asks the machine it runs on for those that are missing
  (`--host-users` does that).
- `fd.sip.name` and its kin are resolved only with `--resolve-dns`, and then before the replay: an address may have
  several of the domains that rules name.
- `evt.time` and other texts of times are in UTC; Falco takes the time zone of the machine. Ports are never shown as
  names of services.
- `evt.hostname` is the host name in the capture; Falco's is empty when it reads a file.
- `proc.exe_ino.ctime_duration_proc_start` and `.ctime_duration_pidns_start` have no value for processes that were not
  seen to execute a program; Falco shows uninitialised memory.
- `thread.cpu`, `thread.cpu.user` and `thread.cpu.system` each compare with their own value before; in Falco the three
  overwrite each other's.
- `fd.types` lists kinds in the order of the descriptors' numbers; in Falco the order is arbitrary.
- `evt.buffer` of a call without a recorded buffer is `NULL`; Falco prints it with the length of the buffer it printed
  before.
- `evt.abspath` changes nothing. In Falco it makes fields of the same event that are asked for later see the directory's
  descriptor.
- `evt.rawarg` of a type that Falco cannot print, where it stops, is a number or has no value.
- `fdlist.sips` shows IPv6 addresses of servers whole; Falco shows four bytes of them as an IPv4 address.
- `util.cnt` is the number of the event; Falco counts how often the field was evaluated.
- Names of system calls that the recorder did not know are those of x86-64; Falco takes the numbers of the machine it
  runs on.
- A damaged parameter shows as `<NA>`, or has no value; Falco stops.
";

fn markdown() -> String {
    let mut text = INTRODUCTION.to_string();
    for class in &CLASSES {
        text.push_str(&format!("\n## {}\n\n| field | type | |\n|---|---|---|\n", class.title));
        for def in class.fields {
            let mut description = def.description.replace('|', "\\|");
            if !notes(def).is_empty() {
                description.push_str(&format!(" *({})*", notes(def).join("; ")));
            }
            text.push_str(&format!("| `{}` | {} | {description} |\n", signature(def), type_name(def)));
        }
    }
    text.push_str(DIFFERENCES);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_is_up_to_date() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fields.md");
        if std::env::var_os("LANNER_BLESS").is_some() {
            std::fs::write(path, markdown()).unwrap();
        }
        let found = std::fs::read_to_string(path).unwrap_or_default();
        assert!(found == markdown(), "docs/fields.md is stale; make it again with LANNER_BLESS=1");
    }

    #[test]
    fn the_table_of_operators_is_that_of_the_types() {
        for def in replay::fields::all() {
            let name = if def.is_list { "list" } else { type_name(def) };
            let row = INTRODUCTION.lines().find(|line| {
                let types = line.split('|').nth(1).unwrap_or("");
                types.split(',').any(|ty| ty.trim() == name)
            });
            let Some(row) = row else {
                assert_eq!(def.name, "evt.rawarg");
                continue;
            };
            let listed =
                row.split('|').nth(2).unwrap_or("").split_whitespace().map(|name| name.trim_matches('`'));
            let mut listed: Vec<_> = listed.collect();
            let mut allowed = operators(def);
            listed.sort_unstable();
            allowed.sort_unstable();
            assert_eq!(listed, allowed, "{}", def.name);
        }
    }

    #[test]
    fn texts_are_wrapped_at_blanks() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("longer than that", 3), ["longer", "than", "that"]);
        assert_eq!(wrap("", 3), [""]);
    }
}
