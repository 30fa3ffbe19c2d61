//! Tokens of SQL while it is typed: strings, names, comments and words, also those that are not closed yet.
//!
//! It reads any text, and each character once. The parser of the engine decides what is right.

/// A token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// Its kind.
    pub kind: Kind,
    /// The first byte.
    pub start: usize,
    /// The byte behind the last one.
    pub end: usize,
    /// It ends where it should, and not where the text does.
    pub is_closed: bool,
}

/// The kind of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// White space.
    Space,
    /// A comment.
    Comment,
    /// A name, a keyword or the name of a function.
    Word,
    /// A name in quotes.
    Name,
    /// A number.
    Number,
    /// A string, with whatever quotes.
    Text,
    /// Any other character.
    Sign(char),
}

/// Something that goes on until its end is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Open {
    /// `'…'`, in which `''` is a quote: two strings side by side, as far as this goes.
    Single,
    /// `E'…'`, in which a backslash takes the next character along.
    Escaped,
    /// `"…"`.
    Double,
    /// `` `…` ``.
    Backtick,
    /// `-- …`.
    Line,
    /// `/* … */`, so deep inside each other.
    Block(usize),
    /// `$tag$ … $tag$`, with the tag and its dollars.
    Dollar(String),
}

impl Open {
    /// Returns the byte behind its end, from a place inside of it on; `None` if the text ends before.
    pub fn close(&mut self, text: &str, from: usize) -> Option<usize> {
        let rest = text.get(from..)?;
        let behind = |found: Option<usize>, length: usize| found.map(|at| from + at + length);
        match self {
            Self::Single => behind(rest.find('\''), 1),
            Self::Double => behind(rest.find('"'), 1),
            Self::Backtick => behind(rest.find('`'), 1),
            // The line end is no part of the comment.
            Self::Line => behind(rest.find('\n'), 0),
            Self::Dollar(tag) => behind(rest.find(tag.as_str()), tag.len()),
            Self::Escaped => {
                let mut letters = rest.char_indices();
                while let Some((at, letter)) = letters.next() {
                    match letter {
                        '\\' => drop(letters.next()),
                        '\'' => return Some(from + at + 1),
                        _ => {}
                    }
                }
                None
            }
            Self::Block(depth) => {
                let bytes = rest.as_bytes();
                let mut at = 0;
                while let Some(pair) = bytes.get(at..at + 2) {
                    match pair {
                        b"/*" => (*depth, at) = (*depth + 1, at + 2),
                        b"*/" => {
                            (*depth, at) = (depth.saturating_sub(1), at + 2);
                            if *depth == 0 {
                                return Some(from + at);
                            }
                        }
                        _ => at += 1,
                    }
                }
                None
            }
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::Single | Self::Escaped | Self::Dollar(_) => Kind::Text,
            Self::Double | Self::Backtick => Kind::Name,
            Self::Line | Self::Block(_) => Kind::Comment,
        }
    }
}

/// Returns what opens at a place, and the byte behind its opening.
pub fn opening(text: &str, at: usize) -> Option<(Open, usize)> {
    let rest = text.get(at..)?;
    let is_in_word = || text.get(..at).and_then(|before| before.chars().next_back()).is_some_and(is_word);
    let open = |open: Open, length: usize| Some((open, at + length));
    match rest.as_bytes() {
        [b'\'', ..] => open(Open::Single, 1),
        [b'"', ..] => open(Open::Double, 1),
        [b'`', ..] => open(Open::Backtick, 1),
        [b'-', b'-', ..] => open(Open::Line, 2),
        [b'/', b'*', ..] => open(Open::Block(1), 2),
        [b'e' | b'E', b'\'', ..] if !is_in_word() => open(Open::Escaped, 2),
        [b'$', ..] if !is_in_word() => {
            let tag = rest.get(1..)?;
            let length = tag.find(|c: char| !is_word(c))?;
            let is_tag = tag.get(length..)?.starts_with('$') && !tag.starts_with(|c: char| c.is_ascii_digit());
            let tag = rest.get(..length + 2).filter(|_| is_tag)?;
            open(Open::Dollar(tag.to_owned()), tag.len())
        }
        _ => None,
    }
}

/// Returns `true` for the letters of names.
pub fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Returns the tokens of a text, which cover all of it.
pub fn tokens(text: &str) -> impl Iterator<Item = Token> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let token = token(text, at)?;
        at = token.end;
        Some(token)
    })
}

fn token(text: &str, start: usize) -> Option<Token> {
    let rest = text.get(start..)?;
    let first = rest.chars().next()?;
    if let Some((mut open, inside)) = opening(text, start) {
        let end = open.close(text, inside);
        // A comment to the end of the line needs no other end.
        let is_closed = end.is_some();
        return Some(Token { kind: open.kind(), start, end: end.unwrap_or(text.len()), is_closed });
    }
    let run = |kind, is_part: &dyn Fn(char) -> bool| {
        let length = rest.find(|c: char| !is_part(c)).unwrap_or(rest.len());
        Token { kind, start, end: start + length, is_closed: true }
    };
    Some(match first {
        c if c.is_whitespace() => run(Kind::Space, &char::is_whitespace),
        c if c.is_ascii_digit() => run(Kind::Number, &|c| is_word(c) || c == '.'),
        c if is_word(c) => run(Kind::Word, &is_word),
        c => Token { kind: Kind::Sign(c), start, end: start + c.len_utf8(), is_closed: true },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn kinds_of_tokens() {
        for (text, expected) in [
            ("a b", "w w"),
            ("'a' 'b", "t T"),
            ("e'a\\'b' x", "t w"),
            ("type'a'", "wt"),
            ("\"a b\" `c", "n N"),
            ("-- a 'b\nc", "c w"),
            ("/* a /* b */ c */d", "cw"),
            ("/* a", "C"),
            ("$$a;b$$ $t$ $$ $t$ $1 $x", "t t .# .w"),
            ("a$b$c", "w.w.w"),
            ("1.5e3 x1", "# w"),
            ("城市=1", "w.#"),
            ("e", "w"),
            ("$", "."),
        ] {
            let letter = |token: Token| {
                let letter = match token.kind {
                    Kind::Space => ' ',
                    Kind::Comment => 'c',
                    Kind::Word => 'w',
                    Kind::Name => 'n',
                    Kind::Number => '#',
                    Kind::Text => 't',
                    Kind::Sign(_) => '.',
                };
                if token.is_closed { letter } else { letter.to_ascii_uppercase() }
            };
            assert_eq!(tokens(text).map(letter).collect::<String>(), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn tokens_cover_any_text(text in "[a-e'\"`$\\\\/*\\- \\n;(0-9城]{0,60}") {
            let mut at = 0;
            for token in tokens(&text) {
                prop_assert_eq!(token.start, at);
                prop_assert!(token.end > at && text.is_char_boundary(token.end));
                at = token.end;
            }
            prop_assert_eq!(at, text.len());
        }
    }
}
