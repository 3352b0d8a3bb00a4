//! Which fields an event's type alone decides, if only by not having them.

use capture::event::{Category, EventFlags, EventType};

use crate::fields::{FieldArg, FieldId};

/// Whether every event of the type gives the field the same value as an event that has nothing but its type.
pub(super) fn is_constant(field: FieldId, arg: &FieldArg, ty: EventType) -> bool {
    use EventType as E;
    let info = ty.info();
    let name = field.def().name;
    match name {
        // Generic and asynchronous events say themselves what they are.
        "evt.type" | "syscall.type" | "evt.asynctype" => !matches!(ty, E::GENERIC_X | E::ASYNCEVENT_E),
        "evt.source" => ty != E::ASYNCEVENT_E,
        // Transfers of data take it from their descriptor.
        "evt.category" => !matches!(info.category, Category::IoRead | Category::IoWrite | Category::IoOther),
        "evt.type.is" | "evt.dir" | "evt.is_async" | "evt.is_io" | "evt.is_io_read" | "evt.is_io_write"
        | "evt.io_dir" | "evt.is_wait" => true,
        "evt.is_open_read" | "evt.is_open_write" | "evt.is_open_exec" | "evt.is_open_create" => {
            !matches!(ty, E::OPEN_X | E::CREAT_X | E::OPENAT_2_X | E::OPENAT2_X | E::OPEN_BY_HANDLE_AT_X)
        }
        "evt.is_syslog" => !info.flags.intersects(EventFlags::WRITES_TO_FD),
        "evt.arg" | "evt.rawarg" => match arg {
            FieldArg::Key(param) => !info.params.iter().any(|other| other.name.as_bytes() == &**param),
            _ => false,
        },
        _ if name.starts_with("fd.") => {
            let about_fds = EventFlags::CREATES_FD.0 | EventFlags::USES_FD.0 | EventFlags::DESTROYS_FD.0;
            !info.flags.intersects(EventFlags(about_fds))
        }
        _ => false,
    }
}
