//! Data that lies beside the checkout and is never part of it.

use std::path::PathBuf;

/// The path of a shared file, or `None` and a message when it is not there.
pub fn path(name: &str) -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared").join(name);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: {} is not here", path.display());
    None
}

/// A shared JSON file.
pub fn json(name: &str) -> Option<serde_json::Value> {
    let text = std::fs::read(path(name)?).expect("a readable file");
    Some(serde_json::from_slice(&text).expect("valid JSON"))
}
