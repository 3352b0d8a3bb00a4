//! The C header of the eBPF programs, made from the event table, so that ids exist in one place.
//!
//! The header is checked in as `capture/bpf/events.gen.h`; a test fails when it is stale and rewrites it
//! when `LANNER_BLESS=1` is set.

use std::fmt::Write;

use super::flags::FlagTable;
use super::schema::{EVENT_COUNT, EVENTS};
use super::syscalls::{SYSCALLS, SyscallInfo};
use super::types::{Detail, EventFlags};
use super::{EventType, MAX_PARAMS};

/// Text of the header.
pub fn c_header() -> String {
    let mut text = String::from(
        "/* Made from the event table of the capture crate (capture/src/event/schema.rs); do not edit.\n\
         \x20* To make it again: LANNER_BLESS=1 cargo test -p lanner-capture c_header\n */\n\
         #ifndef LANNER_EVENTS_GEN_H\n#define LANNER_EVENTS_GEN_H\n\n",
    );
    // Writing to a String cannot fail.
    let _ = write_limits(&mut text);
    let _ = write_events(&mut text);
    let _ = write_syscalls(&mut text);
    let _ = write_flags(&mut text);
    text.push_str("#endif\n");
    text
}

fn write_limits(text: &mut String) -> std::fmt::Result {
    writeln!(text, "#define EVENT_COUNT {EVENT_COUNT}\n#define EVENT_MAX_PARAMS {MAX_PARAMS}\n")
}

/// `EV_X` is the id of an event type and `EV_X_NPARAMS` its parameters in the current schema.
fn write_events(text: &mut String) -> std::fmt::Result {
    text.push_str("/* Event types: id and number of parameters. */\n");
    for event in EVENTS.iter().filter(|e| !e.flags.intersects(EventFlags::UNUSED)) {
        writeln!(text, "#define EV_{} {}", event.symbol, event.id.0)?;
        writeln!(text, "#define EV_{}_NPARAMS {}", event.symbol, event.params.len())?;
    }
    text.push('\n');
    Ok(())
}

/// `SC_X` is a system call's code; the lists pair native numbers with codes and exit events.
fn write_syscalls(text: &mut String) -> std::fmt::Result {
    text.push_str("/* System call codes, the same on every architecture. */\n");
    for call in SYSCALLS {
        writeln!(text, "#define SC_{} {}", call.symbol, call.code.0)?;
    }
    text.push_str(
        "\n/* X(native number, system call code, exit event) for every system call of an architecture. */\n",
    );
    write_native(text, "X86_64", |call| call.x86_64)?;
    write_native(text, "AARCH64", |call| call.aarch64)
}

fn write_native(text: &mut String, name: &str, number: fn(&SyscallInfo) -> Option<u16>) -> std::fmt::Result {
    let mut rows: Vec<_> = SYSCALLS.iter().filter_map(|call| Some((number(call)?, call))).collect();
    rows.sort_by_key(|(number, _)| *number);
    let last = rows.last().map_or(0, |(number, _)| *number);
    writeln!(text, "#define SYSCALL_NR_MAX_{name} {last}")?;
    write!(text, "#define FOR_EACH_SYSCALL_{name}(X)")?;
    for (number, call) in rows {
        let event = call.exit.unwrap_or(EventType::GENERIC_X).info().symbol;
        write!(text, " \\\n\tX({number}, SC_{}, EV_{event})", call.symbol)?;
    }
    text.push_str("\n\n");
    Ok(())
}

/// `TABLE_NAME` is a value of a flag table, as parameters store it (not the kernel's own bits).
fn write_flags(text: &mut String) -> std::fmt::Result {
    let mut tables: Vec<&FlagTable> = Vec::new();
    for param in EVENTS.iter().flat_map(|event| event.params) {
        match param.detail {
            Detail::Flags(table) if !tables.iter().any(|t| t.name == table.name) => tables.push(table),
            _ => {}
        }
    }
    for table in tables {
        writeln!(text, "/* {} */", table.name)?;
        for (name, value) in table.entries {
            writeln!(text, "#define {}_{name} {value:#x}", table.name.to_uppercase())?;
        }
        text.push('\n');
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c_header_is_current() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/bpf/events.gen.h");
        let wanted = c_header();
        if std::env::var_os("LANNER_BLESS").is_some() {
            std::fs::write(path, &wanted).unwrap();
        }
        let found = std::fs::read_to_string(path).unwrap_or_default();
        assert!(found == wanted, "{path} is stale; make it again with LANNER_BLESS=1");
    }
}
