//! The state at the beginning: what the kernel's iterators tell is what /proc tells.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::fd::AsRawFd;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener, UnixStream};
use std::process::{Command, Stdio};

use lanner_capture::record::{RecordOptions, Scope};
use lanner_capture::savefile::{FdBody, FdEntry, L4Proto, ProcessEntry};

use super::calls::raw;
use super::harness::{self, Recording};

/// A place for the files of the process that is looked at.
const PLACE: &str = "LANNER_TEST_SEED";

/// Not a test by itself: opens one of everything, starts a thread and a child, and waits for its input to end.
#[test]
#[ignore = "run by the test that looks at it"]
fn holder() {
    let Some(place) = std::env::var_os(PLACE).map(std::path::PathBuf::from) else { return };
    let gone = place.join("gone");
    fs::create_dir(&gone).unwrap();
    std::env::set_current_dir(&gone).unwrap();
    fs::remove_dir(&gone).unwrap();
    let file = File::options().append(true).create(true).open(place.join("a file")).unwrap();
    let deleted = File::create(place.join("deleted")).unwrap();
    fs::remove_file(place.join("deleted")).unwrap();
    let directory = File::open(&place).unwrap();
    let null = File::options().read(true).write(true).open("/dev/null").unwrap();
    let pipe = io::pipe().unwrap();
    let listeners = ["127.0.0.1:0", "[::1]:0", "0.0.0.0:0", "[::]:0"].map(|a| TcpListener::bind(a).unwrap());
    let connected = [0, 1, 3].map(|at| TcpStream::connect(listeners[at].local_addr().unwrap()).unwrap());
    let accepted = [0, 1, 3].map(|at| listeners[at].accept().unwrap().0);
    let datagrams = ["127.0.0.1:0", "[::1]:0", "0.0.0.0:0"].map(|a| UdpSocket::bind(a).unwrap());
    datagrams[0].connect("127.0.0.1:9").unwrap();
    let unix = UnixListener::bind(place.join("a socket")).unwrap();
    let client = UnixStream::connect(place.join("a socket")).unwrap();
    let pair = UnixStream::pair().unwrap();
    let name = format!("lanner\0test{}", std::process::id());
    let hidden = UnixListener::bind_addr(&SocketAddr::from_abstract_name(name).unwrap()).unwrap();
    let plain = [
        raw::call("eventfd2", &[0, 0]),
        raw::call("memfd_create", &[raw::p(c"lanner memory".to_bytes_with_nul()), 1]),
        raw::call("epoll_create1", &[0x80000]),
        raw::call("inotify_init1", &[0]),
        raw::call("timerfd_create", &[1, 0]),
        raw::call("socket", &[2, 3, 1]),
        raw::call("socket", &[16, 3, 0]),
    ];
    // A netlink socket is in /proc from when it has an address.
    let address = [16u16, 0, 0, 0, 0, 0];
    assert_eq!(raw::call("bind", &[plain[6] as u64, raw::p(&address), 12]), 0);
    // Only the iterators see sockets without an address.
    let new = raw::call("socket", &[2, 1 | 0x80000, 0]);
    assert!(plain.iter().all(|&fd| fd > 0) && new > 0, "{plain:?} {new}");
    let mut child = Command::new("sleep").args(["3600", "0.000"]).env("LANNER", "a\nb").spawn().unwrap();
    let (started, thread) = (std::sync::Arc::new(std::sync::Barrier::new(2)), "back\\sl\nash");
    let other = started.clone();
    std::thread::spawn(move || {
        fs::write("/proc/thread-self/comm", thread).unwrap();
        other.wait();
        std::thread::sleep(std::time::Duration::from_secs(3600));
    });
    started.wait();
    println!("\nnew {new}\nready");
    io::stdout().flush().unwrap();
    let _ = io::stdin().read_line(&mut String::new());
    let _ = (child.kill(), child.wait());
    let held = (file.as_raw_fd(), deleted, directory, null, pipe, listeners, connected, accepted);
    drop((held, datagrams, unix, client, pair, hidden));
    std::process::exit(0);
}

/// The process, its threads and its child, with their descriptors but for addresses in kernel memory.
fn of_tree(recording: &Recording, root: i64) -> (Vec<ProcessEntry>, Vec<(i64, Vec<FdEntry>)>) {
    let mut processes: Vec<ProcessEntry> = recording.processes.clone();
    processes.retain(|entry| entry.pid == root || entry.ptid == root);
    let mut fds = recording.fds.clone();
    fds.retain(|(pid, _)| processes.iter().any(|entry| entry.pid == *pid));
    for entry in fds.iter_mut().flat_map(|(_, fds)| fds) {
        if let FdBody::Unix { source, .. } = &mut entry.body {
            *source = 0; // /proc shows another number
        }
    }
    // One is when the namespace began, the other when somebody first looked at it in /proc; and /proc counts
    // the faults that looking makes.
    for entry in &mut processes {
        (entry.pidns_init_start_ts_ns, entry.pfminor) = (0, 0);
    }
    (processes, fds)
}

#[test]
fn iterators_and_proc_tell_the_same() {
    if !harness::can_record() || !cfg!(target_arch = "x86_64") {
        eprintln!("skipped: cannot record, or no x86-64");
        return;
    }
    let place = std::env::temp_dir().join(format!("lanner-seed-{}", std::process::id()));
    fs::create_dir_all(&place).unwrap();
    let mut holder = Command::new(std::env::current_exe().unwrap())
        .args(["seed::holder", "--exact", "--ignored", "--nocapture"])
        .env(PLACE, &place)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let root = i64::from(holder.id());
    let mut lines = BufReader::new(holder.stdout.take().unwrap()).lines().map(Result::unwrap);
    let new = lines.find_map(|line| line.strip_prefix("new ")?.parse::<i64>().ok()).unwrap();
    assert!(lines.any(|line| line == "ready"));

    let by_iterators = harness::record_host(RecordOptions::default(), || ());
    let scope = Scope::Tree(vec![holder.id()]);
    let by_proc = harness::record_host(RecordOptions { scope, ..RecordOptions::default() }, || ());
    drop(holder.stdin.take());
    holder.wait().unwrap();
    let _ = fs::remove_dir_all(&place);

    let (processes, mut fds) = of_tree(&by_iterators, root);
    let (expected_processes, expected_fds) = of_tree(&by_proc, root);
    assert_eq!(processes, expected_processes);
    assert!(processes.len() >= 3 && processes.iter().any(|entry| entry.comm == b"back\\sl\nash"));
    assert!(processes.iter().any(|entry| entry.cwd.ends_with(b"/gone (deleted)")), "{processes:?}");
    let unspecified = std::net::Ipv4Addr::UNSPECIFIED;
    let (sip, dip, l4proto) = (unspecified, unspecified, L4Proto::Tcp);
    let of_root = fds.iter_mut().find(|(pid, _)| *pid == root).unwrap();
    let place = of_root.1.iter().position(|entry| entry.fd == new).expect("the iterators were used");
    let found = of_root.1.remove(place).body;
    assert_eq!(found, FdBody::Ipv4 { sip, dip, sport: 0, dport: 0, l4proto });
    assert_eq!(fds.len(), expected_fds.len());
    for ((_, fds), (_, expected)) in fds.iter().zip(&expected_fds) {
        fds.iter().zip(expected).for_each(|(fd, expected)| assert_eq!(fd, expected));
        assert_eq!(fds.len(), expected.len());
    }
    assert!(fds.iter().map(|(_, fds)| fds.len()).sum::<usize>() > 30);
}
