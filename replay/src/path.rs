//! Paths as text: a path relative to a directory, made absolute and normal.
//!
//! This follows Falco byte by byte, also where the result is odd (a directory without a trailing slash is
//! glued to the path, which yields names such as `<UNKNOWN>data`).

use std::ops::Deref;

/// Most bytes of a path with its NUL. Longer ones become [`TOO_LONG`].
const PATH_LEN_MAX: usize = 1024;

/// Stands for a path that is too long.
const TOO_LONG: &[u8] = b"/DIR_TOO_LONG/FILENAME_TOO_LONG";

/// A joined path. It lives on the stack.
pub struct JoinedPath {
    buffer: [u8; PATH_LEN_MAX],
    len: usize,
}

impl Deref for JoinedPath {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.buffer[..self.len]
    }
}

/// `path` as seen from `dir`, which is ignored for absolute paths: without `.`, `..`, repeated slashes and a
/// slash at the end.
pub fn join(dir: &[u8], path: &[u8]) -> JoinedPath {
    let mut joined = JoinedPath { buffer: [0; PATH_LEN_MAX], len: 0 };
    if dir.len() + path.len() + 1 > PATH_LEN_MAX {
        joined.extend(TOO_LONG);
        return joined;
    }
    if is_normal(path) {
        joined.extend(path);
        return joined;
    }
    if !path.is_empty() && path[0] != b'/' {
        joined.extend(dir);
    }
    let started_empty = joined.is_empty();
    let mut rest = path;
    while let Some((&byte, after)) = rest.split_first() {
        let at_start = joined.last().is_none_or(|&last| last == b'/');
        rest = match (byte, after) {
            (b'.', [b'.']) if at_start => {
                joined.drop_component();
                &[]
            }
            (b'.', [b'.', b'/', tail @ ..]) if at_start => {
                joined.drop_component();
                tail
            }
            (b'.', []) if at_start => &[],
            (b'.', [b'/', tail @ ..]) if at_start => tail,
            // Falling back to nothing must not make a relative path absolute.
            (b'/', _) if at_start && !(joined.is_empty() && started_empty) => after,
            _ => {
                joined.extend(&[byte]);
                after
            }
        };
    }
    if joined.len > 1 && joined.last() == Some(&b'/') {
        joined.len -= 1;
    }
    joined
}

/// Whether [`join`] would return this absolute path unchanged, whatever the directory.
pub fn is_normal(path: &[u8]) -> bool {
    path.len() < PATH_LEN_MAX
        && path.first() == Some(&b'/')
        && !path[1..].ends_with(b"/")
        && (!has_odd_pair(path)
            || !path[1..]
                .split(|&byte| byte == b'/')
                .any(|component| matches!(component, b"" | b"." | b"..")))
}

/// Whether a slash comes before a slash or a dot. Sixteen places are looked at together: every open asks this.
fn has_odd_pair(path: &[u8]) -> bool {
    fn is_in(firsts: &[u8], seconds: &[u8]) -> bool {
        let pairs = firsts.iter().zip(seconds);
        pairs.fold(false, |found, (&a, &b)| found | ((a == b'/') & ((b == b'/') | (b == b'.'))))
    }
    let Some((_, firsts)) = path.split_last() else { return false };
    let seconds = &path[1..];
    match (firsts.last_chunk::<16>(), seconds.last_chunk::<16>()) {
        (Some(last_firsts), Some(last_seconds)) => {
            let chunks = firsts.as_chunks::<16>().0.iter().zip(seconds.as_chunks::<16>().0);
            is_in(last_firsts, last_seconds) | chunks.fold(false, |found, (a, b)| found | is_in(a, b))
        }
        _ => is_in(firsts, seconds),
    }
}

impl JoinedPath {
    fn extend(&mut self, bytes: &[u8]) {
        self.buffer[self.len..self.len + bytes.len()].copy_from_slice(bytes);
        self.len += bytes.len();
    }

    /// Removes the last component and leaves the slash before it.
    fn drop_component(&mut self) {
        if self.len > 1 {
            self.len -= 1;
            self.len = self.iter().rposition(|&byte| byte == b'/').map_or(0, |slash| slash + 1);
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn paths_are_joined_and_normal() {
        let check = |dir: &str, path: &str, expected: &str| {
            let joined = super::join(dir.as_bytes(), path.as_bytes());
            assert_eq!(joined.escape_ascii().to_string(), expected, "{dir} and {path}");
        };
        check("/tmp/", "a", "/tmp/a");
        check("/tmp/", "/a", "/a");
        check("/tmp/", "../a", "/a");
        check("/tmp/", "../../../a", "/a");
        check("/tmp/", ".", "/tmp");
        check("/tmp/", "..", "/");
        check("/tmp/x/", "./y//z/./", "/tmp/x/y/z");
        check("/", ".hidden", "/.hidden");
        check("/", "...", "/...");
        check("/", "a/..b", "/a/..b");
        check("", "/", "/");
        check("", "/a/b/../..", "/");
        check("", "a/../b", "b");
        check("", "../../b", "b");
        check("", "", "");
        check("/tmp/", "", "");
        check("<UNKNOWN>", "data/lnk", "<UNKNOWN>data/lnk");
        check("<UNKNOWN>", "./x", "<UNKNOWN>./x");
        check("foo", "/../a", "/a");
        check("foo/", "../a", "a");
        check(&"d".repeat(1000), &"f".repeat(23), &("d".repeat(1000) + &"f".repeat(23)));
        check(&"d".repeat(1000), &"f".repeat(24), "/DIR_TOO_LONG/FILENAME_TOO_LONG");
    }

    #[test]
    fn normal_paths_are_not_changed() {
        use crate::path::{is_normal, join};
        // A relative path goes the way through all bytes.
        let slow = |path: &str| join(b"", &path.as_bytes()[1..]).to_vec();
        for path in
            ["/", "/a", "/a/b.c", "/a..b", "/usr/lib64/x.so.1", "/.hidden", "/a/..b", "/...", "/a/.b/c"]
        {
            assert!(is_normal(path.as_bytes()), "{path}");
            assert_eq!(&*join(b"/dir/", path.as_bytes()), path.as_bytes());
            assert_eq!(slow(path), &path.as_bytes()[1..]);
        }
        for path in ["", "a", "//", "/a/", "/a//b", "/./a", "/a/..", "/../a", "/a/.", "/a/b/./c"] {
            assert!(!is_normal(path.as_bytes()), "{path}");
        }
        for len in 1..70 {
            let path = format!("/{}", "a".repeat(len));
            assert!(is_normal(path.as_bytes()), "{path}");
            for odd in (0..len).flat_map(|at| ["//", "/./", "/../"].map(|odd| (at, odd))) {
                let mut path = path.clone();
                path.insert_str(odd.0, odd.1);
                assert!(!is_normal(path.as_bytes()), "{path}");
            }
        }
    }
}
