//! Writes databases of MaxMind's format: a search tree, a data section, and metadata.
//!
//! The specification: <https://maxmind.github.io/MaxMind-DB/>.

use ipnet::IpNet;

/// A value of the data section.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    Text(String),
    U16(u16),
    U32(u32),
    U64(u64),
    Map(Vec<(&'static str, Value)>),
    List(Vec<Value>),
    /// Bytes that stand in the section as they are.
    Raw(Vec<u8>),
}

pub(crate) fn text(text: impl Into<String>) -> Value {
    Value::Text(text.into())
}

/// A database to write.
pub(crate) struct Database {
    pub(crate) kind: &'static str,
    pub(crate) record_bits: u16,
    pub(crate) ip_version: u16,
    pub(crate) records: Vec<(IpNet, Value)>,
}

impl Database {
    pub(crate) fn new(kind: &'static str, records: &[(&str, Value)]) -> Self {
        let records = records.iter().map(|(network, value)| (network.parse().unwrap(), value.clone()));
        Self { kind, record_bits: 24, ip_version: 6, records: records.collect() }
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let (mut tree, mut data) = (Tree { nodes: vec![[Record::Empty; 2]] }, Vec::new());
        let mut records: Vec<_> = self.records.iter().collect();
        records.sort_by_key(|(network, _)| network.prefix_len());
        for (network, value) in records {
            tree.insert(&self.bits(*network), data.len());
            encode(value, &mut data);
        }
        let mut out = tree.bytes(self.record_bits);
        out.extend([0; 16]);
        out.extend(data);
        out.extend(b"\xab\xcd\xefMaxMind.com");
        let metadata = Value::Map(vec![
            ("binary_format_major_version", Value::U16(2)),
            ("binary_format_minor_version", Value::U16(0)),
            ("build_epoch", Value::U64(1_700_000_000)),
            ("database_type", text(self.kind)),
            ("description", Value::Map(vec![("en", text("invented"))])),
            ("ip_version", Value::U16(self.ip_version)),
            ("languages", Value::List(vec![text("en"), text("ja"), text("zh-CN")])),
            ("node_count", Value::U32(u32::try_from(tree.nodes.len()).unwrap())),
            ("record_size", Value::U16(self.record_bits)),
        ]);
        encode(&metadata, &mut out);
        out
    }

    /// The bits of a network as a path in the tree. IPv4 lies below 96 zeros in a tree of IPv6.
    fn bits(&self, network: IpNet) -> Vec<u8> {
        let bits = |bytes: &[u8]| -> Vec<u8> {
            bytes.iter().flat_map(|byte| (0..8).map(move |bit| byte >> (7 - bit) & 1)).collect()
        };
        let prefix = usize::from(network.prefix_len());
        match network {
            IpNet::V4(v4) => {
                let zeros = if self.ip_version == 6 { 96 } else { 0 };
                [vec![0; zeros], bits(&v4.network().octets())[..prefix].to_vec()].concat()
            }
            IpNet::V6(v6) => bits(&v6.network().octets())[..prefix].to_vec(),
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Record {
    Empty,
    Node(usize),
    Data(usize),
}

struct Tree {
    nodes: Vec<[Record; 2]>,
}

impl Tree {
    fn insert(&mut self, bits: &[u8], data: usize) {
        let (mut node, (last, path)) = (0, bits.split_last().unwrap());
        for bit in path {
            node = match self.nodes[node][usize::from(*bit)] {
                Record::Node(next) => next,
                // What lies above holds for both halves.
                other => {
                    self.nodes.push([other; 2]);
                    let next = self.nodes.len() - 1;
                    self.nodes[node][usize::from(*bit)] = Record::Node(next);
                    next
                }
            };
        }
        self.nodes[node][usize::from(*last)] = Record::Data(data);
    }

    fn bytes(&self, record_bits: u16) -> Vec<u8> {
        let number = |record: Record| {
            let number = match record {
                Record::Empty => self.nodes.len(),
                Record::Node(node) => node,
                Record::Data(offset) => self.nodes.len() + 16 + offset,
            };
            u32::try_from(number).unwrap().to_be_bytes()
        };
        let mut out = Vec::new();
        for [left, right] in &self.nodes {
            let (left, right) = (number(*left), number(*right));
            match record_bits {
                24 => out.extend([&left[1..], &right[1..]].concat()),
                28 => out.extend([&left[1..], &[left[0] << 4 | right[0]], &right[1..]].concat()),
                32 => out.extend([left, right].concat()),
                other => panic!("no record has {other} bits"),
            }
        }
        out
    }
}

fn encode(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Text(text) => {
            control(2, text.len(), out);
            out.extend(text.as_bytes());
        }
        Value::U16(number) => {
            control(5, 2, out);
            out.extend(number.to_be_bytes());
        }
        Value::U32(number) => {
            control(6, 4, out);
            out.extend(number.to_be_bytes());
        }
        Value::U64(number) => {
            control(9, 8, out);
            out.extend(number.to_be_bytes());
        }
        Value::Map(members) => {
            control(7, members.len(), out);
            for (key, value) in members {
                encode(&text(*key), out);
                encode(value, out);
            }
        }
        Value::List(items) => {
            control(11, items.len(), out);
            items.iter().for_each(|item| encode(item, out));
        }
        Value::Raw(bytes) => out.extend(bytes),
    }
}

/// Writes type and size.
fn control(kind: u8, size: usize, out: &mut Vec<u8>) {
    let (bits, more): (u8, Vec<u8>) = match size {
        0..29 => (u8::try_from(size).unwrap(), Vec::new()),
        29..285 => (29, vec![u8::try_from(size - 29).unwrap()]),
        285..65_821 => (30, u16::try_from(size - 285).unwrap().to_be_bytes().to_vec()),
        _ => (31, u32::try_from(size - 65_821).unwrap().to_be_bytes()[1..].to_vec()),
    };
    if kind < 8 {
        out.push(kind << 5 | bits);
    } else {
        out.extend([bits, kind - 7]);
    }
    out.extend(more);
}
