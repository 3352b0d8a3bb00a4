//! Classes of values: values for which all checks of one field, or of fields that follow from it, have the same
//! results. A path that came before is looked up once instead of being compared a dozen times.

use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashTable};
use smallvec::SmallVec;
use std::hash::{BuildHasher, Hasher};
use std::net::IpAddr;

use super::super::eval::{Memory, Run};
use super::super::probe::Probe;
use super::super::program::{CheckCode, Each, Question, Source};
use super::Shared;
use super::estimate;
use crate::fields::{FieldArg, Shape, Value};

/// Lookups that tell whether values come again.
const LOOKUPS_MIN: u32 = 2048;
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
#[derive(Debug)]
struct Known {
    tag: u32,
    text: SmallVec<[u8; 64]>,
    class: u32,
}

/// A value whose class is not known.
pub(super) struct Unknown {
    tag: u32,
    text: SmallVec<[u8; 64]>,
    hash: u64,
}

/// Checks of one family.
#[derive(Debug)]
pub(super) struct Group {
    family: Family,
    /// In order.
    checks: Vec<u32>,
    known: HashTable<Known>,
    lookups: u32,
    misses: u32,
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
            lookups: 0,
            misses: 0,
            rows: Vec::new(),
            classes: HashMap::default(),
            hashing: FixedState::default(),
        }
    }

    /// The result of a check for values of a class, if it is one of the group.
    pub fn result(&self, class: u32, check: u32) -> Option<bool> {
        let place = self.checks.binary_search(&check).ok()?;
        Some(self.rows[class as usize][place / 64] >> (place % 64) & 1 != 0)
    }

    pub fn family(&self) -> Family {
        self.family
    }

    /// Whether most values are new.
    pub fn is_missed(&self) -> bool {
        self.lookups >= LOOKUPS_MIN && self.misses > self.lookups / 8 * 5
    }

    /// Forgets all values, but not their classes.
    pub fn forget_values(&mut self) {
        self.known.clear();
    }

    /// What [`Group::learn`] takes, in parts of expressions.
    pub fn learning_cost(&self) -> u64 {
        4 * self.checks.len() as u64
    }

    /// The class of this event's value, or the value if its class is not known; `None` for values that are not
    /// remembered.
    #[inline]
    pub fn class<'a, P: Probe, M: Memory<'a>>(
        &mut self,
        shared: &'a Shared,
        run: &mut Run<'_, 'a, P, M>,
    ) -> Option<Result<u32, Unknown>> {
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
        let tag = tag | kind;
        let hash = hash(&self.hashing, tag, text);
        self.lookups = self.lookups.saturating_add(1);
        Some(match self.known.find(hash, |known| known.tag == tag && *known.text == *text) {
            Some(known) => Ok(known.class),
            None => {
                self.misses += 1;
                Err(Unknown { tag, text: text.into(), hash })
            }
        })
    }

    /// Finds the class of this event's value; `None` if there are too many already.
    #[cold]
    #[inline(never)]
    pub fn learn<'a, P: Probe, M: Memory<'a>>(
        &mut self,
        run: &mut Run<'_, 'a, P, M>,
        value: Unknown,
    ) -> Option<u32> {
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
        let Unknown { tag, text, hash } = value;
        let hashing = &self.hashing;
        let hash_of = |known: &Known| self::hash(hashing, known.tag, &known.text);
        self.known.insert_unique(hash, Known { tag, text, class }, hash_of);
        Some(class)
    }
}

#[inline]
fn hash(hashing: &FixedState, tag: u32, text: &[u8]) -> u64 {
    let mut hasher = hashing.build_hasher();
    hasher.write_u32(tag);
    hasher.write(text);
    hasher.finish()
}
