//! The least that any ingest of a corpus takes: unpacking, parsing and packing, and nothing else.
//!
//! `cargo run --release --example floor -- CORPUS_DIR [--threads N]`
//!
//! Reads every `.gz` file below a folder, one after the other on each thread, and times three steps: gunzip of the whole file into one
//! buffer; parsing its array into plain structs whose fields borrow their text from that buffer;
//! and zstd level 1 of the JSON text, in place of the columns that an ingest would pack. Nothing is derived, compared,
//! sorted, hashed or written. Prints one JSON object: seconds of each step over all threads, events and bytes. Their sum,
//! divided by the number of cores, is the floor that `compare.py` holds an ingest against: of one thread alone, and of all
//! threads at work, since processors that share a core are slower together. It does not use the trailql library.

use std::fs;
use std::hint::black_box;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Parser;
use flate2::bufread::MultiGzDecoder;
use serde::Deserialize;
use serde_json::value::RawValue;

/// Times unpacking, parsing and packing of a corpus.
#[derive(Debug, Parser)]
struct Args {
    /// Folder with gzip files of one JSON array each
    corpus: PathBuf,
    /// Threads at work at once, each on files of its own
    #[arg(long, default_value_t = 1)]
    threads: usize,
}

/// An event; its values are borrowed from the text as they are written, so nothing is copied or unescaped.
#[derive(Deserialize)]
#[allow(dead_code, reason = "read by nobody: parsing it is what is timed")]
struct Event<'a> {
    #[serde(borrow, rename = "eventId")]
    event_id: Option<&'a RawValue>,
    #[serde(borrow, rename = "eventTime")]
    event_time: Option<&'a RawValue>,
    #[serde(borrow, rename = "eventName")]
    event_name: Option<&'a RawValue>,
    #[serde(borrow, rename = "eventType")]
    event_type: Option<&'a RawValue>,
    #[serde(borrow, rename = "eventCategory")]
    event_category: Option<&'a RawValue>,
    #[serde(borrow, rename = "eventRW")]
    event_rw: Option<&'a RawValue>,
    #[serde(borrow, rename = "eventVersion")]
    event_version: Option<&'a RawValue>,
    #[serde(borrow, rename = "eventSource")]
    event_source: Option<&'a RawValue>,
    #[serde(borrow, rename = "serviceName")]
    service_name: Option<&'a RawValue>,
    #[serde(borrow, rename = "acsRegion")]
    acs_region: Option<&'a RawValue>,
    #[serde(borrow, rename = "apiVersion")]
    api_version: Option<&'a RawValue>,
    #[serde(borrow, rename = "requestId")]
    request_id: Option<&'a RawValue>,
    #[serde(borrow, rename = "sourceIpAddress")]
    source_ip_address: Option<&'a RawValue>,
    #[serde(borrow, rename = "userAgent")]
    user_agent: Option<&'a RawValue>,
    #[serde(borrow, rename = "errorCode")]
    error_code: Option<&'a RawValue>,
    #[serde(borrow, rename = "errorMessage")]
    error_message: Option<&'a RawValue>,
    #[serde(borrow, rename = "resourceType")]
    resource_type: Option<&'a RawValue>,
    #[serde(borrow, rename = "resourceName")]
    resource_name: Option<&'a RawValue>,
    #[serde(borrow, rename = "requestParameters")]
    request_parameters: Option<&'a RawValue>,
    #[serde(borrow, rename = "requestParameterJson")]
    request_parameter_json: Option<&'a RawValue>,
    #[serde(borrow, rename = "responseElements")]
    response_elements: Option<&'a RawValue>,
    #[serde(borrow, rename = "referencedResources")]
    referenced_resources: Option<&'a RawValue>,
    #[serde(borrow, rename = "additionalEventData")]
    additional_event_data: Option<&'a RawValue>,
    #[serde(borrow, rename = "isGlobal")]
    is_global: Option<&'a RawValue>,
    #[serde(borrow, rename = "recipientAccountId")]
    recipient_account_id: Option<&'a RawValue>,
    #[serde(borrow, rename = "vpcId")]
    vpc_id: Option<&'a RawValue>,
    #[serde(borrow, rename = "userIdentity")]
    identity: Option<Identity<'a>>,
}

/// The identity in it, whose members are columns too.
#[derive(Deserialize)]
#[allow(dead_code, reason = "read by nobody: parsing it is what is timed")]
struct Identity<'a> {
    #[serde(borrow, rename = "type")]
    kind: Option<&'a RawValue>,
    #[serde(borrow, rename = "principalId")]
    principal_id: Option<&'a RawValue>,
    #[serde(borrow, rename = "accountId")]
    account_id: Option<&'a RawValue>,
    #[serde(borrow, rename = "accessKeyId")]
    access_key_id: Option<&'a RawValue>,
    #[serde(borrow, rename = "userName")]
    user_name: Option<&'a RawValue>,
    #[serde(borrow, rename = "sessionContext")]
    session_context: Option<&'a RawValue>,
}

/// What one thread needed for its files.
#[derive(Default)]
struct Steps {
    gunzip: Duration,
    parse: Duration,
    zstd: Duration,
    events: usize,
    json_bytes: usize,
    zstd_bytes: usize,
}

impl Steps {
    fn and(mut self, other: Self) -> Self {
        self.gunzip += other.gunzip;
        self.parse += other.parse;
        self.zstd += other.zstd;
        self.events += other.events;
        self.json_bytes += other.json_bytes;
        self.zstd_bytes += other.zstd_bytes;
        self
    }
}

fn main() -> io::Result<()> {
    let args = Args::parse();
    let mut files = Vec::new();
    for entry in walkdir::WalkDir::new(&args.corpus).sort_by_file_name() {
        let path = entry?.into_path();
        if path.extension().is_some_and(|extension| extension == "gz") {
            files.push(path);
        }
    }
    // Each thread takes every so-manieth file, so that all are at work to the end.
    let shares = (0..args.threads).map(|share| files.iter().skip(share).step_by(args.threads).collect::<Vec<_>>());
    let steps = std::thread::scope(|scope| {
        let threads: Vec<_> = shares.map(|share| scope.spawn(move || time(&share))).collect();
        threads.into_iter().try_fold(Steps::default(), |sum, thread| {
            let steps = thread.join().map_err(|_| io::Error::other("a thread panicked"))??;
            Ok::<_, io::Error>(sum.and(steps))
        })
    })?;
    let figures = serde_json::json!({
        "gunzip": steps.gunzip.as_secs_f64(),
        "parse": steps.parse.as_secs_f64(),
        "zstd": steps.zstd.as_secs_f64(),
        "events": steps.events,
        "json_bytes": steps.json_bytes,
        "zstd_bytes": steps.zstd_bytes,
        "threads": args.threads,
    });
    writeln!(io::stdout(), "{figures}")
}

fn time(files: &[&PathBuf]) -> io::Result<Steps> {
    let mut zstd = zstd::bulk::Compressor::new(1)?;
    let (mut unpacked, mut packed) = (Vec::new(), Vec::new());
    let mut steps = Steps::default();
    for path in files {
        let bytes = fs::read(path)?;

        let began = Instant::now();
        unpacked.clear();
        MultiGzDecoder::new(bytes.as_slice()).read_to_end(&mut unpacked)?;
        steps.gunzip += began.elapsed();

        let began = Instant::now();
        let array: Vec<Event<'_>> = serde_json::from_slice(&unpacked)?;
        steps.events += black_box(&array).len();
        drop(array);
        steps.parse += began.elapsed();

        packed.resize(zstd::zstd_safe::compress_bound(unpacked.len()), 0);
        let began = Instant::now();
        steps.zstd_bytes += zstd.compress_to_buffer(&unpacked, &mut packed)?;
        steps.zstd += began.elapsed();
        steps.json_bytes += unpacked.len();
    }
    Ok(steps)
}
