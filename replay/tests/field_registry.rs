//! The registry against the facts about Falco's fields: names, types, arguments and what is allowed.

mod common;

use capture::event::PrintFormat;
use lanner_replay::fields::{self, ArgSpec, FieldArg, FieldDef, Pattern, TypeGroup, Usage, transformed_type};
use lanner_replay::rules::condition::{Operator, Transform};
use serde_json::Value as Json;

const OPERATORS: [(&str, Operator); 19] = [
    ("exists", Operator::Exists),
    ("=", Operator::Eq),
    ("!=", Operator::Ne),
    ("<", Operator::Lt),
    ("<=", Operator::Le),
    (">", Operator::Gt),
    (">=", Operator::Ge),
    ("contains", Operator::Contains),
    ("icontains", Operator::IContains),
    ("bcontains", Operator::BContains),
    ("startswith", Operator::StartsWith),
    ("bstartswith", Operator::BStartsWith),
    ("endswith", Operator::EndsWith),
    ("glob", Operator::Glob),
    ("iglob", Operator::IGlob),
    ("regex", Operator::Regex),
    ("in", Operator::In),
    ("intersects", Operator::Intersects),
    ("pmatch", Operator::PMatch),
];

const TRANSFORMS: [(&str, Transform); 8] = [
    ("tolower", Transform::ToLower),
    ("toupper", Transform::ToUpper),
    ("b64", Transform::B64),
    ("basename", Transform::Basename),
    ("len", Transform::Len),
    ("join", Transform::Join),
    ("concat", Transform::Concat),
    ("getopt", Transform::Getopt),
];

/// What one fact about a field is in the facts and in the registry.
fn rows(def: &FieldDef, fact: &Json) -> Vec<(&'static str, String, String)> {
    let text = |key: &str| fact[key].as_str().unwrap_or("").to_string();
    let flag = |key: &str| fact[key].as_bool().unwrap_or(false).to_string();
    let names = |key: &str| -> Vec<String> {
        let list = fact[key].as_array().into_iter().flatten();
        list.filter_map(Json::as_str).filter(|name| *name != "==").map(String::from).collect()
    };
    let sorted = |mut list: Vec<String>| {
        list.sort();
        list.join(" ")
    };
    let mut rows = vec![
        ("type", text("type"), format!("{:?}", def.ty).to_uppercase()),
        ("list", flag("is_list"), def.is_list.to_string()),
        ("filter only", flag("filter_only"), (def.usage == Usage::Filter).to_string()),
        ("print only", flag("print_only"), (def.usage == Usage::Output).to_string()),
        ("hidden", flag("hidden_table_only"), def.hidden.to_string()),
        ("deprecated", flag("deprecated"), def.deprecated.to_string()),
        ("suggested", flag("auto_output"), def.suggested.to_string()),
        ("right-hand side", flag("rhs_field_ok"), def.rhs.to_string()),
        ("argument", argument_in_facts(fact), argument(def.arg)),
    ];
    let group = TypeGroup::of(def.ty);
    // Text and booleans print the same in every format.
    if group != TypeGroup::Text && group != TypeGroup::Bool {
        let format = match def.format {
            PrintFormat::Padded => "10_PADDED_DEC".to_string(),
            format => format!("{format:?}").to_uppercase(),
        };
        rows.push(("format", text("print_format"), format));
    }
    let transforms = TRANSFORMS.iter().filter(|(_, transform)| {
        def.takes_transform(*transform) && transformed_type(*transform, def.ty, def.is_list, false).is_some()
    });
    rows.push((
        "transformers",
        sorted(names("transformers")),
        sorted(transforms.map(|(name, _)| name.to_string()).collect()),
    ));
    // Those of evt.rawarg are the type's of its parameter.
    if text("type") != "DYN" {
        let operators = OPERATORS.iter().filter(|(_, operator)| group.allows(*operator, def.is_list));
        rows.push((
            "operators",
            sorted(names("operators")),
            sorted(operators.map(|(name, _)| name.to_string()).collect()),
        ));
    }
    rows
}

fn argument_in_facts(fact: &Json) -> String {
    let form = match fact["arg_form"].as_str().unwrap_or("") {
        "" => "none",
        "[key]" | "[NAME]" => "key",
        "[n]" | "[fd]" | "[ts]" | "[n] zero-based after argv0" => "index",
        "[n] or [key/glob]" | "[n] or [NAME]" => "index or key",
        "index or name: [n] or .name" => "index or name",
        _ => "name",
    };
    format!("{} {form}", fact["arg"].as_str().unwrap_or(""))
}

fn argument(spec: ArgSpec) -> String {
    let (form, required) = match spec {
        ArgSpec::None => return "none none".to_string(),
        ArgSpec::Index { required } => ("index", required),
        ArgSpec::Key { required } => ("key", required),
        ArgSpec::IndexOrKey { required } => ("index or key", required),
        ArgSpec::Name { required } => ("name", required),
        ArgSpec::IndexOrName { required } => ("index or name", required),
    };
    format!("{} {form}", if required { "required" } else { "optional" })
}

#[test]
fn every_field_is_as_falco_has_it() {
    let Some(shared) = common::shared("the registry") else { return };
    let facts: Json = serde_json::from_str(&common::read(&shared.join("facts/fields.json"))).unwrap();
    let facts = facts["fields"].as_array().expect("a list of fields");
    let mut differences = Vec::new();
    for fact in facts {
        let name = fact["name"].as_str().expect("a name");
        let Some(def) = fields::all().iter().find(|def| def.name == name) else {
            differences.push(format!("{name} is missing"));
            continue;
        };
        // The facts are of rules, where the index by event type refuses these; outputs may have them.
        let indexed = matches!(name, "evt.type" | "syscall.type");
        for (what, expected, found) in rows(def, fact) {
            if indexed && matches!(what, "right-hand side" | "transformers") {
                assert!(expected != found, "{name}: {what} is no exception any more");
            } else if expected != found {
                differences.push(format!("{name}: {what} is '{found}', should be '{expected}'"));
            }
        }
    }
    for def in fields::all() {
        if !facts.iter().any(|fact| fact["name"] == def.name) {
            differences.push(format!("{} is not a field of Falco", def.name));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn names_are_distinct() {
    let mut names: Vec<_> = fields::all().iter().map(|def| def.name).collect();
    names.sort_unstable();
    assert!(names.windows(2).all(|pair| pair[0] != pair[1]));
}

#[test]
fn tokens_resolve_to_field_and_argument() {
    let key = |text: &str| FieldArg::Key(text.as_bytes().into());
    let check = |token: &str, expected: Result<(&str, FieldArg), &str>| {
        let found = fields::resolve(token).map(|(id, arg)| (id.def().name, arg)).map_err(|e| e.to_string());
        assert_eq!(found, expected.map_err(String::from), "{token}");
    };
    check("proc.name", Ok(("proc.name", FieldArg::None)));
    check("proc.aname", Ok(("proc.aname", FieldArg::None)));
    check("proc.aname[2]", Ok(("proc.aname", FieldArg::Index(2))));
    check("proc.aname[-1]", Err("invalid argument '-1' of field proc.aname: not a number"));
    check("proc.aname[2", Err("invalid argument '[2' of field proc.aname: ']' is missing"));
    check("proc.env[HOME]", Ok(("proc.env", key("HOME"))));
    check("proc.aenv[3]", Ok(("proc.aenv", FieldArg::Index(3))));
    check("evt.arg.flags", Ok(("evt.arg", key("flags"))));
    check("evt.arg[0]", Ok(("evt.arg", FieldArg::Index(0))));
    check("evt.arg", Err("field evt.arg requires an argument"));
    check("evt.arg.nosuch", Err("unknown event argument nosuch"));
    check("evt.args", Ok(("evt.args", FieldArg::None)));
    check("evt.type.is.openat", Ok(("evt.type.is", key("openat"))));
    check("evt.type.is.307", Ok(("evt.type.is", FieldArg::Index(307))));
    check("evt.abspath.src", Ok(("evt.abspath", key("src"))));
    check("evt.abspath.other", Err("nonexistent field evt.abspath.other"));
    check("thread.cgroup.memory", Ok(("thread.cgroup", key("memory"))));
    check("thread.cgroups", Ok(("thread.cgroups", FieldArg::None)));
    check(
        "container.mount.dest[/x]",
        Ok(("container.mount.dest", FieldArg::Pattern(Pattern::new("/x").unwrap()))),
    );
    check(
        "container.mount.dest[(]",
        Err("invalid argument '(' of field container.mount.dest: not a regular expression"),
    );
    check("container.label[a.b/c]", Ok(("container.label", key("a.b/c"))));
    check("fd.num[1]", Err("field fd.num takes no argument"));
    check("fd.numb", Err("nonexistent field fd.numb"));
    check("nothing", Err("nonexistent field nothing"));
    check("", Err("nonexistent field "));
}

#[test]
fn the_type_of_a_raw_argument_is_its_parameters() {
    let check = |token: &str, expected: &str| {
        let (id, arg) = fields::resolve(token).unwrap();
        assert_eq!(format!("{:?}", fields::value_type(id, &arg)), expected, "{token}");
    };
    check("evt.rawarg.flags", "Flags32");
    check("evt.rawarg.fd", "Fd");
    check("evt.rawarg.res", "Errno");
    check("evt.rawarg.name", "FsPath");
    check("evt.rawres", "Int64");
}
