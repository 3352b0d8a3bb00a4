//! Debian's sysdig sees in recordings of the compat profile what lanner sees: names of processes, descriptors and
//! connections, event by event.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use crate::harness::{Scratch, lanner};

/// Shells and pipes, a compiler if there is one, a file tree, and connections of all families between threads.
const WORK: &str = r#"
d=$(mktemp -d); cd "$d"
printf 'int main(void) { return 0; }\n' >a.c; cc -o a a.c 2>/dev/null && ./a
python3 -c '
import os, socket, threading
server = socket.create_server(("127.0.0.1", 0))
six = socket.create_server(("::1", 0), family=socket.AF_INET6)
unix = socket.socket(socket.AF_UNIX); unix.bind("u.sock"); unix.listen()
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); udp.bind(("127.0.0.1", 0))
def serve(s):
    for _ in range(5):
        peer, _ = s.accept()
        peer.sendall(peer.recv(100) * 3)
        peer.close()
def ask(s, family):
    for _ in range(5):
        with socket.socket(family) as c:
            c.connect(s.getsockname())
            c.sendall(b"hello")
            while c.recv(100): pass
pairs = [(server, socket.AF_INET), (six, socket.AF_INET6), (unix, socket.AF_UNIX)]
threads = [threading.Thread(target=serve, args=(s,)) for s, _ in pairs]
threads += [threading.Thread(target=ask, args=p) for p in pairs]
for t in threads: t.start()
for t in threads: t.join()
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as c:
    c.sendto(b"x", udp.getsockname()); udp.recvfrom(10)
with socket.socket(socket.AF_UNIX) as c:
    c.connect_ex("/nowhere")
r, w = os.pipe(); os.write(w, b"x"); os.read(r, 1)
' 2>/dev/null
for i in 1 2 3; do mkdir -p x/$i; echo $i | cat >x/$i/z; (exit $i); done
find /etc -maxdepth 2 >/dev/null 2>&1
cd /; rm -rf "$d"; true
"#;

/// Both tools print these, one line per exit event.
const FIELDS: &str = "J|%evt.rawtime|%thread.tid|%evt.type|%proc.name|%fd.num|%fd.name|";

/// What a tool says of each event: of which process, which descriptor, and its name.
type Said = BTreeMap<(String, String, String), [String; 3]>;

fn parse(text: &[u8]) -> Said {
    let mut said = Said::new();
    for line in String::from_utf8_lossy(text).lines() {
        let Some((_, line)) = line.split_once("J|") else { continue };
        let mut words = line.split('|').map(str::to_owned);
        let mut next = || words.next().unwrap_or_default();
        // sysdig has one name for both calls.
        let key = (next(), next(), next().replace("accept4", "accept"));
        said.insert(key, [next(), next(), next()]);
    }
    said
}

fn sysdig(file: &Path) -> Said {
    let output =
        Command::new("sysdig").arg("-r").arg(file).args(["-p", FIELDS, "evt.dir=<"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    parse(&output.stdout)
}

fn own(file: &Path, scratch: &Scratch) -> Said {
    let rules = scratch.join("all.yaml");
    let rule = format!(
        "- rule: all\n  desc: all\n  condition: evt.dir = <\n  output: \"{FIELDS}\"\n  priority: INFO\n"
    );
    std::fs::write(&rules, rule).unwrap();
    let output = lanner().args(["replay", "-r"]).arg(&rules).arg(file).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    parse(&output.stdout)
}

/// Differences that are sysdig's ways, not the capture's.
fn is_known(call: &str, what: usize) -> bool {
    // Of these it shows the descriptor that its own enter event has: the one that is duplicated, and none.
    what == 1 && matches!(call, "fcntl" | "dup" | "setsockopt")
}

#[test]
fn sysdig_and_lanner_see_the_same_names_in_the_compat_profile() {
    if let Some(reason) = capture::record::probe_support() {
        eprintln!("skipped: {reason}");
        return;
    }
    if Command::new("sysdig").arg("--version").output().is_err() {
        eprintln!("skipped: sysdig is not installed");
        return;
    }
    let scratch = Scratch::new("sysdig");
    let file = scratch.join("out.scap");
    let status = lanner()
        .args(["record", "--quiet", "--profile", "compat", "-o"])
        .arg(&file)
        .args(["--", "sh", "-c", WORK])
        .status()
        .unwrap();
    assert!(status.success());
    let (theirs, ours) = (sysdig(&file), own(&file, &scratch));
    let mut compared: BTreeMap<&str, usize> = BTreeMap::new();
    // Descriptors whose connect failed: sysdig names them by the attempt, or by its word for a missing tuple.
    let mut attempted = BTreeSet::new();
    for (key, them) in &theirs {
        let us = ours.get(key).unwrap_or_else(|| panic!("only sysdig has {key:?}: {them:?}"));
        if key.2 == "connect" && them[2] == "NULL" {
            attempted.insert(&us[1]);
        }
        for (what, (them, us)) in them.iter().zip(us).enumerate() {
            if what == 2 && us.is_empty() && attempted.contains(&ours[key][1]) {
                continue;
            }
            assert!(them == us || is_known(&key.2, what), "{key:?}: sysdig says {them:?}, lanner {us:?}");
        }
        if !them[2].is_empty() {
            *compared.entry(key.2.as_str()).or_default() += 1;
        }
    }
    // The comparison was not about nothing.
    for call in ["openat", "read", "write", "close"] {
        assert!(compared.get(call).is_some_and(|count| *count > 10), "{call}: {compared:?}");
    }
    if Command::new("python3").arg("-V").output().is_ok() {
        for call in ["connect", "accept", "sendto", "recvfrom"] {
            assert!(compared.get(call).is_some_and(|count| *count >= 10), "{call}: {compared:?}");
        }
    }
}
