//! Fields of the event itself: `evt.*` and `syscall.*`.

use capture::event::{ParamType as T, PrintFormat as P};

use super::def::{ArgSpec, FieldDef, JsonForm, Transforms, absent, boolean, field, text};

pub(super) const FIELDS: &[FieldDef] = &[
    text("evt.abspath", absent, "Absolute path from dirfd+path params of *at calls.")
        .arg(ArgSpec::Name { required: false }),
    text("evt.arg", absent, "One param as text by name or index (resolved form preferred).")
        .arg(ArgSpec::IndexOrName { required: true }),
    text("evt.args", absent, "All params as name=value(resolved) text."),
    field("evt.around", T::Uint64, P::Dec, absent, "True inside +-D ms of T.")
        .arg(ArgSpec::Index { required: true })
        .filter_only(),
    text("evt.asynctype", absent, "Meta/async event name."),
    field("evt.buffer", T::ByteBuf, P::Na, absent, "Bytes of param named data."),
    field("evt.buflen", T::Uint64, P::Dec, absent, "Return value when >=0 for IO events with a known fd."),
    field("evt.buflen.file", T::Uint64, P::Dec, absent, "Buflen on files.").hidden(),
    field("evt.buflen.file.in", T::Uint64, P::Dec, absent, "Buflen read on files.").hidden(),
    field("evt.buflen.file.out", T::Uint64, P::Dec, absent, "Buflen write on files.").hidden(),
    field("evt.buflen.in", T::Uint64, P::Dec, absent, "Buflen for read category.").hidden(),
    field("evt.buflen.net", T::Uint64, P::Dec, absent, "Buflen on IP sockets.").hidden(),
    field("evt.buflen.net.in", T::Uint64, P::Dec, absent, "Buflen read on IP sockets.").hidden(),
    field("evt.buflen.net.out", T::Uint64, P::Dec, absent, "Buflen write on IP sockets.").hidden(),
    field("evt.buflen.out", T::Uint64, P::Dec, absent, "Buflen for write category.").hidden(),
    text("evt.category", absent, "Category text (file, net, process, ...); IO events refined by fd kind."),
    field("evt.count", T::Uint32, P::Dec, absent, "Constant 1."),
    field("evt.count.error", T::Uint32, P::Dec, absent, "1 if failed (absent when no return value)."),
    field("evt.count.error.file", T::Uint32, P::Dec, absent, "Error flag for file fds/opens."),
    field("evt.count.error.memory", T::Uint32, P::Dec, absent, "Error flag for memory calls."),
    field("evt.count.error.net", T::Uint32, P::Dec, absent, "Error flag for sockets."),
    field("evt.count.error.other", T::Uint32, P::Dec, absent, "Error flag for the rest."),
    field("evt.count.exit", T::Uint32, P::Dec, absent, "1 for exit events."),
    field("evt.count.procinfo", T::Uint32, P::Dec, absent, "1 for procinfo of main thread.").hidden(),
    field("evt.count.threadinfo", T::Uint32, P::Dec, absent, "1 for procinfo.").hidden(),
    field("evt.cpu", T::Int16, P::Id, absent, "CPU number from the capture block."),
    text("evt.datetime", absent, "Local date plus time with ns.").json(JsonForm::EventTime),
    text("evt.datetime.s", absent, "Local date plus time, no ns.").json(JsonForm::EventTime),
    field("evt.deltatime", T::RelTime, P::Dec, absent, "Ns since previous evaluation of this very check."),
    field("evt.deltatime.ns", T::RelTime, P::Padded, absent, "Ns-remainder variant of evt.deltatime.")
        .json(JsonForm::Number),
    field("evt.deltatime.s", T::RelTime, P::Dec, absent, "Whole-seconds variant of evt.deltatime."),
    text("evt.dir", absent, "Deprecated: < for exit, > for enter type numbers.").deprecated(),
    boolean("evt.failed", absent, "True when return value < 0."),
    text("evt.hostname", absent, "Hostname stored in machine info."),
    text("evt.info", absent, "Same as evt.args."),
    text("evt.infra.docker.container.id", absent, "Docker infra event container id.").hidden(),
    text("evt.infra.docker.container.image", absent, "Docker infra event image.").hidden(),
    text("evt.infra.docker.container.name", absent, "Docker infra event container name.").hidden(),
    text("evt.infra.docker.name", absent, "Docker infra event name.").hidden(),
    text("evt.io_dir", absent, "Text read or write."),
    boolean("evt.is_async", absent, "True for meta events."),
    boolean("evt.is_io", absent, "Reads or writes an fd."),
    boolean("evt.is_io_read", absent, "Reads an fd."),
    boolean("evt.is_io_write", absent, "Writes an fd."),
    boolean("evt.is_open_create", absent, "Driver says file was created (or successful O_TMPFILE)."),
    boolean("evt.is_open_exec", absent, "Creating open/creat with any x mode bit."),
    boolean("evt.is_open_read", absent, "Open-family flags include the read bit."),
    boolean("evt.is_open_write", absent, "Open-family flags include the write bit."),
    boolean("evt.is_syslog", absent, "Write to /dev/log."),
    boolean("evt.is_wait", absent, "Blocking-wait event."),
    field("evt.latency", T::RelTime, P::Dec, absent, "Constant 0.").deprecated(),
    text("evt.latency.human", absent, "Constant text 0ns.").deprecated(),
    field("evt.latency.ns", T::RelTime, P::Padded, absent, "Constant 0.").deprecated().json(JsonForm::Number),
    field("evt.latency.quantized", T::Uint64, P::Dec, absent, "Constant 0.").hidden().deprecated(),
    field("evt.latency.s", T::RelTime, P::Dec, absent, "Constant 0.").deprecated(),
    field("evt.num", T::Uint64, P::Id, absent, "1-based counter of events delivered by the inspector."),
    text("evt.outputtime", absent, "Sysdig -t controlled time text.").print_only().json(JsonForm::EventTime),
    text("evt.plugininfo", absent, "Plugin-made summary of event."),
    text("evt.pluginname", absent, "Name of plugin that owns the event source."),
    field("evt.rawarg", T::Dyn, P::Na, absent, "One param by name in native type.")
        .arg(ArgSpec::Name { required: true })
        .left_only(),
    field("evt.rawres", T::Int64, P::Dec, absent, "Return value number."),
    field("evt.rawtime", T::AbsTime, P::Dec, absent, "Timestamp, ns since epoch."),
    field("evt.rawtime.ns", T::AbsTime, P::Padded, absent, "Sub-second ns part of timestamp.")
        .json(JsonForm::Number),
    field("evt.rawtime.s", T::AbsTime, P::Dec, absent, "Whole seconds part of timestamp."),
    field("evt.reltime", T::RelTime, P::Padded, absent, "Ns since first non-meta event.")
        .json(JsonForm::Number),
    field("evt.reltime.ns", T::RelTime, P::Padded, absent, "Ns fraction of time since first event.")
        .json(JsonForm::Number),
    field("evt.reltime.s", T::RelTime, P::Dec, absent, "Seconds since first event."),
    text("evt.res", absent, "SUCCESS or errno symbol."),
    text("evt.source", absent, "Event source name (syscall or plugin source)."),
    text("evt.time", absent, "Local wall-clock HH:MM:SS.nnnnnnnnn.").json(JsonForm::EventTime),
    text("evt.time.iso8601", absent, "UTC ISO-8601 with ns and +0000.").json(JsonForm::EventTime),
    text("evt.time.s", absent, "Local wall-clock HH:MM:SS.").json(JsonForm::EventTime),
    text(
        "evt.type",
        absent,
        "Event name; generic events give the syscall name, async events the embedded name.",
    )
    .transforms(Transforms::None)
    .left_only(),
    field("evt.type.is", T::Uint32, P::Na, absent, "1 when type equals the named event (enter or exit).")
        .arg(ArgSpec::Name { required: true })
        .left_only(),
    field("evt.wait_latency", T::RelTime, P::Dec, absent, "Constant 0.").deprecated(),
    text("syscall.type", absent, "Event name but only for syscall-category events.")
        .transforms(Transforms::None)
        .left_only(),
];
