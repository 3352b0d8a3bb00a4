//! Rules made from a seed, in the shapes of public ones.

use std::fmt::Write;
use std::path::Path;

use lanner_replay::rules::{LoadOptions, Ruleset, Selection, Selector, load};

use super::Random;

const MACROS: &str = r#"
- macro: open_read
  condition: (evt.type in (open,openat,openat2) and evt.is_open_read=true and fd.typechar='f' and fd.num>=0)
- macro: open_write
  condition: (evt.type in (open,openat,openat2) and evt.is_open_write=true and fd.typechar='f' and fd.num>=0)
- macro: spawned_process
  condition: (evt.type in (execve, execveat) and evt.arg.res=0)
- macro: container
  condition: (container.id != host)
- macro: outbound
  condition: (((evt.type = connect) or (evt.type in (sendto,sendmsg) and fd.name != "")) and
    (fd.typechar = 4 or fd.typechar = 6) and (fd.ip != "0.0.0.0" and not fd.snet in ("127.0.0.0/8")))
- macro: inbound
  condition: (evt.type in (accept4,accept,listen) and (fd.typechar = 4 or fd.typechar = 6))
- macro: removed
  condition: (evt.type in (unlink, unlinkat, rename, renameat))
- list: shells
  items: [ash, bash, csh, ksh, sh, tcsh, zsh, dash]
- list: managers
  items: [dpkg, dpkg-preconfigu, apt, apt-get, yum, rpm, snapd, pip, npm]
- list: daemons
  items: [sshd, cron, systemd, dockerd, containerd, kubelet, systemd-logind, dbus-daemon]
"#;

const FOLDERS: [&str; 10] =
    ["/etc", "/usr/lib", "/var/lib", "/root", "/opt", "/boot", "/srv", "/dev", "/run", "/home"];

/// `count` rules like the public ones: a macro for the kind of event, something about a file, program or port
/// of their own, and exceptions for usual programs. Hardly any event matches.
pub fn generated_rules(count: usize) -> String {
    let mut random = Random::new(11);
    let mut text = MACROS.to_string();
    for number in 0..count {
        let folder = *random.pick(&FOLDERS);
        let place = random.below(400);
        let condition = match random.below(8) {
            0 => format!("open_read and fd.name startswith {folder}/secret{place}"),
            1 => {
                format!("open_write and fd.name startswith {folder}/app{place} and not proc.name in (shells)")
            }
            2 => {
                format!("open_write and container and fd.directory in ({folder}/x{place}, {folder}/y{place})")
            }
            3 => format!(
                "spawned_process and proc.name in (miner{place}, scan{place}) and not proc.pname in (shells)"
            ),
            4 => format!(
                "spawned_process and (proc.cmdline contains \"--pool{place}\" or proc.args startswith \"-x{place}\")"
            ),
            5 => {
                format!("outbound and fd.sport = {} and not proc.name in (daemons, managers)", 20_000 + place)
            }
            6 => format!("inbound and fd.sport in ({}, {}) and container", 10_000 + place, 11_000 + place),
            _ => format!(
                "removed and (fs.path.name startswith {folder}/log{place} or evt.arg.name endswith .key{place})"
            ),
        };
        let exceptions = match random.below(3) {
            0 => " and not proc.pname in (daemons)",
            1 => " and not (proc.name in (managers) or proc.aname in (managers))",
            _ => "",
        };
        let _ = write!(
            text,
            "\n- rule: Generated rule {number}\n  desc: Made from a seed\n  condition: {condition}{exceptions}\n  output: Seen (file=%fd.name command=%proc.cmdline user=%user.name)\n  priority: WARNING\n"
        );
    }
    text
}

/// Rules of which nearly every event that moves data matches one.
pub const BROAD: &str = r#"
- rule: Data moved
  desc: Matches whatever moves data
  condition: evt.type in (read, write, sendto, recvfrom, openat, close)
  output: Data moved (event=%evt.type file=%fd.name process=%proc.name command=%proc.cmdline user=%user.name)
  priority: DEBUG
"#;

pub fn loaded(name: &str, text: String) -> Ruleset {
    let loaded = load(vec![(name.to_string(), text)], &LoadOptions::default());
    assert!(loaded.ruleset.rules.iter().any(|rule| rule.enabled), "{name} has no rules");
    loaded.ruleset
}

/// The public rules, if the folder with them is there: the 25 that are on by default, or all 93.
pub fn stock_rules(every: bool) -> Option<Ruleset> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/rules/stock");
    let files: &[&str] = match every {
        true => &["falco_rules.yaml", "falco-incubating_rules.yaml", "falco-sandbox_rules.yaml"],
        false => &["falco_rules.yaml"],
    };
    let inputs: Option<Vec<_>> = files
        .iter()
        .map(|file| Some((file.to_string(), std::fs::read_to_string(folder.join(file)).ok()?)))
        .collect();
    let mut options = LoadOptions::default();
    if every {
        options.selections.push(Selection { enable: true, rules: Selector::Name("*".into()) });
    }
    Some(load(inputs?, &options).ruleset)
}
