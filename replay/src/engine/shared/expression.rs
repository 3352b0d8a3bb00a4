//! Conditions as boolean expressions: `not` is part of the checks, and nested lists are flat.

use super::super::program::{Jump, Target};
use super::estimate::Estimate;

/// A condition over checks.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expression {
    Constant(bool),
    /// The check has this result.
    Check {
        check: u32,
        want: bool,
    },
    And(Vec<Expression>),
    Or(Vec<Expression>),
}

impl Expression {
    /// All (or, unless `all`, one) of the parts, as simple as that can be told.
    pub(super) fn list(all: bool, parts: impl IntoIterator<Item = Expression>) -> Expression {
        let mut list = Vec::new();
        for part in parts {
            match part {
                Expression::Constant(value) if value == all => {}
                Expression::Constant(value) => return Expression::Constant(value),
                Expression::And(inner) if all => list.extend(inner),
                Expression::Or(inner) if !all => list.extend(inner),
                part => list.push(part),
            }
        }
        match (list.len(), all) {
            (0, _) => Expression::Constant(all),
            (1, _) => list.remove(0),
            (_, true) => Expression::And(list),
            (_, false) => Expression::Or(list),
        }
    }

    /// The expression with some checks replaced by what is known of them.
    pub(super) fn fold(&self, known: &mut impl FnMut(u32) -> Option<bool>) -> Expression {
        match self {
            Expression::Constant(value) => Expression::Constant(*value),
            Expression::Check { check, want } => match known(*check) {
                Some(result) => Expression::Constant(result == *want),
                None => self.clone(),
            },
            Expression::And(parts) => {
                let parts: Vec<_> = parts.iter().map(|part| part.fold(known)).collect();
                Expression::list(true, parts)
            }
            Expression::Or(parts) => {
                let parts: Vec<_> = parts.iter().map(|part| part.fold(known)).collect();
                Expression::list(false, parts)
            }
        }
    }

    /// The expression with some checks replaced by what is known of them; `None` if nothing is.
    pub(super) fn known(&self, known: &impl Fn(u32) -> Option<bool>) -> Option<Expression> {
        let mut touched = false;
        self.each_check(&mut |check| touched |= known(check).is_some());
        touched.then(|| self.fold(&mut |check| known(check)))
    }

    /// Calls `each` with every check, in order.
    pub(super) fn each_check(&self, each: &mut impl FnMut(u32)) {
        match self {
            Expression::Constant(_) => {}
            Expression::Check { check, .. } => each(*check),
            Expression::And(parts) | Expression::Or(parts) => {
                parts.iter().for_each(|part| part.each_check(each));
            }
        }
    }

    /// How many parts there are.
    pub(super) fn size(&self) -> u64 {
        match self {
            Expression::Constant(_) | Expression::Check { .. } => 1,
            Expression::And(parts) | Expression::Or(parts) => 1 + parts.iter().map(Self::size).sum::<u64>(),
        }
    }

    /// How often it may hold.
    pub(super) fn chance(&self, estimates: &[Estimate]) -> f32 {
        match self {
            Expression::Constant(value) => f32::from(u8::from(*value)),
            Expression::Check { check, want } => estimates[*check as usize].wanted(*want),
            Expression::And(parts) => parts.iter().map(|part| part.chance(estimates)).product(),
            Expression::Or(parts) => {
                1.0 - parts.iter().map(|part| 1.0 - part.chance(estimates)).product::<f32>()
            }
        }
    }

    /// Sorts lists so that what decides them for little comes first; returns what the expression may cost and how
    /// often it may hold.
    pub(super) fn sort(&mut self, estimates: &[Estimate]) -> Estimate {
        let (parts, all) = match self {
            Expression::Constant(value) => {
                return Estimate { cost: 0.0, chance: f32::from(u8::from(*value)) };
            }
            Expression::Check { check, want } => {
                let estimate = estimates[*check as usize];
                return Estimate { chance: estimate.wanted(*want), ..estimate };
            }
            Expression::And(parts) => (parts, true),
            Expression::Or(parts) => (parts, false),
        };
        let mut sorted: Vec<(Estimate, Expression)> =
            parts.drain(..).map(|mut part| (part.sort(estimates), part)).collect();
        // Cost for each time that it decides.
        let key = |estimate: &Estimate| estimate.cost / estimate.wanted(!all).max(0.01);
        sorted.sort_by(|(left, _), (right, _)| key(left).total_cmp(&key(right)));
        let (mut cost, mut undecided) = (0.0, 1.0);
        for (estimate, part) in sorted {
            cost += undecided * estimate.cost;
            undecided *= estimate.wanted(all);
            parts.push(part);
        }
        Estimate { cost, chance: if all { undecided } else { 1.0 - undecided } }
    }

    /// Jump code, back to front: returns where it starts.
    pub(super) fn jumps(&self, jumps: &mut Vec<Jump>, yes: Target, no: Target) -> Target {
        match self {
            Expression::Constant(true) => yes,
            Expression::Constant(false) => no,
            Expression::Check { check, want } => {
                let (yes, no) = if *want { (yes, no) } else { (no, yes) };
                jumps.push(Jump { check: *check, yes, no });
                Target(jumps.len() as u32 - 1)
            }
            Expression::And(parts) => parts.iter().rev().fold(yes, |next, part| part.jumps(jumps, next, no)),
            Expression::Or(parts) => parts.iter().rev().fold(no, |next, part| part.jumps(jumps, yes, next)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(check: u32, want: bool) -> Expression {
        Expression::Check { check, want }
    }

    #[test]
    fn lists_are_flat_and_constants_fold() {
        let inner = Expression::list(true, [check(1, true), Expression::Constant(true), check(2, false)]);
        let outer = Expression::list(true, [check(0, true), inner.clone()]);
        assert_eq!(outer, Expression::And(vec![check(0, true), check(1, true), check(2, false)]));
        let either = Expression::list(false, [outer.clone(), check(3, true)]);
        assert_eq!(either.fold(&mut |number| (number == 3).then_some(false)), outer);
        assert_eq!(either.fold(&mut |number| (number == 3).then_some(true)), Expression::Constant(true));
        assert_eq!(outer.fold(&mut |number| (number == 2).then_some(true)), Expression::Constant(false));
        assert_eq!(Expression::list(true, []), Expression::Constant(true));
        assert_eq!(Expression::list(false, [check(5, true)]), check(5, true));
    }

    #[test]
    fn what_decides_for_little_comes_first() {
        let estimate = |cost: u8, chance| Estimate { cost: f32::from(cost), chance };
        let estimates = [estimate(10, 0.9), estimate(10, 0.1), estimate(1, 0.1), estimate(40, 0.1)];
        let mut both = Expression::And((0..4).map(|number| check(number, true)).collect());
        let sorted = both.sort(&estimates);
        assert_eq!(both, Expression::And([2, 1, 3, 0].map(|number| check(number, true)).to_vec()));
        assert!((sorted.chance - 0.0009).abs() < 1e-6 && (sorted.cost - 2.41).abs() < 1e-3, "{sorted:?}");
        let mut either = Expression::Or((0..4).map(|number| check(number, true)).collect());
        either.sort(&estimates);
        assert_eq!(either, Expression::Or([2, 0, 1, 3].map(|number| check(number, true)).to_vec()));
    }
}
