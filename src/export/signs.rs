//! Signs that a file may hold events, for files in which none was found.
//!
//! A file that lies among exports and gives nothing is either beside the point (notes, check sums) or a loss: an object
//! that was cut off, encrypted or emptied on its way. Its name and its first bytes tell which of the two is likely.
//! Names are used for nothing else: what a file is read as, its content says.

/// The base name of a path, whatever the separator.
fn base_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// Returns `true` for the names of files that lie beside exports and never hold events.
pub fn is_accessory(path: &str) -> bool {
    let name = base_name(path).to_ascii_lowercase();
    let stem = name.split('.').next().unwrap_or(&name);
    let words = [
        "license",
        "licence",
        "notice",
        "changelog",
        "checksum",
        "checksums",
        "md5sum",
        "md5sums",
        "sha1sums",
        "sha256sum",
        "sha256sums",
        "sha512sums",
    ];
    let ends = [
        ".md",
        ".rst",
        ".md5",
        ".sha1",
        ".sha256",
        ".sha512",
        ".crc",
        ".crc32",
        ".crc64",
        ".checksum",
        ".sum",
        ".sig",
        ".asc",
        ".manifest",
        ".pem",
    ];
    let whole = [
        ".ds_store",
        "thumbs.db",
        "desktop.ini",
        "_success",
        "_started",
        "_committed",
        "_metadata",
        "_common_metadata",
        "_delta_log",
        ".gitkeep",
        ".gitignore",
        ".keep",
        ".localized",
        "manifest",
    ];
    let in_macos_folder = path.split(['/', '\\']).any(|part| part == "__MACOSX");
    in_macos_folder
        || name.starts_with("._")
        || stem.starts_with("readme")
        || words.contains(&stem)
        || ends.iter().any(|end| name.ends_with(end))
        || whole.contains(&name.as_str())
        || is_manifest(&name)
}

/// Returns `true` for the manifest of a shipper or an inventory: `manifest.json`, `manifest-2026-11-03.csv`.
pub fn is_manifest(path: &str) -> bool {
    let name = base_name(path).to_ascii_lowercase();
    let stem = name.split('.').next().unwrap_or(&name);
    stem == "_manifest"
        || stem == "manifest"
        || stem.starts_with("manifest-")
        || stem.starts_with("manifest_")
        || stem.ends_with("-manifest")
        || stem.ends_with("_manifest")
}

/// Returns the sign of events in the name of a file; `None` where the name says nothing.
pub fn named_as(path: &str) -> Option<&'static str> {
    if is_accessory(path) {
        return None;
    }
    let name = base_name(path);
    if is_trail_object(name) {
        return Some("the name is that of an object which a trail delivered to OSS");
    }
    if is_shipped(name) {
        return Some("the name is that of an object which SLS shipped to OSS");
    }
    if name.to_ascii_lowercase().starts_with("sls-downloaded-") {
        return Some("the name is that of a file which SLS prepared for download");
    }
    let mut parts = path.split(['/', '\\']).peekable();
    while let Some(part) = parts.next() {
        if part == "AliyunLogs" && parts.peek().is_some_and(|next| next.starts_with("Actiontrail")) {
            return Some("the folder is that of objects which a trail delivered to OSS");
        }
    }
    None
}

/// `Actiontrail_<region>_<YYYYMMDDHHMMSS>_1002_<events>_<size>_<md5>.gz`, whatever was appended to it.
fn is_trail_object(name: &str) -> bool {
    let mut parts = name.split('_');
    let is_trail = parts.next().is_some_and(|part| part.eq_ignore_ascii_case("Actiontrail"));
    let (Some(region), Some(time)) = (parts.next(), parts.next()) else { return false };
    is_trail && !region.is_empty() && is_number(time, 14..=14)
}

/// `<minute>_<random id>[suffix]` as in `54_1453812893059571256_937.json`.
fn is_shipped(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name);
    let parts: Vec<&str> = stem.split('_').collect();
    match parts.as_slice() {
        [minute, id, number] => is_number(minute, 1..=4) && is_number(id, 16..=20) && is_number(number, 1..=6),
        [id, number] => is_number(id, 16..=20) && is_number(number, 1..=6),
        _ => false,
    }
}

fn is_number(text: &str, digits: std::ops::RangeInclusive<usize>) -> bool {
    digits.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Returns `true` for the name of a file of data, which has a reason to be there only if it holds some.
pub fn is_data_file(path: &str) -> bool {
    let name = base_name(path).to_ascii_lowercase();
    let ends = [
        ".json", ".jsonl", ".ndjson", ".csv", ".tsv", ".gz", ".gzip", ".zst", ".lz4", ".snappy", ".bz2", ".xz",
        ".parquet", ".orc", ".zip", ".tar", ".tgz",
    ];
    !is_accessory(path) && ends.iter().any(|end| name.ends_with(end))
}

/// Names of fields that only events of ActionTrail have together.
const WORDS: [&[u8]; 8] = [
    b"eventId",
    b"eventName",
    b"eventTime",
    b"eventSource",
    b"userIdentity",
    b"sourceIpAddress",
    b"acsRegion",
    b"actiontrail_",
];

/// Number of different names of fields that is no accident.
const ENOUGH_WORDS: usize = 3;

/// Returns `true` if `head` names fields of an event, in UTF-8 or UTF-16.
pub fn tells_of_events(head: &[u8]) -> bool {
    let letters: Vec<u8> = head.iter().copied().filter(|byte| *byte != 0).collect();
    WORDS.iter().filter(|word| memchr::memmem::find(&letters, word).is_some()).count() >= ENOUGH_WORDS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_a_file_holds() {
        for (path, expected) in [
            ("Actiontrail_cn-hangzhou_20261103172019_1002_12_11707_b95e.gz", Some("trail")),
            ("x/Actiontrail_cn-hangzhou_20261103172019_1002_12_11707_b95e.gz.part", Some("trail")),
            ("a/AliyunLogs/Actiontrail/cn-hangzhou/2026/11/03/renamed.gz", Some("trail")),
            ("a/AliyunLogs/Actiontrail-Insight/cn-hangzhou/2026/11/03/x", Some("trail")),
            ("ecs_test/2022/01/26/20/54_1453812893059571256_937.json", Some("SLS shipped")),
            ("54_1453812893059571256_937", Some("SLS shipped")),
            ("1453812893059571256_937.snappy.parquet", Some("SLS shipped")),
            ("sls-downloaded-1a2b.csv.gzip", Some("download")),
            ("a/__MACOSX/._Actiontrail_cn-hangzhou_20261103172019_1002_12_11707_b95e.gz", None),
            ("AliyunLogs/Actiontrail/cn-hangzhou/README.md", None),
            ("AliyunLogs/Actiontrail/cn-hangzhou/.DS_Store", None),
            ("Actiontrail_cn-hangzhou_20261103172019_1002_12_11707_b95e.gz.md5", None),
            ("Actiontrail_notes.txt", None),
            ("1_2_3.json", None),
            ("notes.txt", None),
            ("", None),
        ] {
            let found = named_as(path);
            assert_eq!(found.is_some(), expected.is_some(), "{path}: {found:?}");
            assert!(found.zip(expected).is_none_or(|(found, word)| found.contains(word)), "{path}: {found:?}");
        }
    }

    #[test]
    fn accessories_are_known_by_their_names() {
        for (path, expected) in [
            ("README", true),
            ("README.txt", true),
            ("a/.DS_Store", true),
            ("a/._x.json", true),
            ("SHA256SUMS", true),
            ("x.gz.sha256", true),
            ("_SUCCESS", true),
            ("manifest.json", true),
            ("2026/manifest-1.csv", true),
            ("inventory_manifest.json", true),
            ("manifestation.json", false),
            ("notice-board.json", false),
            ("page-1.json", false),
            ("notes.txt", false),
        ] {
            assert_eq!(is_accessory(path), expected, "{path}");
            assert!(!(expected && is_data_file(path)), "{path}");
        }
        assert!(is_data_file("a/events.JSON") && !is_data_file("a/notes.txt"));
    }

    #[test]
    fn words_tell_of_events() {
        let event = "eventId: a\neventName: b\neventTime: c\n";
        let utf16: Vec<u8> = event.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for (head, expected) in [
            (event.as_bytes(), true),
            (&utf16, true),
            (b"the eventId is an id, the eventName a name", false),
            (b"", false),
        ] {
            assert_eq!(tells_of_events(head), expected);
        }
    }
}
