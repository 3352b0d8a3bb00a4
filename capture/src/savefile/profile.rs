//! Writer profiles: which readers a file is for, and how events are laid out for them.
//!
//! Readers that convert old events (libs 0.20 and later) stop at a managed exit event with *more* parameters
//! than their table has, and accept fewer only for counts that some release wrote. So an exit is written with
//! the count that all of them know, and what was added later is given by an enter event where that works.

use std::sync::LazyLock;

use super::compat::table::{self, Action, Source};
use crate::event::encoded;
use crate::event::schema::{EVENT_COUNT, EVENTS};
use crate::event::syscalls::FIRST_HIDDEN_CODE;
use crate::event::{Direction, EventFlags, EventType, ParamType};

/// For whom a savefile is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WriterProfile {
    /// Falco from 0.39 on (libs 0.18), and sysdig with partial state. Flags of `socket` and the argument of
    /// `fcntl` are not written, as schemas before 4.5 have no place for them; descriptors that are open at the
    /// start and of a kind that sysdig does not know (bpf, userfaultfd, io_uring, memfd, pidfd) are written as
    /// unsupported or as files.
    #[default]
    Portable,
    /// Everything, for Falco from 0.44 on (libs 0.25).
    Schema45,
    /// Also sysdig of any age: an enter event before each exit. About double the events.
    Compat,
}

/// Parameters that every reader of schema 4 accepts, for the exits that grew within it.
pub(super) fn portable_count(ty: EventType) -> Option<usize> {
    match ty {
        EventType::EXECVE_19_X => Some(30),
        EventType::SOCKET_X => Some(4),
        EventType::FCNTL_X => Some(3),
        _ => None,
    }
}

/// Where a generic event's code is in its binary form: after the header and two lengths.
const CODE_AT: usize = encoded::HEADER_LEN + 4;

/// Replaces the code of a system call that old readers crash on by 0, "unknown". The native number stays.
pub(super) fn hide_new_code(ty: EventType, event: &mut [u8]) {
    if matches!(ty, EventType::GENERIC_X | EventType::GENERIC_E)
        && let Some(code) = event.get_mut(CODE_AT..).and_then(|rest| rest.first_chunk_mut::<2>())
        && u16::from_le_bytes(*code) >= FIRST_HIDDEN_CODE
    {
        *code = [0; 2];
    }
}

/// How an exit is written in [`WriterProfile::Compat`].
pub(super) struct CompatForm {
    /// The enter before it.
    pub enter: Option<EnterForm>,
    /// Its type: an older one where there is one.
    pub ty: EventType,
    /// Which of the current parameters it has.
    pub params: Vec<u8>,
}

/// An enter made of its exit.
pub(super) struct EnterForm {
    pub ty: EventType,
    pub params: Vec<EnterParam>,
}

/// Where an enter's parameter comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EnterParam {
    /// The exit's parameter.
    OfExit(u8),
    /// Zeros: the exit does not have it.
    Zero(u8),
}

/// Event types that sysdig 0.29.3, the last without a converter in Debian, does not know.
const FIRST_NEW_ID: u16 = 336;

/// The form of an event in [`WriterProfile::Compat`], if it is an exit.
pub(super) fn compat_form(ty: EventType) -> Option<&'static CompatForm> {
    static FORMS: LazyLock<Vec<Option<CompatForm>>> =
        LazyLock::new(|| (0..EVENT_COUNT).map(|id| make_form(EventType(id as u16))).collect());
    FORMS.get(usize::from(ty.0))?.as_ref()
}

fn make_form(ty: EventType) -> Option<CompatForm> {
    if ty.direction() == Direction::Enter || ty.info().flags.intersects(EventFlags::UNUSED) {
        return None;
    }
    if let Some(form) = older_form(ty) {
        return Some(form);
    }
    let count = portable_count(ty).unwrap_or(ty.info().params.len());
    let enter = (ty.0 < FIRST_NEW_ID).then(|| enter_form(ty)).flatten();
    Some(CompatForm { enter, ty, params: (0..count as u8).collect() })
}

/// The enter of an exit that keeps its type: the inverse of how the converter completes the exit, and
/// otherwise parameters of the same name.
fn enter_form(exit: EventType) -> Option<EnterForm> {
    let mut places = Vec::new();
    for row in table::rows_of(exit) {
        if let Action::Add(sources) = row.action {
            places.extend(sources.iter().enumerate().filter_map(|(at, source)| match source {
                Source::Enter { index, .. } => Some((*index, row.count + at as u8)),
                _ => None,
            }));
        }
    }
    fill_enter(exit, exit, &places)
}

/// A call that had no event of its own in old captures but was recorded as a relative.
struct Relative {
    exit: EventType,
    old: EventType,
    /// Parameters that the old exit has.
    params: &'static [u8],
    /// Which parameter of the enter is which of the exit, where names do not say it.
    places: &'static [(u8, u8)],
}

const RELATIVES: &[Relative] = &[
    Relative { exit: EventType::DUP2_X, old: EventType::DUP_X, params: &[0], places: &[(0, 1)] },
    Relative { exit: EventType::DUP3_X, old: EventType::DUP_X, params: &[0], places: &[(0, 1)] },
    Relative { exit: EventType::PIPE2_X, old: EventType::PIPE_X, params: &[0, 1, 2, 3], places: &[] },
    Relative { exit: EventType::EVENTFD2_X, old: EventType::EVENTFD_X, params: &[0], places: &[] },
    Relative { exit: EventType::INOTIFY_INIT1_X, old: EventType::INOTIFY_INIT_X, params: &[0], places: &[] },
    Relative { exit: EventType::SIGNALFD4_X, old: EventType::SIGNALFD_X, params: &[0], places: &[] },
];

/// An exit of an id that old readers do not know, as the newest type they know that becomes this one.
fn older_form(ty: EventType) -> Option<CompatForm> {
    if ty.0 < FIRST_NEW_ID {
        return None;
    }
    if let Some(Relative { old, params, places, .. }) = RELATIVES.iter().find(|row| row.exit == ty) {
        return Some(CompatForm { enter: fill_enter(*old, ty, places), ty: *old, params: params.to_vec() });
    }
    let (old, sources) = EVENTS[..usize::from(FIRST_NEW_ID)].iter().rev().find_map(|event| {
        table::rows_of(event.id).iter().find_map(|row| match row.action {
            Action::Change(to, sources) if to == ty => Some((event.id, sources)),
            _ => None,
        })
    })?;
    let (mut params, mut places) = (Vec::new(), Vec::new());
    let mut at = 0;
    for source in sources {
        match *source {
            Source::Old { first, last } => {
                params.extend(at..=at + last - first);
                at += last - first;
            }
            Source::Enter { index, .. } => places.push((index, at)),
            _ => {}
        }
        at += 1;
    }
    // The result of bpf changed its encoding: written as the old type it would be read as another number.
    let same_types = params.iter().enumerate().all(|(index, &current)| {
        old.info().params.get(index).map(|param| param.ty)
            == ty.info().params.get(usize::from(current)).map(|param| param.ty)
    });
    same_types.then(|| CompatForm { enter: fill_enter(old, ty, &places), ty: old, params })
}

/// The enter that pairs with `old_exit`, filled from parameters of `exit`: `places` says which are known to
/// correspond.
fn fill_enter(old_exit: EventType, exit: EventType, places: &[(u8, u8)]) -> Option<EnterForm> {
    let ty = EventType(old_exit.0 - 1);
    if ty.info().flags.intersects(EventFlags::UNUSED) {
        return None;
    }
    let exit_params = exit.info().params;
    let params = ty.info().params.iter().enumerate().map(|(index, param)| {
        let known = places.iter().find(|(enter, _)| usize::from(*enter) == index).map(|(_, exit)| *exit);
        let alike = |other: &crate::event::ParamInfo| other.name == param.name && other.ty == param.ty;
        match known.or_else(|| exit_params.iter().position(alike).map(|at| at as u8)) {
            Some(at) => EnterParam::OfExit(at),
            None => EnterParam::Zero(zero_len(param.ty)),
        }
    });
    Some(EnterForm { ty, params: params.collect() })
}

/// Bytes of a zero of this type; types of any length have none.
fn zero_len(ty: ParamType) -> u8 {
    ty.fixed_len().unwrap_or(0) as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use EnterParam::{OfExit, Zero};

    fn check(exit: EventType, expected: EventType, count: usize, enter: Option<(EventType, &[EnterParam])>) {
        let form = compat_form(exit).unwrap();
        assert_eq!((form.ty, form.params.len()), (expected, count), "{exit:?}");
        let made = form.enter.as_ref().map(|enter| (enter.ty, &enter.params[..]));
        assert_eq!(made, enter, "{exit:?}");
    }

    #[test]
    fn enters_are_filled_from_their_exits() {
        use EventType as E;
        check(E::READ_X, E::READ_X, 4, Some((E::READ_E, &[OfExit(2), OfExit(3)])));
        check(E::EXECVE_19_X, E::EXECVE_19_X, 30, Some((E::EXECVE_19_E, &[OfExit(30)])));
        check(E::OPENAT_2_X, E::OPENAT_2_X, 7, Some((E::OPENAT_2_E, &[1, 2, 3, 4].map(OfExit))));
        check(E::SOCKET_X, E::SOCKET_X, 4, Some((E::SOCKET_E, &[1, 2, 3].map(OfExit))));
        check(E::SENDFILE_X, E::SENDFILE_X, 5, Some((E::SENDFILE_E, &[2, 3, 1, 4].map(OfExit))));
        check(E::CLONE_20_X, E::CLONE_20_X, 21, Some((E::CLONE_20_E, &[])));
        check(E::MUNLOCKALL_X, E::MUNLOCKALL_X, 1, None);
    }

    #[test]
    fn new_types_are_written_as_old_ones() {
        use EventType as E;
        check(E::DUP_1_X, E::DUP_X, 1, Some((E::DUP_E, &[OfExit(1)])));
        check(E::DUP2_X, E::DUP_X, 1, Some((E::DUP_E, &[OfExit(1)])));
        check(E::PIPE2_X, E::PIPE_X, 4, Some((E::PIPE_E, &[])));
        check(E::EVENTFD2_X, E::EVENTFD_X, 1, Some((E::EVENTFD_E, &[OfExit(2), Zero(4)])));
        check(E::ACCEPT4_6_X, E::ACCEPT4_5_X, 5, Some((E::ACCEPT4_5_E, &[OfExit(5)])));
        check(E::UMOUNT_1_X, E::UMOUNT_X, 2, Some((E::UMOUNT_E, &[Zero(4)])));
        check(E::BPF_2_X, E::BPF_2_X, 2, None);
        assert!(compat_form(E::PROCEXIT_1_E).is_none());
    }
}
