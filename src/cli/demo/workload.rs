//! The built-in workload: files, processes and sockets, most of it ordinary, some of it suspicious.
//!
//! It runs as a process of its own, started with a clean environment in an empty directory, and harms
//! nothing: it writes only below that directory and talks only to itself.

use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::Context;

/// Runs the whole workload in the current directory, which should be empty.
pub fn run() -> anyhow::Result<()> {
    files().context("files")?;
    processes().context("processes")?;
    sockets().context("sockets")?;
    suspicious_files().context("suspicious files")?;
    suspicious_processes().context("suspicious processes")?;
    suspicious_sockets().context("suspicious sockets")
}

/// A source tree is written, read, copied, renamed and removed.
fn files() -> io::Result<()> {
    for directory in 0..8 {
        let directory = format!("project/module{directory}");
        fs::create_dir_all(&directory)?;
        for file in 0..40 {
            let path = format!("{directory}/file{file}.txt");
            let mut out = BufWriter::new(File::create(&path)?);
            for line in 0..6 {
                writeln!(out, "line {line} of {path}")?;
            }
            out.flush()?;
        }
    }
    for _ in 0..3 {
        for entry in walk(Path::new("project"))? {
            let mut text = String::new();
            File::open(&entry)?.read_to_string(&mut text)?;
            fs::metadata(&entry)?;
        }
    }
    fs::create_dir("backup")?;
    for (i, entry) in walk(Path::new("project"))?.into_iter().enumerate() {
        match i % 4 {
            0 => drop(fs::copy(&entry, format!("backup/copy{i}"))?),
            1 => fs::rename(&entry, entry.with_extension("old"))?,
            2 => fs::remove_file(&entry)?,
            _ => fs::set_permissions(&entry, fs::Permissions::from_mode(0o640))?,
        }
    }
    // Things that are not there are asked for all the time.
    for i in 0..50 {
        let _ = File::open(format!("/usr/lib/missing{i}.so"));
    }
    Ok(())
}

/// All files below `directory`.
fn walk(directory: &Path) -> io::Result<Vec<std::path::PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            found.extend(walk(&entry.path())?);
        } else {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

/// Everyday commands, pipes and a nest of shells.
fn processes() -> io::Result<()> {
    for _ in 0..10 {
        shell("ls -l project >/dev/null; cat project/module1/file3.txt >/dev/null");
        shell("find project -name '*.txt' | sort | wc -l >/dev/null");
        shell("for i in 1 2 3 4 5 6 7 8; do /bin/true; done");
    }
    shell("sh -c 'sh -c \"sh -c \\\"sh -c \\\\\\\"sh -c /bin/true; true\\\\\\\"; true\\\"; true\"; true'");
    let workers: Vec<_> = (0..4)
        .map(|worker| {
            thread::spawn(move || -> io::Result<()> {
                for i in 0..30 {
                    let path = format!("thread{worker}-{i}");
                    fs::write(&path, "x")?;
                    fs::remove_file(&path)?;
                }
                Ok(())
            })
        })
        .collect();
    for worker in workers {
        worker.join().map_err(|_| io::Error::other("a worker panicked"))??;
    }
    Ok(())
}

/// A server and its clients over TCP, datagrams, and a pair of local sockets.
fn sockets() -> io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    let server = thread::spawn(move || -> io::Result<()> {
        for _ in 0..20 {
            let (mut stream, _) = listener.accept()?;
            let mut request = [0; 64];
            let length = stream.read(&mut request)?;
            stream.write_all(&request[..length])?;
        }
        Ok(())
    });
    for i in 0..20 {
        let mut stream = TcpStream::connect(address)?;
        // In one piece: the server answers the first one it gets and closes.
        stream.write_all(format!("GET /item/{i} HTTP/1.0\r\n").as_bytes())?;
        stream.shutdown(std::net::Shutdown::Write)?;
        stream.read_to_end(&mut Vec::new())?;
    }
    server.join().map_err(|_| io::Error::other("the server panicked"))??;

    let (one, other) =
        (UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?, UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?);
    for _ in 0..20 {
        one.send_to(b"ping", other.local_addr()?)?;
        other.recv_from(&mut [0; 16])?;
    }
    let (mut left, mut right) = UnixStream::pair()?;
    for _ in 0..20 {
        left.write_all(b"hello")?;
        right.read_exact(&mut [0; 5])?;
    }
    Ok(())
}

/// What someone looking for credentials and a way to stay would do to files.
fn suspicious_files() -> io::Result<()> {
    // Refused or not, depending on who runs this.
    let _ = fs::read("/etc/shadow");
    let _ = fs::read("/etc/sudoers");
    fs::create_dir_all("home/.ssh")?;
    fs::write("home/.ssh/id_ed25519", "not a key")?;
    fs::read("home/.ssh/id_ed25519")?;
    symlink("/etc/shadow", "innocent.txt")?;
    fs::create_dir_all("etc/cron.d")?;
    fs::write("etc/cron.d/update", "# nothing\n")?;
    fs::write("home/.bashrc", "# nothing\n")?;
    fs::write("home/.bash_history", "ls\n")?;
    fs::remove_file("home/.bash_history")?;
    fs::write("helper", "#!/bin/sh\n")?;
    fs::set_permissions("helper", fs::Permissions::from_mode(0o4755))
}

/// Dropped and fileless programs, discovery, encoded commands.
fn suspicious_processes() -> anyhow::Result<()> {
    fs::copy("/bin/true", "dropped")?;
    fs::set_permissions("dropped", fs::Permissions::from_mode(0o755))?;
    // Scratch directories are below /tmp, where everyone may write.
    Command::new("./dropped").status().context("running the dropped program")?;

    let memory = rustix::fs::memfd_create("payload", rustix::fs::MemfdFlags::empty())?;
    let mut memory = File::from(memory);
    memory.write_all(&fs::read("/bin/true")?)?;
    let path = format!("/proc/self/fd/{}", memory.as_raw_fd());
    Command::new(path).status().context("running the program in memory")?;

    shell("id >/dev/null; uname -a >/dev/null; whoami >/dev/null");
    shell("echo ZWNobyBoZWxsbwo= | base64 -d | sh >/dev/null");
    shell("grep -r password project >/dev/null; find home -name id_rsa >/dev/null");
    let mut sleeper = Command::new("sleep").arg("60").spawn()?;
    sleeper.kill()?;
    sleeper.wait()?;
    Ok(())
}

/// A shell on a connection, as a reverse shell would have, told to exit at once.
fn suspicious_sockets() -> io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let stream = TcpStream::connect(listener.local_addr()?)?;
    let (mut operator, _) = listener.accept()?;
    let input = Stdio::from(std::os::fd::OwnedFd::from(stream.try_clone()?));
    let output = Stdio::from(std::os::fd::OwnedFd::from(stream));
    let mut reverse = Command::new("/bin/sh").stdin(input).stdout(output).stderr(Stdio::null()).spawn()?;
    operator.write_all(b"id\nexit\n")?;
    operator.set_read_timeout(Some(Duration::from_secs(5)))?;
    operator.read_to_end(&mut Vec::new())?;
    reverse.wait()?;

    let names = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    // Nobody listens there; the datagram is lost on the loopback interface.
    let _ = names.send_to(b"query", SocketAddr::from((Ipv4Addr::LOCALHOST, 53)));
    Ok(())
}

/// Runs a shell command line; its own success does not matter.
fn shell(line: &str) {
    let _ = Command::new("/bin/sh").arg("-c").arg(line).stderr(Stdio::null()).status();
}
