//! Reports of a profile as a user sees them, with markup planted wherever somebody else chooses a name.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use capture::event::{EventBuilder, EventType as E};
use capture::savefile::{MachineInfo, ProcessEntry, WriteOptions, Writer, WriterProfile};
use serde_json::Value;

use crate::harness::{Scratch, lanner, root};

const MARKUP: &str = "<img src=x onerror=document.title=1>";
const BREAKOUT: &str = "</title></script><script>document.title=2</script>\"];\u{1b}[31m";

/// Two processes, one of them with markup for a name, that open files with markup in their names.
fn hostile_capture() -> Vec<u8> {
    let options = WriteOptions { profile: WriterProfile::Schema45, ..Default::default() };
    let mut writer = Writer::new(Vec::new(), options).unwrap();
    writer.machine(&MachineInfo { num_cpus: 4, ..Default::default() }).unwrap();
    let process = |tid: i64, comm: &str| ProcessEntry {
        tid,
        pid: tid,
        comm: comm.into(),
        exe: comm.into(),
        ..Default::default()
    };
    writer.processes(&[process(7, MARKUP), process(8, "shell")]).unwrap();
    let second = 1_700_000_000_000_000_000;
    for number in 0..40u64 {
        let (tid, path) = if number % 4 == 0 { (7, BREAKOUT) } else { (8, "/etc/hosts") };
        let open = EventBuilder::new(E::OPENAT_2_X, second + number * 10_000_000, tid).i64(3).i64(-100);
        let open = open.str(path).u32(1).u32(0).u32(5).u64(77);
        writer.event(&open.event()).unwrap();
        let close = EventBuilder::new(E::CLOSE_X, second + number * 10_000_000 + 5, tid).i64(0).i64(3);
        writer.event(&close.event()).unwrap();
    }
    writer.finish().unwrap()
}

/// Rules about it: one that matches and has markup in its name, output and condition, and a few to sort and search.
fn hostile_rules() -> String {
    let rule = |name: &str, condition: &str| {
        let text = |text: &str| serde_json::to_string(text).unwrap();
        format!(
            "- rule: {}\n  desc: d\n  output: {}\n  priority: INFO\n  tags: [{}]\n  condition: {}\n",
            text(name),
            text(&format!("{name} %proc.name %fd.name")),
            text(MARKUP),
            text(condition)
        )
    };
    [
        format!("- macro: opened\n  condition: evt.type = openat # {BREAKOUT:?}\n"),
        rule(&format!("Rule {MARKUP}"), &format!("opened and proc.name = \"{MARKUP}\"")),
        rule("Beta shell", "opened and proc.name = shell and fd.name contains /etc/"),
        rule("Alpha closes", "evt.type = close and proc.name in (shell, other)"),
        rule("Never", "evt.type = execve"),
    ]
    .concat()
}

/// Writes a profile with all its reports to a folder.
fn reports(scratch: &Scratch) -> PathBuf {
    let (capture, rules) = (scratch.join("<b>.scap"), scratch.join("<i onclick=x>.yaml"));
    fs::write(&capture, hostile_capture()).unwrap();
    fs::write(&rules, hostile_rules()).unwrap();
    let folder = scratch.join("reports");
    let output = lanner()
        .args(["--color", "never", "profile", "-n", "2", "-j", "1", "--matching", "all", "--annotate", "-o"])
        .args([&folder, &capture])
        .arg("-r")
        .arg(&rules)
        .output()
        .expect("the binary starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(printed.contains(MARKUP) && !printed.contains('\u{1b}'), "{printed}");
    folder
}

#[test]
fn markup_in_names_stays_text() {
    let scratch = Scratch::new("markup");
    let folder = reports(&scratch);
    let mut seen = Vec::new();
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let extension = path.extension().unwrap_or_default().to_str().unwrap().to_owned();
        let bytes = fs::read(&path).unwrap();
        seen.push(extension.clone());
        let Ok(text) = String::from_utf8(bytes) else { continue };
        assert!(!text.contains('\u{1b}'), "{}: an escape sequence", path.display());
        let is_markup = matches!(&*extension, "html" | "svg" | "mmd");
        for planted in ["<img", "<script>document", "<b>", "<i onclick"] {
            assert!(!is_markup || !text.contains(planted), "{}: {planted}", path.display());
        }
    }
    for extension in ["html", "svg", "mmd", "dot", "folded", "txt", "json", "png"] {
        assert!(seen.iter().any(|other| other == extension), "no .{extension} among {seen:?}");
    }
    let page = fs::read_to_string(folder.join("report.html")).unwrap();
    assert!(page.contains("&lt;img src=x onerror=document.title=1&gt;"));
}

/// What happens on the page when it is used; the test reads what this writes.
const USE: &str = r##"<script>
const result = {};
const rows = () => [...document.querySelectorAll("#rules tbody tr")];
const name = (row) => row.cells[0].firstChild.textContent;
const press = (heading) => [...document.querySelectorAll("#rules th")]
  .find((th) => th.textContent === heading).querySelector("button").click();
press("rule");
result.by_name = rows().map(name);
press("checks");
result.by_checks = rows().map((row) => Number(row.cells[1].dataset.sort));
press("checks");
result.by_checks_again = rows().map((row) => Number(row.cells[1].dataset.sort));
result.sorted_by = [...document.querySelectorAll("#rules th[aria-sort]")].map((th) => th.ariaSort + " " + th.textContent);
const search = document.querySelector("input[data-table=rules]");
search.value = "BETA";
search.dispatchEvent(new Event("input"));
result.searched = rows().filter((row) => row.offsetParent !== null).map(name);
const flame = document.getElementById("flame");
const frames = () => [...flame.querySelectorAll(".frame")];
const frame = (text) => frames().find((box) => box.title.startsWith(text));
const width = (text) => Math.round(frame(text)?.getBoundingClientRect().width ?? 0);
const details = () => document.getElementById("flame-details").textContent;
result.before = [width("evaluate"), width("Beta shell")];
frame("Beta shell").click();
result.zoomed = [width("evaluate"), width("Beta shell"), width("Alpha closes")];
result.details = details();
const key = (key) => document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
frame("Beta shell").focus();
key("ArrowUp");
result.moved = document.activeElement.title.split(":")[0];
key("Escape");
result.escaped = [width("evaluate"), width("Alpha closes") > 0, document.activeElement.title.split(":")[0]];
const find = document.getElementById("flame-search");
find.value = "proc.name";
find.dispatchEvent(new Event("input"));
result.found = [flame.querySelectorAll(".found").length, details().split(" ")[0]];
document.querySelector("input[name=flame-weight][value=cost]").click();
result.by_cost = frame("evaluate").title;
result.title = document.title;
result.requests = performance.getEntriesByType("resource").length;
const pre = document.createElement("pre");
pre.id = "result";
pre.textContent = JSON.stringify(result);
document.body.prepend(pre);
</script></body>"##;

/// Runs a browser without a window; `None` with a printed reason where there is none.
fn browse(scratch: &Scratch, args: &[&str], page: &Path) -> Option<String> {
    let browsers = ["chromium", "chromium-browser", "google-chrome"];
    let out = scratch.join("browser.out");
    let child = browsers.iter().find_map(|browser| {
        Command::new(browser)
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars"])
            .arg(format!("--user-data-dir={}", scratch.join("browser").display()))
            .args(args)
            .arg(format!("file://{}", page.display()))
            .stdout(fs::File::create(&out).unwrap())
            .stderr(Stdio::null())
            .spawn()
            .ok()
    });
    let Some(mut child) = child else {
        eprintln!("skipped: none of {browsers:?} is installed");
        return None;
    };
    let end = Instant::now() + Duration::from_secs(180);
    loop {
        match child.try_wait().unwrap() {
            Some(status) => {
                assert!(status.success(), "the browser ended with {status}");
                return Some(fs::read_to_string(&out).unwrap());
            }
            None if Instant::now() > end => {
                child.kill().unwrap();
                panic!("the browser does not end");
            }
            None => std::thread::sleep(Duration::from_millis(50)),
        }
    }
}

#[test]
fn the_page_sorts_searches_and_zooms_in_a_browser() {
    let scratch = Scratch::new("browser");
    let folder = reports(&scratch);
    let page = scratch.join("page.html");
    let report = fs::read_to_string(folder.join("report.html")).unwrap();
    fs::write(&page, report.replace("</body>", USE)).unwrap();
    let Some(dom) = browse(&scratch, &["--window-size=1200,900", "--dump-dom"], &page) else { return };
    let result = dom.split_once("<pre id=\"result\">").and_then(|(_, rest)| rest.split_once("</pre>"));
    let result = result.expect("the page's script ran to its end").0;
    let result = result.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    let result: Value = serde_json::from_str(&result).unwrap();
    let numbers = |key: &str| -> Vec<f64> {
        result[key].as_array().unwrap().iter().filter_map(Value::as_f64).collect()
    };
    let marked = format!("Rule {MARKUP}");
    assert_eq!(
        result["by_name"],
        serde_json::json!(["Alpha closes", "Beta shell", "Never", marked]),
        "{result}"
    );
    assert_eq!(
        (numbers("by_checks"), numbers("by_checks_again")),
        (vec![80.0, 80.0, 80.0, 0.0], vec![0.0, 80.0, 80.0, 80.0])
    );
    assert_eq!(result["sorted_by"], serde_json::json!(["ascending checks"]));
    assert_eq!(result["searched"], serde_json::json!(["Beta shell"]));
    let (before, zoomed) = (numbers("before"), numbers("zoomed"));
    assert!(before[0] > 1000.0 && before[1] < before[0], "{before:?}");
    assert_eq!(zoomed, [before[0], before[0], 0.0]);
    let details = result["details"].as_str().unwrap();
    assert!(details.starts_with("Beta shell: ") && details.contains("80 checks, 60 matches"), "{details}");
    assert!(details.contains("onclick=x>.yaml:"), "{details}");
    assert_eq!(result["moved"].as_str().map(|name| name == "Beta shell"), Some(false), "{result}");
    assert_eq!(result["escaped"], serde_json::json!([before[0] as u64, true, "evaluate"]));
    assert!(numbers("found")[0] >= 2.0 && result["found"][1] == "Found:", "{result}");
    assert!(result["by_cost"].as_str().unwrap().contains(" units, 100 % of all"), "{result}");
    assert!(result["title"].as_str().unwrap().starts_with("Rule costs: "), "{result}");
    assert_eq!(result["requests"], 0);

    let picture = scratch.join("page.png");
    let screenshot = format!("--screenshot={}", picture.display());
    browse(&scratch, &["--window-size=1200,900", &screenshot], &folder.join("report.html"));
    let (width, height, values) = look_at(&fs::read(&picture).unwrap());
    assert_eq!((width, height), (1200, 900));
    // Text with smooth edges alone has dozens of greys.
    assert!(values > 40, "{values} values in a picture: blank");
}

/// Width and height of a PNG file, and how many different values its pixels have.
fn look_at(png: &[u8]) -> (u32, u32, usize) {
    let number = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
    assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"));
    let (mut at, mut compressed) = (8, Vec::new());
    while at + 8 <= png.len() {
        let length = number(at) as usize;
        if &png[at + 4..at + 8] == b"IDAT" {
            compressed.extend(&png[at + 8..at + 8 + length]);
        }
        at += length + 12;
    }
    let mut rows = Vec::new();
    flate2::read::ZlibDecoder::new(&*compressed).read_to_end(&mut rows).unwrap();
    rows.sort_unstable();
    rows.dedup();
    (number(16), number(20), rows.len())
}

/// What the shared strategy pays: stages and event types, and nothing that would have to be known of rules.
#[test]
fn rules_that_are_evaluated_together_are_profiled_by_event_type() {
    let scratch = Scratch::new("together");
    let folder = scratch.join("profile");
    let profile = |more: &[&str]| {
        let mut command = lanner();
        command.arg("profile").arg(root().join("fixtures/captures/demo.scap"));
        command.arg("-r").arg(root().join("fixtures/rules/demo.yaml")).arg("-o").arg(&folder);
        let options = ["-n", "1", "--overhead", "0", "--warmup", "0", "--strategy", "shared"];
        command.args(options).args(more).output().expect("the binary starts")
    };
    let output = profile(&[]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("Rules were evaluated together") && text.contains(" openat\n"), "{text}");
    assert!(!text.contains("never checked") && !folder.join("rules.csv").exists(), "{text}");
    assert_eq!(profile(&["--timing", "rules"]).status.code(), Some(2));
    let stored = folder.join("profile.json");
    for (verb, more) in [("diff", Some(&stored)), ("report", None)] {
        let mut command = lanner();
        command.arg(verb).arg(&stored);
        match more {
            Some(other) => command.arg(other),
            None => command.arg("--annotate"),
        };
        assert_eq!(command.output().expect("the binary starts").status.code(), Some(1), "{verb}");
    }
    let no_folder = lanner().args(["report", "-f", "all"]).arg(&stored).output().expect("the binary starts");
    assert_eq!(no_folder.status.code(), Some(2));
}

/// What leaving rules out saves is found with either strategy, and shown wherever rules are.
#[test]
fn rules_are_left_out_on_request() {
    let scratch = Scratch::new("left-out");
    let folder = scratch.join("profile");
    let profile = |more: &[&str]| {
        let mut command = lanner();
        command.arg("profile").arg(root().join("fixtures/captures/demo.scap"));
        command.arg("-r").arg(root().join("fixtures/rules/demo.yaml")).arg("-o").arg(&folder);
        let options = ["-n", "1", "-j", "1", "--overhead", "0", "--warmup", "0", "--detail", "0"];
        command.args(options).args(more).output().expect("the binary starts")
    };
    let stored = folder.join("profile.json");
    let check = |more: &[&str], rules: usize| {
        let output = profile(more);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(text.contains("so much shorter without the rule"), "{text}");
        let json: serde_json::Value = serde_json::from_slice(&fs::read(&stored).unwrap()).unwrap();
        let savings = json["rules"].as_array().unwrap().iter().filter(|rule| rule.get("saving").is_some());
        assert_eq!(savings.count(), rules, "{more:?}");
        let page = fs::read_to_string(folder.join("report.html")).unwrap();
        assert!(page.contains(">Leaving rules out</h2>"));
    };
    check(&["--leave-out", "2", "--leave-out-time", "0", "--strategy", "shared"], 2);
    let named = {
        let json: serde_json::Value = serde_json::from_slice(&fs::read(&stored).unwrap()).unwrap();
        let rules = json["rules"].as_array().unwrap().clone();
        let left_out = |rule: &&serde_json::Value| rule.get("saving").is_some();
        rules.iter().find(left_out).unwrap()["name"].as_str().unwrap().to_owned()
    };
    check(&["--leave-out", &named, "--leave-out-time", "0", "--timing", "off"], 1);
    for verb in ["diff", "merge"] {
        let output =
            lanner().args([verb, "-q"]).args([&stored, &stored]).output().expect("the binary starts");
        assert!(output.status.success(), "{verb}: {}", String::from_utf8_lossy(&output.stderr));
    }
    for (wrong, message) in [("no such rule", "there is no rule 'no such rule'"), ("0", "at least one rule")]
    {
        let output = profile(&["--leave-out", wrong]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains(message), "{said}");
    }
    assert_eq!(profile(&["--leave-out-time", "5"]).status.code(), Some(2));
}
