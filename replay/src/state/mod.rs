//! Tables of threads, descriptors, users, interfaces and containers, kept up to date event by event.
//!
//! [`State::apply`] updates the tables and returns what must happen after evaluation (at a `close` or an exit
//! the descriptor or thread is still visible to rules); [`State::commit`] does that.
//!
//! An event goes through these steps: `Update::begin` finds its thread and descriptor, the function
//! for its type (`dispatch`; one file per family of calls) changes the tables and leaves effects, and
//! `finish` tells the outcome. Where the reference implementation has quirks that rules can see, they are
//! copied, and a comment at the place says so.

mod address;
mod clone;
mod connect;
mod container_id;
mod container_json;
mod containers;
mod descriptors;
mod enter;
mod exec;
mod exit;
mod fd;
mod fd_table;
mod lookups;
mod net;
mod open;
mod plan;
mod process;
mod seed;
mod skim;
mod snapshot;
mod socket;
#[cfg(test)]
mod tests;
mod thread;
mod threads;
mod transfer;
mod update;
mod users;

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use capture::event::{Event, EventSource, EventType};
use capture::savefile::{GroupEntry, Interface, MachineInfo, UserEntry};
use smallvec::SmallVec;

pub use containers::{CONTAINERS_MAX, Container, ContainerTable, HealthProbe, Limits, Mount, PortMapping};
pub use fd::{FdInfo, FdKind, Ipv4Tuple, Ipv6Tuple, Role};
pub use fd_table::{FDS_PER_PROCESS_MAX, FdTable};
pub use lookups::Lookups;
pub use net::Interfaces;
pub use skim::Skimmer;
pub use thread::ThreadInfo;
pub use threads::{ANCESTORS_MAX, Ancestors, Dropped, FDS_MAX, THREADS_MAX, ThreadTable};
pub use users::{ACCOUNTS_MAX, Accounts, Group, User};

use crate::context::EventFacts;
use crate::text::Text;
use container_id::CgroupLists;
use exit::RecentlyExited;
use plan::{Changes, Plan};
use threads::ThreadIndex;
use transfer::Way;
use update::Update;

/// Everything that is known about the recorded machine at one moment of a capture.
#[derive(Debug)]
pub struct State {
    threads: ThreadTable,
    accounts: Accounts,
    containers: ContainerTable,
    cgroups: CgroupLists,
    interfaces: Interfaces,
    machine: MachineInfo,
    lookups: Arc<Lookups>,
    recently_exited: RecentlyExited,
    pub(crate) last_ts_ns: u64,
    /// Time of the last event that rules saw; 0 before the first.
    last_delivered_ts_ns: u64,
    /// Time of the first event that is not metadata; 0 before it.
    first_ts_ns: u64,
    /// Ports that listed sockets listen on.
    server_ports: BTreeSet<u16>,
    /// Lists were taken over and threads are not related yet.
    is_seeding: bool,
    /// No event was seen yet but those that complete the lists.
    at_head: bool,
}

impl Default for State {
    fn default() -> Self {
        State {
            threads: ThreadTable::default(),
            accounts: Accounts::default(),
            containers: ContainerTable::default(),
            cgroups: CgroupLists::default(),
            interfaces: Interfaces::default(),
            machine: MachineInfo::default(),
            lookups: Arc::default(),
            recently_exited: RecentlyExited::default(),
            last_ts_ns: 0,
            last_delivered_ts_ns: 0,
            first_ts_ns: 0,
            server_ports: BTreeSet::new(),
            is_seeding: false,
            at_head: true,
        }
    }
}

/// What applying an event found, and what is left to do after it was evaluated.
#[derive(Debug)]
pub struct Applied {
    /// Thread the event belongs to.
    pub tid: Option<i64>,
    /// Place of that thread in the table.
    index: Option<ThreadIndex>,
    /// Number of the descriptor the event is about, known or not, or -1.
    pub fd_num: i64,
    /// Whether the thread has that descriptor.
    has_fd: bool,
    /// Whether rules see the event. Enter events and consumed metadata only update state.
    pub delivered: bool,
    /// Facts no table holds.
    pub facts: EventFacts,
    /// Changes to be committed after evaluation, in order.
    pub effects: Effects,
}

impl Default for Applied {
    fn default() -> Self {
        Applied {
            tid: None,
            index: None,
            fd_num: -1,
            has_fd: false,
            delivered: false,
            facts: EventFacts::default(),
            effects: Effects::new(),
        }
    }
}

/// Changes that wait until an event was evaluated.
pub type Effects = SmallVec<[Effect; 1]>;

/// A change that waits until an event was evaluated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The thread exited.
    RemoveThread {
        /// The thread.
        tid: i64,
    },
    /// The descriptor was closed.
    CloseFd {
        /// A thread of the process.
        tid: i64,
        /// The descriptor.
        fd: i64,
    },
}

impl State {
    /// A state that answers what the capture does not tell with `lookups`.
    pub fn new(lookups: Arc<Lookups>) -> Self {
        State { lookups, ..State::default() }
    }

    /// A new section starts, the first one or that of a capture appended to another. Accounts and containers
    /// stay as they are, as in the reference implementation.
    pub fn reset(&mut self) {
        let accounts = std::mem::take(&mut self.accounts);
        let containers = std::mem::take(&mut self.containers);
        let lookups = std::mem::take(&mut self.lookups);
        *self = State { accounts, containers, lookups, ..State::default() };
    }

    /// Takes over the machine information of a capture.
    pub fn seed_machine(&mut self, machine: MachineInfo) {
        self.machine = machine;
    }

    /// Takes over the interfaces.
    pub fn seed_interfaces(&mut self, interfaces: Vec<Interface>) {
        self.interfaces = interfaces.into();
    }

    /// Takes over users and groups.
    pub fn seed_users(&mut self, users: Vec<UserEntry>, groups: Vec<GroupEntry>) {
        self.accounts.seed(users, groups);
    }

    /// Updates the tables for one event of the current schema.
    pub fn apply(&mut self, event: &Event<'_>) -> Applied {
        if self.is_seeding {
            self.finish_seeding();
        }
        let is_list_event = self.at_head && completes_lists(event.ty);
        self.at_head = is_list_event;
        let delivered = !(is_list_event || event.state_only || Plan::of(event.ty).is_state_only);
        self.last_ts_ns = event.ts_ns;
        if self.first_ts_ns == 0 && event.ty.info().source != EventSource::Meta {
            self.first_ts_ns = event.ts_ns;
        }
        let (first_ts_ns, previous_ts_ns) = (self.first_ts_ns, self.last_delivered_ts_ns);
        if delivered {
            self.last_delivered_ts_ns = event.ts_ns;
        }
        let facts = EventFacts { first_ts_ns, previous_ts_ns, ..EventFacts::default() };
        let mut applied = Applied { delivered, facts, ..Applied::default() };
        let mut update = Update::new(self, event, &mut applied);
        update.begin();
        dispatch(&mut update);
        update.finish();
        applied
    }

    /// Applies and commits an event that rules will not look at here. Returns whether they may see it.
    pub fn follow(&mut self, event: &Event<'_>) -> bool {
        self.follow_as(Plan::of(event.ty), event)
    }

    #[inline(always)]
    fn follow_as(&mut self, plan: Plan, event: &Event<'_>) -> bool {
        let changes = plan.changes;
        let all = self.is_seeding
            || match changes {
                Changes::Tables | Changes::Own | Changes::Usage => true,
                Changes::Opened => event.i64_at(0).is_some_and(|fd| fd >= 0),
                Changes::Copied => descriptors::is_fcntl_change(event),
                Changes::Connected | Changes::Closed | Changes::Memory | Changes::Nothing => false,
            };
        if all {
            return self.apply_and_commit(event);
        }
        if let Some((index, number)) = Update::touch(self, plan, event) {
            match changes {
                Changes::Connected if self.may_connect(index) => return self.apply_and_commit(event),
                Changes::Closed if number >= 0 && event.i64_at(0).is_some_and(|result| result >= 0) => {
                    self.threads.change_fds(index, |fds| fds.remove(number));
                }
                Changes::Memory => {
                    if let Some(thread) = self.threads.info_mut(index) {
                        process::set_memory(thread, event);
                    }
                }
                _ => {}
            }
        }
        self.pass(event)
    }

    /// Whether a transfer by the last descriptor of a thread tells that it is connected.
    #[inline(always)]
    fn may_connect(&self, index: ThreadIndex) -> bool {
        let fd = self.threads.fds(index).and_then(|fds| fds.get(self.threads.recent(index).fd));
        let is_unconnected =
            |fd: &FdInfo| !fd.connected && matches!(fd.kind, FdKind::Ipv4Socket(_) | FdKind::Ipv6Socket(_));
        fd.is_some_and(is_unconnected)
    }

    /// Notes an event that has nothing more to change. Returns whether rules may see it.
    #[inline(always)]
    fn pass(&mut self, event: &Event<'_>) -> bool {
        self.at_head = false;
        self.last_ts_ns = event.ts_ns;
        if self.first_ts_ns == 0 {
            self.first_ts_ns = event.ts_ns;
        }
        if !event.state_only {
            self.last_delivered_ts_ns = event.ts_ns;
        }
        self.containers.forget_event();
        !event.state_only
    }

    /// Whether lists were taken over and an event was seen.
    fn is_under_way(&self) -> bool {
        !self.at_head && !self.is_seeding && self.first_ts_ns != 0
    }

    /// As [`State::pass`] for several events that rules may see, of which the last is from `ts_ns`.
    fn pass_until(&mut self, ts_ns: u64) {
        (self.last_ts_ns, self.last_delivered_ts_ns) = (ts_ns, ts_ns);
        self.containers.forget_event();
    }

    #[inline(never)]
    fn apply_and_commit(&mut self, event: &Event<'_>) -> bool {
        let applied = self.apply(event);
        let delivered = applied.delivered;
        self.commit(applied);
        delivered
    }

    /// Carries out what [`State::apply`] left for after the evaluation.
    pub fn commit(&mut self, applied: Applied) {
        self.containers.forget_event();
        for effect in applied.effects {
            match effect {
                Effect::RemoveThread { tid } => {
                    let ptid = self.threads.get(tid).map_or(-1, |thread| thread.ptid);
                    self.recently_exited.record(tid, ptid, self.last_ts_ns);
                    self.threads.remove(tid);
                }
                Effect::CloseFd { tid, fd } => {
                    let index = self.threads.find(tid);
                    if let Some(index) = index {
                        self.threads.change_fds(index, |fds| fds.remove(fd));
                    }
                }
            }
        }
    }

    /// The threads.
    pub fn threads(&self) -> &ThreadTable {
        &self.threads
    }

    /// Users and groups of the capture.
    pub fn accounts(&self) -> &Accounts {
        &self.accounts
    }

    /// A user of a container, or of the host for the empty id.
    pub fn user(&self, container_id: &[u8], uid: u32) -> Option<&User> {
        self.accounts.user(container_id, uid).or_else(|| self.lookups.user(container_id, uid))
    }

    /// A group of a container, or of the host for the empty id.
    pub fn group(&self, container_id: &[u8], gid: u32) -> Option<&Group> {
        self.accounts.group(container_id, gid).or_else(|| self.lookups.group(container_id, gid))
    }

    /// Domains that an address was found to have.
    pub fn names(&self, ip: IpAddr) -> &[Text] {
        self.lookups.names(ip)
    }

    /// Containers.
    pub fn containers(&self) -> &ContainerTable {
        &self.containers
    }

    /// Interfaces of the recorded machine.
    pub fn interfaces(&self) -> &Interfaces {
        &self.interfaces
    }

    /// The recorded machine.
    pub fn machine(&self) -> &MachineInfo {
        &self.machine
    }

    /// The thread and the descriptor an event is about, after it was applied and before it is committed.
    #[inline]
    pub fn subject(&self, applied: &Applied) -> (Option<&ThreadInfo>, Option<&FdInfo>) {
        let Some(index) = applied.index else { return (None, None) };
        let fds = if applied.has_fd { self.threads.fds(index) } else { None };
        (self.threads.info(index), fds.and_then(|fds| fds.get(applied.fd_num)))
    }

    /// Adds a stand-in for a thread that is not known. `None` when the table is full.
    #[cold]
    fn add_placeholder(&mut self, tid: i64) -> Option<ThreadIndex> {
        self.threads.insert(ThreadInfo::placeholder(tid))
    }
}

/// Events that, at the head of a capture, belong to the lists.
fn completes_lists(ty: EventType) -> bool {
    matches!(
        ty,
        EventType::CONTAINER_JSON_2_E
            | EventType::USER_ADDED_E
            | EventType::USER_DELETED_E
            | EventType::GROUP_ADDED_E
            | EventType::GROUP_DELETED_E
            | EventType::ASYNCEVENT_E
    )
}

/// Calls the function for the type of the event. Events that change nothing are left out.
fn dispatch(update: &mut Update<'_>) {
    use EventType as T;
    match update.event.ty {
        T::READ_X | T::READV_X | T::PREAD_X | T::PREADV_X => transfer::apply(update, Way::In),
        T::RECV_X | T::RECVFROM_X | T::RECVMSG_X | T::RECVMMSG_X => transfer::apply(update, Way::In),
        T::WRITE_X | T::WRITEV_X | T::PWRITE_X | T::PWRITEV_X => transfer::apply(update, Way::Out),
        T::SEND_X | T::SENDTO_X | T::SENDMSG_X | T::SENDMMSG_X => transfer::apply(update, Way::Out),
        T::OPEN_E
        | T::CREAT_E
        | T::OPENAT_2_E
        | T::OPENAT2_E
        | T::EXECVE_19_E
        | T::EXECVEAT_E
        | T::CONNECT_E => enter::store(update),
        T::OPEN_X | T::CREAT_X | T::OPENAT_2_X | T::OPENAT2_X | T::OPEN_BY_HANDLE_AT_X => open::apply(update),
        T::CLOSE_X => descriptors::close(update),
        T::CLOSE_RANGE_X => descriptors::close_range(update),
        T::DUP_1_X | T::DUP2_X | T::DUP3_X => descriptors::dup(update),
        T::FCNTL_X => descriptors::fcntl(update),
        T::PIPE_X | T::PIPE2_X => descriptors::pipe(update),
        T::SOCKETPAIR_X => descriptors::socketpair(update),
        T::MEMFD_CREATE_X => descriptors::memfd_create(update),
        T::PIDFD_OPEN_X => descriptors::pidfd_open(update),
        T::PIDFD_GETFD_X => descriptors::pidfd_getfd(update),
        T::EVENTFD_X | T::EVENTFD2_X => descriptors::create(update, FdKind::Event),
        T::SIGNALFD_X | T::SIGNALFD4_X => descriptors::create(update, FdKind::SignalFd),
        T::TIMERFD_CREATE_X => descriptors::create(update, FdKind::TimerFd),
        T::INOTIFY_INIT_X | T::INOTIFY_INIT1_X => descriptors::create(update, FdKind::Inotify),
        T::BPF_2_X => descriptors::create(update, FdKind::Bpf),
        T::USERFAULTFD_X => descriptors::create(update, FdKind::UserFaultFd),
        T::IO_URING_SETUP_X => descriptors::create(update, FdKind::IoUring),
        T::EPOLL_CREATE_X | T::EPOLL_CREATE1_X => descriptors::create(update, FdKind::EventPoll),
        T::SOCKET_X => socket::socket(update),
        T::BIND_X => socket::bind(update),
        T::ACCEPT_5_X | T::ACCEPT4_6_X => socket::accept(update),
        T::CONNECT_X => connect::apply(update),
        T::CLONE_20_X | T::CLONE3_X | T::FORK_20_X | T::VFORK_20_X => {
            clone::apply(update);
            update.find_container();
        }
        T::EXECVE_19_X | T::EXECVEAT_X => {
            exec::apply(update);
            update.find_container();
        }
        T::CHROOT_X => {
            process::chroot(update);
            update.find_container();
        }
        T::PROCEXIT_1_E => exit::apply(update),
        T::CHDIR_X | T::GETCWD_X => process::change_dir(update),
        T::FCHDIR_X => process::change_dir_fd(update),
        T::SETUID_X | T::SETREUID_X | T::SETRESUID_X => process::set_user(update),
        T::SETGID_X | T::SETREGID_X | T::SETRESGID_X => process::set_group(update),
        T::SETSID_X => process::setsid(update),
        T::CAPSET_X => process::capset(update),
        T::UNSHARE_X | T::SETNS_X => process::change_namespace(update),
        T::PRCTL_X => process::prctl(update),
        T::GETRLIMIT_X | T::SETRLIMIT_X => process::rlimit(update),
        T::PRLIMIT_X => process::prlimit(update),
        T::BRK_4_X | T::MMAP_X | T::MMAP2_X | T::MUNMAP_X => process::memory(update),
        T::SCHEDSWITCH_6_E => process::context_switch(update),
        T::PROCINFO_E => process::process_info(update),
        T::USER_ADDED_E | T::USER_DELETED_E | T::GROUP_ADDED_E | T::GROUP_DELETED_E => {
            let at_head = update.state.at_head;
            update.state.accounts.apply(update.event, at_head);
        }
        T::ASYNCEVENT_E | T::CONTAINER_JSON_2_E | T::CONTAINER_JSON_E | T::CONTAINER_E => {
            update.state.containers.apply(update.event);
        }
        _ => {}
    }
}
