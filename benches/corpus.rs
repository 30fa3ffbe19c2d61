//! Writes an invented corpus of any size, for benches and for trying things out.
//!
//! `cargo run --example corpus -- --events 1000000 --days 90 --per-file 2000 --seed 1 OUT_DIR`
//!
//! The files are objects as a trail writes them (gzip of one array), made one by one on every core and written at once,
//! so memory does not grow with the corpus. Making JSON text and gzip dominate; `--gzip-level 1` is the default because
//! the corpus is made far more often than it is kept. It does not use the trailql library.

#[allow(dead_code, reason = "the story belongs to the tests")]
#[path = "../tests/it/generate/mod.rs"]
mod generate;

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Parser;
use rayon::prelude::*;

use generate::corpus::Corpus;

/// Writes an invented corpus of ActionTrail events.
#[derive(Debug, Parser)]
struct Args {
    /// Records in all files together, copies included
    #[arg(long, default_value_t = 200_000)]
    events: u64,
    /// Days over which the events are spread
    #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u64).range(1..))]
    days: u64,
    /// Records in one file
    #[arg(long, default_value_t = 2_000, value_parser = clap::value_parser!(u64).range(1..))]
    per_file: u64,
    /// The same seed always gives the same bytes
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Records in 1,000 that are copies of a record in an earlier file
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(0..=500))]
    copies_permille: u64,
    /// Role sessions in 1,000 that have a name of their own: principals in the hundred thousands
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u64).range(0..=1000))]
    named_sessions_permille: u64,
    /// Effort of gzip, 0 to 9
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(0..=9))]
    gzip_level: u32,
    /// Folder to write to; files in it are replaced
    out_dir: PathBuf,
}

/// What was written.
#[derive(Debug, Default, Clone, Copy)]
struct Written {
    files: u64,
    records: u64,
    copies: u64,
    json_bytes: u64,
    file_bytes: u64,
}

impl Written {
    fn and(self, other: Self) -> Self {
        Self {
            files: self.files + other.files,
            records: self.records + other.records,
            copies: self.copies + other.copies,
            json_bytes: self.json_bytes + other.json_bytes,
            file_bytes: self.file_bytes + other.file_bytes,
        }
    }
}

fn main() -> io::Result<()> {
    let args = Args::parse();
    let Args { events, days, per_file, seed, copies_permille, named_sessions_permille, .. } = args;
    let corpus = Corpus { events, days, per_file, seed, copies_permille, named_sessions_permille };
    let write = |number: u64| -> io::Result<Written> {
        let file = corpus.file(number, args.gzip_level)?;
        let path = args.out_dir.join(&file.path);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(path, &file.bytes)?;
        Ok(Written {
            files: 1,
            records: file.records,
            copies: file.copies,
            json_bytes: file.json_bytes,
            file_bytes: file.bytes.len() as u64,
        })
    };
    let sum = |left: Written, right: Written| Ok(left.and(right));
    let written = (0..corpus.files()).into_par_iter().map(write).try_reduce(Written::default, sum)?;
    writeln!(
        io::stdout(),
        "files {}  records {}  distinct {}  copies {}  JSON bytes {}  file bytes {}",
        written.files,
        written.records,
        written.records - written.copies,
        written.copies,
        written.json_bytes,
        written.file_bytes,
    )
}
