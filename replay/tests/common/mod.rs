//! What the tests against ../shared have in common.

use std::io::Read;
use std::path::{Path, PathBuf};

/// The folder of captures, rules and expectations beside the repository; `None`, with a message, without it.
pub fn shared(test: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    if !path.is_dir() {
        eprintln!("skipped: {test} needs {}", path.display());
        return None;
    }
    Some(path)
}

/// A file's text, decompressed if it is compressed.
pub fn read(path: &Path) -> String {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut text = String::new();
    if path.extension().is_some_and(|extension| extension == "gz") {
        flate2::read::GzDecoder::new(&*bytes).read_to_string(&mut text).unwrap();
    } else {
        text = String::from_utf8(bytes).unwrap();
    }
    text
}
