//! The least that any ingest of a corpus takes: unpacking, parsing and packing, each alone on one thread.
//!
//! `cargo run --release --example floor -- CORPUS_DIR`
//!
//! Reads every `.gz` file below a folder, one after the other, and times three steps: gunzip of the whole file into one
//! buffer; parsing its array into plain structs whose fields borrow their text from that buffer;
//! and zstd level 1 of the JSON text, in place of the columns that an ingest would pack. Nothing is derived, compared,
//! sorted, hashed or written. Prints one JSON object: seconds of each step, events and bytes. Their sum, divided by the
//! number of cores, is the floor that `compare.py` holds an ingest against. It does not use the trailql library.

use std::fs;
use std::hint::black_box;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Parser;
use flate2::bufread::MultiGzDecoder;
use serde::Deserialize;
use serde_json::value::RawValue;

/// Times unpacking, parsing and packing of a corpus, each alone on one thread.
#[derive(Debug, Parser)]
struct Args {
    /// Folder with gzip files of one JSON array each
    corpus: PathBuf,
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

fn main() -> io::Result<()> {
    let args = Args::parse();
    let mut zstd = zstd::bulk::Compressor::new(1)?;
    let (mut unpacked, mut packed) = (Vec::new(), Vec::new());
    let (mut gunzip, mut parse, mut pack) = (Duration::ZERO, Duration::ZERO, Duration::ZERO);
    let (mut events, mut json_bytes, mut zstd_bytes) = (0, 0, 0);
    for entry in walkdir::WalkDir::new(&args.corpus).sort_by_file_name() {
        let path = entry?.into_path();
        if path.extension().is_none_or(|extension| extension != "gz") {
            continue;
        }
        let bytes = fs::read(&path)?;

        let began = Instant::now();
        unpacked.clear();
        MultiGzDecoder::new(bytes.as_slice()).read_to_end(&mut unpacked)?;
        gunzip += began.elapsed();

        let began = Instant::now();
        let array: Vec<Event<'_>> = serde_json::from_slice(&unpacked)?;
        events += black_box(&array).len();
        drop(array);
        parse += began.elapsed();

        packed.resize(zstd::zstd_safe::compress_bound(unpacked.len()), 0);
        let began = Instant::now();
        zstd_bytes += zstd.compress_to_buffer(&unpacked, &mut packed)?;
        pack += began.elapsed();
        json_bytes += unpacked.len();
    }
    let figures = serde_json::json!({
        "gunzip": gunzip.as_secs_f64(),
        "parse": parse.as_secs_f64(),
        "zstd": pack.as_secs_f64(),
        "events": events,
        "json_bytes": json_bytes,
        "zstd_bytes": zstd_bytes,
    });
    writeln!(io::stdout(), "{figures}")
}
