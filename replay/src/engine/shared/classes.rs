//! Classes of values: values for which all checks of one field, or of fields that follow from it, have the same
//! results. A path that came before is looked up once instead of being compared a dozen times.

use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashTable};
use std::hash::{BuildHasher, Hasher};
use std::net::IpAddr;

use super::super::eval::{Memory, Run};
use super::super::probe::Probe;
use super::super::program::{CheckCode, Each, Question, Source};
use super::Shared;
use super::estimate;
use crate::fields::{FieldArg, Shape, Value};

/// Values that are remembered; then all are forgotten.
const VALUES_MAX: usize = 4096;
/// Classes; more are not worth while.
const CLASSES_MAX: usize = 1024;
/// Longer texts are not remembered.
const TEXT_MAX: usize = 512;
/// Values that are made rather than found differ from event to event.
const COST_MAX: f32 = 15.0;

/// What decides a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Family {
    /// Name and kind of the descriptor.
    Descriptor,
    /// The value in a slot.
    Slot(u32),
}

/// What decides the check, if that can be remembered.
pub(super) fn family(check: &CheckCode) -> Option<Family> {
    let CheckCode { left: Source::Field { id, arg, slot, clock: None, .. }, .. } = check else { return None };
    let def = id.def();
    if check.each != Each::Whole
        || !matches!(check.question, Question::Constants(_))
        || def.is_list
        || !matches!(def.shape, Shape::Plain | Shape::AtMost)
    {
        return None;
    }
    match (def.name, arg) {
        ("fd.name" | "fd.directory" | "fd.filename" | "fd.typechar", FieldArg::None) => {
            Some(Family::Descriptor)
        }
        (name, _) if ["cmdline", "args", "exeline", "env"].iter().any(|end| name.ends_with(end)) => None,
        _ if estimate::of_source(&check.left) > COST_MAX => None,
        _ => Some(Family::Slot(*slot)),
    }
}

/// What a group's checks depend on, as bytes: two values with the same key pass the same checks.
struct Key<'k> {
    tag: u32,
    text: &'k [u8],
}

#[derive(Debug)]
struct Known {
    tag: u32,
    text: Box<[u8]>,
    class: u32,
}

/// Checks of one family.
#[derive(Debug)]
pub(super) struct Group {
    family: Family,
    checks: Vec<u32>,
    known: HashTable<Known>,
    /// Results by class: bit n is that of check n.
    rows: Vec<Box<[u64]>>,
    classes: HashMap<Box<[u64]>, u32, FixedState>,
    hashing: FixedState,
}

impl Group {
    pub fn new(family: Family, checks: Vec<u32>) -> Self {
        Group {
            family,
            checks,
            known: HashTable::new(),
            rows: Vec::new(),
            classes: HashMap::default(),
            hashing: FixedState::default(),
        }
    }

    /// What it takes to get the value.
    pub fn cost(&self, shared: &Shared) -> f32 {
        match self.family {
            Family::Descriptor => estimate::of_source(&shared.descriptor.name),
            Family::Slot(_) => self
                .checks
                .first()
                .map_or(0.0, |check| estimate::of_source(&shared.checks[*check as usize].left)),
        }
    }

    /// The result of check `place` for values of a class.
    pub fn result(&self, class: u32, place: u32) -> bool {
        self.rows[class as usize][place as usize / 64] >> (place % 64) & 1 != 0
    }

    /// The class of this event's value; `None` if it is not known, and finding out takes more than `credit`, or if
    /// the value is none that is remembered.
    #[inline]
    pub fn class<'a, P: Probe, M: Memory<'a>>(
        &mut self,
        shared: &'a Shared,
        run: &mut Run<'_, 'a, P, M>,
        credit: &mut u64,
    ) -> Option<u32> {
        let (tag, value) = match self.family {
            Family::Slot(_) => {
                let source = &shared.checks[*self.checks.first()? as usize].left;
                (0, run.source(source))
            }
            Family::Descriptor => {
                let letter = match run.source(&shared.descriptor.letter) {
                    Value::Bytes([letter]) => *letter,
                    _ => 0,
                };
                // Of a descriptor that is not known some fields are guessed.
                let tag = u32::from(letter) << 8 | u32::from(run.cx.fd.is_some()) << 16;
                (tag, run.source(&shared.descriptor.name))
            }
        };
        let number;
        let (kind, text): (u32, &[u8]) = match value {
            Value::Bytes(text) if text.len() <= TEXT_MAX => (0, text),
            Value::Absent => (1, b""),
            Value::Bool(value) => (2 + u32::from(value), b""),
            Value::I64(value) => {
                number = i128::from(value).to_le_bytes();
                (4, &number)
            }
            Value::U64(value) => {
                number = i128::from(value).to_le_bytes();
                (4, &number)
            }
            Value::Ip(IpAddr::V4(address)) => {
                number = u128::from(address.to_bits()).to_le_bytes();
                (5, &number)
            }
            Value::Ip(IpAddr::V6(address)) => {
                number = address.to_bits().to_le_bytes();
                (6, &number)
            }
            Value::Bytes(_) | Value::F64(_) | Value::Net(..) | Value::List(_) => return None,
        };
        let key = Key { tag: tag | kind, text };
        let hash = hash(&self.hashing, &key);
        match self.known.find(hash, |known| known.tag == key.tag && *known.text == *key.text) {
            Some(known) => Some(known.class),
            None => self.learn(run, &key, hash, credit),
        }
    }

    #[cold]
    #[inline(never)]
    fn learn<'a, P: Probe, M: Memory<'a>>(
        &mut self,
        run: &mut Run<'_, 'a, P, M>,
        key: &Key<'_>,
        hash: u64,
        credit: &mut u64,
    ) -> Option<u32> {
        let left = credit.checked_sub(4 * self.checks.len() as u64)?;
        let mut row = vec![0; self.checks.len().div_ceil(64)];
        for (place, check) in self.checks.iter().enumerate() {
            row[place / 64] |= u64::from(run.check(*check)) << (place % 64);
        }
        let class = match self.classes.get(&*row) {
            Some(class) => *class,
            None if self.rows.len() == CLASSES_MAX => return None,
            None => {
                let class = self.rows.len() as u32;
                self.rows.push(row.clone().into());
                self.classes.insert(row.into(), class);
                class
            }
        };
        *credit = left;
        if self.known.len() == VALUES_MAX {
            self.known.clear();
        }
        let known = Known { tag: key.tag, text: key.text.into(), class };
        let hashing = &self.hashing;
        let hash_of = |known: &Known| hash_of(hashing, known);
        self.known.insert_unique(hash, known, hash_of);
        Some(class)
    }
}

#[inline]
fn hash(hashing: &FixedState, key: &Key<'_>) -> u64 {
    let mut hasher = hashing.build_hasher();
    hasher.write_u32(key.tag);
    hasher.write(key.text);
    hasher.finish()
}

fn hash_of(hashing: &FixedState, known: &Known) -> u64 {
    hash(hashing, &Key { tag: known.tag, text: &known.text })
}
