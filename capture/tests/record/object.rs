//! The checked-in eBPF object is what its source gives.

use std::path::Path;
use std::process::Command;

/// Rebuilt with the pinned compiler, the object is the same byte for byte. In CI the compiler must be there.
#[test]
fn the_object_is_what_its_source_gives() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("bpf");
    if Command::new("clang-14").arg("--version").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "clang-14 is needed in CI");
        eprintln!("skipped: clang-14 is not installed");
        return;
    }
    let rebuilt = std::env::temp_dir().join(format!("lanner-object-{}", std::process::id()));
    let status = Command::new("sh").arg(directory.join("build.sh")).arg(&rebuilt).status().unwrap();
    let same = status.success()
        && std::fs::read(&rebuilt).unwrap() == std::fs::read(directory.join("recorder.bpf.o")).unwrap();
    let _ = std::fs::remove_file(&rebuilt);
    assert!(same, "recorder.bpf.o does not match its source: run capture/bpf/build.sh");
}
