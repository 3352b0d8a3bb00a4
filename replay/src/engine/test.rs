//! The test of a check: what is asked of the value on its left, compiled from operator, modifier and
//! constants. A value that is absent or of another type than the constants fails every test.

use std::net::IpAddr;

use hashbrown::HashSet;
use smallvec::SmallVec;

use super::kernel::text::{CaselessNeedle, Needle, StringSet};
use super::kernel::{Glob, GlobSteps, PathPrefixes, PosixRegex, address};
use super::probe::{Probe, Work};
use crate::fields::Value;
use crate::rules::condition::{Constant, ConstantValue, Modifier, Operator};

/// A question about one value.
#[derive(Clone, Debug)]
pub(crate) enum Test {
    /// There is a value.
    Exists,
    /// Nothing passes: an empty list, or a combination that never matches in Falco either.
    Never,
    Bool {
        equal: bool,
        value: bool,
    },
    /// Integers of any width and sign, ports and times.
    Integer {
        order: Order,
        value: i128,
    },
    Float {
        order: Order,
        value: f64,
    },
    /// Comparisons by byte order.
    Text {
        order: Order,
        value: Box<[u8]>,
    },
    StartsWith(Box<[u8]>),
    EndsWith(Box<[u8]>),
    Contains(Box<Needle>),
    CaselessContains(Box<CaselessNeedle>),
    Glob(Box<Glob>),
    Regex(Box<PosixRegex>),
    Path(Box<PathPrefixes>),
    Ip {
        equal: bool,
        value: IpAddr,
    },
    Net {
        equal: bool,
        address: IpAddr,
        prefix_len: u8,
    },
    StringSet(StringSet),
    IntegerSet(HashSet<i128, foldhash::fast::FixedState>),
    /// Any of a few; for sets of what cannot be hashed by its bytes.
    Any(Box<[Test]>),
    All(Box<[Test]>),
    /// Exactly one.
    One(Box<[Test]>),
    /// Every element of a list passes.
    EachElement(Box<Test>),
    /// Some element of a list passes.
    SomeElement(Box<Test>),
}

/// Comparisons of things that have an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

impl Order {
    pub(crate) fn of(operator: Operator) -> Option<Order> {
        Some(match operator {
            Operator::Eq => Order::Eq,
            Operator::Ne => Order::Ne,
            Operator::Lt => Order::Lt,
            Operator::Le => Order::Le,
            Operator::Gt => Order::Gt,
            Operator::Ge => Order::Ge,
            _ => return None,
        })
    }

    #[inline]
    pub(crate) fn holds<T: PartialOrd + ?Sized>(self, left: &T, right: &T) -> bool {
        match self {
            Order::Eq => left == right,
            Order::Ne => left != right,
            Order::Lt => left < right,
            Order::Le => left <= right,
            Order::Gt => left > right,
            Order::Ge => left >= right,
        }
    }
}

impl Test {
    /// Compiles a comparison with constants. `list` tells that the value is a list.
    pub(crate) fn new(
        operator: Operator,
        modifier: Option<Modifier>,
        constants: &[Constant],
        list: bool,
    ) -> Test {
        let values: SmallVec<[&ConstantValue; 8]> =
            constants.iter().map(|constant| &constant.value).collect();
        if operator == Operator::Exists {
            return Test::Exists;
        }
        if let Some(modifier) = modifier {
            if values.is_empty() {
                return Test::Never;
            }
            if (operator, modifier) == (Operator::Eq, Modifier::AnyOf) {
                return Test::set(&values);
            }
            let tests = values.iter().map(|value| Test::single(operator, value)).collect();
            return match modifier {
                Modifier::OneOf => Test::One(tests),
                Modifier::AnyOf => Test::Any(tests),
                Modifier::AllOf => Test::All(tests),
            };
        }
        match operator {
            Operator::In if list => Test::EachElement(Box::new(Test::set(&values))),
            Operator::Intersects if list => Test::SomeElement(Box::new(Test::set(&values))),
            Operator::In | Operator::Intersects => Test::set(&values),
            Operator::PMatch => {
                Test::Path(Box::new(PathPrefixes::new(values.iter().filter_map(|value| bytes_of(value)))))
            }
            _ => values.first().map_or(Test::Never, |value| Test::single(operator, value)),
        }
    }

    fn single(operator: Operator, value: &ConstantValue) -> Test {
        let order = Order::of(operator);
        let equal = operator == Operator::Eq;
        let equality = matches!(operator, Operator::Eq | Operator::Ne);
        match (value, order) {
            (ConstantValue::Bool(value), Some(_)) if equality => Test::Bool { equal, value: *value },
            (ConstantValue::I64(value), Some(order)) => Test::Integer { order, value: i128::from(*value) },
            (ConstantValue::U64(value), Some(order)) => Test::Integer { order, value: i128::from(*value) },
            (ConstantValue::F64(value), Some(order)) => Test::Float { order, value: *value },
            (ConstantValue::Ip(value), Some(_)) if equality => Test::Ip { equal, value: *value },
            (ConstantValue::Net(address, prefix_len), Some(_)) if equality => {
                Test::Net { equal, address: *address, prefix_len: *prefix_len }
            }
            (ConstantValue::Bytes(value), Some(order)) => Test::Text { order, value: value.clone() },
            (ConstantValue::Bytes(value), None) => match operator {
                Operator::Contains | Operator::BContains => Test::Contains(Box::new(Needle::new(value))),
                Operator::IContains => Test::CaselessContains(Box::new(CaselessNeedle::new(value))),
                Operator::StartsWith | Operator::BStartsWith => Test::StartsWith(value.clone()),
                Operator::EndsWith => Test::EndsWith(value.clone()),
                Operator::Glob => Test::Glob(Box::new(Glob::new(value, false))),
                Operator::IGlob => Test::Glob(Box::new(Glob::new(value, true))),
                // Patterns were checked with the rules; one that is invalid all the same matches nothing.
                Operator::Regex => {
                    PosixRegex::new(value).map_or(Test::Never, |regex| Test::Regex(Box::new(regex)))
                }
                Operator::PMatch => Test::Path(Box::new(PathPrefixes::new([&**value]))),
                _ => Test::Never,
            },
            _ => Test::Never,
        }
    }

    fn set(values: &[&ConstantValue]) -> Test {
        if values.iter().all(|value| matches!(value, ConstantValue::Bytes(_))) {
            return Test::StringSet(StringSet::new(values.iter().filter_map(|value| bytes_of(value))));
        }
        let integers = values.iter().map(|value| match value {
            ConstantValue::I64(value) => Some(i128::from(*value)),
            ConstantValue::U64(value) => Some(i128::from(*value)),
            _ => None,
        });
        if let Some(set) = integers.collect() {
            return Test::IntegerSet(set);
        }
        Test::Any(values.iter().map(|value| Test::single(Operator::Eq, value)).collect())
    }

    /// Whether an element of a list passes.
    pub(crate) fn passes_candidate<P: Probe>(&self, value: Value<'_>, probe: &mut P) -> bool {
        count(probe, Work::Candidate, 1);
        self.passes(value, probe)
    }

    /// Tells the item that the value is, if this is about items; says whether it did.
    pub(crate) fn tell_item<P: Probe>(&self, value: Value<'_>, probe: &mut P) -> bool {
        match (self, value) {
            (Test::IntegerSet(set), value) => match integer(value).filter(|value| set.contains(value)) {
                Some(value) => probe.item_found(value.to_string().as_bytes()),
                None => return false,
            },
            (Test::StringSet(set), Value::Bytes(text)) if set.contains(text) => probe.item_found(text),
            _ => return false,
        }
        true
    }

    /// Whether the value passes.
    pub(crate) fn passes<P: Probe>(&self, value: Value<'_>, probe: &mut P) -> bool {
        match (self, value) {
            (Test::Exists, value) => value.is_present(),
            (Test::Bool { equal, value: expected }, Value::Bool(value)) => (value == *expected) == *equal,
            (Test::Integer { order, value: expected }, value) => {
                integer(value).is_some_and(|value| order.holds(&value, expected))
            }
            (Test::IntegerSet(set), value) => {
                count(probe, Work::SetProbe, 1);
                let found = integer(value).filter(|value| set.contains(value));
                if let (true, Some(value)) = (P::WORK, found) {
                    probe.item_found(value.to_string().as_bytes());
                }
                found.is_some()
            }
            (Test::Float { order, value: expected }, Value::F64(value)) => order.holds(&value, expected),
            (Test::Ip { equal, value: expected }, Value::Ip(value)) => (value == *expected) == *equal,
            (Test::Net { equal, address, prefix_len }, Value::Ip(value)) => {
                address::contains(*address, *prefix_len, value) == *equal
            }
            (Test::Any(tests), value) => tests.iter().any(|test| test.passes(value, probe)),
            (Test::All(tests), value) => tests.iter().all(|test| test.passes(value, probe)),
            (Test::One(tests), value) => {
                let mut passed = tests.iter().filter(|test| test.passes(value, probe));
                passed.next().is_some() && passed.next().is_none()
            }
            (Test::EachElement(test), Value::List(list)) => {
                list.iter().all(|value| test.passes_candidate(*value, probe))
            }
            (Test::SomeElement(test), Value::List(list)) => {
                list.iter().any(|value| test.passes_candidate(*value, probe))
            }
            (test, Value::Bytes(text)) => test.passes_text(text, probe),
            _ => false,
        }
    }

    fn passes_text<P: Probe>(&self, text: &[u8], probe: &mut P) -> bool {
        let len = text.len() as u64;
        match self {
            Test::Text { order: Order::Eq, value } => {
                count(probe, Work::Bytes, if text.len() == value.len() { len } else { 1 });
                *text == **value
            }
            Test::Text { order, value } => {
                count(probe, Work::Bytes, len.min(value.len() as u64));
                order.holds(text, &**value)
            }
            Test::StartsWith(value) => {
                count(probe, Work::Bytes, len.min(value.len() as u64));
                text.starts_with(value)
            }
            Test::EndsWith(value) => {
                count(probe, Work::Bytes, len.min(value.len() as u64));
                text.ends_with(value)
            }
            Test::Contains(needle) => {
                count(probe, Work::Search, 1);
                count(probe, Work::SearchByte, len);
                needle.is_in(text)
            }
            Test::CaselessContains(needle) => {
                count(probe, Work::Search, 1);
                count(probe, Work::SearchByte, len);
                needle.is_in(text)
            }
            Test::Glob(glob) => {
                if P::WORK {
                    let (hit, steps) = glob.matches_counted(text);
                    probe.work(Work::Search, 1);
                    count_glob(probe, steps);
                    return hit;
                }
                glob.matches(text)
            }
            Test::Regex(regex) => {
                count(probe, Work::Search, 1);
                count(probe, Work::RegexStep, len);
                regex.matches(text)
            }
            Test::Path(prefixes) => {
                if P::WORK {
                    let (hit, steps) = prefixes.matches_counted(text);
                    probe.work(Work::Search, 1);
                    probe.work(Work::SetProbe, steps.lookups);
                    count_glob(probe, steps.globs);
                    return hit;
                }
                prefixes.matches(text)
            }
            Test::StringSet(set) => {
                count(probe, Work::SetProbe, u64::from(set.may_contain(text)));
                let hit = set.contains(text);
                if P::WORK && hit {
                    probe.item_found(text);
                }
                hit
            }
            _ => false,
        }
    }
}

/// A comparison of two values that are both known only at run time.
pub(crate) fn compare<P: Probe>(
    operator: Operator,
    left: Value<'_>,
    right: Value<'_>,
    probe: &mut P,
) -> bool {
    if !left.is_present() || !right.is_present() {
        return false;
    }
    match (operator, left, right) {
        (Operator::In | Operator::Intersects, Value::List(left), right) => {
            let found = |value: &Value<'_>| compare(Operator::In, *value, right, &mut super::NoProbe);
            count(probe, Work::SetProbe, left.len() as u64);
            if operator == Operator::In { left.iter().all(found) } else { left.iter().any(found) }
        }
        (Operator::In | Operator::Intersects, left, Value::List(right)) => {
            count(probe, Work::SetProbe, 1);
            right.iter().any(|value| compare(Operator::Eq, left, *value, &mut super::NoProbe))
        }
        (Operator::In | Operator::Intersects, left, right) => compare(Operator::Eq, left, right, probe),
        (_, Value::Bytes(left), Value::Bytes(right)) => {
            Test::single(operator, &ConstantValue::Bytes(right.into())).passes_text(left, probe)
        }
        (Operator::Eq, Value::Bool(left), Value::Bool(right)) => left == right,
        (Operator::Ne, Value::Bool(left), Value::Bool(right)) => left != right,
        (Operator::Eq, Value::Ip(left), Value::Ip(right)) => left == right,
        (Operator::Ne, Value::Ip(left), Value::Ip(right)) => left != right,
        (_, Value::F64(left), Value::F64(right)) => {
            Order::of(operator).is_some_and(|order| order.holds(&left, &right))
        }
        (_, left, right) => match (Order::of(operator), integer(left), integer(right)) {
            (Some(order), Some(left), Some(right)) => order.holds(&left, &right),
            _ => false,
        },
    }
}

pub(crate) fn integer(value: Value<'_>) -> Option<i128> {
    match value {
        Value::I64(value) => Some(i128::from(value)),
        Value::U64(value) => Some(i128::from(value)),
        _ => None,
    }
}

fn bytes_of(value: &ConstantValue) -> Option<&[u8]> {
    match value {
        ConstantValue::Bytes(bytes) => Some(bytes),
        _ => None,
    }
}

fn count_glob<P: Probe>(probe: &mut P, steps: GlobSteps) {
    probe.work(Work::GlobStep, steps.comparisons);
    probe.work(Work::GlobSearchByte, steps.searched_bytes);
}

#[inline(always)]
fn count<P: Probe>(probe: &mut P, work: Work, amount: u64) {
    if P::WORK {
        probe.work(work, amount);
    }
}
