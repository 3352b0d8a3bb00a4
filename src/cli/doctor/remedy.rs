//! The exact commands that grant what is missing.

use capture::record::{Facts, capability};

use super::assess::CAPABILITIES;

/// A way to get the missing privileges.
pub struct Remedy {
    /// Where it fits.
    pub place: &'static str,
    /// What to type or to write there.
    pub text: String,
}

/// Nothing when nothing is missing. What only the kernel lacks cannot be granted.
pub fn remedies(facts: &Facts, is_stopped: bool) -> Vec<Remedy> {
    let missing = CAPABILITIES.iter().any(|(number, ..)| !facts.has(*number));
    let memlock = facts.memlock_bytes.is_some() && !facts.has(capability::SYS_RESOURCE);
    if !missing && facts.in_first_pid_namespace && !(is_stopped && memlock) {
        return Vec::new();
    }
    let names = |prefix: &str, separator: &str, lower: bool| {
        let name = |full: &str| {
            let short = full.strip_prefix("CAP_").unwrap_or(full);
            if lower { format!("{prefix}{}", full.to_lowercase()) } else { format!("{prefix}{short}") }
        };
        CAPABILITIES.iter().map(|(_, full, _)| name(full)).collect::<Vec<_>>().join(separator)
    };
    let program = quoted(&facts.program);
    let granted = names("", ",", true);
    let flags = names("--cap-add ", " ", false);
    vec![
        Remedy { place: "this once", text: format!("sudo {program} record ...") },
        Remedy { place: "for this program", text: format!("sudo setcap {granted}+ep {program}") },
        Remedy { place: "docker", text: format!("docker run --pid host {flags} IMAGE lanner record ...") },
        Remedy {
            place: "podman (as root)",
            text: format!("sudo podman run --pid host {flags} IMAGE lanner record ..."),
        },
        Remedy {
            place: "kubernetes",
            text: format!(
                "spec: {{hostPID: true, containers: [{{securityContext: {{capabilities: {{add: [{}]}}}}}}]}}",
                names("", ", ", false)
            ),
        },
        Remedy {
            place: "systemd",
            text: format!("AmbientCapabilities={}", names("", " ", true).to_uppercase()),
        },
    ]
}

/// A path as a shell reads it back.
fn quoted(path: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+".contains(c);
    match path.chars().all(is_plain) && !path.is_empty() {
        true => path.to_owned(),
        false => format!("'{}'", path.replace('\'', "'\\''")),
    }
}
