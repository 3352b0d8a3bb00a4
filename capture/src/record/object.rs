//! The eBPF objects, built from `capture/bpf/` and checked in.

/// Raises the alignment of the embedded bytes to that of the ELF structures that are read in place.
#[repr(C, align(32))]
struct Aligned<T: ?Sized>(T);

// Registers and numbers of system calls differ, so every architecture has its own.
#[cfg(target_arch = "x86_64")]
static OBJECT: &Aligned<[u8]> = &Aligned(*include_bytes!("../../bpf/recorder.x86_64.bpf.o"));
#[cfg(target_arch = "aarch64")]
static OBJECT: &Aligned<[u8]> = &Aligned(*include_bytes!("../../bpf/recorder.aarch64.bpf.o"));
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
static OBJECT: &Aligned<[u8]> = &Aligned([]);

/// Bytes of the object, where there is one for this architecture.
pub(super) fn bytes() -> Option<&'static [u8]> {
    (!OBJECT.0.is_empty()).then_some(&OBJECT.0)
}
