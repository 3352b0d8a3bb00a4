//! The machine info block.

use super::MachineInfo;
use super::cursor::Cursor;

const HOSTNAME_LEN: usize = 128;

/// Reads a block's body. Bytes after the known fields are ignored.
pub(super) fn parse(mut body: Cursor<'_>) -> Option<MachineInfo> {
    let num_cpus = body.u32()?;
    let memory_size_bytes = body.u64()?;
    let _max_pid = body.u64()?;
    let hostname = body.bytes(HOSTNAME_LEN)?;
    let end = hostname.iter().position(|&byte| byte == 0).unwrap_or(HOSTNAME_LEN);
    let boot_ts_epoch_ns = body.u64()?;
    Some(MachineInfo { num_cpus, memory_size_bytes, hostname: hostname[..end].to_vec(), boot_ts_epoch_ns })
}

/// Appends a body: exactly 180 bytes, or the C library refuses the file.
pub(super) fn write(machine: &MachineInfo, out: &mut Vec<u8>) {
    out.extend_from_slice(&machine.num_cpus.to_le_bytes());
    out.extend_from_slice(&machine.memory_size_bytes.to_le_bytes());
    out.extend_from_slice(&[0; 8]);
    let mut hostname = [0; HOSTNAME_LEN];
    let len = machine.hostname.len().min(HOSTNAME_LEN - 1);
    hostname[..len].copy_from_slice(&machine.hostname[..len]);
    out.extend_from_slice(&hostname);
    out.extend_from_slice(&machine.boot_ts_epoch_ns.to_le_bytes());
    out.extend_from_slice(&[0; 24]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn survives_a_round_trip() {
        let machine = MachineInfo {
            num_cpus: 4,
            memory_size_bytes: 1 << 33,
            hostname: vec![b'h'; 127],
            boot_ts_epoch_ns: 9,
        };
        let mut body = Vec::new();
        write(&machine, &mut body);
        assert_eq!(body.len(), 180);
        assert_eq!(parse(Cursor::new(&body, false)), Some(machine));
        assert_eq!(parse(Cursor::new(&body[..147], false)), None);
    }
}
