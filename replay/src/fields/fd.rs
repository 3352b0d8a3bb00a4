//! Fields of the file descriptor the event is about: `fd.*`.

use capture::event::{ParamType as T, PrintFormat as P};

use super::def::{ArgSpec, FieldDef, Transforms, absent, boolean, field, text};

pub(super) const FIELDS: &[FieldDef] = &[
    field("fd.cip", T::IpAddr, P::Na, absent, "Client address."),
    text("fd.cip.name", absent, "Client domain name.").transforms(Transforms::OnlyConcat).left_only(),
    field("fd.cnet", T::IpNet, P::Na, absent, "Client address inside CIDR.").filter_only(),
    boolean("fd.connected", absent, "Socket connected flag."),
    text("fd.containerdirectory", absent, "Container id : directory."),
    text("fd.containername", absent, "Container id : fd name."),
    field("fd.cport", T::Port, P::Dec, absent, "Client port."),
    text("fd.cproto", absent, "Client port as text."),
    field("fd.dev", T::Int32, P::Hex, absent, "Device number."),
    field("fd.dev.major", T::Int32, P::Dec, absent, "Device major."),
    field("fd.dev.minor", T::Int32, P::Dec, absent, "Device minor."),
    text("fd.directory", absent, "Directory part of file path."),
    text("fd.filename", absent, "Last path component."),
    field("fd.ino", T::Int64, P::Dec, absent, "Inode."),
    field("fd.ip", T::IpAddr, P::Na, absent, "Either endpoint address.").either_end(),
    boolean("fd.is_lower_layer", absent, "File on overlayfs lower layer."),
    boolean("fd.is_server", absent, "Server side of connection."),
    boolean("fd.is_upper_layer", absent, "File on overlayfs upper layer."),
    text("fd.l4proto", absent, "Tcp udp icmp raw or <NA>."),
    field("fd.lip", T::IpAddr, P::Na, absent, "Local address."),
    text("fd.lip.name", absent, "Local domain name.").transforms(Transforms::OnlyConcat).left_only(),
    field("fd.lnet", T::IpNet, P::Na, absent, "Local address inside CIDR.").filter_only(),
    field("fd.lport", T::Port, P::Dec, absent, "Local port."),
    text("fd.lproto", absent, "Local port as text."),
    text("fd.name", absent, "Path or tuple text of fd (falls back on params of failed opens)."),
    boolean("fd.name_changed", absent, "This event changed the fd name."),
    text("fd.nameraw", absent, "Path as given to the call, double slashes removed."),
    field("fd.net", T::IpNet, P::Na, absent, "Either endpoint inside CIDR (first value only).").either_end(),
    field("fd.num", T::Int64, P::Id, absent, "Fd number the event acts on."),
    field("fd.port", T::Port, P::Dec, absent, "Either endpoint port.").either_end(),
    field("fd.proto", T::Port, P::Na, absent, "Either port compared as service name.").either_end(),
    field("fd.rip", T::IpAddr, P::Na, absent, "Remote address."),
    text("fd.rip.name", absent, "Remote domain name.").transforms(Transforms::OnlyConcat).left_only(),
    field("fd.rnet", T::IpNet, P::Na, absent, "Remote address inside CIDR.").filter_only(),
    field("fd.rport", T::Port, P::Dec, absent, "Remote port."),
    text("fd.rproto", absent, "Remote port as text."),
    field("fd.sip", T::IpAddr, P::Na, absent, "Server address."),
    text("fd.sip.name", absent, "Server domain name.").transforms(Transforms::OnlyConcat).left_only(),
    field("fd.snet", T::IpNet, P::Na, absent, "Server address inside CIDR.").filter_only(),
    text("fd.sockfamily", absent, "Ip or unix."),
    field("fd.sport", T::Port, P::Dec, absent, "Server port."),
    text("fd.sproto", absent, "Server port as text."),
    text("fd.type", absent, "Fd kind text."),
    text("fd.typechar", absent, "Fd kind letter (falls back on event type)."),
    text("fd.types", absent, "Distinct kinds of all open fds.")
        .arg(ArgSpec::Index { required: false })
        .list()
        .left_only(),
    text("fd.uid", absent, "Tid concatenated with fd number."),
];
