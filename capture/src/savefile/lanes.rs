//! Sums of eight 16-bit lengths at once, which is most of the work of decoding a usual event.
#![allow(unsafe_code)] // vector instructions

use crate::event::MAX_PARAMS;

/// Bits of lengths that do not add up to more than sixteen bits hold, however many there are.
const LONG: u16 = 0xF800;
const _: () = assert!(MAX_PARAMS * !LONG as usize <= u16::MAX as usize);

/// Where the first `count` of eight parameters end, of which the first starts at `before`, and where the last one
/// ends. `None` where the parameters are so long that sixteen bits might not hold that. Without a loop, whose end would
/// be mispredicted.
#[inline(always)]
pub(super) fn sum_eight(ends: &mut [u32; 8], lengths: &[u8; 16], count: u32, before: u32) -> Option<u32> {
    /// Keeps so many lanes.
    const MASKS: [[u64; 2]; 9] = {
        let mut masks = [[u64::MAX; 2]; 9];
        let mut count = 0;
        while count < 4 {
            masks[count] = [(1 << (16 * count)) - 1, 0];
            masks[count + 4] = [u64::MAX, (1 << (16 * count)) - 1];
            count += 1;
        }
        masks
    };
    let mask = &MASKS[count.min(8) as usize];
    let lanes = halves(lengths);
    #[cfg(target_arch = "x86_64")]
    // SAFETY: all processors of this architecture have SSE2.
    let sums = unsafe { sums_sse2(lanes, mask, before as u16) };
    #[cfg(not(target_arch = "x86_64"))]
    let sums = sums(lanes, mask, before as u16);
    let words = sums?;
    for (pair, word) in ends.as_chunks_mut::<2>().0.iter_mut().zip(words) {
        *pair = [word as u32, (word >> 32) as u32];
    }
    Some((words[3] >> 32) as u32)
}

#[inline(always)]
fn halves(bytes: &[u8; 16]) -> [u64; 2] {
    let halves = bytes.as_chunks::<8>().0;
    [u64::from_le_bytes(halves[0]), u64::from_le_bytes(halves[1])]
}

/// Running sums of eight lanes of which some are masked out, as 32-bit lanes.
#[cfg(target_arch = "x86_64")]
#[inline]
#[target_feature(enable = "sse2")]
fn sums_sse2(lanes: [u64; 2], mask: &[u64; 2], before: u16) -> Option<[u64; 4]> {
    use std::arch::x86_64::*;
    let zero = _mm_setzero_si128();
    let vector = |words: &[u64; 2]| _mm_set_epi64x(words[1] as i64, words[0] as i64);
    let lanes = _mm_and_si128(vector(&lanes), vector(mask));
    let long = _mm_and_si128(lanes, _mm_set1_epi16(LONG as i16));
    if _mm_movemask_epi8(_mm_cmpeq_epi16(long, zero)) != 0xFFFF {
        return None;
    }
    let lanes = _mm_add_epi16(lanes, _mm_slli_si128::<2>(lanes));
    let lanes = _mm_add_epi16(lanes, _mm_slli_si128::<4>(lanes));
    let lanes = _mm_add_epi16(lanes, _mm_slli_si128::<8>(lanes));
    let lanes = _mm_add_epi16(lanes, _mm_set1_epi16(before as i16));
    let (first, last) = (_mm_unpacklo_epi16(lanes, zero), _mm_unpackhi_epi16(lanes, zero));
    let low = |v: __m128i| _mm_cvtsi128_si64(v) as u64;
    let high = |v: __m128i| _mm_cvtsi128_si64(_mm_unpackhi_epi64(v, v)) as u64;
    Some([low(first), high(first), low(last), high(last)])
}

/// The same with what every processor has: multiplying by ones adds up the four sixteen-bit lanes of a word.
#[cfg(any(test, not(target_arch = "x86_64")))]
#[inline]
fn sums(lanes: [u64; 2], mask: &[u64; 2], before: u16) -> Option<[u64; 4]> {
    const ONES: u64 = 0x0001_0001_0001_0001;
    let [low, high] = [lanes[0] & mask[0], lanes[1] & mask[1]];
    if (low | high) & (ONES * u64::from(LONG)) != 0 {
        return None;
    }
    let low = (low + u64::from(before)).wrapping_mul(ONES);
    let high = (high + (low >> 48)).wrapping_mul(ONES);
    let spread = |pair: u64| pair & 0xFFFF | (pair & 0xFFFF_0000) << 16;
    Some([spread(low), spread(low >> 32), spread(high), spread(high >> 32)])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Adds up one length after the other.
    fn naive(lengths: &[u16; 8], count: usize, before: u32) -> Option<[u32; 8]> {
        let mut at = before;
        let mut ends = [0; 8];
        for (index, end) in ends.iter_mut().enumerate() {
            let len = if index < count { lengths[index] } else { 0 };
            if len & LONG != 0 {
                return None;
            }
            at += u32::from(len);
            *end = at;
        }
        Some(ends)
    }

    proptest! {
        #[test]
        fn sums_are_those_of_a_loop(
            lengths in prop_oneof![any::<[u16; 8]>(), prop::array::uniform8(0..=!LONG)],
            count in 0..=10_usize,
            before in 0..=(24 * u32::from(!LONG)),
        ) {
            let expected = naive(&lengths, count, before);
            let mut bytes = [0; 16];
            for (pair, length) in bytes.as_chunks_mut::<2>().0.iter_mut().zip(lengths) {
                *pair = length.to_le_bytes();
            }
            let mut ends = [0; 8];
            let last = sum_eight(&mut ends, &bytes, count as u32, before);
            prop_assert_eq!(last.map(|_| ends), expected);
            prop_assert_eq!(last, expected.map(|ends| ends[7]));
            if count >= 8 {
                let words = sums(halves(&bytes), &[u64::MAX; 2], before as u16);
                let ends = words.map(|words| words.map(|word| [word as u32, (word >> 32) as u32]).concat());
                prop_assert_eq!(ends, expected.map(Vec::from));
            }
        }
    }
}
