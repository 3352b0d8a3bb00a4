//! The eBPF object, built from `capture/bpf/` and checked in.

/// Raises the alignment of the embedded bytes to that of the ELF structures that are read in place.
#[repr(C, align(32))]
struct Aligned<T: ?Sized>(T);

static OBJECT: &Aligned<[u8]> = &Aligned(*include_bytes!("../../bpf/recorder.bpf.o"));

/// Bytes of the object.
pub(super) fn bytes() -> &'static [u8] {
    &OBJECT.0
}
