//! Reading and writing.

use lanner_capture::event::EventType as E;

use super::raw::{Calls, P, call, neg, own_pid, p, pm};

const SNAPLEN: usize = 80;

pub fn make(calls: &mut Calls) {
    let path = format!("/tmp/lanner-io-{}\0", std::process::id());
    let file = call("open", &[p(path.as_bytes()), 0o102, 0o600]);
    let fd = file as u64;
    let data: Vec<u8> = (0..200u8).collect();
    let cut = P::B(data[..SNAPLEN].to_vec());
    let some = P::B(data[..10].to_vec());
    let file_and_size = |size: u32| [P::I8(file), P::U4(size)];
    let with = |data: &P, rest: &[P]| [&[P::Ret, data.clone()], rest].concat();

    calls.call("write", &[fd, p(&data[..]), 200], E::WRITE_X, &with(&cut, &file_and_size(200)));
    calls.call("write", &[neg(-1), p(&data[..]), 10], E::WRITE_X, &with(&some, &[P::I8(-1), P::U4(10)]));
    calls.call("write", &[fd, 8, 10], E::WRITE_X, &with(&P::None, &file_and_size(10)));
    let pos = |size: u32, pos: u64| [&file_and_size(size)[..], &[P::U8(pos)]].concat();
    calls.call("pwrite64", &[fd, p(&data[..]), 10, 3], E::PWRITE_X, &with(&some, &pos(10, 3)));
    call("pwrite64", &[fd, p(&data[..]), 200, 0]);

    // Short data takes another way than long.
    for len in [0, 1, 15, 16, 17, 79, 80, 81] {
        let recorded = if len == 0 { P::None } else { P::B(data[..len.min(SNAPLEN)].to_vec()) };
        let with_size = with(&recorded, &file_and_size(len as u32));
        calls.call("write", &[fd, p(&data[..]), len as u64], E::WRITE_X, &with_size);
    }

    let mut buffer = [0u8; 300];
    call("lseek", &[fd, 0, 0]);
    calls.call("read", &[fd, pm(&mut buffer), 10], E::READ_X, &with(&some, &file_and_size(10)));
    calls.call("read", &[neg(-1), pm(&mut buffer), 10], E::READ_X, &with(&P::None, &[P::I8(-1), P::U4(10)]));
    calls.call("pread64", &[fd, pm(&mut buffer), 300, 0], E::PREAD_X, &with(&cut, &pos(300, 0)));
    calls.call(
        "pread64",
        &[fd, pm(&mut buffer), 10, 1 << 20],
        E::PREAD_X,
        &with(&P::None, &pos(10, 1 << 20)),
    );

    // 6 + 4 bytes are the first ten; three vectors of which one is empty.
    let vectors = [[p(&data[..]), 6], [p(&data[..]), 0], [p(&data[6..]), 4]];
    let list = p(&vectors);
    calls.call("writev", &[fd, list, 3], E::WRITEV_X, &with(&some, &file_and_size(10)));
    calls.call("pwritev", &[fd, list, 3, 5], E::PWRITEV_X, &with(&some, &pos(10, 5)));
    calls.call("writev", &[neg(-1), list, 3], E::WRITEV_X, &with(&some, &[P::I8(-1), P::U4(10)]));
    call("pwrite64", &[fd, p(&data[..]), 200, 0]);
    call("lseek", &[fd, 0, 0]);
    let (mut first, mut second) = ([0u8; 6], [0u8; 4]);
    let vectors = [[pm(&mut first), 6], [pm(&mut second), 4]];
    let sized = |size: u32, data: &P| vec![P::Ret, P::U4(size), data.clone(), P::I8(file)];
    calls.call("readv", &[fd, p(&vectors), 2], E::READV_X, &sized(10, &some));
    let at = [sized(10, &some), vec![P::U8(0)]].concat();
    calls.call("preadv", &[fd, p(&vectors), 2, 0], E::PREADV_X, &at);
    calls.call("readv", &[neg(-1), p(&vectors), 2], E::READV_X, &[P::Ret, P::U4(0), P::None, P::I8(-1)]);

    let pid = own_pid();
    let local = [[pm(&mut first), 6]];
    let remote = [[p(&data[..]), 6]];
    let six = P::B(data[..6].to_vec());
    let args = [pid as u64, p(&local), 1, p(&remote), 1, 0];
    calls.call("process_vm_readv", &args, E::PROCESS_VM_READV_X, &[P::Ret, P::I8(pid), six.clone()]);
    let args = [pid as u64, p(&remote), 1, p(&local), 1, 0];
    calls.call("process_vm_writev", &args, E::PROCESS_VM_WRITEV_X, &[P::Ret, P::I8(pid), six]);
    between(calls, file);
    call("unlink", &[p(path.as_bytes())]);
}

fn between(calls: &mut Calls, file: i64) {
    let path = format!("/tmp/lanner-io2-{}\0", std::process::id());
    let other = call("open", &[p(path.as_bytes()), 0o102, 0o600]);
    let mut offset = 4u64;
    let (from, to) = (file as u64, other as u64);
    // The offset is recorded as the call left it.
    calls.call(
        "sendfile",
        &[to, from, pm(&mut offset), 8],
        E::SENDFILE_X,
        &[P::Ret, P::U8(12), P::I8(other), P::I8(file), P::U8(8)],
    );
    let (mut off_in, mut off_out) = (0u64, 0u64);
    let (in_pointer, out_pointer) = (pm(&mut off_in), pm(&mut off_out));
    calls.call(
        "copy_file_range",
        &[from, in_pointer, to, out_pointer, 9, 0],
        E::COPY_FILE_RANGE_X,
        &[P::Ret, P::I8(other), P::U8(out_pointer), P::I8(file), P::U8(in_pointer), P::U8(9)],
    );
    let mut ends = [0i32; 2];
    call("pipe", &[pm(&mut ends)]);
    calls.call(
        "splice",
        &[from, 0, ends[1] as u64, 0, 11, 1 | 4],
        E::SPLICE_X,
        &[P::Ret, P::I8(file), P::I8(ends[1].into()), P::U8(11), P::U4(1 | 4)],
    );
    call("unlink", &[p(path.as_bytes())]);
}
