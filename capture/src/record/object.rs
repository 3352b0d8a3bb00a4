//! The eBPF object, built from `capture/bpf/` and checked in.

/// Raises the alignment of the embedded bytes to that of the ELF structures that are read in place.
#[cfg(target_arch = "x86_64")]
#[repr(C, align(32))]
struct Aligned<T: ?Sized>(T);

#[cfg(target_arch = "x86_64")]
static OBJECT: &Aligned<[u8]> = &Aligned(*include_bytes!("../../bpf/recorder.bpf.o"));

/// Bytes of the object. System calls have other registers and numbers on each architecture, and only x86-64
/// has been tested so far.
pub(super) fn bytes() -> Option<&'static [u8]> {
    #[cfg(target_arch = "x86_64")]
    return Some(&OBJECT.0);
    #[cfg(not(target_arch = "x86_64"))]
    None
}
