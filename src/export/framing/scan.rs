//! Follows strings and brackets through one value, to its end or to the place where it is broken.
//!
//! It is an automaton of its own beside the [tokenizer](crate::event::json::tokenizer): it stops at any byte of a
//! stream and goes on with the next chunk, matches brackets, and proves that a record is broken. A raw line feed or a
//! NUL byte in a string, a bracket that closes another kind, and two values with nothing between them are such proofs.

use super::MAX_DEPTH;

/// The state of following one value, kept from one stretch of bytes to the next.
#[derive(Default, Clone)]
pub(super) struct Scan {
    /// Open brackets, outermost first.
    open: Vec<u8>,
    /// Levels beyond [`MAX_DEPTH`], counted only while passing over.
    beyond: u64,
    in_string: bool,
    escaped: bool,
    /// The last byte of structure: a bracket, comma, colon or closing quote.
    last: u8,
    /// `true` while a value that is too long or too deep is passed over.
    unbounded: bool,
    /// `true` if the value is a text, which ends with its quote.
    text_alone: bool,
    /// `true` if line feeds in strings are overlooked.
    through_lines: bool,
}

pub(super) enum Step {
    /// The value ends behind so many bytes.
    Complete(usize),
    /// The value is broken behind so many bytes.
    Broken(usize),
    /// A bracket beyond the depth limit stands behind so many bytes.
    TooDeep(usize),
    /// The value goes on.
    More,
}

impl Scan {
    /// Creates the state for a value that is a text alone.
    pub(super) fn of_text() -> Self {
        Self { text_alone: true, ..Self::default() }
    }

    /// Creates the state behind a list that stands in so many objects.
    pub(super) fn behind_list(objects: usize) -> Self {
        Self { open: vec![b'{'; objects], last: b']', ..Self::default() }
    }

    /// Returns the same state, which passes over the rest of a value however long and deep it is.
    pub(super) fn unbounded(self) -> Self {
        Self { unbounded: true, ..self }
    }

    /// Returns the same state, which overlooks line feeds in strings.
    pub(super) fn through_lines(self) -> Self {
        Self { through_lines: true, ..self }
    }

    /// Goes on with the next bytes of the value.
    pub(super) fn run(&mut self, bytes: &[u8]) -> Step {
        let mut at = 0;
        while at < bytes.len() {
            if self.in_string {
                match self.string_end(&bytes[at..]) {
                    Ok(None) => return Step::More,
                    Ok(Some(used)) => {
                        at += used;
                        if self.text_alone && self.open.is_empty() {
                            return Step::Complete(at);
                        }
                    }
                    Err(used) => return Step::Broken(at + used),
                }
                continue;
            }
            let byte = bytes[at];
            match byte {
                b'"' => {
                    if !self.value_may_begin() {
                        return Step::Broken(at);
                    }
                    self.in_string = true;
                }
                b'{' | b'[' => {
                    if !self.value_may_begin() {
                        return Step::Broken(at);
                    }
                    if self.open.len() < MAX_DEPTH {
                        self.open.push(byte);
                    } else if self.unbounded {
                        self.beyond += 1;
                    } else {
                        return Step::TooDeep(at);
                    }
                    self.last = byte;
                }
                b'}' | b']' if self.beyond > 0 => {
                    self.beyond -= 1;
                    self.last = byte;
                }
                b'}' | b']' => {
                    let opened = if byte == b'}' { b'{' } else { b'[' };
                    if self.open.pop() != Some(opened) {
                        return Step::Broken(at);
                    }
                    self.last = byte;
                    if self.open.is_empty() {
                        return Step::Complete(at + 1);
                    }
                }
                b',' | b':' => self.last = byte,
                0 if !self.unbounded => return Step::Broken(at),
                _ => {}
            }
            at += 1;
        }
        Step::More
    }

    /// Returns `true` if a value may begin here: two values need a comma or colon between them.
    fn value_may_begin(&self) -> bool {
        matches!(self.last, 0 | b'{' | b'[' | b',' | b':')
    }

    /// Finds the end of the string that `bytes` begins in, if it is among them. An error is the place of a line feed or
    /// a NUL byte in the string, which JSON does not allow.
    fn string_end(&mut self, bytes: &[u8]) -> Result<Option<usize>, usize> {
        let mut at = 0;
        if self.escaped {
            self.escaped = false;
            at = 1;
        }
        loop {
            let rest = bytes.get(at..).unwrap_or_default();
            let found = memchr::memchr3(b'"', b'\\', b'\n', rest);
            let inside = rest.get(..found.unwrap_or(rest.len())).unwrap_or_default();
            if !self.unbounded
                && let Some(hole) = memchr::memchr(0, inside)
            {
                return Err(at + hole);
            }
            let Some(found) = found else { return Ok(None) };
            at += found + 1;
            match bytes[at - 1] {
                b'"' => {
                    self.in_string = false;
                    self.last = b'"';
                    return Ok(Some(at));
                }
                b'\n' if self.through_lines => {}
                b'\n' => return Err(at - 1),
                _ if at == bytes.len() => {
                    self.escaped = true;
                    return Ok(None);
                }
                _ => at += 1,
            }
        }
    }
}
