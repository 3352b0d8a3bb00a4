//! Fields of the user a thread runs as: `user.*`.
//!
//! Names come from the capture alone; where it has none, Falco would ask the machine it runs on.

use capture::event::schema::param;
use capture::event::{EventType, ParamType as T, PrintFormat as P};

use super::def::{FieldDef, field, text};
use super::view::NOT_AVAILABLE;
use super::{FieldArg, Value};
use crate::context::EventContext;
use crate::state::{ThreadInfo, User};

pub(super) const FIELDS: &[FieldDef] = &[
    field("user.uid", T::Uint32, P::Id, uid, "Id of the user the thread runs as."),
    text("user.name", name, "Name of the user, `<NA>` if it is not known."),
    text("user.homedir", home, "Home directory of the user."),
    text("user.shell", shell, "Login shell of the user."),
    field("user.loginuid", T::Int64, P::Id, login_uid, "Id of the user who logged in, -1 if nobody did."),
    text("user.loginname", login_name, "Name of the user who logged in."),
];

fn of_thread<'a>(cx: &EventContext<'a>, value: impl FnOnce(&'a ThreadInfo) -> Value<'a>) -> Value<'a> {
    cx.thread.map_or(Value::Absent, value)
}

/// A text of a user of the thread's container; `root` is what user 0 has if it is not known.
fn of_user<'a>(
    cx: &EventContext<'a>,
    uid: impl FnOnce(&ThreadInfo) -> u32,
    root: &'static [u8],
    text: impl FnOnce(&'a User) -> &'a [u8],
) -> Value<'a> {
    of_thread(cx, |thread| {
        let uid = uid(thread);
        Value::Bytes(match cx.state.user(&thread.container_id, uid) {
            Some(user) => text(user),
            None if uid == 0 => root,
            None => NOT_AVAILABLE,
        })
    })
}

fn uid<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_thread(cx, |thread| Value::U64(thread.uid.into()))
}

/// The user a container is started as, of an event that announces one.
fn container_user<'a>(cx: &EventContext<'a>) -> Option<&'a [u8]> {
    let announces = match cx.event.ty {
        EventType::CONTAINER_JSON_2_E => true,
        EventType::ASYNCEVENT_E => cx.event.str_at(param::ASYNCEVENT_E::name) == Some(b"container"),
        _ => false,
    };
    let container = cx.state.containers().get(&cx.thread.filter(|_| announces)?.container_id)?;
    Some(&*container.user).filter(|user| !user.is_empty())
}

fn name<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    match container_user(cx) {
        Some(user) => Value::Bytes(user),
        None => of_user(cx, |thread| thread.uid, b"root", |user| &user.name),
    }
}

fn home<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_user(cx, |thread| thread.uid, b"/root", |user| &user.home)
}

fn shell<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_user(cx, |thread| thread.uid, NOT_AVAILABLE, |user| &user.shell)
}

fn login_uid<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_thread(cx, |thread| match thread.loginuid {
        u32::MAX => Value::I64(-1),
        uid => Value::I64(uid.into()),
    })
}

fn login_name<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_user(cx, |thread| thread.loginuid, b"root", |user| &user.name)
}
