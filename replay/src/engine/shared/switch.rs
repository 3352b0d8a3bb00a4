//! Looking rules up by value: of many rules that compare a field with constants, only those are tried whose
//! constants fit.

use hashbrown::HashMap;

use super::super::program::{CheckCode, Each, Question, Source, Target};
use super::super::test::{Order, Test, integer};
use super::expression::Expression;
use crate::fields::Value;
use crate::rules::RuleId;

/// A rule that is tried if one of its keys fits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Case {
    pub rule: RuleId,
    pub entry: Target,
}

/// What a value may be for a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Key<'c> {
    Text(&'c [u8]),
    Prefix(&'c [u8]),
    Integer(i128),
}

/// Cases by the value of one field.
#[derive(Debug, Default)]
pub(super) struct Switch {
    /// A check that has the field on its left.
    pub check: u32,
    texts: HashMap<Box<[u8]>, Vec<Case>, foldhash::fast::FixedState>,
    integers: HashMap<i128, Vec<Case>, foldhash::fast::FixedState>,
    /// In order.
    prefixes: Vec<Prefix>,
}

#[derive(Debug)]
struct Prefix {
    text: Box<[u8]>,
    cases: Vec<Case>,
    /// The longest of the others that this one starts with.
    inner: Option<usize>,
}

impl Switch {
    pub fn new<'c>(check: u32, cases: impl IntoIterator<Item = (Case, Vec<Key<'c>>)>) -> Self {
        let mut switch = Switch { check, ..Switch::default() };
        let mut prefixes: Vec<(&[u8], Case)> = Vec::new();
        for (case, keys) in cases {
            for key in keys {
                match key {
                    Key::Text(text) => switch.texts.entry(text.into()).or_default().push(case),
                    Key::Integer(number) => switch.integers.entry(number).or_default().push(case),
                    Key::Prefix(text) => prefixes.push((text, case)),
                }
            }
        }
        prefixes.sort_by_key(|(text, _)| *text);
        for (text, case) in prefixes {
            match switch.prefixes.last_mut() {
                Some(last) if *last.text == *text => last.cases.push(case),
                _ => {
                    let mut inner = switch.prefixes.len().checked_sub(1);
                    while let Some(at) = inner.filter(|at| !text.starts_with(&switch.prefixes[*at].text)) {
                        inner = switch.prefixes[at].inner;
                    }
                    switch.prefixes.push(Prefix { text: text.into(), cases: vec![case], inner });
                }
            }
        }
        switch
    }

    /// Calls `each` with the cases that fit; with one of several keys that fit more than once.
    #[inline]
    pub fn find(&self, value: Value<'_>, mut each: impl FnMut(Case)) {
        let Value::Bytes(text) = value else {
            if let Some(cases) = integer(value).and_then(|number| self.integers.get(&number)) {
                cases.iter().copied().for_each(each);
            }
            return;
        };
        if !self.texts.is_empty()
            && let Some(cases) = self.texts.get(text)
        {
            cases.iter().copied().for_each(&mut each);
        }
        // Whatever the text starts with, the last prefix that is not after the text starts with it too.
        let mut at = self.prefixes.partition_point(|prefix| *prefix.text <= *text).checked_sub(1);
        while let Some(index) = at {
            let prefix = &self.prefixes[index];
            if text.starts_with(&prefix.text) {
                prefix.cases.iter().copied().for_each(&mut each);
            }
            at = prefix.inner;
        }
    }
}

/// The slot of the field and the values for which the expression holds, if it is of that form.
pub(super) fn keys<'c>(expression: &Expression, checks: &'c [CheckCode]) -> Option<(u32, u32, Vec<Key<'c>>)> {
    match expression {
        Expression::Check { check, want: true } => {
            let code = &checks[*check as usize];
            let Source::Field { slot, .. } = code.left else { return None };
            let Question::Constants(test) = &code.question else { return None };
            let keys = if code.each == Each::Whole { keys_of_test(test)? } else { return None };
            Some((slot, *check, keys))
        }
        Expression::Or(parts) => {
            let (first, rest) = parts.split_first()?;
            let (slot, check, mut all) = keys(first, checks)?;
            for part in rest {
                let (other, _, keys) = keys(part, checks)?;
                if other != slot {
                    return None;
                }
                all.extend(keys);
            }
            Some((slot, check, all))
        }
        _ => None,
    }
}

fn keys_of_test(test: &Test) -> Option<Vec<Key<'_>>> {
    Some(match test {
        Test::Text { order: Order::Eq, value } => vec![Key::Text(value)],
        Test::StartsWith(prefix) => vec![Key::Prefix(prefix)],
        Test::Integer { order: Order::Eq, value } => vec![Key::Integer(*value)],
        Test::StringSet(set) => {
            // The set has no order of its own, and code should not depend on one.
            let mut keys: Vec<_> = set.members().map(Key::Text).collect();
            keys.sort_unstable();
            keys
        }
        Test::IntegerSet(set) => {
            let mut keys: Vec<_> = set.iter().map(|number| Key::Integer(*number)).collect();
            keys.sort_unstable();
            keys
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(keys: &[Key<'_>], value: Value<'_>, expected: &[u32]) {
        let case = |(index, key): (usize, &Key<'_>)| -> (Case, Vec<Key<'static>>) {
            let key = match key {
                Key::Text(text) => Key::Text(Box::leak(Box::from(*text))),
                Key::Prefix(text) => Key::Prefix(Box::leak(Box::from(*text))),
                Key::Integer(number) => Key::Integer(*number),
            };
            (Case { rule: RuleId(index as u32), entry: Target::HIT }, vec![key])
        };
        let switch = Switch::new(0, keys.iter().enumerate().map(case));
        let mut found = Vec::new();
        switch.find(value, |case| found.push(case.rule.0));
        found.sort_unstable();
        assert_eq!(found, expected, "{value:?} among {keys:?}");
    }

    #[test]
    fn values_find_their_cases() {
        let keys = [
            Key::Prefix(b"/etc"),
            Key::Prefix(b"/etc/ssh"),
            Key::Prefix(b"/etc/shadow"),
            Key::Text(b"/etc/shadow"),
            Key::Prefix(b""),
            Key::Prefix(b"/etc"),
            Key::Integer(4),
            Key::Prefix(b"/f"),
        ];
        check(&keys, Value::Bytes(b"/etc/shadow"), &[0, 2, 3, 4, 5]);
        check(&keys, Value::Bytes(b"/etc/ssl"), &[0, 4, 5]);
        check(&keys, Value::Bytes(b"/etc/sshd"), &[0, 1, 4, 5]);
        check(&keys, Value::Bytes(b"/et"), &[4]);
        check(&keys, Value::Bytes(b"/fz"), &[4, 7]);
        check(&keys, Value::Bytes(b"zz"), &[4]);
        check(&keys, Value::Bytes(b""), &[4]);
        check(&keys, Value::U64(4), &[6]);
        check(&keys, Value::I64(-4), &[]);
        check(&keys, Value::Absent, &[]);
        check(&keys[..4], Value::Bytes(b"zz"), &[]);
    }
}
