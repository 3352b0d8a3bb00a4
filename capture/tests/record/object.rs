//! The checked-in eBPF objects are what their source gives.

use std::path::Path;
use std::process::Command;

/// Rebuilt with the pinned compiler, they are the same byte for byte. In CI the compiler must be there.
#[test]
fn the_objects_are_what_their_source_gives() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("bpf");
    if Command::new("clang-14").arg("--version").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "clang-14 is needed in CI");
        eprintln!("skipped: clang-14 is not installed");
        return;
    }
    let rebuilt = std::env::temp_dir().join(format!("lanner-objects-{}", std::process::id()));
    std::fs::create_dir_all(&rebuilt).unwrap();
    let status = Command::new("sh").arg(directory.join("build.sh")).arg(&rebuilt).status().unwrap();
    assert!(status.success());
    for program in ["recorder", "counter"] {
        for architecture in ["x86_64", "aarch64"] {
            let name = format!("{program}.{architecture}.bpf.o");
            let same =
                std::fs::read(rebuilt.join(&name)).unwrap() == std::fs::read(directory.join(&name)).unwrap();
            assert!(same, "{name} does not match its source: run capture/bpf/build.sh");
        }
    }
    let _ = std::fs::remove_dir_all(&rebuilt);
}
