//! Classes of fields: fields whose values are got in the same way, and therefore cost the same.

use serde::{Deserialize, Serialize};

use super::ClassWeights;

/// How the value of a field is got.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldClass {
    /// Facts of the event itself, such as `evt.type`.
    #[default]
    Event,
    /// Parameters of the event, read or made into text, such as `evt.arg.flags`.
    Parameter,
    /// Paths that are put together from a parameter and a directory, such as `fs.path.name`.
    Path,
    /// Facts of the thread that stand in a table, such as `proc.name`.
    Process,
    /// Texts of the thread that have to be put together, such as `proc.cmdline`.
    ProcessText,
    /// Facts of ancestors, such as `proc.aname`.
    Ancestor,
    /// Facts of leaders of sessions and process groups, such as `proc.sname`.
    Leader,
    /// Facts of the descriptor, such as `fd.name`.
    Descriptor,
    /// Users and groups, such as `user.name`.
    User,
    /// Containers and Kubernetes, such as `container.id`.
    Container,
}

impl FieldClass {
    /// All classes.
    pub const ALL: [FieldClass; 10] = [
        FieldClass::Event,
        FieldClass::Parameter,
        FieldClass::Path,
        FieldClass::Process,
        FieldClass::ProcessText,
        FieldClass::Ancestor,
        FieldClass::Leader,
        FieldClass::Descriptor,
        FieldClass::User,
        FieldClass::Container,
    ];

    /// The class of a field, by its name.
    pub fn of(field: &str) -> FieldClass {
        let is_any = |prefixes: &[&str]| prefixes.iter().any(|prefix| field.starts_with(prefix));
        if is_any(&["evt.abspath", "fs.path.", "fd.nameraw"]) {
            FieldClass::Path
        } else if is_any(&[
            "evt.arg",
            "evt.info",
            "evt.rawarg",
            "evt.rawres",
            "evt.buf",
            "evt.res",
            "evt.failed",
            "evt.count",
            "evt.is_open",
            "fdlist.",
        ]) {
            FieldClass::Parameter
        } else if is_any(&[
            "proc.args",
            "proc.cmd",
            "proc.exeline",
            "proc.env",
            "thread.cap",
            "thread.cgroup",
            "thread.nametid",
        ]) {
            FieldClass::ProcessText
        } else if is_any(&[
            "proc.aname",
            "proc.aexe",
            "proc.acmdline",
            "proc.aargs",
            "proc.aenv",
            "proc.apid",
            "proc.loginshellid",
            "proc.ppid",
            "proc.pname",
            "proc.pexe",
            "proc.pcmdline",
            "proc.pvpid",
        ]) {
            FieldClass::Ancestor
        } else if is_any(&[
            "proc.sname",
            "proc.sid.",
            "proc.is_sid_",
            "proc.vpgid.",
            "proc.is_vpgid_",
            "proc.pgid.",
            "proc.is_pgid_",
        ]) {
            FieldClass::Leader
        } else if is_any(&["container.", "k8s.", "proc.is_container_"]) {
            FieldClass::Container
        } else if is_any(&["fd.", "proc.std"]) {
            FieldClass::Descriptor
        } else if is_any(&["user.", "group."]) {
            FieldClass::User
        } else if is_any(&["proc.", "thread."]) {
            FieldClass::Process
        } else {
            FieldClass::Event
        }
    }

    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            FieldClass::Event => "event",
            FieldClass::Parameter => "parameter",
            FieldClass::Path => "path",
            FieldClass::Process => "process",
            FieldClass::ProcessText => "process text",
            FieldClass::Ancestor => "ancestor",
            FieldClass::Leader => "leader",
            FieldClass::Descriptor => "descriptor",
            FieldClass::User => "user",
            FieldClass::Container => "container",
        }
    }

    /// What extractions of this class cost.
    pub const fn weights(self) -> ClassWeights {
        let (each, byte, step) = match self {
            FieldClass::Event => (300, 0, 0),
            FieldClass::Parameter => (1000, 10, 0),
            FieldClass::Path => (2500, 20, 0),
            FieldClass::Process => (300, 0, 0),
            FieldClass::ProcessText => (1000, 10, 0),
            FieldClass::Ancestor => (500, 5, 1000),
            FieldClass::Leader => (1500, 0, 0),
            FieldClass::Descriptor => (600, 5, 0),
            FieldClass::User => (800, 0, 0),
            FieldClass::Container => (1200, 5, 0),
        };
        ClassWeights { each, byte, step }
    }
}

#[cfg(test)]
mod tests {
    use super::FieldClass;

    #[test]
    fn classes_of_fields() {
        for (field, class) in [
            ("evt.type", FieldClass::Event),
            ("evt.arg", FieldClass::Parameter),
            ("evt.rawres", FieldClass::Parameter),
            ("evt.rawtime", FieldClass::Event),
            ("fs.path.name", FieldClass::Path),
            ("fd.name", FieldClass::Descriptor),
            ("proc.name", FieldClass::Process),
            ("proc.pid", FieldClass::Process),
            ("proc.ppid", FieldClass::Ancestor),
            ("proc.cmdline", FieldClass::ProcessText),
            ("proc.sid", FieldClass::Process),
            ("proc.sid.exe", FieldClass::Leader),
            ("proc.stdin.type", FieldClass::Descriptor),
            ("k8s.ns.name", FieldClass::Container),
            ("group.gid", FieldClass::User),
            ("util.cnt", FieldClass::Event),
        ] {
            assert_eq!(FieldClass::of(field), class, "{field}");
        }
    }
}
