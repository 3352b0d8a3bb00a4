//! Making files byte by byte, so that tests do not depend on the writer they test.
#![allow(dead_code)] // each test file uses its part

use std::path::{Path, PathBuf};

use lanner_capture::event::{EventBuilder, EventType};
use lanner_capture::savefile::{Capture, Item};
use lanner_capture::{Error, Result};

/// A file of the data beside the project.
pub fn shared(path: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared").join(path);
    if !path.exists() {
        eprintln!("skipped: {} is not there", path.display());
        return None;
    }
    Some(path)
}

pub const SHB: u32 = 0x0A0D_0D0A;
pub const EV: u32 = 0x204;
pub const EV_V2: u32 = 0x216;
pub const EVF: u32 = 0x208;
pub const EVF_V2: u32 = 0x217;
pub const EV_V2_LARGE: u32 = 0x221;

/// A file in one of the byte orders.
#[derive(Clone, Default)]
pub struct RawFile {
    pub bytes: Vec<u8>,
    big_endian: bool,
}

/// Values in the file's byte order.
#[derive(Clone, Default)]
pub struct Body {
    pub bytes: Vec<u8>,
    big_endian: bool,
}

macro_rules! integers {
    ($($name:ident: $ty:ty),*) => {
        $(pub fn $name(mut self, value: $ty) -> Self {
            let bytes = if self.big_endian { value.to_be_bytes() } else { value.to_le_bytes() };
            self.bytes.extend_from_slice(&bytes);
            self
        })*
    };
}

impl Body {
    integers! { u8: u8, u16: u16, u32: u32, u64: u64, i64: i64 }

    pub fn raw(mut self, bytes: &[u8]) -> Self {
        self.bytes.extend_from_slice(bytes);
        self
    }

    /// A string with its length.
    pub fn text(self, text: &str) -> Self {
        self.u16(text.len() as u16).raw(text.as_bytes())
    }

    /// Header, lengths and values of an event.
    pub fn event(self, ty: EventType, tid: i64, values: &[&[u8]], counted: bool) -> Self {
        let len = if counted { 26 } else { 22 } + values.iter().map(|value| 2 + value.len()).sum::<usize>();
        let mut body = self.u64(1_000).i64(tid).u32(len as u32).u16(ty.0);
        if counted {
            body = body.u32(values.len() as u32);
        }
        for value in values {
            body = body.u16(value.len() as u16);
        }
        values.iter().fold(body, |body, value| body.raw(value))
    }
}

impl RawFile {
    /// A file with its section header.
    pub fn new(big_endian: bool) -> Self {
        RawFile { bytes: Vec::new(), big_endian }.section(1)
    }

    pub fn section(self, major: u16) -> Self {
        let body = self.body().u32(0x1A2B_3C4D).u16(major).u16(2).u64(u64::MAX);
        self.block(SHB, body)
    }

    pub fn body(&self) -> Body {
        Body { bytes: Vec::new(), big_endian: self.big_endian }
    }

    pub fn block(mut self, ty: u32, body: Body) -> Self {
        let padded = body.bytes.len().next_multiple_of(4);
        let total = (padded + 12) as u32;
        let mut framed = self.body().u32(ty).u32(total).raw(&body.bytes);
        framed.bytes.resize(8 + padded, 0);
        self.bytes.extend(framed.u32(total).bytes);
        self
    }

    /// A current event of CPU 3.
    pub fn event(self, ty: EventType, tid: i64, values: &[&[u8]]) -> Self {
        let body = self.body().u16(3).event(ty, tid, values, true);
        self.block(EV_V2, body)
    }

    /// An event as written before 2018.
    pub fn old_event(self, ty: EventType, tid: i64, values: &[&[u8]]) -> Self {
        let body = self.body().u16(3).event(ty, tid, values, false);
        self.block(EV, body)
    }

    pub fn capture(&self) -> Capture {
        Capture::from_bytes("made", self.bytes.clone())
    }
}

/// Items as text, events apart, and what stopped the reading.
#[derive(Debug, Default)]
pub struct Read {
    pub metadata: Vec<String>,
    pub events: Vec<EventBuilder>,
    pub error: Option<Error>,
}

impl Read {
    pub fn types(&self) -> Vec<EventType> {
        self.events.iter().map(|event| event.event().ty).collect()
    }
}

/// Reads until the end or the first error.
pub fn read(capture: &Capture) -> Read {
    let mut read = Read::default();
    read.error = read_into(capture, &mut read).err();
    read
}

fn read_into(capture: &Capture, read: &mut Read) -> Result<()> {
    let mut reader = capture.reader()?;
    while let Some(item) = reader.next()? {
        match item {
            Item::Event(event) => read.events.push(EventBuilder::from_event(&event)),
            item => read.metadata.push(format!("{item:?}")),
        }
    }
    Ok(())
}
