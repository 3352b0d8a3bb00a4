//! `glob` and `iglob`: `fnmatch(3)` with flags 0 in the C locale, which Falco uses.
//!
//! `*` and `?` match `/` and leading dots, `[...]` is a set, a backslash takes the next byte literally. A
//! pattern is split at its stars once; what is between two stars is found leftmost first, which is enough
//! because each of its tokens matches exactly one byte.

use memchr::memmem;

/// A compiled pattern.
#[derive(Clone, Debug)]
pub struct Glob {
    /// Before the first star; the whole pattern if there is none.
    head: Segment,
    /// Between stars.
    middle: Vec<Segment>,
    /// After the last star; `None` if there is no star.
    tail: Option<Segment>,
    ignore_case: bool,
    /// The pattern is malformed in a way that never matches (it ends in a backslash).
    never: bool,
}

/// What matching a text took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GlobSteps {
    /// Comparisons of a byte with a piece of the pattern.
    pub comparisons: u64,
    /// Bytes that were searched for plain text between two stars.
    pub searched_bytes: u64,
}

/// What is told while matching.
enum Step {
    Compare(usize),
    Search(usize),
}

#[derive(Clone, Debug)]
enum Segment {
    /// Plain text, with its searcher: making one takes longer than a search in a path.
    Literal(Box<[u8]>, Box<memmem::Finder<'static>>),
    /// At least one token is not a plain byte.
    Tokens(Box<[Token]>),
}

#[derive(Clone, Debug)]
enum Token {
    Byte(u8),
    Any,
    Set(Box<ByteSet>),
}

/// One bit for each byte value.
#[derive(Clone, Debug, Default)]
struct ByteSet([u64; 4]);

impl ByteSet {
    fn insert(&mut self, byte: u8) {
        self.0[usize::from(byte >> 6)] |= 1 << (byte & 63);
    }

    fn contains(&self, byte: u8) -> bool {
        self.0[usize::from(byte >> 6)] & (1 << (byte & 63)) != 0
    }

    fn invert(&mut self) {
        self.0.iter_mut().for_each(|word| *word = !*word);
    }
}

impl Glob {
    /// Compiles a pattern. Every byte string is one.
    pub fn new(pattern: &[u8], ignore_case: bool) -> Glob {
        let mut segments = vec![Vec::new()];
        let mut never = false;
        let mut rest = pattern;
        while let Some((&byte, after)) = rest.split_first() {
            rest = after;
            let token = match byte {
                b'*' => {
                    segments.push(Vec::new());
                    continue;
                }
                b'?' => Token::Any,
                b'[' => match parse_set(after, ignore_case) {
                    Bracket::Set(set, after) => {
                        rest = after;
                        Token::Set(Box::new(set))
                    }
                    Bracket::Invalid => {
                        never = true;
                        Token::Any
                    }
                    Bracket::Unterminated => Token::Byte(b'['),
                },
                b'\\' => match after.split_first() {
                    Some((&byte, after)) => {
                        rest = after;
                        Token::Byte(fold(byte, ignore_case))
                    }
                    None => {
                        never = true;
                        break;
                    }
                },
                byte => Token::Byte(fold(byte, ignore_case)),
            };
            if let Some(segment) = segments.last_mut() {
                segment.push(token);
            }
        }
        let mut segments = segments.into_iter().map(Segment::new);
        let head = segments.next().unwrap_or_else(|| Segment::literal(Box::default()));
        let mut middle: Vec<_> = segments.collect();
        let tail = middle.pop();
        middle.retain(|segment| segment.len() > 0);
        Glob { head, middle, tail, ignore_case, never }
    }

    /// Whether the pattern matches all of `text`.
    pub fn matches(&self, text: &[u8]) -> bool {
        self.run(text, &mut |_| {})
    }

    /// Whether the pattern matches all of `text`, and what it took to find out.
    pub fn matches_counted(&self, text: &[u8]) -> (bool, GlobSteps) {
        let mut steps = GlobSteps::default();
        let hit = self.run(text, &mut |step| match step {
            Step::Compare(count) => steps.comparisons += count as u64,
            Step::Search(count) => steps.searched_bytes += count as u64,
        });
        (hit, steps)
    }

    #[inline]
    fn run(&self, text: &[u8], step: &mut impl FnMut(Step)) -> bool {
        if self.never {
            return false;
        }
        let Some(tail) = &self.tail else {
            return text.len() == self.head.len() && self.head.matches(text, self.ignore_case, step);
        };
        if text.len() < self.head.len() + tail.len() {
            return false;
        }
        let (head, rest) = text.split_at(self.head.len());
        let (mut rest, end) = rest.split_at(rest.len() - tail.len());
        if !self.head.matches(head, self.ignore_case, step) || !tail.matches(end, self.ignore_case, step) {
            return false;
        }
        for segment in &self.middle {
            match segment.find(rest, self.ignore_case, step) {
                Some(start) => rest = &rest[start + segment.len()..],
                None => return false,
            }
        }
        true
    }
}

impl Segment {
    fn new(tokens: Vec<Token>) -> Segment {
        let literal: Option<Box<[u8]>> = tokens
            .iter()
            .map(|token| match token {
                Token::Byte(byte) => Some(*byte),
                Token::Any | Token::Set(_) => None,
            })
            .collect();
        literal.map_or_else(|| Segment::Tokens(tokens.into()), Segment::literal)
    }

    fn literal(bytes: Box<[u8]>) -> Segment {
        let finder = Box::new(memmem::Finder::new(&bytes).into_owned());
        Segment::Literal(bytes, finder)
    }

    fn len(&self) -> usize {
        match self {
            Segment::Literal(bytes, _) => bytes.len(),
            Segment::Tokens(tokens) => tokens.len(),
        }
    }

    /// Whether it matches `text`, which has its length.
    fn matches(&self, text: &[u8], ignore_case: bool, step: &mut impl FnMut(Step)) -> bool {
        match self {
            Segment::Literal(bytes, _) => {
                step(Step::Compare(bytes.len()));
                if ignore_case { bytes.eq_ignore_ascii_case(text) } else { **bytes == *text }
            }
            Segment::Tokens(tokens) => tokens.iter().zip(text).all(|(token, &byte)| {
                step(Step::Compare(1));
                match token {
                    Token::Byte(expected) => *expected == fold(byte, ignore_case),
                    Token::Any => true,
                    Token::Set(set) => set.contains(byte),
                }
            }),
        }
    }

    /// Start of the leftmost match inside `text`.
    fn find(&self, text: &[u8], ignore_case: bool, step: &mut impl FnMut(Step)) -> Option<usize> {
        match self {
            Segment::Literal(bytes, finder) if !ignore_case => {
                let found = finder.find(text);
                step(Step::Search(found.map_or(text.len(), |start| start + bytes.len())));
                found
            }
            _ => text.windows(self.len()).position(|window| self.matches(window, ignore_case, step)),
        }
    }
}

fn fold(byte: u8, ignore_case: bool) -> u8 {
    if ignore_case { byte.to_ascii_lowercase() } else { byte }
}

enum Bracket<'a> {
    Set(ByteSet, &'a [u8]),
    /// Stands for itself.
    Unterminated,
    /// Nothing matches it.
    Invalid,
}

/// Parses what follows a `[`. Only a terminated bracket is a set; without the `]` the `[` is a plain byte.
fn parse_set(after: &[u8], ignore_case: bool) -> Bracket<'_> {
    let mut set = ByteSet::default();
    let mut rest = after;
    let negated = matches!(rest.first(), Some(b'!' | b'^'));
    if negated {
        rest = &rest[1..];
    }
    // An unknown class: what was listed before it still matches, nothing else does.
    let mut cut = None;
    let mut first = true;
    loop {
        let Some((&byte, after)) = rest.split_first() else { return Bracket::Unterminated };
        if byte == b']' && !first {
            rest = after;
            break;
        }
        first = false;
        if let Some((name, after)) = class_name(rest) {
            match class(name) {
                Some(class) => (0..=255u8).filter(class).for_each(|byte| set.insert(byte)),
                None => {
                    cut.get_or_insert_with(|| set.clone());
                }
            }
            rest = after;
            continue;
        }
        // These have one member, whatever the case.
        if let [b'[', mark @ (b'=' | b'.'), byte, end, b']', after @ ..] = rest
            && mark == end
            && (*mark == b'=' || after.first() != Some(&b'-'))
        {
            set.insert(*byte);
            rest = after;
            continue;
        }
        let Some((low, after)) = set_element(rest) else { return Bracket::Invalid };
        rest = after;
        match rest {
            [b'-'] => return Bracket::Invalid,
            // A range, unless the minus is the last element.
            [b'-', next, ..] if *next != b']' => {
                let Some((high, after)) = set_element(&rest[1..]) else { return Bracket::Invalid };
                rest = after;
                insert_range(&mut set, low, high, ignore_case);
            }
            _ => insert_range(&mut set, low, low, ignore_case),
        }
    }
    if let Some(before) = cut {
        return Bracket::Set(if negated { ByteSet::default() } else { before }, rest);
    }
    if negated {
        set.invert();
    }
    Bracket::Set(set, rest)
}

fn insert_range(set: &mut ByteSet, low: u8, high: u8, ignore_case: bool) {
    let (low, high) = (fold(low, ignore_case), fold(high, ignore_case));
    for byte in (0..=255u8).filter(|byte| (low..=high).contains(&fold(*byte, ignore_case))) {
        set.insert(byte);
    }
}

/// One byte of a set, escaped or not, or a single-byte `[.x.]`.
fn set_element(rest: &[u8]) -> Option<(u8, &[u8])> {
    match rest {
        [b'\\', byte, after @ ..] => Some((*byte, after)),
        [b'\\'] => None,
        [b'[', b'.', byte, b'.', b']', after @ ..] => Some((*byte, after)),
        [b'[', b'.', ..] => None,
        [byte, after @ ..] => Some((*byte, after)),
        [] => None,
    }
}

type Class = fn(&u8) -> bool;

/// The name in `[:name:]`, and what follows.
fn class_name(rest: &[u8]) -> Option<(&[u8], &[u8])> {
    let body = rest.strip_prefix(b"[:")?;
    let len = body.iter().take_while(|byte| byte.is_ascii_lowercase()).count();
    Some((&body[..len], body[len..].strip_prefix(b":]")?))
}

fn class(name: &[u8]) -> Option<Class> {
    Some(match name {
        b"alpha" => u8::is_ascii_alphabetic,
        b"digit" => u8::is_ascii_digit,
        b"alnum" => u8::is_ascii_alphanumeric,
        b"upper" => u8::is_ascii_uppercase,
        b"lower" => u8::is_ascii_lowercase,
        b"space" => |byte| matches!(byte, b' ' | 9..=13),
        b"blank" => |byte| matches!(byte, b' ' | b'\t'),
        b"punct" => u8::is_ascii_punctuation,
        b"print" => |byte| (0x20..0x7f).contains(byte),
        b"graph" => u8::is_ascii_graphic,
        b"cntrl" => u8::is_ascii_control,
        b"xdigit" => u8::is_ascii_hexdigit,
        _ => return None,
    })
}
