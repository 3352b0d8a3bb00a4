//! Lets the programs read the kernel's memory with plain loads instead of calls of a helper.
//!
//! The verifier allows that through pointers from the kernel function `bpf_rdonly_cast`, of Linux 6.2. Functions of the
//! kernel are called by their number in its BTF, which aya does not fill in, so the object has a marker in
//! place of the number (`capture/bpf/read.h`).

use aya::Btf;
use aya_obj::btf::BtfKind;

/// Call of a kernel function (`BPF_JMP | BPF_CALL`, `BPF_PSEUDO_KFUNC_CALL`) that the marker is the number of.
const MARKED_CALL: [u8; 8] = [0x85, 0x20, 0, 0, 0x44, 0x52, 0x4e, 0x4c];
/// `r0 = 0`: older kernels look at calls that are never reached, too.
const NO_CALL: [u8; 8] = [0xb7, 0, 0, 0, 0, 0, 0, 0];
/// Alignment of the ELF structures that are read in place.
const ALIGNMENT: usize = 32;

/// Numbers in the kernel's BTF.
#[derive(Clone, Copy)]
pub(super) struct DirectReads {
    function: u32,
    /// Of a type that begins with a number of 64 bits.
    pub word_type: u32,
}

impl DirectReads {
    /// What this kernel has, if it has the function.
    pub fn find(btf: &Btf) -> Option<DirectReads> {
        Some(DirectReads {
            function: btf.id_by_type_name_kind("bpf_rdonly_cast", BtfKind::Func).ok()?,
            word_type: btf.id_by_type_name_kind("timespec64", BtfKind::Struct).ok()?,
        })
    }
}

/// An object whose marked calls are completed.
pub(super) struct Completed {
    bytes: Vec<u8>,
    start: usize,
}

impl Completed {
    /// Completes the calls, or takes them out.
    pub fn new(object: &[u8], direct: Option<DirectReads>) -> Completed {
        let mut call = NO_CALL;
        if let Some(direct) = direct {
            call[..4].copy_from_slice(&MARKED_CALL[..4]);
            call[4..].copy_from_slice(&direct.function.to_le_bytes());
        }
        let mut bytes: Vec<u8> = Vec::with_capacity(object.len() + ALIGNMENT);
        let start = bytes.as_ptr().align_offset(ALIGNMENT).min(ALIGNMENT);
        bytes.resize(start, 0);
        bytes.extend_from_slice(object);
        for instruction in bytes[start..].chunks_exact_mut(MARKED_CALL.len()) {
            if instruction == MARKED_CALL {
                instruction.copy_from_slice(&call);
            }
        }
        Completed { bytes, start }
    }

    pub fn object(&self) -> &[u8] {
        &self.bytes[self.start..]
    }
}

#[cfg(test)]
mod tests {
    use super::super::object;
    use super::*;

    fn count(bytes: &[u8], instruction: [u8; 8]) -> usize {
        bytes.chunks_exact(8).filter(|bytes| **bytes == instruction).count()
    }

    #[test]
    fn all_marked_calls_are_completed_or_taken_out() {
        let Some(object) = object::bytes() else { return };
        let marked = count(object, MARKED_CALL);
        assert!(marked > 0);
        let direct = DirectReads { function: 0x01020304, word_type: 1 };
        for (direct, call) in
            [(Some(direct), [0x85, 0x20, 0, 0, 4, 3, 2, 1]), (None, [0xb7, 0, 0, 0, 0, 0, 0, 0])]
        {
            let completed = Completed::new(object, direct);
            let bytes = completed.object();
            assert_eq!((bytes.len(), bytes.as_ptr().align_offset(ALIGNMENT)), (object.len(), 0));
            assert_eq!(count(bytes, MARKED_CALL), 0);
            assert_eq!(count(bytes, call), count(object, call) + marked);
            let differing = bytes.chunks(8).zip(object.chunks(8)).filter(|(a, b)| a != b).count();
            assert_eq!(differing, marked);
        }
    }
}
