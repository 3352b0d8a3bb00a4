//! Rules about the code itself.

use std::fs;
use std::path::{Path, PathBuf};

use crate::harness::root;

/// Rust sources below `dir`.
fn sources(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(entries) = fs::read_dir(dir) else { return found };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() && !path.ends_with("target") {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Lines of non-test code with their numbers: a file is cut at its unit tests.
fn code_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let end = text.find("#[cfg(test)]").unwrap_or(text.len());
    text[..end]
        .lines()
        .enumerate()
        .map(|(i, line)| (i + 1, line))
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
}

/// Whether the module's parent declares it for tests only.
fn is_test_module(file: &Path) -> bool {
    let (Some(directory), Some(name)) = (file.parent(), file.file_stem()) else { return false };
    let declaration = format!("#[cfg(test)]\nmod {};", name.display());
    [directory.join("mod.rs"), directory.join("lib.rs"), directory.with_extension("rs")]
        .iter()
        .any(|parent| fs::read_to_string(parent).is_ok_and(|text| text.contains(&declaration)))
}

/// Fails with every place in `dirs` where one of `patterns` stands in non-test code.
fn forbid(dirs: &[&str], patterns: &[&str], why: &str) {
    let mut bad = Vec::new();
    for dir in dirs {
        let files = sources(&root().join(dir));
        assert!(!files.is_empty(), "no sources below {dir}");
        for file in files {
            if is_test_module(&file) {
                continue;
            }
            let text = fs::read_to_string(&file).expect("sources are UTF-8");
            for (number, line) in code_lines(&text) {
                for pattern in patterns {
                    if line.contains(pattern) {
                        bad.push(format!("{}:{number}: {pattern}", file.display()));
                    }
                }
            }
        }
    }
    assert!(bad.is_empty(), "{why}:\n{}", bad.join("\n"));
}

const LIBRARIES: [&str; 5] = ["capture/src", "replay/src", "profiler/src", "report/src", "report/tables/src"];

#[test]
fn libraries_do_not_print_or_exit_or_read_the_environment() {
    forbid(
        &LIBRARIES,
        &[
            "println!(",
            "print!(",
            "eprint!(",
            "eprintln!(",
            "process::exit",
            "std::env::",
            "env::var",
            "env::args",
        ],
        "only the command line prints, exits and reads arguments or the environment",
    );
}

#[test]
fn replay_never_reads_the_machine() {
    forbid(
        &["replay/src"],
        &[
            "std::fs",
            "std::net::Tcp",
            "std::net::Udp",
            "ToSocketAddrs",
            "SystemTime",
            "Instant",
            "hostname()",
        ],
        "the same capture and rules must give the same alerts on every machine",
    );
}

#[test]
fn dependencies_run_one_way() {
    let allowed = [
        ("capture", &[][..]),
        ("replay", &["capture"][..]),
        ("profiler", &["capture", "replay"][..]),
        ("report", &["profiler"][..]),
        ("report/tables", &["profiler"][..]),
    ];
    let members = ["capture", "replay", "profiler", "report", "tables"];
    for (crate_dir, may) in allowed {
        let manifest = fs::read_to_string(root().join(crate_dir).join("Cargo.toml")).expect("manifest");
        let dependencies = manifest.split("[dependencies]").nth(1).unwrap_or("");
        let dependencies = dependencies.split("\n[").next().unwrap_or("");
        for member in members {
            let uses = dependencies.lines().any(|line| line.starts_with(&format!("{member}.")));
            assert!(!uses || may.contains(&member), "{crate_dir} must not depend on {member}");
        }
    }
}

#[test]
fn no_todo_without_owner() {
    for dir in LIBRARIES.iter().copied().chain(["src", "tests"]) {
        for file in sources(&root().join(dir)) {
            let text = fs::read_to_string(&file).expect("sources are UTF-8");
            for (i, line) in text.lines().enumerate() {
                let bare = ["TO", "DO"].concat();
                let owned = format!("{bare}(");
                assert!(!line.contains(&bare) || line.contains(&owned), "{}:{}", file.display(), i + 1);
            }
        }
    }
}
