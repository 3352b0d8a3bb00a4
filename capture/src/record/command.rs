//! A command whose processes are recorded: started, but held back until the recorder is ready.
#![allow(unsafe_code)] // what runs between fork and exec can only be given to std by an unsafe function

use std::ffi::OsString;
use std::io::{PipeReader, PipeWriter, Read, Write};
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, ExitStatus};
use std::thread::JoinHandle;

use crate::error::{Error, ErrorKind, Result};

/// A process that will become the command when it is told to.
pub struct HeldCommand {
    pid: u32,
    program: String,
    go: PipeWriter,
    /// Spawning returns when the program has been replaced, so it waits on a thread of its own.
    spawned: JoinHandle<std::io::Result<std::process::Child>>,
}

impl HeldCommand {
    /// Makes the process. It does nothing yet.
    ///
    /// # Errors
    /// When there can be no new process.
    pub fn new(command: &[OsString]) -> Result<HeldCommand> {
        let Some((program, args)) = command.split_first() else {
            return Err(Error::new(ErrorKind::InvalidInput, "no command to record"));
        };
        let name = program.display().to_string();
        let failed = |e| Error::io(format!("cannot start {name}"), e);
        let (mut pid_reader, pid_writer) = std::io::pipe().map_err(failed)?;
        let (go_reader, go) = std::io::pipe().map_err(failed)?;
        let mut command = Command::new(program);
        command.args(args);
        let hold = hold(pid_writer, go_reader, go.as_raw_fd());
        // SAFETY: the closure makes only the system calls close, getpid, write and read on pipes that are open in
        // the child too, allocates nothing and takes no lock, so it may run between fork and exec.
        unsafe { command.pre_exec(hold) };
        let spawned = std::thread::spawn(move || command.spawn());
        let mut pid = [0; 4];
        pid_reader.read_exact(&mut pid).map_err(failed)?;
        Ok(HeldCommand { pid: u32::from_ne_bytes(pid), program: name, go, spawned })
    }

    /// Id of the process, which the command will have.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Lets the process become the command.
    ///
    /// # Errors
    /// When the program cannot be executed.
    pub fn release(mut self) -> Result<RunningCommand> {
        let failed = |e| Error::io(format!("cannot start {}", self.program), e);
        self.go.write_all(&[1]).map_err(failed)?;
        let child = self
            .spawned
            .join()
            .map_err(|_| Error::new(ErrorKind::Io, "cannot start the command"))?
            .map_err(failed)?;
        Ok(RunningCommand { child, status: None })
    }
}

/// What the child does before exec: says who it is and waits.
fn hold(
    mut pid: PipeWriter,
    mut go: PipeReader,
    go_writer: RawFd,
) -> impl FnMut() -> std::io::Result<()> + Send + Sync {
    move || {
        // SAFETY: this is the child's copy of the recorder's end, inherited by fork and owned by nobody here. While
        // it is open the pipe never ends, and the child would wait for a recorder that is gone.
        unsafe { rustix::io::close(go_writer) };
        pid.write_all(&std::process::id().to_ne_bytes())?;
        // The recorder's end closing without a word means that it gave up.
        go.read_exact(&mut [0])
    }
}

/// A command that runs.
pub struct RunningCommand {
    child: std::process::Child,
    status: Option<ExitStatus>,
}

impl RunningCommand {
    /// Whether it has ended.
    pub fn has_ended(&mut self) -> bool {
        if self.status.is_none() {
            self.status = self.child.try_wait().ok().flatten();
        }
        self.status.is_some()
    }

    /// Id of its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits for its end.
    pub fn wait(&mut self) {
        if self.status.is_none() {
            self.status = self.child.wait().ok();
        }
    }

    /// Its exit code as a shell gives it: 128 and the signal for one that a signal ended. 0 while it runs.
    pub fn exit_code(&self) -> u8 {
        let Some(status) = self.status else {
            return 0;
        };
        match (status.code(), status.signal()) {
            (Some(code), _) => code as u8,
            (None, Some(signal)) => 128u8.wrapping_add(signal as u8),
            (None, None) => 1,
        }
    }
}
