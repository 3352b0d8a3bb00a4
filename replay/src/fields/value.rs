//! Values of fields.

use std::net::IpAddr;

/// Value of a field for one event. Numbers keep their signedness; strings are bytes without NUL.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub enum Value<'a> {
    /// No value: every comparison with it is false.
    #[default]
    Absent,
    Bool(bool),
    I64(i64),
    U64(u64),
    F64(f64),
    /// Strings and byte buffers.
    Bytes(&'a [u8]),
    Ip(IpAddr),
    /// Address and prefix length.
    Net(IpAddr, u8),
    List(&'a [Value<'a>]),
}

impl Value<'_> {
    /// Whether there is a value (`exists`).
    pub fn is_present(&self) -> bool {
        !matches!(self, Value::Absent)
    }
}

impl<'a> From<Option<&'a [u8]>> for Value<'a> {
    fn from(bytes: Option<&'a [u8]>) -> Self {
        bytes.map_or(Value::Absent, Value::Bytes)
    }
}
