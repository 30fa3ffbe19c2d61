//! Help and messages, word for word, as files of `tests/snapshots`.
//!
//! `help/<verb>.txt` is the help of a verb; verbs are found by walking the help itself. A file of `messages/` is a list of
//! command lines, each with its exit code and what it writes to stderr. `SNAPSHOTS=overwrite cargo test snapshots` writes
//! the files anew; a new command line is added by writing it into a file.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use snapbox::{Data, assert_data_eq};

use crate::harness::{Home, NOW, package};

fn folder(name: &str) -> PathBuf {
    package().join("tests/snapshots").join(name)
}

fn names(folder: &Path) -> BTreeSet<String> {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
}

/// The verbs that a help lists under "Commands".
fn verbs_in(help: &str) -> Vec<&str> {
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let verbs = listed.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    verbs.filter_map(|line| line.split_whitespace().next()).filter(|verb| *verb != "help").collect()
}

#[test]
fn every_verb_has_help_on_stdout() {
    let home = Home::new();
    let (mut waiting, mut seen) = (vec![Vec::<String>::new()], BTreeSet::new());
    while let Some(verb) = waiting.pop() {
        let args: Vec<&str> = verb.iter().map(String::as_str).chain(["--help"]).collect();
        let run = home.run(&args).exits(0);
        assert_eq!(run.stderr, "", "{verb:?}");
        assert!(!run.stdout.contains('\u{1b}'), "{verb:?} is coloured in a pipe");
        waiting.extend(verbs_in(&run.stdout).into_iter().map(|name| [&verb[..], &[name.to_owned()]].concat()));
        let name = if verb.is_empty() { "trailql".to_owned() } else { verb.join("-") };
        assert_data_eq!(run.stdout, Data::read_from(&folder("help").join(format!("{name}.txt")), None).raw());
        seen.insert(name);
    }
    assert!(seen.len() > 15, "too few verbs were found: {seen:?}");
    assert_eq!(names(&folder("help")), seen, "a file of a verb that there is not");
}

/// The words of a command line; quotes hold words together.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (place, part) in line.split('"').enumerate() {
        if place % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

#[track_caller]
fn check_messages(file: &str, home: &Home) {
    let path = folder("messages").join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = text.lines().filter(|line| line.starts_with("$ trailql ")).collect();
    assert!(!lines.is_empty(), "no command line in {file}");
    let mut written = String::new();
    for line in lines {
        let run = home.run(&words(line.trim_start_matches("$ trailql ")));
        let code = run.code.unwrap();
        if code != 0 {
            assert_eq!(run.stdout, "", "{line}");
        }
        written.push_str(&format!("{line}\n[{code}]\n{}\n", run.stderr));
    }
    assert_data_eq!(written, Data::read_from(&path, None).raw());
}

#[test]
fn wrong_usage_is_answered_with_a_message_and_a_hint() {
    check_messages("usage.txt", &Home::new());
}

#[test]
fn wrong_questions_are_answered_with_a_message_and_a_hint() {
    let home = Home::new();
    let events: Vec<String> = (1..=3)
        .map(|n| {
            format!(
                r#"{{"eventId":"id-{n}","eventName":"ConsoleSignin","eventTime":"2026-11-0{n}T10:00:00Z","acsRegion":"cn-hangzhou",
                "eventType":"ConsoleSignin","serviceName":"AasCustomer","eventVersion":"1","eventRW":"Write",
                "userIdentity":{{"type":"root-account","accountId":"1000000000000001"}}}}"#
            )
        })
        .collect();
    home.file("exports/events.json", format!("[{}]", events.join(",")));
    home.run(&["ingest", "exports", "--now", NOW]).exits(0);
    check_messages("questions.txt", &home);
    check_messages("search.txt", &home);
}
