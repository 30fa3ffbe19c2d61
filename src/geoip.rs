//! Floor 2: places and networks of IP addresses, from databases that the user has.
//!
//! MaxMind (GeoLite2, GeoIP2) and DB-IP publish databases in the same format (`.mmdb`) with the same layout of records.
//! Nothing is downloaded and nothing leaves the machine: [`GeoIp::open`] takes a folder with the files that are there,
//! a City or Country database, an ASN database, or both.
//!
//! **Memory.** `open` reads the last [`METADATA_BYTES`] of each file. The first lookup reads one database of places and
//! one of autonomous systems as a whole, since the crate `maxminddb` looks up in memory and mapping a file would need
//! `unsafe`. Their sizes are checked first against the bytes that the caller allows. A free City database has 60 to
//! 150 MB, an ASN database 10 MB. A program that never looks up reads no database.
//!
//! **Trust.** A database may be broken or hostile. A file without readable metadata is an error that names the file. A
//! record that cannot be read counts as none. Texts are cut to [`LONGEST_NAME`] characters. They are not escaped, which
//! is the work of each output.

use maxminddb::Reader;
use serde::Deserialize;
use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// The most bytes that the metadata of a database has, by the specification of the format.
const METADATA_BYTES: u64 = 128 << 10;

/// The most characters of a name.
const LONGEST_NAME: usize = 200;

/// A GeoIP database that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GeoIpError {
    /// The folder cannot be listed.
    #[error("cannot list the folder of GeoIP databases `{}`: {reason}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// The cause.
        reason: String,
    },
    /// The folder has no database of a kind that is known.
    #[error("no City, Country or ASN database in the folder: `{}`", path.display())]
    NoDatabase {
        /// The folder.
        path: PathBuf,
    },
    /// A file cannot be read, or is no database.
    #[error("cannot read the GeoIP database `{}`: {reason}", path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// The cause.
        reason: String,
    },
    /// The databases need more memory than the caller allows.
    #[error("too little memory for the GeoIP database of {bytes} bytes, {allowed} are allowed: `{}`", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Bytes of the files up to this one.
        bytes: u64,
        /// Bytes that the caller allows.
        allowed: u64,
    },
}

/// A name in the languages of the report.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlaceName {
    /// English.
    pub en: Option<String>,
    /// Japanese.
    pub ja: Option<String>,
    /// Simplified Chinese.
    pub zh: Option<String>,
}

/// The place and the network of an address, as far as the databases tell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// ISO 3166-1 code of the country: two capital letters.
    pub country_code: Option<String>,
    /// Name of the country.
    pub country: PlaceName,
    /// Name of the city.
    pub city: PlaceName,
    /// Number of the autonomous system.
    pub as_number: Option<u32>,
    /// Organization of the autonomous system.
    pub as_organization: Option<String>,
}

/// Finds places of addresses. Clones share the databases. Without a folder, no address has a place.
#[derive(Clone, Default)]
pub struct GeoIp(Option<Arc<Databases>>);

/// The databases of a folder, which the first lookup reads.
struct Databases {
    places: Option<DatabaseFile>,
    systems: Option<DatabaseFile>,
    allowed_bytes: u64,
    readers: OnceLock<Result<Readers, GeoIpError>>,
}

struct Readers {
    places: Option<Reader<Vec<u8>>>,
    systems: Option<Reader<Vec<u8>>>,
}

#[derive(Debug, Clone)]
struct DatabaseFile {
    path: PathBuf,
    bytes: u64,
}

/// A kind of database, by its `database_type`. The later of two for places tells more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Systems,
    Countries,
    Cities,
}

impl Kind {
    /// Returns the kind of a `database_type` such as `GeoLite2-City` or `DBIP-ASN-Lite (compat=GeoLite2-ASN)`.
    fn of(database_type: &str) -> Option<Self> {
        let has = |word| database_type.contains(word);
        if has("City") || has("Enterprise") {
            Some(Self::Cities)
        } else if has("Country") {
            Some(Self::Countries)
        } else if has("ASN") || has("ISP") {
            Some(Self::Systems)
        } else {
            None
        }
    }
}

impl fmt::Debug for GeoIp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let files = |databases: &Arc<Databases>| [databases.places.clone(), databases.systems.clone()];
        f.debug_tuple("GeoIp").field(&self.0.as_ref().map(files)).finish()
    }
}

impl GeoIp {
    /// Opens the databases of a folder, which may take this much memory once they are read.
    ///
    /// Of several databases of places, a City database is preferred to a Country database, and then the last one by
    /// name, since names end with a date. Databases of other kinds are skipped.
    pub fn open(folder: &Path, allowed_bytes: u64) -> Result<Self, GeoIpError> {
        let failed = |error: io::Error| GeoIpError::Folder { path: folder.to_owned(), reason: error.to_string() };
        let mut paths = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("mmdb")) {
                paths.push(path);
            }
        }
        paths.sort();
        let (mut places, mut systems): (Option<(Kind, DatabaseFile)>, Option<DatabaseFile>) = (None, None);
        for path in paths {
            let (kind, bytes) = examine(&path)?;
            let file = DatabaseFile { path, bytes };
            match kind {
                None => {}
                Some(Kind::Systems) => systems = Some(file),
                Some(kind) if places.as_ref().is_none_or(|(other, _)| *other <= kind) => places = Some((kind, file)),
                Some(_) => {}
            }
        }
        if places.is_none() && systems.is_none() {
            return Err(GeoIpError::NoDatabase { path: folder.to_owned() });
        }
        let mut bytes = 0;
        for file in places.iter().map(|(_, file)| file).chain(&systems) {
            bytes += file.bytes;
            if bytes > allowed_bytes {
                return Err(GeoIpError::TooLarge { path: file.path.clone(), bytes, allowed: allowed_bytes });
            }
        }
        let places = places.map(|(_, file)| file);
        Ok(Self(Some(Arc::new(Databases { places, systems, allowed_bytes, readers: OnceLock::new() }))))
    }

    /// Returns `true` if there is no database.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Finds the place of an address. The first call reads the databases. IPv4-mapped IPv6 counts as IPv4.
    pub fn lookup(&self, address: IpAddr) -> Result<Option<Place>, GeoIpError> {
        let Some(databases) = &self.0 else { return Ok(None) };
        let readers = databases.readers.get_or_init(|| databases.read()).as_ref().map_err(Clone::clone)?;
        let address = address.to_canonical();
        let place = readers.places.as_ref().and_then(|reader| found::<PlaceRecord<'_>>(reader, address));
        let system = readers.systems.as_ref().and_then(|reader| found::<SystemRecord<'_>>(reader, address));
        if place.is_none() && system.is_none() {
            return Ok(None);
        }
        let PlaceRecord { country, city, traits } = place.unwrap_or_default();
        let (country, city) = (country.unwrap_or_default(), city.unwrap_or_default());
        let system = system.or(traits).unwrap_or_default();
        Ok(Some(Place {
            country_code: country.iso_code.filter(|code| is_country_code(code)).map(str::to_owned),
            country: country.names.unwrap_or_default().into(),
            city: city.names.unwrap_or_default().into(),
            as_number: system.autonomous_system_number,
            as_organization: system.autonomous_system_organization.and_then(name),
        }))
    }

    /// Finds the place of a `sourceIpAddress`; `None` for a text that is no address.
    pub fn lookup_text(&self, text: &str) -> Result<Option<Place>, GeoIpError> {
        if self.is_empty() {
            return Ok(None);
        }
        text.trim().parse().map_or(Ok(None), |address| self.lookup(address))
    }
}

impl Databases {
    fn read(&self) -> Result<Readers, GeoIpError> {
        let mut allowed = self.allowed_bytes;
        let mut read = |file: &Option<DatabaseFile>| file.as_ref().map(|file| file.read(&mut allowed)).transpose();
        Ok(Readers { places: read(&self.places)?, systems: read(&self.systems)? })
    }
}

impl DatabaseFile {
    /// Reads the file, which may have grown since it was opened.
    fn read(&self, allowed: &mut u64) -> Result<Reader<Vec<u8>>, GeoIpError> {
        let mut content = Vec::new();
        let file = File::open(&self.path).map_err(|error| broken(&self.path, error))?;
        content.try_reserve_exact(usize::try_from(self.bytes.min(*allowed)).unwrap_or(0)).ok();
        file.take(allowed.saturating_add(1)).read_to_end(&mut content).map_err(|error| broken(&self.path, error))?;
        let bytes = content.len() as u64;
        *allowed = allowed.checked_sub(bytes).ok_or_else(|| GeoIpError::TooLarge {
            path: self.path.clone(),
            bytes,
            allowed: *allowed,
        })?;
        Reader::from_source(content).map_err(|error| broken(&self.path, error))
    }
}

fn broken(path: &Path, reason: impl fmt::Display) -> GeoIpError {
    GeoIpError::Broken { path: path.to_owned(), reason: reason.to_string() }
}

/// Mark before the metadata at the end of a file.
const METADATA_MARK: &[u8] = b"\xab\xcd\xefMaxMind.com";

/// Reads the kind of a database from its metadata, and its size.
fn examine(path: &Path) -> Result<(Option<Kind>, u64), GeoIpError> {
    let tail = || -> io::Result<(Vec<u8>, u64)> {
        // A pipe would keep the reader waiting.
        if !std::fs::metadata(path)?.is_file() {
            return Err(io::Error::other("it is no file"));
        }
        let mut file = File::open(path)?;
        let bytes = file.metadata()?.len();
        file.seek(SeekFrom::Start(bytes.saturating_sub(METADATA_BYTES)))?;
        let mut tail = Vec::new();
        file.take(METADATA_BYTES).read_to_end(&mut tail)?;
        Ok((tail, bytes))
    };
    let (tail, bytes) = tail().map_err(|error| broken(path, error))?;
    let start = memchr::memmem::rfind(&tail, METADATA_MARK).map(|at| at + METADATA_MARK.len());
    let Some(metadata) = start.and_then(|start| tail.get(start..)) else {
        return Err(broken(path, "it has no metadata of a MaxMind database"));
    };
    match database_type(metadata) {
        Some(text) => Ok((Kind::of(text), bytes)),
        None => Err(broken(path, "its metadata name no `database_type`")),
    }
}

/// Finds the value of `database_type` in metadata: the text behind the key.
fn database_type(metadata: &[u8]) -> Option<&str> {
    const KEY: &[u8] = b"database_type";
    let value = metadata.get(memchr::memmem::find(metadata, KEY)? + KEY.len()..)?;
    let (&control, rest) = value.split_first()?;
    // The control byte of a text has 2 in its upper three bits, and its length in the others; 29 is "one byte more".
    let (length, text) = match (control >> 5, usize::from(control & 0x1f)) {
        (2, length @ ..29) => (length, rest),
        (2, 29) => rest.split_first().map(|(more, text)| (29 + usize::from(*more), text))?,
        _ => return None,
    };
    std::str::from_utf8(text.get(..length)?).ok()
}

/// Looks an address up. A record that cannot be read counts as none, and so does IPv6 in a database of IPv4.
fn found<'r, T: Deserialize<'r>>(reader: &'r Reader<Vec<u8>>, address: IpAddr) -> Option<T> {
    reader.lookup(address).ok()?.decode().ok()?
}

/// A record of a City or Country database.
#[derive(Default, Deserialize)]
struct PlaceRecord<'r> {
    #[serde(borrow, default)]
    country: Option<NamedRecord<'r>>,
    #[serde(borrow, default)]
    city: Option<NamedRecord<'r>>,
    /// Enterprise databases tell the autonomous system here.
    #[serde(borrow, default)]
    traits: Option<SystemRecord<'r>>,
}

#[derive(Default, Deserialize)]
struct NamedRecord<'r> {
    #[serde(borrow, default)]
    iso_code: Option<&'r str>,
    #[serde(borrow, default)]
    names: Option<NamesRecord<'r>>,
}

#[derive(Default, Deserialize)]
struct NamesRecord<'r> {
    #[serde(borrow, default)]
    en: Option<&'r str>,
    #[serde(borrow, default)]
    ja: Option<&'r str>,
    #[serde(borrow, default, rename = "zh-CN")]
    zh: Option<&'r str>,
}

/// A record of an ASN database.
#[derive(Default, Deserialize)]
struct SystemRecord<'r> {
    #[serde(default)]
    autonomous_system_number: Option<u32>,
    #[serde(borrow, default)]
    autonomous_system_organization: Option<&'r str>,
}

impl From<NamesRecord<'_>> for PlaceName {
    fn from(names: NamesRecord<'_>) -> Self {
        Self { en: names.en.and_then(name), ja: names.ja.and_then(name), zh: names.zh.and_then(name) }
    }
}

/// Returns the beginning of a name; `None` if it is empty.
fn name(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.chars().take(LONGEST_NAME).collect())
}

fn is_country_code(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}
