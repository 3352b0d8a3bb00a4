//! What checks cost and how often they hold, roughly: only good for deciding which to ask first.

use super::super::program::{CheckCode, Each, Question, Source};
use super::super::test::{Order, Test};

/// A guess about a check.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Estimate {
    /// In units of about a nanosecond.
    pub cost: f32,
    /// Chance that it holds.
    pub chance: f32,
}

impl Estimate {
    pub fn of_check(check: &CheckCode) -> Estimate {
        let (question, chance) = match &check.question {
            Question::Constants(test) => (of_test(test), chance_of_test(test)),
            Question::Operand(_, source) => (10.0 + of_source(source), 0.3),
        };
        let question = if check.each == Each::Whole { question } else { 3.0 * question };
        Estimate { cost: of_source(&check.left) + question, chance }
    }

    /// Chance of a result.
    pub fn wanted(self, want: bool) -> f32 {
        if want { self.chance } else { 1.0 - self.chance }
    }
}

/// Rules are about what seldom happens: values are seldom among those that they name.
fn chance_of_test(test: &Test) -> f32 {
    match test {
        Test::Never => 0.0,
        Test::Exists => 0.9,
        Test::Bool { .. } => 0.5,
        Test::Integer { order, .. } | Test::Float { order, .. } | Test::Text { order, .. } => match order {
            Order::Eq => 0.05,
            Order::Ne => 0.95,
            Order::Lt | Order::Le => 0.3,
            Order::Gt | Order::Ge => 0.7,
        },
        Test::Ip { equal, .. } | Test::Net { equal, .. } => {
            if *equal {
                0.05
            } else {
                0.95
            }
        }
        Test::StartsWith(_) | Test::EndsWith(_) | Test::Contains(_) | Test::CaselessContains(_) => 0.05,
        Test::Glob(_) | Test::Regex(_) | Test::StringSet(_) | Test::IntegerSet(_) | Test::One(_) => 0.1,
        Test::Path(_) | Test::SomeElement(_) => 0.15,
        Test::EachElement(_) => 0.05,
        Test::Any(tests) => 1.0 - tests.iter().map(|test| 1.0 - chance_of_test(test)).product::<f32>(),
        Test::All(tests) => tests.iter().map(chance_of_test).product(),
    }
}

pub(super) fn of_source(source: &Source) -> f32 {
    match source {
        Source::Field { id, .. } => {
            let name = id.def().name;
            match name {
                "evt.arg" | "evt.abspath" | "evt.res" => 80.0,
                "evt.args" | "evt.info" => 300.0,
                "proc.name" | "proc.exe" | "proc.exepath" | "fd.num" | "fd.typechar" | "fd.type" => 2.0,
                "proc.cmdline" | "proc.args" | "proc.exeline" => 20.0,
                "proc.env" | "proc.aenv" => 60.0,
                "fd.name" => 6.0,
                _ if name.starts_with("proc.a") => 100.0,
                _ if name.starts_with("proc.p") => 15.0,
                _ if name.starts_with("proc.sname") || name.contains("pgid.") => 15.0,
                _ if name.starts_with("fs.path") => 50.0,
                _ if name.starts_with("container.") || name.starts_with("k8s.") => 8.0,
                _ if name.starts_with("user.") || name.starts_with("group.") => 12.0,
                _ => 5.0,
            }
        }
        Source::Transform { args, .. } => 20.0 + args.iter().map(of_source).sum::<f32>(),
        Source::Literal(_) => 0.0,
        Source::List(items) => 5.0 + items.iter().map(of_source).sum::<f32>(),
    }
}

fn of_test(test: &Test) -> f32 {
    match test {
        Test::Exists | Test::Never | Test::Bool { .. } | Test::Integer { .. } | Test::Float { .. } => 1.0,
        Test::Text { .. } | Test::StartsWith(_) | Test::EndsWith(_) | Test::Ip { .. } | Test::Net { .. } => {
            2.0
        }
        Test::StringSet(_) | Test::IntegerSet(_) => 6.0,
        Test::Contains(_) => 15.0,
        Test::Path(_) => 30.0,
        Test::CaselessContains(_) | Test::Glob(_) => 40.0,
        Test::Regex(_) => 150.0,
        Test::Any(tests) | Test::All(tests) | Test::One(tests) => tests.iter().map(of_test).sum(),
        Test::EachElement(test) | Test::SomeElement(test) => 3.0 * of_test(test),
    }
}
