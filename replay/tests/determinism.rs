//! Alerts do not depend on who watches or on how many work.

mod common;

use capture::savefile::{Capture, ReadOptions};
use lanner_replay::alert::{AlertFormat, AlertOptions, WriteAlerts};
use lanner_replay::driver::{ReplayOptions, iterations, replay};
use lanner_replay::engine::{MatchMode, NoProbe, Probe, Program, Site, Work};
use lanner_replay::rules::LoadOptions;

/// Sees everything there is to see.
#[derive(Default)]
struct Everything {
    sites: u64,
    work: u64,
}

impl Probe for Everything {
    const WORK: bool = true;
    type Mark = ();

    fn enter(&mut self, _site: Site) {
        self.sites += 1;
    }

    fn leave(&mut self, _site: Site, _mark: (), _hit: bool) {}

    fn work(&mut self, _work: Work, amount: u64) {
        self.work += amount;
    }
}

/// Sees rules and stages only.
struct Rules;

impl Probe for Rules {
    const NODES: bool = false;
    const FIELDS: bool = false;
    type Mark = ();

    fn enter(&mut self, _site: Site) {}

    fn leave(&mut self, _site: Site, _mark: (), _hit: bool) {}
}

#[test]
fn alerts_are_the_same_with_any_probe_and_any_number_of_workers() {
    let Some(shared) = common::shared("determinism") else { return };
    let inputs = vec![("broad.yaml".to_string(), common::read(&shared.join("rules/broad.yaml")))];
    let ruleset = lanner_replay::rules::load(inputs, &LoadOptions::default()).ruleset;
    let program = Program::lower(&ruleset);
    let format = AlertFormat::new(&ruleset, &AlertOptions { json: true, ..AlertOptions::default() }).unwrap();
    for name in ["connect_localhost", "cat_write"] {
        let path = shared.join(format!("captures/{name}.scap"));
        let capture = Capture::open(&path, ReadOptions::default()).unwrap();
        for mode in [MatchMode::First, MatchMode::All] {
            fn alerts<P: Probe>(
                capture: &Capture,
                program: &Program,
                format: &AlertFormat,
                mode: MatchMode,
                probe: &mut P,
            ) -> Vec<u8> {
                let mut sink = WriteAlerts::new(format, Vec::new());
                let options = ReplayOptions { mode, ..ReplayOptions::default() };
                replay(capture, program, &options, probe, &mut sink).unwrap();
                sink.finish().unwrap()
            }
            let expected = alerts(&capture, &program, &format, mode, &mut NoProbe);
            assert!(!expected.is_empty());
            let mut everything = Everything::default();
            assert!(
                alerts(&capture, &program, &format, mode, &mut everything) == expected,
                "{name}: everything watched"
            );
            assert!(everything.sites > 0 && everything.work > 0);
            assert!(
                alerts(&capture, &program, &format, mode, &mut Rules) == expected,
                "{name}: rules watched"
            );
            let counts = (everything.sites, everything.work);
            for workers in [1, 2, 4] {
                let run = |_| {
                    let mut probe = Everything::default();
                    let alerts = alerts(&capture, &program, &format, mode, &mut probe);
                    Ok((alerts, probe.sites, probe.work))
                };
                for (alerts, sites, work) in iterations(4, workers, run).unwrap() {
                    assert!(alerts == expected, "{name}: {workers} workers");
                    assert_eq!((sites, work), counts, "{name}: {workers} workers count the same");
                }
            }
        }
    }
}
