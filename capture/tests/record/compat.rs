//! System calls of 32-bit programs, made here by `int 0x80`, which works in 64-bit ones too.
#![cfg(target_arch = "x86_64")]
#![allow(unsafe_code)] // there is no other way to make such calls

use std::os::unix::process::ExitStatusExt;
use std::process::Command;

use lanner_capture::event::{EventType, SyscallCode};
use lanner_capture::record::RecordOptions;
use lanner_capture::savefile::WriterProfile;

use super::calls::raw;
use super::harness;

const CHILD: &str = "LANNER_TEST_INT80";
const TEXT: &[u8] = b"thirty-two\n";
const O_WRONLY_O_CREAT: u32 = 0o101;

fn int80(number: u32, args: [u32; 6]) -> i64 {
    let result: i32;
    // SAFETY: the calls made here write no memory but what their arguments point to, which the caller owns. rbx and rbp
    // are the compiler's, so they are put back; r8 to r11 may be cleared by the kernel.
    unsafe {
        std::arch::asm!(
            "push rbp", "push rbx", "mov ebx, {b:e}", "mov ebp, {f:e}", "int 0x80", "pop rbx", "pop rbp",
            b = in(reg) args[0], f = in(reg) args[5],
            inlateout("eax") number => result,
            in("ecx") args[1], in("edx") args[2], in("esi") args[3], in("edi") args[4],
            out("r8") _, out("r9") _, out("r10") _, out("r11") _,
        );
    }
    i64::from(result)
}

/// Memory that 32-bit pointers reach, with these strings.
fn low_memory(strings: &[&[u8]]) -> Vec<u32> {
    const MAP_PRIVATE_ANONYMOUS_32BIT: u64 = 0x62;
    let page = raw::call("mmap", &[0, 4096, 3, MAP_PRIVATE_ANONYMOUS_32BIT, u64::MAX, 0]);
    assert!(page > 0 && page < 1 << 32, "{page}");
    let mut at = page as u64;
    let mut places = Vec::new();
    for string in strings {
        // SAFETY: the page was just mapped, is nobody else's, and the strings together are shorter than it.
        unsafe { std::ptr::copy_nonoverlapping(string.as_ptr(), at as *mut u8, string.len()) };
        places.push(at as u32);
        at += string.len() as u64 + 1;
    }
    places
}

/// Not a test by itself.
#[test]
#[ignore = "run by the test that records it"]
fn caller() {
    let Some(path) = std::env::var_os(CHILD) else { return };
    let places = low_memory(&[path.as_encoded_bytes(), TEXT, &[1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]]);
    let (path, text, socket) = (places[0], places[1], places[2]);
    let own = i64::from(std::process::id());
    assert_eq!(int80(20, [0; 6]), own);
    assert_eq!(int80(64, [0; 6]), raw::call("getppid", &[]));
    let fd = int80(5, [path, O_WRONLY_O_CREAT, 0o640, 0, 0, 0]);
    assert!(fd > 0);
    assert_eq!(int80(4, [fd as u32, text, TEXT.len() as u32, 0, 0, 0]), TEXT.len() as i64);
    assert_eq!(int80(6, [fd as u32, 0, 0, 0, 0, 0]), 0);
    assert_eq!(int80(295, [-100i32 as u32, path, 0o200000, 0, 0, 0]), -20);
    assert_eq!(int80(199, [0; 6]), raw::call("geteuid", &[]));
    assert_eq!(int80(37, [own as u32, 0, 0, 0, 0, 0]), 0);
    assert_eq!(int80(7, [-1i32 as u32, 0, 0, 0, 0, 0]), -10);
    assert!(!(-4095..0).contains(&int80(192, [0, 4096, 3, 0x22, -1i32 as u32, 0])));
    assert!(int80(102, [1, socket, 0, 0, 0, 0]) > 0);
}

#[test]
fn calls_of_32_bit_programs_are_recorded() {
    if !harness::can_record() {
        return;
    }
    let path = std::env::temp_dir().join(format!("lanner-int80-{}", std::process::id()));
    let program = std::env::current_exe().unwrap();
    let args = ["compat::caller", "--exact", "--ignored", "--nocapture", "--test-threads", "1"];
    let status = Command::new(&program).args(args).env(CHILD, &path).status().unwrap();
    if status.signal().is_some() {
        eprintln!("skipped: the kernel takes no 32-bit system calls");
        return;
    }
    assert!(status.success());
    let setting = format!("{CHILD}={}", path.display());
    let command = [&["env", &setting, program.to_str().unwrap()], &args[..]].concat();
    let recording = harness::record_command(&command, RecordOptions::default(), WriterProfile::Schema45);
    let _ = std::fs::remove_file(&path);
    assert_eq!((recording.exit_code, recording.summary.drop_count()), (0, 0));

    let first = |event: &harness::Recorded| {
        event.ty == EventType::GENERIC_X && event.params[0] == code(SyscallCode::WAITPID)
    };
    // No 64-bit program makes this one.
    let tid = recording.events.iter().find(|event| first(event)).expect("waitpid").tid;
    let events: Vec<_> = recording.events.iter().filter(|event| event.tid == tid).collect();
    let mut events = events.iter();
    let mut expect = |ty: EventType, params: &[(usize, Vec<u8>)]| {
        let found =
            events.find(|event| event.ty == ty && params.iter().all(|(at, v)| event.params[*at] == *v));
        found.unwrap_or_else(|| panic!("no {} with {params:?}", ty.info().symbol))
    };
    let generic =
        |code_of: SyscallCode, native: u16| vec![(0, code(code_of)), (1, native.to_le_bytes().to_vec())];
    let number = |value: i64| value.to_le_bytes().to_vec();
    let name = [path.as_os_str().as_encoded_bytes(), b"\0"].concat();
    expect(EventType::GENERIC_X, &generic(SyscallCode::GETPID, 39));
    expect(EventType::GENERIC_X, &generic(SyscallCode::GETPPID, 110));
    let open = expect(EventType::OPEN_X, &[(1, name.clone()), (3, 0o640u32.to_le_bytes().to_vec())]);
    let fd = open.params[0].clone();
    assert!(open.i64_at(5) > 0, "{open:?}");
    let size = (TEXT.len() as u32).to_le_bytes().to_vec();
    let written = [(0, number(TEXT.len() as i64)), (1, TEXT.to_vec()), (2, fd.clone()), (3, size)];
    expect(EventType::WRITE_X, &written);
    expect(EventType::CLOSE_X, &[(0, number(0)), (1, fd)]);
    expect(EventType::OPENAT_2_X, &[(0, number(-20)), (1, number(-100)), (2, name)]);
    expect(EventType::GETUID_X, &[]);
    expect(EventType::KILL_X, &[(0, number(0)), (2, vec![0])]);
    expect(EventType::GENERIC_X, &generic(SyscallCode::WAITPID, 7));
    expect(EventType::GENERIC_X, &generic(SyscallCode::MMAP2, 192));
    expect(EventType::GENERIC_X, &generic(SyscallCode::SOCKETCALL, 102));
}

fn code(code: SyscallCode) -> Vec<u8> {
    code.0.to_le_bytes().to_vec()
}
