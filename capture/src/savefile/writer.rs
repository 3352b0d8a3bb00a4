//! Writing savefiles.

use std::collections::{HashMap, HashSet};
use std::io::Write;

use super::block::{BlockType, SECTION_MAGIC, block_len, write_block};
use super::profile::{self, CompatForm, EnterForm, EnterParam, WriterProfile};
use super::sink::{Compression, Sink};
use super::{FdEntry, GroupEntry, Interface, MachineInfo, ProcessEntry, UserEntry};
use super::{fds, interfaces, machine, processes, users};
use crate::error::{Error, ErrorKind, Result};
use crate::event::encoded::{self, HEADER_LEN, has_wide_lengths};
use crate::event::{Event, EventType, MAX_PARAMS, Params};

/// How to write a savefile.
#[derive(Clone, Debug, Default)]
pub struct WriteOptions {
    /// For whom.
    pub profile: WriterProfile,
    /// How it is compressed.
    pub compression: Compression,
}

/// Writes a capture: first what describes the machine, then events.
///
/// Blocks are collected in memory. After [`Writer::flush`] the file can be read up to there, whatever happens
/// to the writer afterwards; so the end of a file whose writer was killed is at a block or, in compressed files
/// and on a full disk, in the middle of what came after the last flush. Dropping a writer loses what was
/// collected since: end with [`Writer::finish`].
///
/// After an error of kind [`ErrorKind::Io`] nothing more can be written.
pub struct Writer<W: Write> {
    sink: Sink<W>,
    profile: WriterProfile,
    seen_event: bool,
    /// Threads that a process list named.
    listed: HashSet<i64>,
    /// The last enter that was written for a thread, if its exit has not come.
    enters: HashMap<i64, PendingEnter>,
    scratch: Vec<u8>,
}

struct PendingEnter {
    ty: EventType,
    /// What readers take from an execve's enter.
    filename: Vec<u8>,
}

/// Largest event in a block that is not of a LARGE type: readers have a buffer of 64 KiB for it.
const EVENT_MAX: usize = 65_526;

/// The CPU before an event.
const CPU_LEN: usize = 2;

/// The flags of a flagged event.
const FLAGS_LEN: usize = 4;

/// What an enter may have more than its exit: parameters that are zero, with their lengths.
const ENTER_ADDS_MAX: u64 = 64;

impl<W: Write> Writer<W> {
    /// Starts a capture.
    ///
    /// # Errors
    /// When the threads for compression cannot be started.
    pub fn new(out: W, options: WriteOptions) -> Result<Self> {
        let mut writer = Writer {
            sink: Sink::new(out, options.compression)?,
            profile: options.profile,
            seen_event: false,
            listed: HashSet::new(),
            enters: HashMap::new(),
            scratch: Vec::new(),
        };
        writer.section()?;
        Ok(writer)
    }

    /// Starts another capture in the same file, with metadata of its own.
    ///
    /// # Errors
    /// As for all methods: when the output cannot be written.
    pub fn section(&mut self) -> Result<()> {
        self.seen_event = false;
        self.listed.clear();
        self.enters.clear();
        // No options: readers before libs 0.21 refuse a file with them.
        self.block(BlockType::SECTION, |body| {
            body.extend_from_slice(&SECTION_MAGIC.to_le_bytes());
            body.extend_from_slice(&1u16.to_le_bytes());
            body.extend_from_slice(&2u16.to_le_bytes());
            body.extend_from_slice(&u64::MAX.to_le_bytes());
        })
    }

    /// Writes what is known of the machine.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] after the first event, as for all metadata: readers stop at it there.
    pub fn machine(&mut self, info: &MachineInfo) -> Result<()> {
        self.metadata(BlockType::MACHINE, |body| machine::write(info, body))
    }

    /// Writes the interfaces.
    ///
    /// # Errors
    /// See [`Writer::machine`].
    pub fn interfaces(&mut self, list: &[Interface]) -> Result<()> {
        self.metadata(BlockType::INTERFACES_V2, |body| {
            list.iter().for_each(|interface| interfaces::write_entry(interface, body));
        })
    }

    /// Writes users and groups. Without them readers use those of the machine they run on.
    ///
    /// # Errors
    /// See [`Writer::machine`].
    pub fn users(&mut self, users: &[UserEntry], groups: &[GroupEntry]) -> Result<()> {
        self.metadata(BlockType::USERS_V2, |body| {
            users.iter().for_each(|user| users::write_user(user, body));
            groups.iter().for_each(|group| users::write_group(group, body));
        })
    }

    /// Writes threads. Strings that readers would refuse as too long are cut.
    ///
    /// # Errors
    /// See [`Writer::machine`].
    pub fn processes(&mut self, list: &[ProcessEntry]) -> Result<()> {
        self.listed.extend(list.iter().map(|process| process.tid));
        self.metadata(BlockType::PROCESSES_V9, |body| {
            list.iter().for_each(|process| processes::write_entry(process, body));
        })
    }

    /// Writes a thread's descriptors. Those of threads that [`Writer::processes`] was not given are left out:
    /// some readers ignore them, others refuse the file.
    ///
    /// # Errors
    /// See [`Writer::machine`].
    pub fn fds(&mut self, tid: i64, list: &[FdEntry]) -> Result<()> {
        if !self.listed.contains(&tid) {
            return Ok(());
        }
        // sysdig 0.29.3 refuses the whole file for one descriptor of a type it does not know.
        let old_types_only = self.profile != WriterProfile::Schema45;
        self.metadata(BlockType::FDS_V2, |body| {
            body.extend_from_slice(&tid.to_le_bytes());
            list.iter().for_each(|fd| fds::write_entry(fd, old_types_only, body));
        })
    }

    /// Writes a current event, in the layout of the profile.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when a parameter is too long for its length field.
    pub fn event(&mut self, event: &Event<'_>) -> Result<()> {
        match self.profile {
            WriterProfile::Schema45 => self.append(event),
            WriterProfile::Portable if is_plain(event.ty) => self.append(event),
            WriterProfile::Portable => self.portable(event),
            WriterProfile::Compat => self.compat(event),
        }
    }

    /// Writes a current event that is already in its binary form: header, lengths and parameters. Nothing of
    /// it is checked unless the profile has to change it. With `state_only` readers apply it without showing it.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when the bytes are not an event.
    pub fn encoded(&mut self, cpu: u16, state_only: bool, bytes: &[u8]) -> Result<()> {
        match event_type(bytes) {
            Some(ty)
                if self.profile != WriterProfile::Compat && is_plain(ty) && bytes.len() >= HEADER_LEN =>
            {
                let large = has_wide_lengths(ty) || bytes.len() > EVENT_MAX;
                self.append_bytes(cpu, state_only, large, ty, bytes)
            }
            _ => {
                let mut ends = [0; MAX_PARAMS];
                let event = encoded::decode(cpu, bytes, &mut ends).ok_or_else(not_an_event)?;
                self.event(&Event { state_only, ..event })
            }
        }
    }

    /// Bytes that [`Writer::encoded`] adds for an event: exact where the profile leaves it as it is, a bound where
    /// it may put an enter before it.
    pub fn encoded_bytes(&self, state_only: bool, bytes: &[u8]) -> u64 {
        let body = CPU_LEN + if state_only { FLAGS_LEN } else { 0 } + bytes.len();
        let block = block_len(body) as u64;
        let is_as_it_is = match self.profile {
            WriterProfile::Schema45 => true,
            WriterProfile::Portable => event_type(bytes).is_some_and(is_plain),
            WriterProfile::Compat => false,
        };
        if is_as_it_is { block } else { 2 * block + ENTER_ADDS_MAX }
    }

    /// Makes the file readable up to here.
    ///
    /// # Errors
    /// When the output cannot be written.
    pub fn flush(&mut self) -> Result<()> {
        self.sink.flush()
    }

    /// Bytes of the file so far. Of a compressed one, what is not compressed yet does not count.
    pub fn written_bytes(&self) -> u64 {
        self.sink.written_bytes()
    }

    /// Writes what is left and gives the output back.
    ///
    /// # Errors
    /// When the output cannot be written.
    pub fn finish(self) -> Result<W> {
        self.sink.finish()
    }

    fn block(&mut self, ty: BlockType, write: impl FnOnce(&mut Vec<u8>)) -> Result<()> {
        write_block(self.sink.buffer(), ty, write);
        self.sink.settle()
    }

    fn metadata(&mut self, ty: BlockType, write: impl FnOnce(&mut Vec<u8>)) -> Result<()> {
        if self.seen_event {
            return Err(Error::new(ErrorKind::InvalidInput, "metadata must come before the first event"));
        }
        self.block(ty, write)
    }

    /// An event in today's layout but for what only newer readers know.
    fn portable(&mut self, event: &Event<'_>) -> Result<()> {
        match event.ty {
            EventType::EXECVE_19_E | EventType::CONNECT_E => self.remember_enter(event),
            EventType::EXECVE_19_X => {
                // Readers take the file name from the thread's last enter, which must be this one.
                let form = profile::compat_form(event.ty).and_then(|form| form.enter.as_ref());
                self.enter_before(event, form)?;
            }
            _ => {}
        }
        match profile::portable_count(event.ty) {
            Some(count) => self.append(&Event { params: event.params.truncated(count), ..*event }),
            None => self.append(event),
        }
    }

    /// An event with the enter that old readers need before it.
    fn compat(&mut self, event: &Event<'_>) -> Result<()> {
        let Some(form) = profile::compat_form(event.ty) else {
            self.remember_enter(event);
            return self.append(event);
        };
        if !is_child_side(event) {
            self.enter_before(event, form.enter.as_ref())?;
        }
        self.append_exit(event, form)
    }

    fn append_exit(&mut self, event: &Event<'_>, form: &CompatForm) -> Result<()> {
        let (mut ends, mut data) = (Vec::new(), Vec::new());
        for &index in &form.params {
            let Some(value) = event.param(usize::from(index)) else { break };
            data.extend_from_slice(value);
            ends.push(data.len() as u32);
        }
        let params = Params::new(&ends, &data).unwrap_or(Params::EMPTY);
        self.append(&Event { ty: form.ty, params, ..*event })
    }

    fn remember_enter(&mut self, event: &Event<'_>) {
        let filename = match event.ty {
            EventType::EXECVE_19_E => event.param(0).unwrap_or_default().to_vec(),
            _ => Vec::new(),
        };
        self.enters.insert(event.tid, PendingEnter { ty: event.ty, filename });
    }

    /// Writes the enter for an exit, unless the same was just written for the thread.
    fn enter_before(&mut self, exit: &Event<'_>, form: Option<&EnterForm>) -> Result<()> {
        let pending = self.enters.remove(&exit.tid);
        let Some(form) = form else { return Ok(()) };
        let (mut ends, mut data) = (Vec::new(), Vec::new());
        for param in &form.params {
            match *param {
                EnterParam::OfExit(index) => {
                    data.extend_from_slice(exit.param(usize::from(index)).unwrap_or_default());
                }
                EnterParam::Zero(len) => data.resize(data.len() + usize::from(len), 0),
            }
            ends.push(data.len() as u32);
        }
        let written = pending.is_some_and(|pending| {
            pending.ty == form.ty && (pending.ty != EventType::EXECVE_19_E || pending.filename == data)
        });
        if written {
            return Ok(());
        }
        let params = Params::new(&ends, &data).unwrap_or(Params::EMPTY);
        self.append(&Event { ty: form.ty, params, ..*exit })
    }

    /// Writes an event as it is.
    fn append(&mut self, event: &Event<'_>) -> Result<()> {
        let mut bytes = std::mem::take(&mut self.scratch);
        bytes.clear();
        let result = if encoded::encode(event, &mut bytes) {
            let large = has_wide_lengths(event.ty) || bytes.len() > EVENT_MAX;
            self.append_bytes(event.cpu, event.state_only, large, event.ty, &bytes)
        } else {
            Err(Error::new(ErrorKind::InvalidInput, "a parameter is too long for the event's type"))
        };
        self.scratch = bytes;
        result
    }

    fn append_bytes(
        &mut self,
        cpu: u16,
        state_only: bool,
        large: bool,
        event: EventType,
        bytes: &[u8],
    ) -> Result<()> {
        self.seen_event = true;
        let hides_codes = self.profile != WriterProfile::Schema45;
        let ty = match (state_only, large) {
            (false, false) => BlockType::EVENT_V2,
            (false, true) => BlockType::EVENT_V2_LARGE,
            (true, false) => BlockType::FLAGGED_V2,
            (true, true) => BlockType::FLAGGED_V2_LARGE,
        };
        self.block(ty, |body| {
            body.extend_from_slice(&cpu.to_le_bytes());
            if state_only {
                body.extend_from_slice(&1u32.to_le_bytes());
            }
            let start = body.len();
            body.extend_from_slice(bytes);
            if hides_codes {
                profile::hide_new_code(event, &mut body[start..]);
            }
        })
    }
}

/// The type of an event in its binary form.
fn event_type(bytes: &[u8]) -> Option<EventType> {
    bytes.get(20..22).and_then(|ty| ty.try_into().ok()).map(u16::from_le_bytes).map(EventType)
}

/// Whether the portable profile writes events of this type as they are and has nothing to remember.
fn is_plain(ty: EventType) -> bool {
    !matches!(
        ty,
        EventType::EXECVE_19_E
            | EventType::EXECVE_19_X
            | EventType::CONNECT_E
            | EventType::SOCKET_X
            | EventType::FCNTL_X
    )
}

/// The child's half of a fork: the new thread has entered no call.
fn is_child_side(event: &Event<'_>) -> bool {
    use EventType as E;
    matches!(event.ty, E::CLONE_20_X | E::FORK_20_X | E::VFORK_20_X | E::CLONE3_X)
        && event.i64_at(0) == Some(0)
}

fn not_an_event() -> Error {
    Error::new(ErrorKind::InvalidInput, "the bytes are not an event of the schema")
}
