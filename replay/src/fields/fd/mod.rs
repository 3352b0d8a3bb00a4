//! Fields of the file descriptor the event is about: `fd.*`.
//!
//! They have values only for events that make, use or close a descriptor.

mod ends;
mod names;

use bumpalo::collections::Vec as BumpVec;
use capture::event::{EventFlags, EventType, ParamType as T, PrintFormat as P};
use capture::savefile::L4Proto;

use super::def::{ArgSpec, FieldDef, boolean, field, text};
use super::text_buf::arena_text;
use super::{FieldArg, Value};
use crate::context::EventContext;
use crate::state::{FdInfo, FdKind, ThreadInfo};

pub(super) const FIELDS: &[FieldDef] = &[
    field("fd.num", T::Int64, P::Id, num, "Number of the descriptor, -1 if there is none."),
    text(
        "fd.type",
        kind,
        "Kind of the descriptor: `file`, `directory`, `ipv4`, `ipv6`, `unix`, `pipe`, `event`, `signalfd`, `eventpoll`, `inotify`, `timerfd`, `netlink`, `bpf`, `userfaultfd`, `io_uring`, `memfd` or `pidfd`.",
    ),
    text(
        "fd.typechar",
        kind_letter,
        "Kind of the descriptor in one letter: `f` file, `d` directory, `4` and `6` internet sockets, `u` unix socket or userfaultfd, `p` pipe, `e` event, `s` signalfd, `l` eventpoll, `i` inotify, `t` timerfd, `n` netlink, `b` bpf, `r` io_uring, `m` memfd, `P` pidfd, `o` other. Of a descriptor that is not known it is guessed from the event.",
    ),
    text(
        "fd.types",
        kinds,
        "Kinds of all open descriptors, each once, or the kind of one descriptor by number.",
    )
    .arg(ArgSpec::Index { required: false })
    .list()
    .left_only(),
    text(
        "fd.name",
        names::name,
        "Path of a file, or addresses of a socket such as `10.0.0.1:40000->10.0.0.2:443`, client first. Of a call that failed to make the descriptor, what it asked for.",
    ),
    text("fd.nameraw", names::name_raw, "Path as given to the system call, without repeated slashes."),
    text("fd.directory", names::directory, "Directory of a file."),
    text("fd.filename", names::filename, "Last component of a file's path."),
    text("fd.containername", names::in_container, "Container id, a colon and `fd.name`."),
    text("fd.containerdirectory", names::directory_in_container, "Container id, a colon and `fd.directory`."),
    text("fd.uid", uid, "Thread id and descriptor number without anything between."),
    field("fd.dev", T::Int32, P::Hex, dev, "Device of the file."),
    field("fd.dev.major", T::Int32, P::Dec, dev_major, "Major number of the device."),
    field("fd.dev.minor", T::Int32, P::Dec, dev_minor, "Minor number of the device."),
    field("fd.ino", T::Int64, P::Dec, inode, "Inode of the file."),
    boolean("fd.is_upper_layer", is_upper_layer, "Whether the file is in the upper layer of an overlay."),
    boolean("fd.is_lower_layer", is_lower_layer, "Whether the file is in the lower layer of an overlay."),
    field(
        "fd.ip",
        T::IpAddr,
        P::Na,
        ends::ips,
        "Either address of a connection, or the address a server listens on.",
    )
    .either_end(),
    field(
        "fd.port",
        T::Port,
        P::Dec,
        ends::ports,
        "Either port of a connection, or the port a server listens on.",
    )
    .either_end(),
    field("fd.proto", T::Port, P::Na, ends::ports, "The same as `fd.port`.").either_end(),
    field(
        "fd.net",
        T::IpNet,
        P::Na,
        ends::ips,
        "Network of either address of a connection, or of the address a server listens on.",
    )
    .either_end(),
    field("fd.cip", T::IpAddr, P::Na, ends::client_ip, "Address of the client."),
    field("fd.sip", T::IpAddr, P::Na, ends::server_ip, "Address of the server."),
    field("fd.lip", T::IpAddr, P::Na, ends::local_ip, "Address of the recorded machine's end."),
    field("fd.rip", T::IpAddr, P::Na, ends::remote_ip, "Address of the other end."),
    field("fd.cnet", T::IpNet, P::Na, ends::client_ip, "Network of the client's address.").filter_only(),
    field("fd.snet", T::IpNet, P::Na, ends::server_ip, "Network of the server's address.").filter_only(),
    field("fd.lnet", T::IpNet, P::Na, ends::local_ip, "Network of the local address.").filter_only(),
    field("fd.rnet", T::IpNet, P::Na, ends::remote_ip, "Network of the remote address.").filter_only(),
    text(
        "fd.cip.name",
        ends::client_name,
        "Domain name of the client, if names were looked up before the replay.",
    )
    .candidates(ends::printed_client_name),
    text(
        "fd.sip.name",
        ends::server_name,
        "Domain name of the server, if names were looked up before the replay.",
    )
    .candidates(ends::printed_server_name),
    text(
        "fd.lip.name",
        ends::local_name,
        "Domain name of the local end, if names were looked up before the replay.",
    )
    .candidates(ends::printed_local_name),
    text(
        "fd.rip.name",
        ends::remote_name,
        "Domain name of the remote end, if names were looked up before the replay.",
    )
    .candidates(ends::printed_remote_name),
    field("fd.cport", T::Port, P::Dec, ends::client_port, "Port of the client."),
    field("fd.sport", T::Port, P::Dec, ends::server_port, "Port of the server."),
    field("fd.lport", T::Port, P::Dec, ends::local_port, "Port of the recorded machine's end."),
    field("fd.rport", T::Port, P::Dec, ends::remote_port, "Port of the other end."),
    text("fd.cproto", ends::client_proto, "`fd.cport` as text; names of services are not looked up."),
    text("fd.sproto", ends::server_proto, "`fd.sport` as text; names of services are not looked up."),
    text("fd.lproto", ends::local_proto, "`fd.lport` as text; names of services are not looked up."),
    text("fd.rproto", ends::remote_proto, "`fd.rport` as text; names of services are not looked up."),
    text("fd.l4proto", l4proto, "Transport protocol: `tcp`, `udp`, `icmp`, `raw` or `<NA>`."),
    text("fd.sockfamily", socket_family, "`ip` or `unix` for sockets of these families."),
    boolean(
        "fd.is_server",
        is_server,
        "Whether the process is the end that was connected to, or waits for that.",
    ),
    boolean("fd.connected", is_connected, "Whether a socket was connected."),
    boolean("fd.name_changed", is_name_changed, "Whether the event gave the descriptor another name."),
];

/// The thread of an event that is about a descriptor.
fn thread_of<'a>(cx: &EventContext<'a>) -> Option<&'a ThreadInfo> {
    const ABOUT_FDS: EventFlags =
        EventFlags(EventFlags::CREATES_FD.0 | EventFlags::USES_FD.0 | EventFlags::DESTROYS_FD.0);
    cx.thread.filter(|_| cx.has_flags(ABOUT_FDS))
}

/// The descriptor of such an event, if it is known.
fn subject<'a>(cx: &EventContext<'a>) -> Option<&'a FdInfo> {
    thread_of(cx)?;
    cx.fd
}

/// A value of the descriptor, if it is known.
fn of_fd<'a>(cx: &EventContext<'a>, value: impl FnOnce(&'a FdInfo) -> Value<'a>) -> Value<'a> {
    subject(cx).map_or(Value::Absent, value)
}

fn num<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    thread_of(cx).map_or(Value::Absent, |_| Value::I64(cx.fd_num))
}

fn kind<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_fd(cx, |fd| Value::Bytes(fd.kind.type_name().as_bytes()))
}

/// Every ASCII character at its own place, so that a letter is a text without being made.
static LETTERS: [u8; 128] = {
    let mut letters = [0; 128];
    let mut at = 0;
    while at < letters.len() {
        letters[at] = at as u8;
        at += 1;
    }
    letters
};

fn kind_letter<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    let Some(_) = thread_of(cx) else { return Value::Absent };
    let letter = cx.fd.map_or_else(|| guessed_letter(cx.event.ty), |fd| fd.kind.type_char());
    let at = letter as usize;
    Value::Bytes(LETTERS.get(at..=at).unwrap_or(b"?"))
}

/// Kind of the descriptor that an event would have made. A plain `open` is not among them, so that rules about
/// failed opens see only `openat` and its kin.
fn guessed_letter(ty: EventType) -> char {
    use EventType as E;
    match EventType(ty.0 | 1) {
        E::OPENAT_2_X | E::OPENAT2_X | E::CREAT_X => 'f',
        E::SOCKET_X | E::ACCEPT_5_X | E::ACCEPT4_6_X => '4',
        E::PIPE_X | E::PIPE2_X => 'p',
        E::EVENTFD_X | E::EVENTFD2_X => 'e',
        E::SIGNALFD_X | E::SIGNALFD4_X => 's',
        E::TIMERFD_CREATE_X => 't',
        E::INOTIFY_INIT_X | E::INOTIFY_INIT1_X => 'i',
        _ => 'o',
    }
}

/// In order of the descriptors' numbers; in Falco the order is arbitrary.
fn kinds<'a>(cx: &EventContext<'a>, arg: &FieldArg) -> Value<'a> {
    let Some(thread) = thread_of(cx) else { return Value::Absent };
    let name = |fd: &'a FdInfo| Value::Bytes(fd.kind.type_name().as_bytes());
    let mut kinds = BumpVec::new_in(cx.arena);
    match arg {
        FieldArg::Index(number) => {
            let fd = i64::try_from(*number).ok().and_then(|number| cx.fd_of_thread(number));
            match fd {
                Some(fd) => kinds.push(name(fd)),
                None => return Value::Absent,
            }
        }
        _ => {
            let fds = cx.state.threads().fds_of(thread);
            for (_, fd) in fds.into_iter().flat_map(|fds| fds.iter()) {
                if !kinds.contains(&name(fd)) {
                    kinds.push(name(fd));
                }
            }
        }
    }
    Value::List(kinds.into_bump_slice())
}

fn uid<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    let Some(thread) = thread_of(cx) else { return Value::Absent };
    Value::Bytes(arena_text!(cx.arena, "{}{}", thread.tid, cx.fd_num))
}

fn dev<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_fd(cx, |fd| Value::I64(i64::from(fd.dev as i32)))
}

/// The kernel's `new_encode_dev` puts the major number between two parts of the minor one.
fn dev_major<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_fd(cx, |fd| Value::I64(i64::from((fd.dev & 0xfff00) >> 8)))
}

fn dev_minor<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_fd(cx, |fd| Value::I64(i64::from((fd.dev & 0xff) | ((fd.dev >> 12) & 0xfff00))))
}

fn inode<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_fd(cx, |fd| Value::I64(fd.ino as i64))
}

fn is_upper_layer<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_fd(cx, |fd| Value::Bool(fd.upper_layer))
}

fn is_lower_layer<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_fd(cx, |fd| Value::Bool(fd.lower_layer))
}

fn l4proto<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_fd(cx, |fd| {
        Value::Bytes(match fd.l4proto() {
            L4Proto::Tcp => b"tcp",
            L4Proto::Udp => b"udp",
            L4Proto::Icmp => b"icmp",
            L4Proto::Raw => b"raw",
            L4Proto::Unknown | L4Proto::NotApplicable => b"<NA>",
        })
    })
}

fn socket_family<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_fd(cx, |fd| match fd.kind {
        FdKind::Ipv4Socket(..)
        | FdKind::Ipv6Socket(..)
        | FdKind::Ipv4Server { .. }
        | FdKind::Ipv6Server { .. } => Value::Bytes(b"ip"),
        FdKind::Unix { .. } => Value::Bytes(b"unix"),
        _ => Value::Absent,
    })
}

fn is_server<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_fd(cx, |fd| {
        Value::Bool(match fd.kind {
            FdKind::Ipv4Server { .. } | FdKind::Ipv6Server { .. } => true,
            FdKind::Ipv4Socket(tuple) => ends::is_local(cx, tuple.dip.into()),
            FdKind::Ipv6Socket(tuple) => ends::is_local(cx, tuple.dip.into()),
            _ => false,
        })
    })
}

fn is_connected<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_fd(cx, |fd| Value::Bool(fd.connected))
}

fn is_name_changed<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_fd(cx, |_| Value::Bool(cx.facts.fd_name_changed))
}
