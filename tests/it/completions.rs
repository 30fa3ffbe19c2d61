//! Completions of a command line, asked as a shell asks for them.

use crate::harness::{Home, Run};

/// The completions of a line whose last word is being typed, as bash is told them: the values alone.
pub(crate) fn completed(home: &Home, line: &[&str]) -> Vec<String> {
    let run = asked(home, "bash", line);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{line:?}");
    run.stdout.split('\u{b}').filter(|value| !value.is_empty()).map(str::to_owned).collect()
}

fn asked(home: &Home, shell: &str, line: &[&str]) -> Run {
    let words = [&["--", "trailql"], line].concat();
    let mut command = home.command(&words);
    command.env("TRAILQL_COMPLETE", shell).env("_CLAP_IFS", "\u{b}");
    command.env("_CLAP_COMPLETE_INDEX", line.len().to_string());
    Run::of(command.output().unwrap())
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
        (&["sql", "'SELECT event_na"], &["'SELECT event_name"]),
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
