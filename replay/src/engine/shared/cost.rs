//! What checks cost, roughly: only good for deciding which to ask first.

use super::super::program::{CheckCode, Each, Question, Source};
use super::super::test::Test;

/// In units of about a nanosecond.
pub(super) fn of_check(check: &CheckCode) -> u32 {
    let question = match &check.question {
        Question::Constants(test) => of_test(test),
        Question::Operand(_, source) => 10 + of_source(source),
    };
    of_source(&check.left) + if check.each == Each::Whole { question } else { 3 * question }
}

pub(super) fn of_source(source: &Source) -> u32 {
    match source {
        Source::Field { id, .. } => {
            let name = id.def().name;
            match name {
                "evt.arg" | "evt.abspath" | "evt.res" => 40,
                "evt.args" | "evt.info" => 300,
                "proc.name" | "proc.exe" | "proc.exepath" | "fd.num" | "fd.typechar" | "fd.type" => 2,
                "proc.cmdline" | "proc.args" | "proc.exeline" => 20,
                "proc.env" | "proc.aenv" => 60,
                "fd.name" => 6,
                _ if name.starts_with("proc.a") => 100,
                _ if name.starts_with("proc.p") => 15,
                _ if name.starts_with("proc.sname") || name.contains("pgid.") => 15,
                _ if name.starts_with("fs.path") => 50,
                _ if name.starts_with("container.") || name.starts_with("k8s.") => 8,
                _ if name.starts_with("user.") || name.starts_with("group.") => 12,
                _ => 5,
            }
        }
        Source::Transform { args, .. } => 20 + args.iter().map(of_source).sum::<u32>(),
        Source::Literal(_) => 0,
        Source::List(items) => 5 + items.iter().map(of_source).sum::<u32>(),
    }
}

fn of_test(test: &Test) -> u32 {
    match test {
        Test::Exists | Test::Never | Test::Bool { .. } | Test::Integer { .. } | Test::Float { .. } => 1,
        Test::Text { .. } | Test::StartsWith(_) | Test::EndsWith(_) | Test::Ip { .. } | Test::Net { .. } => 2,
        Test::StringSet(_) | Test::IntegerSet(_) => 6,
        Test::Contains(_) => 15,
        Test::Path(_) => 30,
        Test::CaselessContains(_) | Test::Glob(_) => 40,
        Test::Regex(_) => 150,
        Test::Any(tests) | Test::All(tests) | Test::One(tests) => tests.iter().map(of_test).sum(),
        Test::EachElement(test) | Test::SomeElement(test) => 3 * of_test(test),
    }
}
