//! The page on performance, into which benches write what they measured.

use std::path::{Path, PathBuf};

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs")
}

/// Whether figures are to be written into the page.
pub fn is_wanted() -> bool {
    std::env::var_os("LANNER_BLESS").is_some()
}

/// Replaces what stands between the marks of a part of the page.
pub fn replace(part: &str, text: &str) {
    let path = docs().join("performance.md");
    let page = std::fs::read_to_string(&path).expect("the page");
    let [start, end] = ["", "end of "].map(|which| format!("<!-- {which}{part} -->\n"));
    let (before, rest) = page.split_once(&start).expect("a mark where the part starts");
    let (_, after) = rest.split_once(&end).expect("a mark where the part ends");
    let text = text.trim_end();
    std::fs::write(&path, format!("{before}{start}\n{text}\n\n{end}{after}")).expect("the page");
}

/// Writes a picture that the page shows.
pub fn write_image(name: &str, picture: &str) {
    std::fs::write(docs().join("images").join(name), picture).expect("a picture");
}
