//! Text of event parameters (`evt.arg`, `evt.args`): as recorded, and resolved where a name says more.
//!
//! The rules per type are those of Falco, including what it shows for missing values.

mod flags;
mod numbers;
mod sockets;

use capture::event::{Detail, EventType, ParamInfo, ParamType, SyscallCode};

pub(super) use numbers::decode as decode_number;

use super::names::{errno_name, signal_name};
use super::render::printable;
use super::text_buf::TextBuf;
use super::view::{AT_FDCWD, NOT_AVAILABLE, text_param};
use crate::context::EventContext;
use crate::state::FdInfo;

/// Text of one parameter.
#[derive(Clone, Copy)]
pub(super) struct ParamText<'a> {
    /// As recorded.
    pub raw: &'a [u8],
    /// What it stands for; empty when that is not known or the same.
    pub resolved: &'a [u8],
}

impl<'a> ParamText<'a> {
    fn raw(raw: &'a [u8]) -> Self {
        ParamText { raw, resolved: b"" }
    }

    /// The resolved text if there is one.
    pub fn best(&self) -> &'a [u8] {
        if self.resolved.is_empty() { self.raw } else { self.resolved }
    }
}

/// Text of parameter `index`; `None` when the event does not have it.
pub(super) fn param_text<'a>(cx: &EventContext<'a>, index: usize) -> Option<ParamText<'a>> {
    let info = cx.event.ty.info().params.get(index)?;
    let bytes = cx.event.param(index)?;
    let is_text = matches!(info.ty, ParamType::CharBuf | ParamType::FsPath | ParamType::FsRelPath);
    Some(match (info.ty, bytes.split_first()) {
        _ if is_text => text(cx, info, index),
        (
            ParamType::ByteBuf
            | ParamType::SockTuple
            | ParamType::FdList
            | ParamType::CharBufArray
            | ParamType::CharBufPairArray
            | ParamType::Dyn,
            None,
        ) => ParamText::raw(b"NULL"),
        (_, None) => ParamText::raw(NOT_AVAILABLE),
        (ParamType::Dyn, Some((&variant, value))) => match &info.detail {
            Detail::Dynamic(table) => match table.variants().get(usize::from(variant)) {
                // Numbers take the format of the parameter, not of the variant.
                Some(&(ty, _)) => typed(cx, info, index, ty, value),
                None => ParamText::raw(b"INVALID DYNAMIC PARAMETER"),
            },
            _ => ParamText::raw(b"INVALID DYNAMIC PARAMETER"),
        },
        (ty, Some(_)) => typed(cx, info, index, ty, bytes),
    })
}

/// Text of strings and paths.
fn text<'a>(cx: &EventContext<'a>, info: &ParamInfo, index: usize) -> ParamText<'a> {
    let raw = text_param(cx.event, index);
    let relative = !raw.is_empty() && raw[0] != b'/' && raw != NOT_AVAILABLE;
    let (true, true, Some(thread)) = (info.ty != ParamType::CharBuf, relative, cx.thread) else {
        return ParamText::raw(raw);
    };
    let dirfd = match info.detail {
        Detail::DirFd(dirfd) if info.ty == ParamType::FsRelPath => cx.event.i64_at(dirfd),
        _ => None,
    };
    let directory = match dirfd {
        None | Some(AT_FDCWD) => cx.cwd(thread),
        Some(fd) => match cx.fd_of_thread(fd) {
            Some(fd) if !fd.name.is_empty() => cx.with_slash(&fd.name),
            _ => b"",
        },
    };
    ParamText { raw, resolved: cx.join_path(directory, raw) }
}

/// Text of a value of type `ty`, which may be the variant of a dynamic parameter.
fn typed<'a>(
    cx: &EventContext<'a>,
    info: &'static ParamInfo,
    index: usize,
    ty: ParamType,
    bytes: &'a [u8],
) -> ParamText<'a> {
    use ParamType as T;
    let arena = cx.arena;
    let wrong_size = ParamText::raw(NOT_AVAILABLE);
    match ty {
        T::CharBuf | T::FsPath | T::FsRelPath => {
            let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
            return ParamText::raw(&bytes[..end]);
        }
        T::ByteBuf => {
            return ParamText::raw(arena.alloc_slice_fill_iter(bytes.iter().map(|&byte| printable(byte))));
        }
        T::SockAddr => return ParamText::raw(sockets::addr_text(arena, bytes)),
        T::SockTuple => return ParamText::raw(sockets::tuple_text(arena, bytes)),
        T::FdList => return ParamText::raw(fd_list_text(cx, index)),
        _ => {}
    }
    let Some(number) = numbers::decode(ty, bytes) else { return wrong_size };
    let flag_table = match &info.detail {
        Detail::Flags(table) => table.entries,
        _ => &[],
    };
    let raw = numbers::text(arena, ty, info.format, number);
    let resolved: &[u8] = match ty {
        T::Fd => fd_text(cx, number),
        T::Pid => cx.state.threads().get(number).map_or(b"", |thread| &thread.comm),
        T::Errno if number < 0 => errno_name(number).unwrap_or("").as_bytes(),
        T::SyscallId => match SyscallCode(number as u16).get_info() {
            Some(info) => info.name.as_bytes(),
            None => return ParamText::raw(b"<unknown syscall>"),
        },
        T::SigType => signal_name(number as u8).unwrap_or("").as_bytes(),
        T::SigSet => return ParamText::raw(signal_set_text(cx, number as u32)),
        T::RelTime if number == -1 => return ParamText::raw(b"none"),
        T::RelTime => numbers::seconds_text(arena, number as u64),
        T::AbsTime => return ParamText::raw(numbers::date_text(arena, number as u64)),
        T::Flags8 | T::Flags16 | T::Flags32 => flags::flag_names(arena, flag_table, number as u32),
        T::EnumFlags8 | T::EnumFlags16 | T::EnumFlags32 => {
            flags::enum_names(arena, flag_table, number as u32)
        }
        T::Mode => flags::mode_names(arena, flag_table, number as u32),
        T::Uid | T::Gid if number as u32 == u32::MAX => return ParamText { raw: b"-1", resolved: b"<NONE>" },
        T::Uid => user_name(cx, number as u32),
        T::Gid => group_name(cx, number as u32),
        T::Int8
        | T::Int16
        | T::Int32
        | T::Int64
        | T::Uint8
        | T::Uint16
        | T::Uint32
        | T::Uint64
        | T::Errno => b"",
        _ => return ParamText::raw(b"(n.a.)"),
    };
    ParamText { raw, resolved }
}

/// `<f>/etc/passwd` for a known descriptor; with the transport protocol for internet sockets (`<4t>...`).
fn fd_text<'a>(cx: &EventContext<'a>, number: i64) -> &'a [u8] {
    if cx.thread.is_none() {
        return b"";
    }
    if number >= 0 {
        return cx.fd_of_thread(number).map_or(b"", |fd| known_fd_text(cx, fd));
    }
    if number == AT_FDCWD { b"AT_FDCWD" } else { errno_name(number).unwrap_or("").as_bytes() }
}

fn known_fd_text<'a>(cx: &EventContext<'a>, fd: &FdInfo) -> &'a [u8] {
    let mut text = TextBuf::new(cx.arena);
    text.print(format_args!("<{}{}>", fd.kind.type_char(), sockets::protocol_letter(fd.l4proto())));
    text.push(&fd.name);
    text.finish()
}

fn fd_list_text<'a>(cx: &EventContext<'a>, index: usize) -> &'a [u8] {
    let mut text = TextBuf::new(cx.arena);
    let fds = cx.event.fd_list_at(index).filter(|_| cx.thread.is_some());
    for (number, flags) in fds.into_iter().flatten() {
        if !text.is_empty() {
            text.push_byte(b' ');
        }
        let kind = cx.fd_of_thread(number).map_or('?', |fd| fd.kind.type_char());
        // The flags are a signed 16-bit number upstream.
        text.print(format_args!("{}:{kind}{:x}", number as u64, i32::from(flags as i16)));
    }
    text.finish()
}

fn signal_set_text<'a>(cx: &EventContext<'a>, set: u32) -> &'a [u8] {
    let mut text = TextBuf::new(cx.arena);
    for name in (0..32).filter(|bit| set & (1 << bit) != 0).filter_map(|bit| signal_name(bit + 1)) {
        let separator = if text.is_empty() { "" } else { " " };
        text.print(format_args!("{separator}{name}"));
    }
    text.finish()
}

/// Name of a user in the thread's container.
fn user_name<'a>(cx: &EventContext<'a>, uid: u32) -> &'a [u8] {
    let user = cx.thread.and_then(|thread| cx.state.user(&thread.container_id, uid));
    user.map(|user| &*user.name).filter(|name| !name.is_empty()).unwrap_or(NOT_AVAILABLE)
}

/// Name of a group in the thread's container.
fn group_name<'a>(cx: &EventContext<'a>, gid: u32) -> &'a [u8] {
    let group = cx.thread.and_then(|thread| cx.state.group(&thread.container_id, gid));
    group.map(|group| &*group.name).filter(|name| !name.is_empty()).unwrap_or(NOT_AVAILABLE)
}

/// All parameters as `name=value(resolved)`. Generic events have only internal ones.
pub(super) fn all_params_text<'a>(cx: &EventContext<'a>) -> &'a [u8] {
    if cx.event.ty == EventType::GENERIC_X {
        return b"";
    }
    let mut text = TextBuf::new(cx.arena);
    for (index, info) in cx.event.ty.info().params.iter().enumerate() {
        let Some(param) = param_text(cx, index) else { break };
        if index > 0 {
            text.push_byte(b' ');
        }
        text.print(format_args!("{}=", info.name));
        text.push(param.raw);
        if !param.resolved.is_empty() {
            text.push_byte(b'(');
            text.push(param.resolved);
            text.push_byte(b')');
        }
    }
    text.finish()
}
