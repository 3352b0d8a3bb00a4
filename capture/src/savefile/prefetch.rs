//! Asking for memory before it is needed.
#![allow(unsafe_code)] // an instruction of the processor

/// A page: processors see by themselves that somebody reads on and on, but start anew on each page, whose first bytes
/// then are waited for.
const DISTANCE: usize = 4096;

/// Has the processor fetch what lies a page behind the beginning of `bytes`, be it there or not.
#[inline(always)]
pub(super) fn page_ahead(bytes: &[u8]) {
    let address = bytes.as_ptr().wrapping_add(DISTANCE);
    #[cfg(target_arch = "x86_64")]
    // SAFETY: this is a hint; the address is not accessed and need not be valid.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(address.cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = address;
}
