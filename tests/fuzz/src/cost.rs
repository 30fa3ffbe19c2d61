//! A limit on the time that a reader spends for each byte.
//!
//! Inputs of a fuzzer are short, and on a few kilobytes even quadratic work ends at once. So an input is grown: parts
//! of it are repeated, counted, nested or put into a text, up to [`SHORT`] and up to [`LONG`] bytes. Time for the long
//! one is four times that for the short one where work is linear, and sixteen times where it is quadratic; the limit
//! lies between. Time is that of the thread alone, since the machine may be busy, and a finding is measured three
//! times.

use crate::hash;
use rustix::time::{ClockId, clock_gettime};
use std::time::Duration;

/// Bytes of the shorter of two grown inputs.
const SHORT: usize = 64 << 10;

/// Bytes of the longer one.
const LONG: usize = 4 * SHORT;

/// Growth of time from the short input to the long one that is allowed: half-way between linear and quadratic.
const MAX_GROWTH: u32 = 8;

/// Time for the long input that is never too much, whatever the growth: a sanitizer takes pauses of some milliseconds.
const FLOOR: Duration = Duration::from_millis(60);

/// Time for the long input that is too much, whatever the growth: 76 µs a byte, under a sanitizer.
const CEILING: Duration = Duration::from_secs(20);

/// Number of times that a finding is measured.
const MEASUREMENTS: usize = 3;

/// One input of so many is grown; growing all of them would leave time for few.
const ONE_IN: u64 = 192;

/// A way to make an input longer.
#[derive(Debug, Clone, Copy)]
pub enum Growth {
    /// The whole input, repeated with something in between.
    Repeated(&'static str),
    /// A part of the input, repeated in its place.
    Pumped,
    /// A part of the input, repeated in its place with a number behind the first word of each, so that keys differ.
    Counted,
    /// The input up to a place as often as from there on: opened and closed again.
    Nested,
    /// The input as the text of one member.
    Text,
    /// The input as the value of many members of one object.
    Members,
    /// The input as the elements of one list.
    Elements,
}

const GROWTHS: [Growth; 12] = [
    Growth::Repeated(""),
    Growth::Repeated("\n"),
    Growth::Pumped,
    Growth::Pumped,
    Growth::Pumped,
    Growth::Counted,
    Growth::Counted,
    Growth::Counted,
    Growth::Nested,
    Growth::Text,
    Growth::Members,
    Growth::Elements,
];

/// Fails where the time that `work` takes on grown forms of `data` grows by more than their lengths. Most inputs are
/// let through without a look.
pub fn assert_linear(data: &[u8], mut work: impl FnMut(&[u8])) {
    let way = hash(data);
    if data.is_empty() || !(way >> 5).is_multiple_of(ONE_IN) {
        return;
    }
    assert_growth(data, GROWTHS[(way >> 24) as usize % GROWTHS.len()], way, &mut work);
}

fn assert_growth(data: &[u8], growth: Growth, way: u64, work: &mut impl FnMut(&[u8])) {
    let (short, long) = (grow(data, growth, way, SHORT), grow(data, growth, way, LONG));
    let (mut least_short, mut least_long) = (Duration::MAX, Duration::MAX);
    for _ in 0..MEASUREMENTS {
        least_long = least_long.min(time(|| work(&long)));
        if least_long < FLOOR {
            return;
        }
        least_short = least_short.min(time(|| work(&short)));
        // Steps of the ways to grow are as long as the input, so lengths are not exactly one to four.
        let allowed = least_short * MAX_GROWTH * long.len().div_ceil(short.len().max(1)).max(4) as u32 / 4;
        if least_long <= allowed && least_long < CEILING {
            return;
        }
    }
    panic!(
        "{growth:?}: {} bytes take {least_short:?}, {} bytes take {least_long:?}; the latter begin with: {}",
        short.len(),
        long.len(),
        String::from_utf8_lossy(&long[..long.len().min(600)])
    );
}

/// Time of this thread that `work` takes.
fn time(work: impl FnOnce()) -> Duration {
    let now = || {
        let time = clock_gettime(ClockId::ThreadCPUTime);
        Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
    };
    let before = now();
    work();
    now().saturating_sub(before)
}

/// `data` in a longer form, of about so many bytes.
pub fn grow(data: &[u8], growth: Growth, way: u64, bytes: usize) -> Vec<u8> {
    let times = |part: usize| (bytes / part.max(1)).max(1);
    // Two places in the input, the first of them not at its end.
    let from = (way >> 32) as usize % data.len();
    let to = from + 1 + (way >> 44) as usize % (data.len() - from);
    let (front, part, behind) = (&data[..from], &data[from..to], &data[to..]);
    match growth {
        Growth::Repeated(between) => {
            let step = [data, between.as_bytes()].concat();
            step.repeat(times(step.len()))
        }
        Growth::Pumped => [front, &part.repeat(times(part.len())), behind].concat(),
        Growth::Counted => {
            let mut out = front.to_vec();
            for number in 0.. {
                if out.len() >= bytes {
                    break;
                }
                push_counted(&mut out, part, number);
            }
            out.extend_from_slice(behind);
            out
        }
        Growth::Nested => {
            let times = times(data.len());
            [data[..to].repeat(times), data[to..].repeat(times)].concat()
        }
        Growth::Text => {
            let text = String::from_utf8_lossy(data);
            let text = text.repeat(times(text.len()));
            format!("{{\"a\":{}}}", serde_json::to_string(&text).expect("a text is JSON")).into_bytes()
        }
        Growth::Members => {
            let mut out = b"{".to_vec();
            for number in 0..times(data.len() + 10) {
                out.extend_from_slice(format!("{}\"k{number}\":", if number > 0 { "," } else { "" }).as_bytes());
                out.extend_from_slice(data);
            }
            out.push(b'}');
            out
        }
        Growth::Elements => {
            let elements = vec![data; times(data.len() + 1)];
            [b"[", &elements.join(&b","[..])[..], b"]"].concat()
        }
    }
}

/// A part with a number behind its first word.
fn push_counted(out: &mut Vec<u8>, part: &[u8], number: usize) {
    let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.');
    let begin = part.iter().position(is_letter).unwrap_or(0);
    let end = begin + part[begin..].iter().take_while(|byte| is_letter(byte)).count();
    out.extend_from_slice(&part[..end]);
    out.extend_from_slice(number.to_string().as_bytes());
    out.extend_from_slice(&part[end..]);
}

/// A sink that keeps nothing.
#[derive(Debug, Default)]
pub struct Discard;

impl crate::export::EventSink for Discard {
    fn event(
        &mut self,
        event: crate::event::record::Event<'_>,
        _: crate::export::Position,
    ) -> Result<(), crate::export::Stop> {
        std::hint::black_box(crate::event::rebuild::rebuild(&event));
        Ok(())
    }

    fn reject(&mut self, rejected: crate::export::Rejected<'_>) -> Result<(), crate::export::Stop> {
        std::hint::black_box(rejected);
        Ok(())
    }
}
