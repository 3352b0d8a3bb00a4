//! Sockets of all families whose addresses are recorded.

use std::net::{Ipv4Addr, Ipv6Addr};

use lanner_capture::event::EventType as E;

use super::raw::{Calls, P, call, neg, own_tid, p, pm};

const STREAM: u64 = 1;
const DATAGRAM: u64 = 2;
const INET: u64 = 2;
const INET6: u64 = 10;
const UNIX: u64 = 1;

fn sockaddr_in(ip: Ipv4Addr, port: u16) -> Vec<u8> {
    [&2u16.to_ne_bytes()[..], &port.to_be_bytes(), &ip.octets(), &[0; 8]].concat()
}

fn sockaddr_in6(ip: Ipv6Addr, port: u16) -> Vec<u8> {
    [&10u16.to_ne_bytes()[..], &port.to_be_bytes(), &[0; 4], &ip.octets(), &[0; 4]].concat()
}

fn sockaddr_un(path: &[u8]) -> Vec<u8> {
    [&1u16.to_ne_bytes()[..], path].concat()
}

/// An address as it is recorded.
fn addr4(ip: Ipv4Addr, port: u16) -> Vec<u8> {
    [&[2u8][..], &ip.octets(), &port.to_le_bytes()].concat()
}

fn tuple4(from: (Ipv4Addr, u16), to: (Ipv4Addr, u16)) -> P {
    P::B([&addr4(from.0, from.1)[..], &to.0.octets(), &to.1.to_le_bytes()].concat())
}

fn addr6(ip: Ipv6Addr, port: u16) -> Vec<u8> {
    [&[10u8][..], &ip.octets(), &port.to_le_bytes()].concat()
}

fn tuple6(from: (Ipv6Addr, u16), to: (Ipv6Addr, u16)) -> P {
    P::B([&addr6(from.0, from.1)[..], &to.0.octets(), &to.1.to_le_bytes()].concat())
}

fn addr_un(path: &str) -> P {
    P::B([&[1u8][..], path.as_bytes(), b"\0"].concat())
}

/// Port that a bound socket got.
fn port_of(fd: i64) -> u16 {
    let (mut name, mut len) = ([0u8; 32], 32u32);
    call("getsockname", &[fd as u64, pm(&mut name), pm(&mut len)]);
    u16::from_be_bytes([name[2], name[3]])
}

fn socket(calls: &mut Calls, family: u64, ty: u64, protocol: u64) -> i64 {
    let flags = if ty & 0o4000 != 0 { 64 } else { 0 } | if ty & 0o2000000 != 0 { 4096 } else { 0 };
    calls.call(
        "socket",
        &[family, ty, protocol],
        E::SOCKET_X,
        &[P::Ret, P::U4(family as u32), P::U4(ty as u32), P::U4(protocol as u32), P::U4(flags)],
    )
}

pub fn make(calls: &mut Calls) {
    stream4(calls);
    stream6(calls);
    datagrams(calls);
    unix(calls);
    options(calls);
    socket(calls, 77, STREAM, 5);
}

fn stream4(calls: &mut Calls) {
    let ip = Ipv4Addr::LOCALHOST;
    let listener = socket(calls, INET, STREAM | 0o2000000, 6);
    let any = sockaddr_in(ip, 0);
    let bound = P::B(addr4(ip, 0));
    calls.call("bind", &[listener as u64, p(&any[..]), 16], E::BIND_X, &[P::Ret, bound, P::I8(listener)]);
    let backlog = P::B(5i32.to_le_bytes().to_vec());
    calls.call("listen", &[listener as u64, 5], E::LISTEN_X, &[P::Ret, P::I8(listener), backlog]);
    let port = port_of(listener);
    calls.expect("getsockname", E::GETSOCKNAME_X, 0, &[]);

    let client = socket(calls, INET, STREAM, 0);
    let server = sockaddr_in(ip, port);
    let ret = call("connect", &[client as u64, p(&server[..]), 16]);
    let own = port_of(client);
    let named = P::B(addr4(ip, port));
    let outbound = tuple4((ip, own), (ip, port));
    calls.expect("connect", E::CONNECT_X, ret, &[P::Ret, outbound.clone(), P::I8(client), named.clone()]);
    calls.call("connect", &[4321, p(&server[..]), 16], E::CONNECT_X, &[P::Ret, P::None, P::I8(4321), named]);
    // One connection waited when it was accepted, and none afterwards, which is when the queue is looked at.
    let inbound = tuple4((ip, own), (ip, port));
    let params = [P::Ret, inbound.clone(), P::U1(0), P::U4(0), P::U4(5)];
    let accepted = calls.call("accept", &[listener as u64, 0, 0], E::ACCEPT_5_X, &params);
    calls.call("accept", &[neg(-1), 0, 0], E::ACCEPT_5_X, &[P::Ret, P::None, P::U1(0), P::U4(0), P::U4(0)]);
    let mut name = ([0u8; 32], 32u32);
    calls.call("getpeername", &[client as u64, pm(&mut name.0), pm(&mut name.1)], E::GETPEERNAME_X, &[]);

    transfer(calls, client, accepted, &outbound);
    calls.call("shutdown", &[client as u64, 1], E::SHUTDOWN_X, &[P::Ret, P::I8(client), P::U1(1)]);
    for fd in [client, accepted, listener] {
        call("close", &[fd as u64]);
    }
}

#[repr(C)]
struct Message {
    name: u64,
    name_len: u64,
    vectors: u64,
    vector_count: u64,
    control: u64,
    control_len: u64,
    flags: u64,
}

/// Sends one way and receives at the other end.
fn transfer(calls: &mut Calls, from: i64, to: i64, outbound: &P) {
    // The receiver's tuple has the sender first, which is the outbound tuple of the sender.
    let inbound = outbound.clone();
    let text = *b"over the wire";
    let data = P::B(text.to_vec());
    let len = text.len() as u64;
    let (fd, other) = (from as u64, to as u64);
    calls.call(
        "sendto",
        &[fd, p(&text), len, 0, 0, 0],
        E::SENDTO_X,
        &[P::Ret, data.clone(), P::I8(from), P::U4(13), outbound.clone()],
    );
    let mut buffer = [0u8; 64];
    calls.call(
        "recvfrom",
        &[other, pm(&mut buffer), 64, 0, 0, 0],
        E::RECVFROM_X,
        &[P::Ret, data.clone(), inbound.clone(), P::I8(to), P::U4(64)],
    );
    calls.call(
        "recvfrom",
        &[neg(-1), pm(&mut buffer), 64, 0, 0, 0],
        E::RECVFROM_X,
        &[P::Ret, P::None, P::None, P::I8(-1), P::U4(64)],
    );
    let vectors = [[p(&text), 5], [p(&text[5..]), 8]];
    let message = |vectors: u64, count: u64| Message {
        name: 0,
        name_len: 0,
        vectors,
        vector_count: count,
        control: 0,
        control_len: 0,
        flags: 0,
    };
    let sent = message(p(&vectors), 2);
    calls.call(
        "sendmsg",
        &[fd, p(&sent), 0],
        E::SENDMSG_X,
        &[P::Ret, data.clone(), P::I8(from), P::U4(13), outbound.clone()],
    );
    calls.call(
        "sendmsg",
        &[neg(-1), p(&sent), 0],
        E::SENDMSG_X,
        &[P::Ret, data.clone(), P::I8(-1), P::U4(13), P::None],
    );
    let into = [[pm(&mut buffer), 64]];
    let mut received = message(p(&into), 1);
    calls.call(
        "recvmsg",
        &[other, pm(&mut received), 0],
        E::RECVMSG_X,
        &[P::Ret, P::U4(13), data.clone(), inbound.clone(), P::None, P::I8(to)],
    );
    calls.call(
        "recvmsg",
        &[neg(-1), pm(&mut received), 0],
        E::RECVMSG_X,
        &[P::Ret, P::U4(0), P::None, P::None, P::None, P::I8(-1)],
    );
    let many = [(message(p(&vectors), 2), 0u64), (message(p(&vectors), 1), 0u64)];
    call("sendmmsg", &[fd, p(&many), 2, 0]);
    let part = |len: i64, size: u32, data: P| [P::I8(len), P::I8(from), P::U4(size), data, outbound.clone()];
    calls.expect("sendmmsg", E::SENDMMSG_X, 0, &part(13, 13, data.clone()));
    calls.expect("sendmmsg", E::SENDMMSG_X, 0, &part(5, 5, P::B(text[..5].to_vec())));
    calls.call(
        "sendmmsg",
        &[neg(-1), p(&many), 2, 0],
        E::SENDMMSG_X,
        &[P::Ret, P::I8(-1), P::U4(0), P::None, P::None],
    );
    let mut many = [(message(p(&into), 1), 0u64)];
    call("recvmmsg", &[other, pm(&mut many), 1, 0, 0]);
    let all = P::B([&text[..], &text[..5]].concat());
    calls.expect(
        "recvmmsg",
        E::RECVMMSG_X,
        0,
        &[P::I8(18), P::I8(to), P::U4(64), all, inbound.clone(), P::None],
    );
}

fn stream6(calls: &mut Calls) {
    let ip = Ipv6Addr::LOCALHOST;
    let listener = socket(calls, INET6, STREAM, 0);
    let any = sockaddr_in6(ip, 0);
    let bound = P::B(addr6(ip, 0));
    let ret =
        calls.call("bind", &[listener as u64, p(&any[..]), 28], E::BIND_X, &[P::Ret, bound, P::I8(listener)]);
    if ret < 0 {
        return; // no IPv6 here
    }
    call("listen", &[listener as u64, 5]);
    let port = port_of(listener);
    let client = socket(calls, INET6, STREAM, 0);
    let server = sockaddr_in6(ip, port);
    let ret = call("connect", &[client as u64, p(&server[..]), 28]);
    let own = port_of(client);
    let outbound = tuple6((ip, own), (ip, port));
    let named = P::B(addr6(ip, port));
    calls.expect("connect", E::CONNECT_X, ret, &[P::Ret, outbound.clone(), P::I8(client), named]);
    let params = [P::Ret, outbound, P::U1(0), P::U4(0), P::U4(5), P::B(4096u32.to_le_bytes().to_vec())];
    let accepted = calls.call("accept4", &[listener as u64, 0, 0, 0o2000000], E::ACCEPT4_6_X, &params);
    for fd in [client, accepted, listener] {
        call("close", &[fd as u64]);
    }
}

/// A datagram socket is not connected: the peer is the one that the call names.
fn datagrams(calls: &mut Calls) {
    let ip = Ipv4Addr::LOCALHOST;
    let receiver = socket(calls, INET, DATAGRAM, 0);
    let any = sockaddr_in(ip, 0);
    call("bind", &[receiver as u64, p(&any[..]), 16]);
    let port = port_of(receiver);
    let sender = socket(calls, INET, DATAGRAM | 0o4000, 17);
    call("bind", &[sender as u64, p(&any[..]), 16]);
    let own = port_of(sender);
    let to = sockaddr_in(ip, port);
    let text = *b"datagram";
    let tuple = tuple4((ip, own), (ip, port));
    calls.call(
        "sendto",
        &[sender as u64, p(&text), 8, 0, p(&to[..]), 16],
        E::SENDTO_X,
        &[P::Ret, P::B(text.to_vec()), P::I8(sender), P::U4(8), tuple.clone()],
    );
    let (mut buffer, mut name, mut len) = ([0u8; 32], [0u8; 32], 32u32);
    calls.call(
        "recvfrom",
        &[receiver as u64, pm(&mut buffer), 32, 0, pm(&mut name), pm(&mut len)],
        E::RECVFROM_X,
        &[P::Ret, P::B(text.to_vec()), tuple, P::I8(receiver), P::U4(32)],
    );
    for fd in [sender, receiver] {
        call("close", &[fd as u64]);
    }
}

fn unix(calls: &mut Calls) {
    let path = format!("/tmp/lanner-unix-{}", own_tid());
    let listener = socket(calls, UNIX, STREAM, 0);
    let address = sockaddr_un(format!("{path}\0").as_bytes());
    let (fd, pointer, len) = (listener as u64, p(&address[..]), address.len() as u64);
    calls.call("bind", &[fd, pointer, len], E::BIND_X, &[P::Ret, addr_un(&path), P::I8(listener)]);
    call("listen", &[fd, 3]);
    let client = socket(calls, UNIX, STREAM, 0);
    // Kernel addresses of both sockets are in the tuple: not known here.
    let ret = call("connect", &[client as u64, pointer, len]);
    calls.expect("connect", E::CONNECT_X, ret, &[P::Ret, P::Any, P::I8(client), addr_un(&path)]);
    calls.call("accept", &[fd, 0, 0], E::ACCEPT_5_X, &[P::Ret, P::Any, P::U1(0), P::U4(0), P::U4(3)]);
    call("unlink", &[p(format!("{path}\0").as_bytes())]);

    let hidden = socket(calls, UNIX, DATAGRAM, 0);
    let address = sockaddr_un(b"\0lanner-abstract");
    let args = [hidden as u64, p(&address[..]), address.len() as u64];
    calls.call("bind", &args, E::BIND_X, &[P::Ret, addr_un("lanner-abstract"), P::I8(hidden)]);
    let mut pair = [0i32; 2];
    let ret = call("socketpair", &[UNIX, STREAM, 0, pm(&mut pair)]);
    calls.expect(
        "socketpair",
        E::SOCKETPAIR_X,
        ret,
        &[P::Ret, P::I8(pair[0].into()), P::I8(pair[1].into()), P::Any, P::Any, P::U4(1), P::U4(1), P::U4(0)],
    );
    calls.call(
        "socketpair",
        &[UNIX, STREAM, 0, 8],
        E::SOCKETPAIR_X,
        &[P::Ret, P::I8(-1), P::I8(-1), P::U8(0), P::U8(0), P::U4(1), P::U4(1), P::U4(0)],
    );
    // A name that is no name of a kind the format knows.
    calls.call(
        "bind",
        &[hidden as u64, p(&[99u8, 0, 1, 2]), 4],
        E::BIND_X,
        &[P::Ret, P::None, P::I8(hidden)],
    );
}

fn options(calls: &mut Calls) {
    let socket = socket(calls, INET, STREAM, 0);
    let fd = socket as u64;
    let option = |level: u8, name: u8, value: Vec<u8>, len: u32| {
        [P::Ret, P::I8(socket), P::U1(level), P::U1(name), P::B(value), P::U4(len)]
    };
    let number = |value: u32| [&[2u8][..], &value.to_le_bytes()].concat();
    let on = 1u32;
    calls.call("setsockopt", &[fd, 1, 2, p(&on), 4], E::SETSOCKOPT_X, &option(1, 2, number(1), 4));
    let time = [2u64, 300_000];
    let ns = [&[4u8][..], &2_300_000_000u64.to_le_bytes()].concat();
    calls.call("setsockopt", &[fd, 1, 20, p(&time), 16], E::SETSOCKOPT_X, &option(1, 20, ns, 16));
    // Another level: bytes, and no name.
    let bytes = [&[0u8][..], &1u32.to_le_bytes()].concat();
    calls.call("setsockopt", &[fd, 6, 1, p(&on), 4], E::SETSOCKOPT_X, &option(2, 0, bytes, 4));
    let linger = [1u32, 7];
    let bytes = [&[0u8][..], &1u32.to_le_bytes(), &7u32.to_le_bytes()].concat();
    calls.call("setsockopt", &[fd, 1, 13, p(&linger), 8], E::SETSOCKOPT_X, &option(1, 13, bytes, 8));
    let (mut value, mut len) = (0u32, 4u32);
    calls.call(
        "getsockopt",
        &[fd, 1, 3, pm(&mut value), pm(&mut len)],
        E::GETSOCKOPT_X,
        &option(1, 3, number(1), 4),
    );
    let zero = [&[1u8][..], &0i64.to_le_bytes()].concat();
    calls.call(
        "getsockopt",
        &[fd, 1, 4, pm(&mut value), pm(&mut len)],
        E::GETSOCKOPT_X,
        &option(1, 4, zero, 4),
    );
    let (mut cookie, mut len) = (0u64, 8u32);
    let ret = call("getsockopt", &[fd, 1, 57, pm(&mut cookie), pm(&mut len)]);
    let bytes = [&[3u8][..], &cookie.to_le_bytes()].concat();
    calls.expect("getsockopt", E::GETSOCKOPT_X, ret, &option(1, 53, bytes, 8));
    call("close", &[fd]);
}
