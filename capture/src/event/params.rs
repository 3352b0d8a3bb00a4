//! The parameters of one event.

/// Most parameters an event of the format can have.
pub const MAX_PARAMS: usize = 32;

/// Parameters of an event: all lengths were checked and summed once, when the event was decoded.
#[derive(Clone, Copy)]
pub struct Params<'a> {
    data: &'a [u8],
    /// Where each parameter ends in `data`, in order; it starts where the one before ends.
    ends: &'a [u32],
}

impl<'a> Params<'a> {
    /// No parameters.
    pub const EMPTY: Params<'static> = Params { data: &[], ends: &[] };

    /// Parameters back to back in `data`, ending at `ends`. `None` when there are more than [`MAX_PARAMS`],
    /// or the ends are not in order or lie outside `data`.
    pub fn new(ends: &'a [u32], data: &'a [u8]) -> Option<Self> {
        let last = ends.last().copied().unwrap_or(0) as usize;
        if ends.len() > MAX_PARAMS || !ends.is_sorted() || last > data.len() {
            return None;
        }
        Some(Params { data: &data[..last], ends })
    }

    /// As [`Params::new`], for ends that were made by summing lengths and checked against the data.
    #[inline]
    pub(crate) fn from_sums(ends: &'a [u32], data: &'a [u8]) -> Self {
        let last = ends.last().copied().unwrap_or(0) as usize;
        Params { data: &data[..last], ends }
    }

    /// As [`Params::from_sums`], for data that ends where the last parameter does.
    #[inline]
    pub(crate) fn from_parts(ends: &'a [u32], data: &'a [u8]) -> Self {
        debug_assert_eq!(ends.last().copied().unwrap_or(0) as usize, data.len());
        Params { data, ends }
    }

    /// How many there are. May be fewer than the schema's count.
    #[inline]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Bytes of parameter `index`.
    #[inline]
    pub fn get(&self, index: usize) -> Option<&'a [u8]> {
        let end = *self.ends.get(index)?;
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        self.data.get(start as usize..end as usize)
    }

    /// All parameters in order.
    pub fn iter(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let params = *self;
        (0..params.len()).filter_map(move |i| params.get(i))
    }

    /// Bytes of all parameters together.
    #[inline]
    pub fn data(&self) -> &'a [u8] {
        self.data
    }

    /// Where each parameter ends in [`Params::data`].
    #[inline]
    pub fn ends(&self) -> &'a [u32] {
        self.ends
    }

    /// The first `count` parameters.
    pub fn truncated(&self, count: usize) -> Self {
        let ends = &self.ends[..count.min(self.ends.len())];
        Params { data: &self.data[..ends.last().copied().unwrap_or(0) as usize], ends }
    }
}

impl PartialEq for Params<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.ends == other.ends && self.data == other.data
    }
}

impl std::fmt::Debug for Params<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_follow_the_ends() {
        let params = Params::new(&[2, 2, 5], b"abcdeX").unwrap();
        assert_eq!(params.iter().collect::<Vec<_>>(), [&b"ab"[..], b"", b"cde"]);
        assert_eq!(params.get(3), None);
        assert_eq!(params.data(), b"abcde");
        assert_eq!(params.truncated(1).data(), b"ab");
    }

    #[test]
    fn bad_ends_are_refused() {
        assert!(Params::new(&[3, 2], b"abc").is_none());
        assert!(Params::new(&[4], b"abc").is_none());
        assert!(Params::new(&[0; MAX_PARAMS + 1], b"").is_none());
        assert!(Params::new(&[], b"").is_some());
    }
}
