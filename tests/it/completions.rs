//! Completions of a command line, asked as a shell asks for them.

use crate::harness::{Home, Run};
use crate::terminal::Terminal;

/// The completions of a line whose last word is being typed: the words that it can become.
pub(crate) fn completed(home: &Home, line: &[&str]) -> Vec<String> {
    let run = asked(home, "zsh", line);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{line:?}");
    run.stdout.lines().skip(1).map(|row| row.split('\t').nth(1).unwrap().to_owned()).collect()
}

fn asked(home: &Home, shell: &str, line: &[&str]) -> Run {
    let (typed, words) = line.split_last().unwrap();
    // As somebody types them, with the last quote open.
    let is_plain = |word: &str| word.chars().all(|c| c.is_ascii_alphanumeric() || "-_=./,".contains(c));
    let quoted = |word: &&str| if is_plain(word) { (*word).to_owned() } else { format!("'{word}'") };
    let typed_open = if is_plain(typed) { (*typed).to_owned() } else { format!("'{typed}") };
    let text = std::iter::once("trailql".to_owned()).chain(words.iter().map(quoted)).chain([typed_open]);
    let text = text.collect::<Vec<_>>().join(" ");
    let mut command = match shell {
        "bash" | "zsh" | "fish" => home.command(&["--", &text]),
        _ => home.command(&[&["--", "trailql"], line].concat()),
    };
    command.env("TRAILQL_COMPLETE", shell).env("_CLAP_IFS", "\u{b}");
    command.env("_CLAP_COMPLETE_INDEX", line.len().to_string());
    Run::of(command.output().unwrap())
}

/// Names that a shell acts on, unless they are quoted.
const HOSTILE: [&str; 10] = [
    "$(touch pwned).json",
    "`touch pwned`.json",
    "it's.json",
    "x$HOME.json",
    "p(q) r.json",
    "semi;touch pwned;.json",
    "star*?[a].json",
    "a&b|c<d>e.json",
    "\"quoted\" \\ back.json",
    "~tilde!#{a,b}.json",
];

/// What a shell puts in is read by it as the name of the file, whatever that is, and wherever it is typed.
#[test]
fn bash_reads_names_as_they_are() {
    let home = Home::new();
    for (n, name) in HOSTILE.iter().enumerate() {
        home.file(&format!("d{n}/{name}"), "");
    }
    let script = r#"
        eval "$("$trailql" completions bash)"
        at() {
            COMP_LINE="trailql query root_ak_access $1"; COMP_POINT=${#COMP_LINE}
            _trailql trailql "$2" ''
            [[ ${#COMPREPLY[@]} == 1 ]] || { echo "${#COMPREPLY[@]} candidates"; return; }
            eval "set -- ${3-}${COMPREPLY[0]}${4-}"
            printf '%s\n' "$1"
        }
        for ((n = 0; n < 10; n++)); do
            at "--from d$n/" "d$n/"
            at "--from=d$n/" "d$n/"
            at "--from 'd$n/" "d$n/" "'"
            at "--from \"d$n/" "d$n/" '"'
        done
    "#;
    let mut bash = std::process::Command::new("bash");
    bash.args(["--norc", "--noprofile", "-c", script]).env_clear().current_dir(home.work());
    bash.env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("HOME", home.work());
    let run = Run::of(bash.env("trailql", env!("CARGO_BIN_EXE_trailql")).output().unwrap());
    let expected: Vec<String> =
        HOSTILE.iter().enumerate().flat_map(|(n, name)| vec![format!("d{n}/{name}"); 4]).collect();
    assert_eq!(run.stdout.lines().collect::<Vec<_>>(), expected, "{}", run.stderr);
    assert!(!home.work().join("pwned").exists());
}

/// A Tab and Enter in a real shell run nothing that a file is called.
#[test]
fn a_tab_in_bash_runs_nothing() {
    let home = Home::new();
    home.file("d/$(touch pwned).json", "");
    let Some(mut bash) = Terminal::open(&home, "bash --norc --noprofile -i", (120, 30), &[("PS1", "ready> ")]) else {
        return;
    };
    bash.wait_for("ready> ");
    bash.send("eval \"$($trailql completions bash)\"; trailql() { printf '<%s>\\n' \"$@\"; }\r");
    bash.wait_for("ready> ");
    bash.send("trailql query root_ak_access --from d/\t");
    bash.wait_for("pwned");
    bash.send("\r");
    bash.wait_for("<d/$(touch pwned).json>");
    bash.wait_for("ready> ");
    bash.send("exit\r");
    assert_eq!(bash.end().0, Some(0));
    assert!(!home.work().join("pwned").exists());
}

#[test]
fn values_are_those_of_now() {
    let home = Home::new();
    home.file("lakes/one/_manifest/1", "");
    home.file("lakes/other/file", "");
    let own = "-- /// view\n-- name = \"root_of_mine\"\n-- severity = \"low\"\n-- kind = \"summary\"\n-- source = \"ours\"\n\
               -- title = { en = \"Own \\u001b[31m\", ja = \"自作\", zh = \"自定义\" }\n-- why = \"w\"\n-- ///\nSELECT 1 AS x\n";
    home.file("pack/root_of_mine.sql", own);
    home.file("pack/broken.sql", "SELECT");
    for (line, expected) in [
        (&["que"][..], &["query"][..]),
        (&["query", "root_high"], &["root_high_frequency"]),
        (&["query", "--queries", "pack", "root_of"], &["root_of_mine"]),
        (&["views", "remove", "--queries", "pack", "ro"], &["root_of_mine"]),
        (&["views", "remove", "root_high"], &[]),
        (&["query", "root_high_frequency", "-p", ""], &["n="]),
        (&["query", "root_high_frequency", "--param", "n="], &["n=100"]),
        (&["detect", "--skip", "root_high"], &["root_high_frequency"]),
        (&["detect", "--skip", "root_console_login,root_high"], &["root_console_login,root_high_frequency"]),
        (&["detect", "--category", "stor"], &["storage"]),
        (&["sql", "--tz", "asia/tok"], &["Asia/Tokyo"]),
        (&["sql", "--tz", "Tok"], &["Asia/Tokyo"]),
        (&["sql", "--lake", "lakes/"], &["lakes/one/", "lakes/other/"]),
        (&["sql", "SELECT event_na"], &["SELECT event_name"]),
        (&["sql", "SELECT event_id FROM root_high_f"], &["SELECT event_id FROM root_high_frequency"]),
        (
            &["sql", "SELECT operations FROM root_high_frequency WHERE operat"],
            &["SELECT operations FROM root_high_frequency WHERE operations"],
        ),
        (&["sql", "SELECT count"], &["SELECT count("]),
        (&["query", "root_console_login", "--columns", "event_t"], &["event_time"]),
        (&["query", "root_console_login", "--where", "event_t"], &["event_time"]),
        (&["query", "root_high_frequency", "-p", "n=5", "-p", ""], &[]),
        (&["detect", "-p", "root_high_frequency."], &["root_high_frequency.n="]),
        (&["sql", "--lake=lakes/o"], &["--lake=lakes/one/", "--lake=lakes/other/"]),
        (&["sql", "--format=j"], &["--format=json", "--format=jsonl"]),
        (&["sql", "SELECT 1", "--format", "par"], &["parquet"]),
        (&["shell", "--no-h"], &["--no-history"]),
    ] {
        let found = completed(&home, line);
        assert_eq!(found, expected, "{line:?}");
    }
}

#[test]
fn descriptions_are_safe_and_errors_are_silent() {
    let home = Home::new();
    let own = "-- /// view\n-- name = \"mine\"\n-- severity = \"low\"\n-- kind = \"summary\"\n-- source = \"ours\"\n\
               -- title = { en = \"Own \\u001b[31m\", ja = \"自作\", zh = \"自定义\" }\n-- why = \"w\"\n-- ///\nSELECT 1 AS x\n";
    home.file("pack/own/mine.sql", own);
    for shell in ["zsh", "fish", "elvish"] {
        let run = asked(&home, shell, &["query", "--queries", "pack", "mine"]);
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{shell}");
        assert!(run.stdout.contains("mine") && !run.stdout.contains('\u{1b}'), "{shell}: {run:?}");
        // Some shells take no descriptions.
        assert_eq!(run.stdout.contains("Own"), shell != "elvish", "{shell}: {run:?}");
    }
    home.config("nonsense = [");
    for line in [&["completions", "bash"][..], &["completions", "fish"], &["man"]] {
        home.run(line).exits(0);
    }
    assert_eq!(completed(&home, &["query", "root_high"]), ["root_high_frequency"]);
    assert_eq!(completed(&home, &["query", "--queries", "/no/such/folder", "root_high"]), ["root_high_frequency"]);
    let unknown = asked(&home, "no-such-shell", &["query", ""]);
    assert_eq!((unknown.code, unknown.stdout.as_str(), unknown.stderr.as_str()), (Some(0), "", ""));
}

#[test]
fn scripts_ask_the_program() {
    let home = Home::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let run = home.run(&["completions", shell]).exits(0);
        assert!(run.stdout.contains("TRAILQL_COMPLETE") && run.stdout.contains("trailql"), "{shell}: {}", run.stdout);
        let mut command = home.command::<&str>(&[]);
        let asked = Run::of(command.env("TRAILQL_COMPLETE", format!("/usr/bin/{shell}")).output().unwrap());
        assert_eq!(asked.stdout, run.stdout, "{shell}");
    }
}
