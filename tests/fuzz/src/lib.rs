//! The readers as the fuzz targets see them, and what the targets share.

#[path = "../../../src/event/mod.rs"]
pub mod event;
#[path = "../../../src/export/mod.rs"]
pub mod export;

pub mod canonical;
pub mod cost;
pub mod sls;

use event::field::{FIELD_IDS, FieldId, Role};
use event::identity::{Identity, Told};
use event::rebuild::rebuild;
use event::record::{Event, Value};
use export::{EventSink, Position, Rejected, Stop};
use std::io::{self, Read};

/// A number that follows from the bytes. What a target varies beside its input (where reads are cut, limits) is taken
/// from here, so that an input is a plain export and a finding can be given to trailql as it is.
pub fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Hands out bytes in half a dozen pieces, cut in one of many ways.
pub struct Cut<'a> {
    bytes: &'a [u8],
    longest: u64,
    state: u64,
}

impl<'a> Cut<'a> {
    pub fn new(bytes: &'a [u8], way: u64) -> Self {
        Self { bytes, longest: 1 + bytes.len() as u64 / 3, state: way | 1 }
    }
}

impl Read for Cut<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let piece = 1 + ((self.state >> 33) % self.longest) as usize;
        let n = piece.min(buf.len()).min(self.bytes.len());
        let (now, later) = self.bytes.split_at(n);
        buf[..n].copy_from_slice(now);
        self.bytes = later;
        Ok(n)
    }
}

/// What an export gave.
#[derive(Debug, PartialEq, Eq)]
pub enum Item {
    Event { columns: Vec<Value<'static>>, json: String, identity: Identity },
    Reject { member: Option<String>, reason: String, bytes: Vec<u8>, length: u64 },
}

/// Keeps all that it is given, in order, and stops after `most`.
#[derive(Debug)]
pub struct Seen {
    pub items: Vec<Item>,
    pub positions: Vec<Position>,
    most: usize,
}

impl Seen {
    pub fn new(most: usize) -> Self {
        Self { items: Vec::new(), positions: Vec::new(), most }
    }

    fn push(&mut self, position: Position, item: Item) -> Result<(), Stop> {
        assert!(self.items.len() < self.most, "reading goes on after the sink asked to stop");
        assert_eq!(position.record, self.items.len() as i64, "records are numbered from 0 without a gap");
        assert!(position.offset >= 0);
        self.items.push(item);
        self.positions.push(position);
        if self.items.len() == self.most { Err(Stop) } else { Ok(()) }
    }
}

impl EventSink for Seen {
    fn event(&mut self, event: Event<'_>, position: Position) -> Result<(), Stop> {
        self.push(position, item(&event))
    }

    fn reject(&mut self, rejected: Rejected<'_>) -> Result<(), Stop> {
        assert!(rejected.length >= rejected.bytes.len() as u64);
        assert!(!rejected.reason.is_empty());
        self.push(
            rejected.position,
            Item::Reject {
                member: rejected.member.map(str::to_owned),
                reason: rejected.reason,
                bytes: rejected.bytes.to_vec(),
                length: rejected.length,
            },
        )
    }
}

/// An event with all that is computed from it.
pub fn item(event: &Event<'_>) -> Item {
    let columns = FIELD_IDS.iter().map(|id| owned(event.value(*id))).collect();
    let by_content = || event.text(FieldId::ContentIdentity).and_then(Identity::from_hex);
    let by_keys = Told::of(event).keys().map(|keys| keys.own);
    let identity = by_keys.or_else(by_content).expect("every event has an identity");
    Item::Event { columns, json: rebuild(event), identity }
}

/// The columns that follow from the event itself, in a form in which neither key order nor white space counts.
pub fn own_columns(columns: &[Value<'static>]) -> Vec<(FieldId, Value<'static>)> {
    let own = FIELD_IDS.iter().copied().zip(columns);
    own.filter(|(id, _)| id.field().role != Role::Provenance || *id == FieldId::ContentIdentity)
        .map(|(id, value)| match value {
            Value::Text(text) if id.field().kind == event::field::Kind::Json => {
                (id, Value::Text(canonical::canonical(text).into()))
            }
            other => (id, other.clone()),
        })
        .collect()
}

fn owned(value: &Value<'_>) -> Value<'static> {
    match value {
        Value::Absent => Value::Absent,
        Value::Text(text) => Value::Text(text.to_string().into()),
        Value::Flag(flag) => Value::Flag(*flag),
        Value::Int(number) => Value::Int(*number),
    }
}
