//! `glob` against the C library's `fnmatch`, which is what Falco calls.
#![cfg(unix)]
// fnmatch has no safe binding.
#![allow(unsafe_code)]

use std::ffi::CString;

use lanner_replay::engine::kernel::Glob;
use proptest::prelude::*;

fn fnmatch(pattern: &[u8], text: &[u8], ignore_case: bool) -> bool {
    let pattern = CString::new(pattern).unwrap();
    let text = CString::new(text).unwrap();
    let flags = if ignore_case { 1 << 4 } else { 0 };
    // SAFETY: both are NUL-terminated and outlive the call.
    unsafe { libc::fnmatch(pattern.as_ptr(), text.as_ptr(), flags) == 0 }
}

fn check(pattern: &[u8], text: &[u8], ignore_case: bool) {
    assert_eq!(
        Glob::new(pattern, ignore_case).matches(text),
        fnmatch(pattern, text, ignore_case),
        "pattern {:?} text {:?} ignore case {ignore_case}",
        pattern.escape_ascii().to_string(),
        text.escape_ascii().to_string(),
    );
}

#[test]
fn chosen_patterns_agree() {
    let patterns: &[&str] = &[
        "",
        "*",
        "**",
        "?",
        "a",
        "a*",
        "*a",
        "*a*",
        "a?c",
        "[abc]",
        "[!abc]",
        "[^abc]",
        "[a-c]",
        "[c-a]",
        "[]a]",
        "[!]a]",
        "[a",
        "[",
        "[]",
        "[!",
        "[a-",
        "[a-]",
        "[-a]",
        "[[:alpha:]]",
        "[[:upper:]]",
        "[[:nope:]]",
        "[[:alpha:",
        "\\*",
        "\\",
        "a\\",
        "[\\]]",
        "[\\a]",
        "[a\\-c]",
        "[[=a=]]",
        "[[.a.]]",
        "[[.-.]]",
        "[[a]]",
        "{a,b}",
        "/home/*/.ssh/*",
        "*.??",
        "[A-Z]*",
        "[z-A]",
        "a[",
        "a[b",
        "*[b",
        "[[:lower:][:digit:]]",
        "[a[:digit:]-]",
        "[[=a]",
        "[[.a]",
        "[[:]",
        "[[:alpha]",
        "[a-[:digit:]]",
        "[a-[.c.]]",
        "[a-\\c]",
        "[\\",
        "[a\\",
    ];
    let texts: &[&str] = &[
        "",
        "a",
        "b",
        "A",
        "Z",
        "abc",
        "aXc",
        "/home/u/.ssh/id",
        "*",
        "\\",
        "[",
        "]",
        "-",
        "a]",
        "[a",
        "[]",
        "5",
        "a\\",
        "{a,b}",
        "a[b",
        "[a-",
        "x.gz",
        "a[",
        ":",
        "=",
        ".",
        "c",
        "[[:alpha:",
        "a-",
        "[c",
        "[5",
    ];
    for pattern in patterns {
        for text in texts {
            check(pattern.as_bytes(), text.as_bytes(), false);
            check(pattern.as_bytes(), text.as_bytes(), true);
        }
    }
}

fn bytes_of(alphabet: &'static [u8], max: usize) -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(proptest::sample::select(alphabet), 0..max)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]
    #[test]
    fn random_patterns_agree(
        pattern in bytes_of(b"abAB**??[]!^-\\/.1", 10),
        text in bytes_of(b"aabbAB[]-\\/.1\xe9", 10),
        ignore_case: bool,
    ) {
        check(&pattern, &text, ignore_case);
    }
}
