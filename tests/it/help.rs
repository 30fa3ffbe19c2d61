//! Help: every example is run, and options stand under their headings.

use std::process::{Command, Stdio};

use crate::harness::{Home, Run, sample_data};

/// The verbs that a help lists under "Commands".
fn verbs_in(help: &str) -> Vec<String> {
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let verbs = listed.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    verbs.filter_map(|line| line.split_whitespace().next()).filter(|verb| *verb != "help").map(str::to_owned).collect()
}

/// The help of every verb without verbs below it, in the order in which help lists them.
fn helps(home: &Home) -> Vec<(Vec<String>, String)> {
    let mut helps = Vec::new();
    let mut waiting = vec![Vec::<String>::new()];
    while let Some(verb) = waiting.pop() {
        let args: Vec<&str> = verb.iter().map(String::as_str).chain(["--help"]).collect();
        let help = home.run(&args).exits(0).stdout;
        let verbs = verbs_in(&help);
        if verbs.is_empty() {
            helps.push((verb, help));
        } else {
            waiting.extend(verbs.into_iter().rev().map(|name| [&verb[..], &[name]].concat()));
        }
    }
    helps
}

fn examples_in(help: &str) -> Vec<&str> {
    let behind = help.lines().skip_while(|line| *line != "Examples:").skip(1);
    behind.take_while(|line| line.starts_with("  ")).map(str::trim).collect()
}

/// Runs a line of a shell in the home, with `trailql` on the path.
fn run(home: &Home, line: &str) -> Run {
    let mut command = Command::new("sh");
    command.args(["-c", line]).env_clear().current_dir(home.work());
    let folder = std::path::Path::new(env!("CARGO_BIN_EXE_trailql")).parent().unwrap();
    command.env("PATH", format!("{}:/usr/bin:/bin", folder.display()));
    command.env("HOME", home.work().parent().unwrap()).env("TMPDIR", home.tmp()).env("EDITOR", "true");
    Run::of(command.stdin(Stdio::null()).output().unwrap())
}

#[test]
fn every_example_is_run() {
    let home = Home::new();
    std::os::unix::fs::symlink(sample_data(), home.work().join("sample-data")).unwrap();
    let mut count = 0;
    for (verb, help) in helps(&home) {
        let examples = examples_in(&help);
        let needs_none = ["completions", "man"].contains(&verb[0].as_str());
        assert!(needs_none || !examples.is_empty(), "{verb:?} has no example");
        for example in examples {
            // A longer one is broken, and cannot be copied.
            assert!(example.chars().count() <= 98, "{example}");
            assert!(example.contains(&format!("trailql {}", verb.join(" "))), "{verb:?}: {example}");
            let run = run(&home, example);
            // A negative answer is one.
            let negative = ["check", "detect"].contains(&verb[0].as_str());
            assert!(run.code == Some(0) || (negative && run.code == Some(1)), "{example}: {run:?}");
            count += 1;
        }
    }
    assert!(count > 30, "{count}");
}

#[test]
fn options_stand_under_headings_in_one_order() {
    const ORDER: [&str; 6] = ["Options:", "Source:", "CSV (else told from the file):", "Scope:", "Output:", "Global:"];
    let home = Home::new();
    for (verb, help) in helps(&home) {
        let headings: Vec<&str> = help
            .lines()
            .filter(|line| line.ends_with(':') && !line.starts_with(' '))
            .filter(|line| !["Arguments:", "Examples:"].contains(line))
            .collect();
        let places: Vec<Option<usize>> =
            headings.iter().map(|heading| ORDER.iter().position(|known| known == heading)).collect();
        assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{verb:?}: {headings:?}");
        let heading_of = |flag: &str| {
            let at = help.lines().position(|line| line.trim_start().starts_with(flag))?;
            help.lines().take(at).filter(|line| headings.contains(line)).last()
        };
        for (flag, heading) in [
            ("--lake", "Source:"),
            ("--since", "Scope:"),
            ("--wide", "Output:"),
            ("--memory-limit", "Global:"),
            ("-q, --quiet", "Global:"),
        ] {
            assert!(
                heading_of(flag).is_none_or(|found| found == heading),
                "{verb:?}: {flag} under {:?}",
                heading_of(flag)
            );
        }
    }
}
