//! The invariants of the source, checked on its text: which floor may import which, and what has only one place.
//!
//! The rules are those that `lib.rs` states. Comments, the text of literals and test code are blanked first, so a rule
//! sees only code that ships. Each rule has a self-test on literal text that breaks it, for a check that cannot fail
//! checks nothing.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::harness::package;

/// The modules of the library and what each may import. Who is not in a row may not be imported there.
const FLOORS: [(&str, &[&str]); 16] = [
    ("event", &[]),
    // What every floor with threads needs: it knows nothing of events.
    ("faults", &[]),
    // What every floor that walks statements needs.
    ("deep_stack", &[]),
    // What every "did you mean" needs.
    ("spelling", &[]),
    // What every table needs.
    ("text_layout", &[]),
    ("export", &["event", "faults"]),
    ("lake", &["event", "faults"]),
    // Addresses and files: it knows nothing of events.
    ("geoip", &[]),
    // Statements of SLS to syntax trees. The engine shares its rules of matching.
    ("sls", &["event", "spelling"]),
    ("engine", &["event", "deep_stack", "faults", "spelling", "text_layout", "export", "lake", "geoip", "sls"]),
    ("policy", &["event"]),
    ("detect", &["event", "lake", "engine"]),
    ("report", &["event", "text_layout", "export", "lake", "geoip", "engine"]),
    (
        "ops",
        &[
            "event",
            "deep_stack",
            "faults",
            "spelling",
            "export",
            "lake",
            "geoip",
            "engine",
            "sls",
            "policy",
            "detect",
            "report",
        ],
    ),
    // Settings stand beside the floors: they know none but the lowest, and only floor 6 knows them.
    ("settings", &["event", "spelling"]),
    ("console", &["event", "export", "lake", "engine", "sls", "policy", "detect", "report", "ops", "settings"]),
];

/// Words that may stand only in some files. A place that ends with `/` is a folder.
const ONE_PLACE: [(&str, &[&str], &[&str]); 5] = [
    (
        "sessions are built only in engine::session",
        &["SessionContext::new", "SessionStateBuilder", "SessionState::new"],
        &["src/engine/session.rs", "src/engine/session/"],
    ),
    (
        "the environment is read only in settings",
        &["std::env", "env::var", "env::args"],
        &["src/settings.rs", "src/settings/"],
    ),
    (
        "only cli::ui prints",
        &["println!", "eprintln!", "print!", "eprint!", "dbg!", "stdout()", "stderr()"],
        &["src/cli/ui.rs"],
    ),
    ("only main.rs exits, and it does so by returning", &["process::exit", "process::abort"], &[]),
    (
        "decoders live only in export::decompress",
        &["flate2::", "zstd::", "flate2;", "zstd;", "lz4_flex::", "snap::", "bzip2::", "lzma_rust2::"],
        &["src/export/decompress.rs", "src/export/decompress/"],
    ),
];

/// Lines of a file of src/, at most.
const LONGEST_FILE: usize = 700;

#[test]
fn imports_go_down_only() {
    check(|path, text| match floor_of(path) {
        Some(floor) if !is_test(path) => wrong_imports(floor, &shipped(text)),
        _ => Vec::new(),
    });
}

#[test]
fn what_has_one_place_is_only_there() {
    check(|path, text| if is_test(path) { Vec::new() } else { out_of_place(path, &shipped(text)) });
}

#[test]
fn modules_open_with_their_purpose() {
    check(|_, text| opening(text));
}

#[test]
fn front_ends_ask_through_ops() {
    check(|path, text| {
        let is_front = path.starts_with("src/cli/") || path.starts_with("src/console/");
        if is_front { names_the_engine(&shipped(text)) } else { Vec::new() }
    });
}

#[test]
fn doc_comments_open_with_a_noun_or_a_verb() {
    check(|_, text| openers(text));
}

#[test]
fn lines_fit_the_width() {
    check(|_, text| too_wide(text));
}

#[test]
fn files_are_short() {
    check(|_, text| too_long(text));
}

#[test]
fn every_floor_is_known_here() {
    let known: BTreeSet<&str> = FLOORS.iter().map(|(floor, _)| *floor).collect();
    let lib = std::fs::read_to_string(package().join("src/lib.rs")).unwrap();
    let modules = unknown_floors(&shipped(&lib), &known);
    assert!(modules.is_empty(), "give these modules a row in FLOORS: {modules:?}");
}

/// Runs a rule over every file of src/ and shows all that it finds.
#[track_caller]
fn check(rule: impl Fn(&str, &str) -> Vec<String>) {
    let files = files_under(&package().join("src"), "rs");
    assert!(files.len() > 10, "the source is not where it was: {files:?}");
    let mut problems = Vec::new();
    for file in files {
        let path = file.strip_prefix(package()).unwrap().to_str().unwrap().to_owned();
        let text = std::fs::read_to_string(&file).unwrap();
        problems.extend(rule(&path, &text).into_iter().map(|problem| format!("{path}: {problem}")));
    }
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

fn files_under(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let files = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().filter_map(Result::ok);
    let files = files.map(walkdir::DirEntry::into_path);
    files.filter(|path| path.extension().is_some_and(|found| found == extension)).collect()
}

/// A test module in a file of its own.
fn is_test(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.ends_with("_tests.rs")
}

/// The module of the library that a file belongs to: `src/lake/commit.rs` and `src/lake.rs` are of `lake`.
fn floor_of(path: &str) -> Option<&str> {
    let rest = path.strip_prefix("src/")?;
    let name = rest.split('/').next()?;
    let name = name.strip_suffix(".rs").unwrap_or(name);
    FLOORS.iter().map(|(floor, _)| *floor).find(|floor| *floor == name)
}

fn wrong_imports(floor: &str, code: &str) -> Vec<String> {
    let allowed = FLOORS.iter().find(|(name, _)| *name == floor).map_or(&[][..], |(_, allowed)| *allowed);
    let mut problems = Vec::new();
    for (line, path) in crate_paths(code) {
        let is_floor = FLOORS.iter().any(|(name, _)| *name == path);
        if is_floor && path != floor && !allowed.contains(&path.as_str()) {
            problems.push(format!("line {line}: {floor} may not import {path}"));
        }
        if matches!(path.as_str(), "*" | "self") {
            problems.push(format!("line {line}: import modules by name, so that this test can see them"));
        }
    }
    problems
}

/// The first part of every path from the root of the crate, with its line: `crate::lake::X`, `crate::{lake::X, event}`,
/// `trailql::lake`, and `super::super::lake`, which climbs to the root and then names a floor.
fn crate_paths(code: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for root in ["crate::", "trailql::", "super::super::"] {
        for (place, _) in code.match_indices(root) {
            let before = code[..place].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
                continue;
            }
            let line = 1 + code[..place].matches('\n').count();
            let rest = code[place + root.len()..].trim_start();
            let names = if let Some(group) = rest.strip_prefix('{') { group_heads(group) } else { vec![head(rest)] };
            found.extend(names.into_iter().filter(|name| !name.is_empty()).map(|name| (line, name)));
        }
    }
    found
}

/// The first part of each path of a group, up to the brace that closes it.
fn group_heads(group: &str) -> Vec<String> {
    let (mut depth, mut heads, mut start) = (0usize, Vec::new(), true);
    for (place, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => start = true,
            c if start && !c.is_whitespace() => {
                heads.push(head(&group[place..]));
                start = false;
            }
            _ => {}
        }
    }
    heads
}

fn head(text: &str) -> String {
    if text.starts_with('*') {
        return "*".to_owned();
    }
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

fn out_of_place(path: &str, code: &str) -> Vec<String> {
    let mut problems = Vec::new();
    for (rule, words, places) in ONE_PLACE {
        if places.iter().any(|place| path == *place || (place.ends_with('/') && path.starts_with(place))) {
            continue;
        }
        for word in words {
            for (place, _) in code.match_indices(word) {
                // `println!` is not `print!`, and `my_zstd::` is not `zstd::`.
                let before = code[..place].chars().next_back();
                if !before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
                    problems.push(format!("line {}: {rule}: {word}", 1 + code[..place].matches('\n').count()));
                }
            }
        }
    }
    problems
}

fn opening(text: &str) -> Vec<String> {
    let opens = text.strip_prefix("//! ").is_some_and(|rest| rest.lines().next().is_some_and(|line| line.len() > 10));
    if opens { Vec::new() } else { vec!["line 1: a module opens with `//!` and what it is for".to_owned()] }
}

/// Types of the engine that only use cases may hold: what a front end asks goes through `ops`.
fn names_the_engine(code: &str) -> Vec<String> {
    let mut problems = Vec::new();
    for (number, line) in code.lines().enumerate() {
        let line = line.replace("Error::Engine", "");
        let mut words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
        if let Some(word) = words.find(|word| matches!(*word, "Engine" | "Session")) {
            problems.push(format!("line {}: a front end asks through ops, not through `{word}`", number + 1));
        }
    }
    problems
}

/// Words that a doc comment does not open with: they promise an answer instead of giving it.
const OPENERS: [&str; 9] =
    ["What ", "How ", "Where ", "Who ", "Whose ", "Which ", "Whether ", "True where ", "True if "];

fn openers(text: &str) -> Vec<String> {
    let (mut problems, mut before) = (Vec::new(), "");
    for (number, line) in text.lines().map(str::trim_start).enumerate() {
        let doc = ["/// ", "//! "].into_iter().find_map(|mark| line.strip_prefix(mark).map(|rest| (mark.trim(), rest)));
        if let Some((mark, rest)) = doc
            && !before.starts_with(mark)
            && let Some(opener) = OPENERS.iter().find(|opener| rest.starts_with(**opener))
        {
            problems.push(format!("line {}: a doc comment opens with `{}`", number + 1, opener.trim()));
        }
        before = line;
    }
    problems
}

/// Columns of a line, at most. A text that stands in quotes may be longer.
const WIDEST_LINE: usize = 120;

fn too_wide(text: &str) -> Vec<String> {
    let lines = text.lines().enumerate();
    let wide = lines.filter(|(_, line)| line.chars().count() > WIDEST_LINE && !line.contains('"'));
    wide.map(|(number, _)| format!("line {}: wider than {WIDEST_LINE} columns", number + 1)).collect()
}

fn too_long(text: &str) -> Vec<String> {
    let lines = text.lines().count();
    if lines <= LONGEST_FILE { Vec::new() } else { vec![format!("{lines} lines, at most {LONGEST_FILE}")] }
}

fn unknown_floors(lib: &str, known: &BTreeSet<&str>) -> Vec<String> {
    let modules = lib.lines().filter_map(|line| line.trim().trim_start_matches("pub ").strip_prefix("mod "));
    modules.map(head).filter(|module| !known.contains(module.as_str())).collect()
}

/// The code that ships: comments, the text of literals, and test code are blanked; lines stay where they are.
fn shipped(text: &str) -> String {
    without_tests(&without_text(text))
}

fn without_text(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut code = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let end = match (chars[at], chars.get(at + 1)) {
            ('/', Some('/')) => position(&chars, at, |rest| rest[0] == '\n'),
            ('/', Some('*')) => block_comment(&chars, at),
            ('r', Some('"' | '#')) if !in_word(&chars, at) => raw_string(&chars, at).unwrap_or(at),
            ('"', _) => string(&chars, at),
            ('\'', Some('\\')) => position(&chars, at + 3, |rest| rest[0] == '\'') + 1,
            ('\'', Some(_)) if chars.get(at + 2) == Some(&'\'') => at + 3,
            _ => at,
        };
        if end == at {
            code.push(chars[at]);
            at += 1;
        } else {
            let end = end.min(chars.len());
            code.extend(chars[at..end].iter().map(|c| if *c == '\n' { '\n' } else { ' ' }));
            at = end;
        }
    }
    code
}

fn position(chars: &[char], from: usize, wanted: impl Fn(&[char]) -> bool) -> usize {
    (from..chars.len()).find(|at| wanted(&chars[*at..])).unwrap_or(chars.len())
}

fn in_word(chars: &[char], at: usize) -> bool {
    // A byte string may be raw too, so a lone `b` before the `r` is no word.
    let before = |back: usize| at.checked_sub(back).map(|place| chars[place]);
    let word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    word(before(1)) && (before(1) != Some('b') || word(before(2)))
}

fn block_comment(chars: &[char], from: usize) -> usize {
    let (mut depth, mut at) = (0, from);
    while at < chars.len() {
        match (chars[at], chars.get(at + 1)) {
            ('/', Some('*')) => (depth, at) = (depth + 1, at + 2),
            ('*', Some('/')) => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    at
}

fn string(chars: &[char], from: usize) -> usize {
    let mut at = from + 1;
    while at < chars.len() && chars[at] != '"' {
        at += if chars[at] == '\\' { 2 } else { 1 };
    }
    at + 1
}

fn raw_string(chars: &[char], from: usize) -> Option<usize> {
    let hashes = chars[from + 1..].iter().take_while(|c| **c == '#').count();
    if chars.get(from + 1 + hashes) != Some(&'"') {
        return None;
    }
    let end: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
    Some(position(chars, from + 2 + hashes, |rest| rest.starts_with(&end)) + end.len())
}

/// Blanks every item under `#[cfg(test)]`: up to its semicolon, or to the brace that closes it.
fn without_tests(code: &str) -> String {
    const MARK: &str = "#[cfg(test)]";
    let mut shipped = String::with_capacity(code.len());
    let mut rest = code;
    while let Some(start) = rest.find(MARK) {
        shipped.push_str(&rest[..start]);
        let (mut depth, mut end) = (0usize, rest.len());
        for (place, c) in rest[start + MARK.len()..].char_indices() {
            match c {
                '{' => depth += 1,
                '}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 && matches!(c, '}' | ';') {
                end = start + MARK.len() + place + 1;
                break;
            }
        }
        shipped.extend(rest[start..end].chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        rest = &rest[end..];
    }
    shipped + rest
}

mod self_tests {
    use super::*;

    #[test]
    fn upward_imports_are_found() {
        for (floor, code, wrong) in [
            ("event", "use crate::lake::Lake;", true),
            ("export", "use crate::{event::time, lake};", true),
            ("export", "use crate::{\n    event::{time, ids},\n    engine::Engine,\n};", true),
            ("lake", "fn f() { crate::export::sniff() }", true),
            ("engine", "use crate::ops::OpsError;", true),
            ("engine", "use super::super::report::html;", true),
            ("sls", "use crate::engine::Engine;", true),
            ("report", "use crate::policy::Policy;", true),
            ("ops", "use crate::settings::Settings;", true),
            ("lake", "use crate::*;", true),
            ("export", "use crate::event::{lake, engine};", false),
            ("ops", "use crate::{engine::Engine, event::time, lake::Lake};", false),
            ("engine", "use mycrate::ops;", false),
            ("engine", "// use crate::ops;\nconst A: &str = \"crate::ops\";", false),
            ("engine", "#[cfg(test)]\nmod tests { use crate::ops::X; }", false),
        ] {
            assert_eq!(!wrong_imports(floor, &shipped(code)).is_empty(), wrong, "{floor}: {code}");
        }
    }

    #[test]
    fn words_out_of_place_are_found() {
        for (path, code, wrong) in [
            ("src/engine/mod.rs", "let a = SessionContext::new_with_config(c);", true),
            ("src/ops/open.rs", "SessionStateBuilder::new()", true),
            ("src/engine/session.rs", "SessionStateBuilder::new()", false),
            ("src/lake/writer.rs", "std::env::var(\"X\")", true),
            ("src/settings.rs", "std::env::vars_os()", false),
            ("src/lake/writer.rs", "env!(\"CARGO_PKG_VERSION\")", false),
            ("src/cli/query.rs", "println!(\"x\")", true),
            ("src/cli/query.rs", "io::stdout().lock()", true),
            ("src/cli/ui.rs", "io::stdout().lock()", false),
            ("src/cli/query.rs", "ui.note(\"println!\") // print!", false),
            ("src/main.rs", "std::process::exit(2)", true),
            ("src/cli/ui.rs", "std::process::exit(2)", true),
            ("src/export/framing.rs", "use zstd::Decoder;", true),
            ("src/export/framing.rs", "use flate2::read::MultiGzDecoder;", true),
            ("src/export/decompress.rs", "use flate2::read::MultiGzDecoder;", false),
            ("src/lake/writer.rs", "Compression::ZSTD(ZstdLevel::default())", false),
            ("src/lake/writer.rs", "#[cfg(test)]\nmod tests {\n    fn f() { println!() }\n}", false),
            ("src/lake/writer.rs", "#[cfg(test)]\nmod tests;\nfn f() { println!() }", true),
        ] {
            assert_eq!(!out_of_place(path, &shipped(code)).is_empty(), wrong, "{path}: {code}");
        }
    }

    #[test]
    fn literals_and_comments_are_blanked_and_lines_stay() {
        for (text, code) in [
            ("a // b\nc", "a     \nc"),
            ("a/* b /* c */ */e", "a               e"),
            ("f(\"x\\\"y\")", "f(      )"),
            ("f(r#\"x\"y\"#)", "f(        )"),
            ("let r = 1; for_r(\"x\")", "let r = 1; for_r(   )"),
            ("'\"' 'a \"b\"", "    'a    "),
            ("'\\'' + '\\u{1b}'", "     +         "),
        ] {
            assert_eq!(without_text(text), code, "{text}");
        }
        assert_eq!(without_tests("a\n#[cfg(test)]\nmod t {\n{}\n}\nb").split_whitespace().collect::<String>(), "ab");
    }

    #[test]
    fn the_small_rules_can_fail() {
        assert!(!opening("use std::fmt;\n").is_empty());
        assert!(!opening("//! x\n").is_empty());
        assert!(opening("//! The purpose of it.\n").is_empty());
        assert!(!names_the_engine("use trailql::engine::{Engine, Scope};").is_empty());
        assert!(names_the_engine("use trailql::engine::{EngineError, EngineOptions, Scope};").is_empty());
        for (text, wrong) in [
            ("/// What it is.\nfn f() {}", true),
            ("//! How it works.\n", true),
            ("    /// True where it is so.", true),
            ("/// Returns a name.\n/// What else there is stands below.", false),
            ("/// Whole events.", false),
        ] {
            assert_eq!(!openers(text).is_empty(), wrong, "{text}");
        }
        assert!(!too_wide(&format!("// {}", "x".repeat(WIDEST_LINE))).is_empty());
        assert!(too_wide(&format!("    \"{}\"", "x".repeat(WIDEST_LINE))).is_empty());
        assert!(!too_long(&"\n".repeat(LONGEST_FILE + 1)).is_empty());
        assert!(too_long(&"\n".repeat(LONGEST_FILE)).is_empty());
        assert_eq!(unknown_floors("pub mod event;\npub mod other;\nmod third;", &["event"].into()), ["other", "third"]);
        assert_eq!(floor_of("src/lake/commit.rs"), Some("lake"));
        assert_eq!(floor_of("src/settings.rs"), Some("settings"));
        assert_eq!(floor_of("src/cli/ui.rs"), None);
    }
}
