//! The parts of help that all verbs have alike: headings of options, in one order, and examples.
//!
//! A test runs every example on `sample-data`, in the order in which they stand here.

use std::fmt::Write as _;

use clap::Command;

/// Headings of options, in the order in which verbs name them, with the ids of their options.
const HEADINGS: [(&str, &[&str]); 5] = [
    ("Source", &["queries", "lake", "from", "geoip"]),
    (
        "CSV (else told from the file)",
        &["csv_delimiter", "csv_quote", "csv_line_feed", "csv_columns", "csv_null", "csv_tz"],
    ),
    ("Scope", &["since", "until", "week", "tz", "account", "region", "now"]),
    ("Output", &["lang", "format", "wide", "expanded", "output", "force"]),
    ("Global", &["memory_limit", "threads", "time_limit", "color", "no_pager", "quiet", "show_secrets", "redact"]),
];

/// Examples of each verb.
const EXAMPLES: [(&str, &[&str]); 23] = [
    (
        "ingest",
        &[
            "trailql ingest sample-data",
            "trailql ingest sample-data --dry-run",
            "trailql ingest 'sample-data/oss/**/*.gz' --lake other-lake",
        ],
    ),
    (
        "query",
        &[
            "trailql query root_console_login --since 7d",
            "trailql query root_ak_access --histogram --tz Asia/Tokyo",
            "trailql query root_high_frequency -p n=20 -F csv -o days.csv",
        ],
    ),
    (
        "search",
        &[
            "trailql search 'event.userIdentity.type: root-account and not event.eventRW: Read'",
            "trailql search '* | select event.eventName, count(*) as n group by event.eventName'",
        ],
    ),
    (
        "sql",
        &[
            "trailql sql \"SELECT event_name, count(*) FROM events WHERE outcome = 'denied' GROUP BY 1\"",
            "trailql sql \"SELECT request_parameters->>'RegionId' AS region FROM events\" --since 7d",
            "trailql sql 'DESCRIBE events'",
        ],
    ),
    (
        "shell",
        &[
            "trailql shell --since 7d",
            "trailql shell --from sample-data",
            "echo 'SELECT count(*) AS events FROM events;' | trailql shell -q",
        ],
    ),
    (
        "detect",
        &[
            "trailql detect --since 7d",
            "trailql detect --min-severity high -F json -o findings.json",
            "trailql detect --category identity --fail-on critical",
        ],
    ),
    ("check root", &["trailql check root", "trailql check root --lang ja -F markdown -o check.md"]),
    ("views list", &["trailql views list --severity high", "trailql views list --category identity --lang zh"]),
    ("views show", &["trailql views show root_high_frequency"]),
    (
        "views save",
        &[
            "trailql views save my_regions \"SELECT acs_region, count(*) AS n FROM events GROUP BY 1\"",
            "trailql views save busy \"SELECT * FROM root_high_frequency(n => \\$n)\" -p n:count=50",
        ],
    ),
    ("views edit", &["trailql views edit my_regions", "trailql views edit root_console_login --as my_logins"]),
    ("views remove", &["trailql views remove busy"]),
    ("views check", &["trailql views check ~/.config/trailql/queries"]),
    (
        "report root-usage",
        &[
            "trailql report root-usage --week 2026-W45",
            "trailql report root-usage --week 2026-W45 --tz Asia/Tokyo --lang ja -o report.html",
            "trailql report root-usage --week 2026-W45 --summary",
        ],
    ),
    (
        "about",
        &[
            "trailql about 198.51.100.23",
            "trailql about support-backup --as user --since 2026-W45",
            "trailql about LTAI5tEXAMPLEROOTKEY0001 -F json",
        ],
    ),
    (
        "timeline",
        &[
            "trailql timeline 198.51.100.23 --writes",
            "trailql timeline --around B7FF3D41-6001-52DA-BB8A-5EF0FB77364F,15m",
            "trailql timeline support-backup --since 2026-W45 -F csv",
        ],
    ),
    (
        "event",
        &[
            "trailql event BF5FD866-EB06-5BC0-B2B6-E66925653F5A",
            "trailql event BF5FD866-EB06-5BC0-B2B6-E66925653F5A -F json",
        ],
    ),
    ("lake info", &["trailql lake info"]),
    ("lake coverage", &["trailql lake coverage", "trailql lake coverage -F csv -o days.csv --force"]),
    ("lake verify", &["trailql lake verify", "trailql lake verify --sources"]),
    ("lake rejects", &["trailql lake rejects", "trailql lake rejects --export refused"]),
    ("lake dump", &["trailql lake dump --since 7d -o week.jsonl"]),
    ("lake compact", &["trailql lake compact", "trailql lake compact --gc"]),
];

/// The end of the help of the program itself.
const BEHIND: &str = "Exit codes: 0 done, 1 the answer is negative, 2 error or wrong usage.

Settings: `trailql/config.toml` in $XDG_CONFIG_HOME, else in ~/.config. Its keys are color, geoip, lake, lang, \
memory_limit, queries, threads and tz; the tables [accounts], [principals], [access_keys] and [networks] name ids and \
networks. A variable goes before the file, and an option before both.

Variables: TRAILQL_LAKE, TRAILQL_GEOIP, TRAILQL_QUERIES, TRAILQL_TZ, TRAILQL_MEMORY_LIMIT, TRAILQL_THREADS and \
TRAILQL_LANG are settings. NO_COLOR switches colours off. TRAILQL_PAGER, else PAGER, names the pager; an empty one or \
`cat` is none. VISUAL, else EDITOR, names the editor.

`trailql man` shows the manual, `trailql completions SHELL` completes command lines.";

/// The end of the help of `sql`.
const JSON: &str = "JSON: `column->'key'` gives JSON, `column->>'key'` text, `column ? 'key'` tells if the key is \
there. As functions: json_get, json_get_str, json_get_int, json_get_float, json_get_bool, json_get_json, \
json_get_array, json_as_text, json_contains, json_length and json_object_keys. \
`json_param(request_parameters, 'A.B')` reads a parameter in whichever way the service wrote it. \
`SHOW FUNCTIONS` lists all functions.";

/// Gives a command its headings and examples, with those of its verbs.
pub(crate) fn arranged(command: Command) -> Command {
    let command = command.after_help("Exit codes: 0 done, 1 the answer is negative, 2 error or wrong usage.");
    arrange(command.after_long_help(BEHIND), "")
}

fn arrange(command: Command, path: &str) -> Command {
    let has_file = command.get_arguments().any(|argument| argument.get_id().as_str() == "output");
    let mut command = command.mut_args(|argument| {
        let id = argument.get_id().as_str();
        // Where no file is written, it forces something else.
        if id == "force" && !has_file {
            return argument;
        }
        match HEADINGS.iter().find(|(_, ids)| ids.contains(&id) && !argument.is_positional()) {
            Some((heading, _)) => argument.help_heading(*heading),
            None => argument,
        }
    });
    if let Some((_, examples)) = EXAMPLES.iter().find(|(verb, _)| *verb == path) {
        let mut text = String::from("Examples:\n");
        for example in *examples {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "  {example}");
        }
        if path == "sql" {
            let _ = writeln!(text, "\n{JSON}");
        }
        command = command.after_long_help(text.trim_end().to_owned());
    }
    let verbs: Vec<String> = command.get_subcommands().map(|verb| verb.get_name().to_owned()).collect();
    for verb in verbs {
        let path = if path.is_empty() { verb.clone() } else { format!("{path} {verb}") };
        command = command.mut_subcommand(verb, |verb| arrange(verb, &path));
    }
    command
}
