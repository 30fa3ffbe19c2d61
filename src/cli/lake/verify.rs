//! `trailql lake verify`: the proof that the lake is what was committed.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};
use trailql::engine::output::escape;
use trailql::ops::verify::{Verified, VerifyOptions, verify};
use trailql::report::wording::{counted, grouped};

use super::super::destination::Destination;
use super::super::error::CommandError;

use super::super::{Context, Outcome, args};

/// Verify that the lake is whole: every byte, row and count
///
/// Reads every data file and the whole chain of the manifest, and compares them. The SHA-256 of the newest entry, which
/// is printed, stands for everything in the lake: note it down, and --head proves later that all of it is still there.
/// Exits with 1 when anything does not agree.
#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// The lake [default: ./trail-lake]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) lake: Option<PathBuf>,
    /// Read the source files again and compare their SHA-256; files that are gone are named
    #[arg(long)]
    sources: bool,
    /// SHA-256 that was noted down: the newest entry, or one before it, must have it
    #[arg(long, value_name = "SHA256", value_parser = sha256_parser)]
    head: Option<String>,
    /// Format of the result
    #[arg(long, short = 'F', default_value = "text")]
    format: VerifyFormat,
}

/// A format of the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum VerifyFormat {
    /// For people
    Text,
    /// One JSON object
    Json,
}

fn sha256_parser(text: &str) -> Result<String, String> {
    let text = text.trim().to_ascii_lowercase();
    if text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(text);
    }
    Err(format!("not a SHA-256: `{text}`\ngive the 64 hexadecimal digits that `trailql lake verify` printed as head"))
}

pub(crate) fn run(args: &VerifyArgs, context: &Context<'_>) -> Result<Outcome, CommandError> {
    let options = VerifyOptions {
        lake: args::existing_lake(context)?,
        sources: args.sources,
        head: args.head.clone(),
        threads: context.settings.threads.value.get(),
    };
    let ui = context.ui;
    let verified = verify(&options, &ui.progress())?;
    for note in &verified.notes {
        ui.note(&format!("{}: `{}`", note.what, note.path));
    }
    for orphan in &verified.orphans {
        ui.note(&format!("no entry names this file, and nobody reads it: `{orphan}`"));
    }
    if verified.replaced > 0 {
        let files = counted(verified.replaced, "file was", "files were");
        ui.note(&format!("{files} replaced by a compaction, and `trailql lake compact --gc` will remove them"));
    }
    for missing in verified.sources.iter().flat_map(|sources| &sources.missing) {
        ui.warning(&format!("the source is no longer there: `{missing}`"));
    }
    let text = match args.format {
        VerifyFormat::Text => describe(&verified),
        VerifyFormat::Json => serde_json::to_string_pretty(&verified)? + "\n",
    };
    Destination::Stdout.write(ui, |out| out.write_all(text.as_bytes()))?;
    Ok(if verified.holds() { Outcome::Done } else { Outcome::Negative })
}

fn describe(verified: &Verified) -> String {
    let mut rows = vec![
        ("files", grouped(verified.files)),
        ("bytes", grouped(verified.bytes)),
        ("rows", grouped(verified.rows)),
        ("events", grouped(verified.events)),
        ("entries", grouped(verified.entries)),
        ("head", verified.head.clone().unwrap_or_else(|| "none".to_owned())),
    ];
    if let Some(noted) = verified.noted_entry {
        let since = verified.entries.saturating_sub(noted);
        let since = match since {
            0 => "the newest".to_owned(),
            since => format!("{} since", counted(since, "entry", "entries")),
        };
        rows.push(("noted head", format!("entry {}, {since}", grouped(noted))));
    }
    if let Some(sources) = &verified.sources {
        let counts = [
            (sources.same, "the same"),
            (sources.changed, "changed"),
            (sources.missing.len() as u64, "missing"),
            (sources.replaced, "read again since in another state"),
            (sources.not_files, "no file"),
        ];
        let counts = counts.iter().filter(|(count, what)| *count > 0 || *what == "the same");
        let counts: Vec<_> = counts.map(|(count, what)| format!("{} {what}", grouped(*count))).collect();
        rows.push(("sources", counts.join(", ")));
    }
    rows.push(("orphans", grouped(verified.orphans.len() as u64)));
    let mut text = String::new();
    for (name, value) in rows {
        // Writing to a String cannot fail, here and below.
        let _ = writeln!(text, "{name:14}{value}");
    }
    for problem in &verified.problems {
        let _ =
            writeln!(text, "mismatch      {}: {}", escape::terminal(&problem.path), escape::terminal(&problem.what));
    }
    let result = match verified.problems.len() as u64 {
        0 => "everything agrees".to_owned(),
        problems => counted(problems, "mismatch", "mismatches"),
    };
    let _ = writeln!(text, "result        {result}");
    text
}
