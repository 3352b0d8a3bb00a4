//! Making system calls by their names, with what is expected of each.
#![allow(unsafe_code)] // the point is to pass arguments that no safe wrapper would

use std::fmt::Write as _;

use lanner_capture::event::EventType;
use lanner_capture::event::syscalls::SYSCALLS;

use super::to_hex;

/// What a recorded parameter should be.
#[derive(Clone, Debug)]
pub enum P {
    /// The call's result, in 8 bytes.
    Ret,
    /// Not known beforehand.
    Any,
    /// Nothing.
    None,
    I8(i64),
    U1(u8),
    U2(u16),
    U4(u32),
    U8(u64),
    /// Text with its NUL.
    S(String),
    B(Vec<u8>),
}

/// Text with its NUL.
pub fn s(text: &str) -> P {
    P::S(text.to_owned())
}

/// Calls made so far.
#[derive(Default)]
pub struct Calls {
    expectations: String,
}

impl Calls {
    /// Makes a call and expects an event.
    pub fn call(&mut self, name: &str, args: &[u64], event: EventType, params: &[P]) -> i64 {
        let ret = call(name, args);
        self.expect(name, event, ret, params);
        ret
    }

    /// Expects an event of this thread for a call that was made.
    pub fn expect(&mut self, name: &str, event: EventType, ret: i64, params: &[P]) {
        self.expect_of(own_tid(), name, event, ret, params);
    }

    /// The same of another thread; 0 is any.
    pub fn expect_of(&mut self, tid: i64, name: &str, event: EventType, ret: i64, params: &[P]) {
        let values: Vec<String> = params
            .iter()
            .map(|param| match param {
                P::Ret => to_hex(&ret.to_le_bytes()),
                P::Any => "*".to_owned(),
                P::None => String::new(),
                P::I8(v) => to_hex(&v.to_le_bytes()),
                P::U1(v) => to_hex(&[*v]),
                P::U2(v) => to_hex(&v.to_le_bytes()),
                P::U4(v) => to_hex(&v.to_le_bytes()),
                P::U8(v) => to_hex(&v.to_le_bytes()),
                P::S(v) => to_hex(&[v.as_bytes(), b"\0"].concat()),
                P::B(v) => to_hex(v),
            })
            .collect();
        writeln!(self.expectations, "{name} {tid} {} {}", event.0, values.join(",")).unwrap();
    }

    /// Everything expected, a line each.
    pub fn expectations(&self) -> &str {
        &self.expectations
    }
}

/// Makes a system call and returns the kernel's result, negative errors included.
pub fn call(name: &str, args: &[u64]) -> i64 {
    let syscall = SYSCALLS.iter().find(|syscall| syscall.name == name).unwrap_or_else(|| panic!("{name}"));
    let number = syscall.x86_64.unwrap_or_else(|| panic!("{name} on x86-64"));
    let mut all = [0; 6];
    all[..args.len()].copy_from_slice(args);
    raw(u64::from(number), all)
}

#[cfg(target_arch = "x86_64")]
fn raw(number: u64, args: [u64; 6]) -> i64 {
    let ret;
    // SAFETY: the caller passes pointers that are valid for what the call does with them, or numbers that the
    // kernel refuses; the kernel clobbers only rcx and r11 besides the result.
    unsafe {
        std::arch::asm!(
            "syscall",
            inlateout("rax") number => ret,
            in("rdi") args[0],
            in("rsi") args[1],
            in("rdx") args[2],
            in("r10") args[3],
            in("r8") args[4],
            in("r9") args[5],
            out("rcx") _,
            out("r11") _,
            options(nostack),
        );
    }
    ret
}

#[cfg(not(target_arch = "x86_64"))]
fn raw(_: u64, _: [u64; 6]) -> i64 {
    unimplemented!("the test that needs it is skipped")
}

/// A pointer as an argument.
pub fn p<T: ?Sized>(value: &T) -> u64 {
    std::ptr::from_ref(value).cast::<u8>() as u64
}

/// A pointer that the kernel writes through.
pub fn pm<T: ?Sized>(value: &mut T) -> u64 {
    std::ptr::from_mut(value).cast::<u8>() as u64
}

/// A negative number as an argument.
pub fn neg(value: i64) -> u64 {
    value as u64
}

/// The current directory as a directory descriptor.
pub const CWD: i64 = -100;

pub fn own_tid() -> i64 {
    i64::from(rustix::thread::gettid().as_raw_nonzero().get())
}

pub fn own_pid() -> i64 {
    i64::from(std::process::id())
}
