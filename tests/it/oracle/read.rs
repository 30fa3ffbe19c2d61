//! Reads a folder of exports into raw events, as simply as can be: everything in memory, wrappers peeled one by one.
//!
//! Only for what the generator writes; it stops at the first thing that it does not know.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde_json::Value;

/// All records of all files below `folder`, in the order of the paths; Markdown files are passed over.
pub fn folder(folder: &Path) -> io::Result<Vec<Value>> {
    let mut out = Vec::new();
    for path in files(folder)? {
        if path.extension().is_some_and(|extension| extension == "md") {
            continue;
        }
        out.extend(content(&std::fs::read(&path)?)?);
    }
    Ok(out)
}

/// All files below `folder`, sorted.
pub fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut out = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            out.extend(files(&path)?);
        } else {
            out.push(path);
        }
    }
    out.sort();
    Ok(out)
}

/// All events in the bytes of one file.
pub fn content(bytes: &[u8]) -> io::Result<Vec<Value>> {
    let mut text = String::new();
    match bytes {
        [0x1F, 0x8B, ..] => flate2::read::MultiGzDecoder::new(bytes).read_to_string(&mut text)?,
        [0x28, 0xB5, 0x2F, 0xFD, ..] => zstd::Decoder::new(bytes)?.read_to_string(&mut text)?,
        mut plain => plain.read_to_string(&mut text)?,
    };
    let mut out = Vec::new();
    for document in serde_json::Deserializer::from_str(&text).into_iter::<Value>() {
        peel(document?, &mut out)?;
    }
    Ok(out)
}

fn peel(value: Value, out: &mut Vec<Value>) -> io::Result<()> {
    match value {
        Value::Array(items) => items.into_iter().try_for_each(|item| peel(item, out)),
        Value::Object(mut members) => {
            if let Some(events) = members.remove("Events") {
                peel(events, out)
            } else if let Some(event) = members.remove("event") {
                match event {
                    Value::String(text) => peel(serde_json::from_str(&text)?, out),
                    event => peel(event, out),
                }
            } else if members.contains_key("eventId") {
                out.push(Value::Object(members));
                Ok(())
            } else {
                Err(io::Error::other("no event in an object"))
            }
        }
        _ => Err(io::Error::other("neither an array nor an object")),
    }
}
