//! Buffers that a disk can read by itself.

/// What all disks want buffers, lengths and places to be multiples of.
pub(super) const ALIGNMENT: usize = 4096;
/// What is written at once: enough for what each write costs to be little, and little enough to stay in a processor's caches.
pub(super) const PIECE_LEN: usize = 1 << 20;

/// A part of a file, at most [`PIECE_LEN`] bytes. Takes memory once something is in it.
#[derive(Default)]
pub(super) struct Piece {
    memory: Vec<u8>,
    /// Where in the memory it begins.
    start: usize,
    len: usize,
}

impl Piece {
    /// Adds what there is room for. Returns how much that is.
    pub fn append(&mut self, bytes: &[u8]) -> usize {
        if self.memory.is_empty() {
            self.memory = vec![0; PIECE_LEN + ALIGNMENT];
            self.start = self.memory.as_ptr().align_offset(ALIGNMENT).min(ALIGNMENT);
        }
        let count = bytes.len().min(PIECE_LEN - self.len);
        let at = self.start + self.len;
        self.memory[at..at + count].copy_from_slice(&bytes[..count]);
        self.len += count;
        count
    }

    pub fn is_full(&self) -> bool {
        self.len == PIECE_LEN
    }

    pub fn bytes(&self) -> &[u8] {
        &self.memory[self.start..self.start + self.len]
    }

    /// Takes out what follows the last whole block of a disk.
    pub fn split_rest(&mut self) -> Vec<u8> {
        let blocks_len = self.len - self.len % ALIGNMENT;
        let rest = self.bytes()[blocks_len..].to_vec();
        self.len = blocks_len;
        rest
    }

    /// Keeps the memory.
    pub fn clear(&mut self) {
        self.len = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_aligned_and_bounded() {
        let mut piece = Piece::default();
        assert!(piece.bytes().is_empty());
        let bytes: Vec<u8> = (0..PIECE_LEN + 5).map(|at| at as u8).collect();
        assert_eq!((piece.append(&bytes[..3]), piece.append(&bytes[3..])), (3, PIECE_LEN - 3));
        assert!(piece.is_full() && piece.bytes() == &bytes[..PIECE_LEN]);
        assert_eq!((piece.bytes().as_ptr().align_offset(ALIGNMENT), piece.append(&bytes)), (0, 0));
        assert!(piece.split_rest().is_empty() && piece.is_full());
        piece.clear();
        piece.append(&bytes[..ALIGNMENT + 3]);
        assert_eq!((piece.split_rest().len(), piece.bytes().len()), (3, ALIGNMENT));
        piece.clear();
        assert_eq!((piece.append(&[7]), piece.bytes()), (1, &[7][..]));
    }
}
