//! Long answers on a terminal go through a pager; short ones, and those in a pipe, do not.

use crate::harness::Home;
use crate::terminal::Terminal;

/// A terminal of 24 rows.
const SCREEN: (u16, u16) = (80, 24);

/// Runs a command to its end, and returns the exit code and what the terminal showed.
fn shown(home: &Home, command: &str, env: &[(&str, &str)]) -> Option<(Option<i32>, String)> {
    Some(Terminal::open(home, command, SCREEN, env)?.end())
}

#[test]
fn long_answers_go_through_the_pager_and_short_ones_do_not() {
    let home = Home::new();
    let pager = "sed 's/^/paged: /'";
    let long = "$trailql views list";
    let short = "$trailql sql \"SELECT 1 AS x\" --from events.json";
    home.file(
        "events.json",
        r#"{"eventId":"a","eventTime":"2026-11-02T00:00:00Z","eventName":"A","eventVersion":"1"}"#,
    );
    for (command, env, is_paged) in [
        (long, &[("PAGER", pager)][..], true),
        (long, &[("PAGER", "false"), ("TRAILQL_PAGER", pager)], true),
        (long, &[("PAGER", pager), ("TRAILQL_PAGER", "")], false),
        (long, &[("PAGER", ""), ("TRAILQL_PAGER", "cat")], false),
        (&format!("{long} --no-pager"), &[("PAGER", pager)], false),
        (&format!("{long} -o views.txt --force"), &[("PAGER", pager)], false),
        (&format!("{long} | cat"), &[("PAGER", pager)], false),
        (short, &[("PAGER", pager)], false),
        ("$trailql report root-usage --help", &[("PAGER", pager)], true),
        ("$trailql --no-pager sql --help", &[("PAGER", pager)], false),
        ("$trailql man", &[("PAGER", pager)], true),
        ("$trailql completions bash", &[("PAGER", pager)], true),
    ] {
        let Some((code, shown)) = shown(&home, command, env) else { return };
        assert_eq!(code, Some(0), "{command}: {shown}");
        assert_eq!(shown.contains("paged: "), is_paged, "{command} {env:?}: {shown}");
        if is_paged && command == long {
            // The notes are not part of the answer.
            assert!(shown.contains("paged: root_console_login") && shown.contains("\n160 rows"), "{shown}");
        }
    }
}

#[test]
fn a_pager_that_cannot_start_leaves_the_answer_as_it_is() {
    let home = Home::new();
    for pager in ["no-such-pager", "/", "no-such-pager --with 'an argument'"] {
        let Some((code, shown)) = shown(&home, "$trailql views list", &[("PAGER", pager)]) else { return };
        assert_eq!(code, Some(0), "{shown}");
        assert!(shown.contains("warning: the pager cannot be started"), "{shown}");
        assert!(shown.contains("\nroot_console_login "), "{pager}: {shown}");
    }
}

#[test]
fn whoever_leaves_the_pager_early_has_had_enough() {
    let home = Home::new();
    let endless = "$trailql sql \"SELECT a.value, b.value FROM generate_series(1, 1000000) a, generate_series(1, 1000000) b\" \
                   --from events.json -F csv";
    home.file(
        "events.json",
        r#"{"eventId":"a","eventTime":"2026-11-02T00:00:00Z","eventName":"A","eventVersion":"1"}"#,
    );
    for command in ["$trailql views list", endless] {
        let Some((code, shown)) = shown(&home, command, &[("PAGER", "head -2; echo left")]) else { return };
        assert_eq!(code, Some(0), "{command}: {shown}");
        assert!(shown.contains("left") && !shown.contains("error"), "{command}: {shown}");
    }
}

#[test]
fn a_pager_finds_its_options_set_unless_the_user_has_set_them() {
    let home = Home::new();
    let pager = "echo \"less: $LESS\"; cat >/dev/null";
    for (env, expected) in [(&[("PAGER", pager)][..], "less: FRX\n"), (&[("PAGER", pager), ("LESS", "S")], "less: S\n")]
    {
        let Some((_, shown)) = shown(&home, "$trailql views list", env) else { return };
        assert!(shown.contains(expected), "{shown}");
    }
}

#[test]
fn colours_and_the_width_of_the_terminal_are_kept() {
    let home = Home::new();
    let command = "$trailql sql --help --color always";
    let Some(terminal) = Terminal::open(&home, command, (60, 20), &[("PAGER", "cat > paged.txt")]) else { return };
    let (code, shown) = terminal.end();
    assert_eq!(code, Some(0), "{shown}");
    let paged = std::fs::read_to_string(home.work().join("paged.txt")).unwrap();
    assert!(paged.contains("\u{1b}["), "no colour: {paged}");
    let text_of = |line: &str| -> String {
        let parts = line.split("\u{1b}[").enumerate();
        parts.map(|(at, part)| if at == 0 { part } else { part.split_once('m').map_or("", |(_, rest)| rest) }).collect()
    };
    let widest = paged.lines().map(|line| text_of(line).chars().count()).max().unwrap();
    assert!((40..=60).contains(&widest), "{widest}: {paged}");
}
