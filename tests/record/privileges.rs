//! What recording needs, and what `lanner doctor` says about it.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use capture::savefile::ProcessEntry;

use super::parts::waiting;
use super::reading::read;
use super::stderr;
use crate::harness::{Scratch, run};

const NOBODY: &str = "65534";
const ENOUGH: &str = "-all,+bpf,+perfmon,+sys_ptrace,+dac_read_search";

/// The binary where every user can execute it, and a directory that nobody may write to.
fn prepare(scratch: &Scratch) -> (PathBuf, PathBuf) {
    let (program, directory) = (scratch.join("lanner"), scratch.join("out"));
    std::fs::copy(env!("CARGO_BIN_EXE_lanner"), &program).unwrap();
    std::fs::create_dir(&directory).unwrap();
    for path in [&scratch.join(""), &program, &directory] {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    std::os::unix::fs::chown(&directory, Some(65534), Some(65534)).unwrap();
    (program, directory)
}

/// Runs the program as nobody with some capabilities and no way to get more. `None` without setpriv.
fn as_nobody(program: &Path, capabilities: &str, args: &[&str]) -> Option<Output> {
    let output = Command::new("setpriv")
        .args(["--reuid", NOBODY, "--regid", NOBODY, "--clear-groups", "--no-new-privs"])
        .args([format!("--inh-caps={capabilities}"), format!("--ambient-caps={capabilities}")])
        .arg(format!("--bounding-set={capabilities}"))
        .arg(program)
        .args(args)
        .output();
    if output.is_err() {
        eprintln!("skipped: setpriv is not installed");
    }
    output.ok()
}

fn can_test() -> bool {
    match capture::record::probe_support() {
        None => true,
        Some(reason) => {
            eprintln!("skipped: {reason}");
            false
        }
    }
}

/// Without what changes by itself.
fn stable(process: &ProcessEntry) -> ProcessEntry {
    ProcessEntry { vmrss_kb: 0, vmsize_kb: 0, pfmajor: 0, pfminor: 0, ..process.clone() }
}

#[test]
fn four_capabilities_record_what_root_records() {
    if !can_test() {
        return;
    }
    let scratch = Scratch::new("record-nobody");
    let (program, directory) = prepare(&scratch);
    if as_nobody(Path::new("true"), ENOUGH, &[]).is_none() {
        return;
    }
    // A process of root with files, arguments and a directory.
    let mut command = Command::new("sh");
    let mut other = waiting(command.args(["-c", "exec 3</etc/passwd; cd /usr; echo; read line; ls /"]));
    let pid = other.id().to_string();
    let file = |name: &str| directory.join(name).to_str().unwrap().to_owned();
    let args = |file: &str| ["record", "-p", &pid, "-d", "100ms", "-o", file].map(str::to_owned);
    let (theirs, ours) = (file("nobody.scap"), file("root.scap"));
    let of_nobody = args(&theirs);
    let of_nobody: Vec<&str> = of_nobody.iter().map(String::as_str).collect();
    let output = as_nobody(&program, ENOUGH, &of_nobody).unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let of_root = args(&ours);
    let of_root: Vec<&str> = of_root.iter().map(String::as_str).collect();
    assert!(run(&of_root).status.success());
    let (theirs, ours) = (read(Path::new(&theirs)), read(Path::new(&ours)));
    let tid = i64::from(other.id());
    assert_eq!(stable(theirs.process(tid).unwrap()), stable(ours.process(tid).unwrap()));
    assert!(ours.process(tid).unwrap().cwd == b"/usr" && !ours.process(tid).unwrap().env.is_empty());
    assert_eq!(theirs.start.fds, ours.start.fds);
    drop(other.stdin.take());
    other.wait().unwrap();

    // And events of a command, by type.
    let counts = |output: &Output, path: &str| {
        assert!(output.status.success(), "{}", stderr(output));
        let mut types: Vec<u16> = read(Path::new(path)).events.iter().map(|(ty, ..)| ty.0).collect();
        types.sort_unstable();
        types
    };
    let path = file("ls.scap");
    let args = ["record", "-o", &path, "--", "ls", "/usr"];
    let theirs = counts(&as_nobody(&program, ENOUGH, &args).unwrap(), &path);
    let ours = counts(&run(&args), &path);
    assert!(theirs == ours && theirs.len() > 50, "{theirs:?} {ours:?}");
}

#[test]
fn without_privileges_the_doctor_tells_what_to_do() {
    if !can_test() {
        return;
    }
    let scratch = Scratch::new("record-doctor");
    let (program, _) = prepare(&scratch);
    let Some(output) = as_nobody(&program, "-all", &["record", "--", "true"]) else { return };
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stderr(&output).contains("CAP_PERFMON and CAP_BPF missing; `lanner doctor`"),
        "{}",
        stderr(&output)
    );
    let output = as_nobody(&program, "-all", &["doctor"]).unwrap();
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("setcap cap_bpf,cap_perfmon") && text.ends_with("does not work here.\n"), "{text}");

    for (output, works) in [
        (as_nobody(&program, ENOUGH, &["doctor", "--json"]).unwrap(), true),
        (as_nobody(&program, "-all,+bpf", &["doctor", "--json"]).unwrap(), false),
        (run(&["doctor", "--json"]), true),
    ] {
        let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!((json["works"].as_bool(), output.status.success()), (Some(works), works), "{json:#}");
    }
}
