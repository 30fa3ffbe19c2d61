//! `sample-data/` is what the generator makes, byte for byte, with nothing missing and nothing more.
//!
//! `TRAILQL_BLESS=1 cargo test --test it sample_data` writes the folder anew.

#![allow(clippy::unwrap_used, reason = "a test fails where it cannot go on")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::generate::corpus::Corpus;
use crate::generate::event::Version;
use crate::generate::{readme, story};
use crate::oracle::{self, RootDay, SummaryRoot, read};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-data")
}

fn generated() -> BTreeMap<String, Vec<u8>> {
    let deliveries = story::deliveries();
    let mut files = BTreeMap::new();
    files.insert("README.md".to_owned(), readme::text(&deliveries).into_bytes());
    for delivery in deliveries {
        let bytes = delivery.bytes().unwrap();
        assert!(files.insert(delivery.path.clone(), bytes).is_none(), "two files of one name: {}", delivery.path);
    }
    files
}

/// The files of the folder as they are.
fn present() -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for path in read::files(&folder()).unwrap_or_default() {
        let relative = path.strip_prefix(folder()).unwrap().to_str().unwrap().replace('\\', "/");
        found.insert(relative, std::fs::read(path).unwrap());
    }
    found
}

#[test]
fn sample_data_is_what_the_generator_makes() {
    let files = generated();
    if std::env::var_os("TRAILQL_BLESS").is_some() {
        for path in present().keys().filter(|path| !files.contains_key(*path)) {
            std::fs::remove_file(folder().join(path)).unwrap();
        }
        for (path, bytes) in &files {
            let path = folder().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
    }
    let found = present();
    let missing: Vec<_> = files.keys().filter(|path| !found.contains_key(*path)).collect();
    let extra: Vec<_> = found.keys().filter(|path| !files.contains_key(*path)).collect();
    let other = files.iter().filter(|(path, bytes)| found.get(*path).is_some_and(|found| found != *bytes));
    let other: Vec<_> = other.map(|(path, _)| path).collect();
    assert!(
        missing.is_empty() && extra.is_empty() && other.is_empty(),
        "run with TRAILQL_BLESS=1 to write the folder anew; missing: {missing:?}, extra: {extra:?}, other: {other:?}",
    );
}

#[test]
fn every_event_of_the_story_is_in_the_folder() {
    let story = oracle::evaluate(
        story::events().into_iter().map(|event| serde_json::from_str(&event.json(Version::Number).compact()).unwrap()),
    );
    let exports = generated().into_iter().filter(|(path, _)| path != "README.md");
    let folder = oracle::evaluate(exports.flat_map(|(_, bytes)| read::content(&bytes).unwrap()));
    assert_eq!(story.duplicate, 0);
    assert_eq!(folder.stored, story.stored);
    assert_eq!(folder.duplicate, folder.read - story.stored);
    oracle::compare(&story, &mut |view| {
        let views: BTreeMap<_, _> = folder.event_views().into_iter().collect();
        assert!(!views[view].is_empty(), "{view} has nothing to show");
        views[view].clone()
    });
    let counts: Vec<_> = folder.event_views().into_iter().map(|(view, ids)| (view, ids.len())).collect();
    let wanted = [
        ("root_console_login", 10),
        ("root_ak_access", 221),
        ("root_resource_write", 28),
        ("root_ecs_write", 20),
        ("ecs_root_initial_user", 14),
        ("ecs_root_initial_user_denied", 13),
        ("ecs_command_as_root", 4),
    ];
    assert_eq!(counts, wanted);
    let day = RootDay { account_id: story::ACCOUNT.to_owned(), date: "2026-11-04".to_owned(), events: 186 };
    assert_eq!(folder.root_high_frequency.into_iter().collect::<Vec<_>>(), [day]);
    let summary =
        SummaryRoot { events: 245, logons_success: 3, logons_failure: 7, access_key_calls: 221, resource_writes: 28 };
    assert_eq!(folder.summary_root, summary);
    let without_event = story::at(10, 12, 0, 0, 0).date_naive();
    assert!(story::events().iter().all(|event| event.time.date_naive() != without_event));
}

#[test]
fn a_corpus_is_the_same_every_time_and_has_something_for_every_view() {
    let corpus =
        Corpus { events: 3_000, days: 30, per_file: 500, seed: 7, copies_permille: 20, named_sessions_permille: 0 };
    let files: Vec<_> = (0..corpus.files()).map(|n| corpus.file(n, 1).unwrap()).collect();
    let again = corpus.file(3, 1).unwrap();
    assert_eq!((&again.path, &again.bytes), (&files[3].path, &files[3].bytes));
    let folder = tempfile::tempdir().unwrap();
    for file in &files {
        let path = folder.path().join(&file.path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, &file.bytes).unwrap();
    }
    let expected = oracle::evaluate_with(read::folder(folder.path()).unwrap().into_iter(), 3);
    assert_eq!(expected.read, files.iter().map(|file| file.records).sum::<u64>());
    assert_eq!(expected.read, 3_000);
    assert_eq!(expected.duplicate, files.iter().map(|file| file.copies).sum::<u64>());
    assert!((30..120).contains(&expected.duplicate), "{}", expected.duplicate);
    for (view, ids) in expected.event_views() {
        assert!(!ids.is_empty(), "{view} has nothing to show");
    }
    assert!(!expected.root_high_frequency.is_empty());
    assert!(expected.summary_root.logons_failure > 0 && expected.summary_root.logons_success > 0);
    let bytes: u64 = files.iter().map(|file| file.json_bytes).sum();
    assert!((1_500..2_100).contains(&(bytes / 3_000)), "{} bytes an event", bytes / 3_000);
}
