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
    /// Facts that follow from parameters of the event, such as `evt.is_open_read`.
    Parameter,
    /// Parameters made into text, such as `evt.arg.flags`.
    ParameterText,
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
    /// Parts of such facts, and their texts, such as `fd.directory`.
    DescriptorPart,
    /// Users and groups, such as `user.name`.
    User,
    /// Containers and Kubernetes, such as `container.id`.
    Container,
}

impl FieldClass {
    /// All classes.
    pub const ALL: [FieldClass; 12] = [
        FieldClass::Event,
        FieldClass::Parameter,
        FieldClass::ParameterText,
        FieldClass::Path,
        FieldClass::Process,
        FieldClass::ProcessText,
        FieldClass::Ancestor,
        FieldClass::Leader,
        FieldClass::Descriptor,
        FieldClass::DescriptorPart,
        FieldClass::User,
        FieldClass::Container,
    ];

    /// The class of a field, by its name.
    pub fn of(field: &str) -> FieldClass {
        let is_any = |prefixes: &[&str]| prefixes.iter().any(|prefix| field.starts_with(prefix));
        if is_any(&["evt.abspath", "fs.path."]) {
            FieldClass::Path
        } else if is_any(&["evt.arg", "evt.info", "thread.cap"]) {
            FieldClass::ParameterText
        } else if is_any(&[
            "evt.rawarg",
            "evt.rawres",
            "evt.res",
            "evt.failed",
            "evt.buflen",
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
            "thread.cgroup",
            "thread.nametid",
        ]) {
            FieldClass::ProcessText
        } else if is_any(&[
            "proc.a",
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
        } else if is_any(&[
            "fd.num",
            "fd.type",
            "fd.name_changed",
            "fd.l4proto",
            "fd.connected",
            "fd.dev",
            "fd.ino",
        ]) || field == "fd.name"
        {
            FieldClass::Descriptor
        } else if is_any(&["fd.", "proc.std"]) {
            FieldClass::DescriptorPart
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
            FieldClass::ParameterText => "parameter text",
            FieldClass::Path => "path",
            FieldClass::Process => "process",
            FieldClass::ProcessText => "process text",
            FieldClass::Ancestor => "ancestor",
            FieldClass::Leader => "leader",
            FieldClass::Descriptor => "descriptor",
            FieldClass::DescriptorPart => "descriptor part",
            FieldClass::User => "user",
            FieldClass::Container => "container",
        }
    }

    /// What extractions of this class cost.
    pub const fn weights(self) -> ClassWeights {
        let (each, byte, step) = match self {
            FieldClass::Event => (350, 0, 0),
            FieldClass::Parameter => (1600, 0, 0),
            FieldClass::ParameterText => (9000, 50, 0),
            FieldClass::Path => (11000, 50, 0),
            FieldClass::Process => (450, 0, 0),
            FieldClass::ProcessText => (1000, 13, 0),
            FieldClass::Ancestor => (450, 0, 1400),
            FieldClass::Leader => (1500, 0, 0),
            FieldClass::Descriptor => (500, 0, 0),
            FieldClass::DescriptorPart => (1800, 5, 0),
            FieldClass::User => (1300, 0, 0),
            FieldClass::Container => (1300, 0, 0),
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
            ("evt.arg", FieldClass::ParameterText),
            ("evt.buffer", FieldClass::Event),
            ("fd.directory", FieldClass::DescriptorPart),
            ("fd.nameraw", FieldClass::DescriptorPart),
            ("proc.aname", FieldClass::Ancestor),
            ("proc.apid", FieldClass::Ancestor),
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
            ("proc.stdin.type", FieldClass::DescriptorPart),
            ("k8s.ns.name", FieldClass::Container),
            ("group.gid", FieldClass::User),
            ("util.cnt", FieldClass::Event),
        ] {
            assert_eq!(FieldClass::of(field), class, "{field}");
        }
    }
}
