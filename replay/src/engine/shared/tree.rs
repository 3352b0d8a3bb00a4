//! Decision trees, one for each event type, that grow while events come.
//!
//! A node asks for the result of a check, or for the class of a value ([`super::classes`]), and what is left of
//! the rules under the answer is a node again, until nothing is left to ask. Rules have hundreds of checks, of which
//! events of a workload differ in few: after some thousand events nearly all of them take a short way that is there
//! already. Growing takes longer than evaluating, so it has a budget, and evaluating is what happens where that is
//! used up.

use std::rc::Rc;

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use smallvec::SmallVec;

use super::super::MatchMode;
use super::super::eval::{Memory, Run};
use super::super::probe::Probe;
use super::Shared;
use super::classes::{Family, Group};
use super::estimate;
use super::expression::Expression;
use crate::rules::RuleId;

/// Parts of expressions that may be looked at for each event of a type: about as much time as the event itself.
const CREDIT_PER_EVENT: u64 = 32;
/// What a tree begins with.
const CREDIT_FIRST: u64 = 5_000;
/// What may be saved up.
const CREDIT_MAX: u64 = 200_000;
/// A tree does not get larger.
const NODES_MAX: usize = 8192;
/// A child that has not grown yet.
const NONE: u32 = u32::MAX;
/// What an answer is worth that only a part of a required alternative depends on.
const ALTERNATIVE_GAIN: f32 = 0.1;
/// So that what decides nothing is asked at last.
const GAIN_MIN: f32 = 0.01;
/// Values that are remembered; then all are forgotten.
const VALUES_MAX: usize = 8192;
/// Share of an event, for each check, in what it takes to learn a value's class.
const LEARNING_COST: f32 = 0.3;
/// Cost of looking a value up, in units of [`super::estimate`].
const LOOKUP_COST: f32 = 8.0;

/// What is left of rules, in their order.
type Rest = Vec<(RuleId, Rc<Expression>)>;

/// Trees by event type.
#[derive(Debug, Default)]
pub(in super::super) struct Forest {
    trees: Vec<Option<Box<Tree>>>,
}

impl Forest {
    /// The rules that match, in order, if that can be told without much ado.
    #[inline]
    pub fn decide<'a, P: Probe, M: Memory<'a>>(
        &mut self,
        shared: &'a Shared,
        mode: MatchMode,
        run: &mut Run<'_, 'a, P, M>,
    ) -> Option<&[RuleId]> {
        let ty = usize::from(run.cx.event.ty.0);
        if self.trees.len() <= ty {
            self.trees.resize_with(shared.types.len(), || None);
        }
        let tree = self.trees.get_mut(ty)?;
        if tree.as_ref().is_none_or(|tree| tree.mode != mode) {
            *tree = Some(Box::new(Tree::new(shared, &shared.types[ty].rules, mode)));
        }
        tree.as_mut()?.decide(shared, run)
    }
}

#[derive(Debug)]
struct Node {
    rest: Rest,
    /// Parts of the rest.
    size: u64,
    question: Question,
}

#[derive(Debug)]
enum Question {
    /// Nothing is left to ask: these rules match.
    None(Box<[RuleId]>),
    /// Children by result.
    Check { check: u32, children: [u32; 2] },
    /// Children by class.
    Class { group: u32, children: Vec<u32> },
}

#[derive(Debug)]
struct Tree {
    mode: MatchMode,
    /// Of nodes that ask for classes.
    groups: Vec<Group>,
    nodes: Vec<Node>,
    /// Values whose classes are known.
    values: usize,
    /// Families whose values do not come again.
    barred: Vec<Family>,
    credit: u64,
}

impl Tree {
    fn new(shared: &Shared, rules: &[(RuleId, Expression)], mode: MatchMode) -> Self {
        let mut tree = Tree {
            mode,
            groups: Vec::new(),
            nodes: Vec::new(),
            values: 0,
            barred: Vec::new(),
            credit: CREDIT_FIRST,
        };
        let rest = rules.iter().map(|(rule, expression)| (*rule, Rc::new(expression.clone()))).collect();
        tree.add(shared, rest);
        tree
    }

    #[inline]
    fn decide<'a, P: Probe, M: Memory<'a>>(
        &mut self,
        shared: &'a Shared,
        run: &mut Run<'_, 'a, P, M>,
    ) -> Option<&[RuleId]> {
        self.credit = (self.credit + CREDIT_PER_EVENT).min(CREDIT_MAX);
        if self.values > VALUES_MAX {
            self.groups.iter_mut().for_each(Group::forget_values);
            self.values = 0;
        }
        let mut at = 0;
        loop {
            let (answer, next) = match &self.nodes[at].question {
                Question::None(_) => break,
                Question::Check { check, children } => {
                    let hit = run.check(*check);
                    (u32::from(hit), children[usize::from(hit)])
                }
                Question::Class { group, children } => {
                    let group = &mut self.groups[*group as usize];
                    let class = match group.class(shared, run)? {
                        Ok(class) => class,
                        Err(value) => {
                            if group.is_missed() {
                                let family = group.family();
                                self.bar(shared, family);
                                return None;
                            }
                            self.credit = self.credit.checked_sub(group.learning_cost())?;
                            self.values += 1;
                            group.learn(run, value)?
                        }
                    };
                    (class, children.get(class as usize).copied().unwrap_or(NONE))
                }
            };
            at = if next == NONE { self.grow(shared, at, answer)? } else { next as usize };
        }
        match &self.nodes[at].question {
            Question::None(rules) => Some(rules),
            Question::Check { .. } | Question::Class { .. } => None,
        }
    }

    /// Makes the child of a node for an answer.
    #[cold]
    #[inline(never)]
    fn grow(&mut self, shared: &Shared, at: usize, answer: u32) -> Option<usize> {
        let node = &self.nodes[at];
        self.credit = self.credit.checked_sub(node.size).filter(|_| self.nodes.len() < NODES_MAX)?;
        let known = |check| match &node.question {
            Question::None(_) => None,
            Question::Check { check: asked, .. } => (*asked == check).then_some(answer != 0),
            Question::Class { group, .. } => self.groups[*group as usize].result(answer, check),
        };
        let mut rest = Rest::with_capacity(node.rest.len());
        for (rule, expression) in &node.rest {
            let expression = expression.known(&known).map_or_else(|| expression.clone(), Rc::new);
            if *expression != Expression::Constant(false) {
                rest.push((*rule, expression));
            }
        }
        let child = self.add(shared, rest);
        match &mut self.nodes[at].question {
            Question::None(_) => {}
            Question::Check { children, .. } => children[answer as usize] = child as u32,
            Question::Class { children, .. } => {
                if children.len() <= answer as usize {
                    children.resize(answer as usize + 1, NONE);
                }
                children[answer as usize] = child as u32;
            }
        }
        Some(child)
    }

    /// Grows the tree anew, without classes of a family.
    #[cold]
    fn bar(&mut self, shared: &Shared, family: Family) {
        self.barred.push(family);
        let root = self.nodes.drain(..).next();
        self.groups.clear();
        self.add(shared, root.map(|root| root.rest).unwrap_or_default());
    }

    /// Adds a node for what is left of rules.
    fn add(&mut self, shared: &Shared, mut rest: Rest) -> usize {
        let certain = rest.iter().position(|(_, expression)| **expression == Expression::Constant(true));
        if let (Some(first), MatchMode::First) = (certain, self.mode) {
            rest.truncate(first + 1);
        }
        let question = self.question(shared, &rest);
        let rest = if matches!(question, Question::None(_)) { Rest::new() } else { rest };
        let size = rest.iter().map(|(_, expression)| expression.size()).sum();
        self.nodes.push(Node { rest, size, question });
        self.nodes.len() - 1
    }

    /// What to ask first: what decides most rules for least.
    fn question(&mut self, shared: &Shared, rest: &Rest) -> Question {
        let mut subjects: HashMap<Subject, (f32, Vec<u32>), FixedState> = HashMap::default();
        for (_, expression) in rest {
            let parts = match &**expression {
                Expression::Constant(_) => &[],
                Expression::And(parts) => &**parts,
                part => std::slice::from_ref(part),
            };
            for part in parts {
                let mut of_part: SmallVec<[Subject; 8]> = SmallVec::new();
                part.each_check(&mut |check| {
                    let family = shared.families[check as usize];
                    let family = family.filter(|family| !self.barred.contains(family));
                    let subject = family.map_or(Subject::Check(check), Subject::Family);
                    let (_, checks) = subjects.entry(subject).or_default();
                    checks.push(check);
                    if !of_part.contains(&subject) {
                        of_part.push(subject);
                    }
                });
                let gain = match &*of_part {
                    [_] => 1.0 - part.chance(&shared.estimates),
                    _ => ALTERNATIVE_GAIN,
                };
                for subject in of_part {
                    subjects.entry(subject).or_default().0 += gain.max(GAIN_MIN);
                }
            }
        }
        let best = subjects.into_iter().map(|(subject, (gain, mut checks))| {
            checks.sort_unstable();
            checks.dedup();
            let cost = match *checks {
                [check] => shared.estimates[check as usize].cost,
                _ => {
                    let value = estimate::of_source(&shared.checks[checks[0] as usize].left);
                    value + LOOKUP_COST + LEARNING_COST * checks.len() as f32
                }
            };
            (gain / cost.max(1.0), subject, checks)
        });
        // The subject makes the choice independent of the order of the map.
        let best = best.max_by(|left, right| left.0.total_cmp(&right.0).then(right.1.cmp(&left.1)));
        match best {
            None => Question::None(rest.iter().map(|(rule, _)| *rule).collect()),
            Some((_, Subject::Family(family), checks)) if checks.len() > 1 => {
                self.groups.push(Group::new(family, checks));
                Question::Class { group: self.groups.len() as u32 - 1, children: Vec::new() }
            }
            Some((_, _, checks)) => Question::Check { check: checks[0], children: [NONE; 2] },
        }
    }
}

/// What may be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Subject {
    Family(Family),
    Check(u32),
}
