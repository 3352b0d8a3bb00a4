//! What all integration tests share: running the built binary, scratch directories, and the data folder
//! beside the checkout.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};

/// Root of the checkout.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A path in the data folder beside the checkout, or `None` with a printed reason where it is absent.
#[allow(dead_code)]
pub fn shared(path: &str) -> Option<PathBuf> {
    let full = root().join("../shared").join(path);
    if full.exists() {
        return Some(full);
    }
    eprintln!("skipped: {} is absent", full.display());
    None
}

/// The built binary, ready for arguments, with colour and environment switches out of the way.
#[allow(dead_code)]
pub fn lanner() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lanner"));
    command.env_remove("NO_COLOR").env_remove("RUST_BACKTRACE");
    command
}

/// Runs the binary and returns what it did.
#[allow(dead_code)]
pub fn run(args: &[&str]) -> Output {
    lanner().args(args).output().expect("the binary starts")
}

/// A directory of one test, removed when dropped.
#[allow(dead_code)]
pub struct Scratch(PathBuf);

#[allow(dead_code)]
impl Scratch {
    /// A new empty directory named after the test; tests that run at the same time may use the same name.
    pub fn new(name: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("lanner-test-{}-{number}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).expect("the temporary directory is writable");
        Scratch(path)
    }

    /// A path in it.
    pub fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
