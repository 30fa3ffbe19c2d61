//! Reading of a line as its shell reads it, and writing of words so that the shell reads exactly them.
//!
//! A line is read up to the cursor, and no part of it is ever run: where a word depends on something that only the
//! shell knows, it is unknown, and nothing is offered for it. `~` and `$HOME` alone have a meaning here.

/// A shell, as far as its way of writing words goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    Bash,
    Zsh,
    Fish,
}

impl Dialect {
    pub(super) fn of(shell: &str) -> Option<Self> {
        match shell {
            "bash" => Some(Self::Bash),
            "zsh" => Some(Self::Zsh),
            "fish" => Some(Self::Fish),
            _ => None,
        }
    }
}

/// The quotes around a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Quote {
    #[default]
    None,
    Single,
    Double,
}

impl Quote {
    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Single => "'",
            Self::Double => "\"",
        }
    }
}

/// A place in a word: behind so many bytes as typed, which mean so many bytes, in these quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Mark {
    raw: usize,
    value: usize,
    quote: Quote,
}

/// A word that is being typed.
#[derive(Debug, Default)]
pub(super) struct Word {
    raw: String,
    value: String,
    marks: Vec<Mark>,
    /// The end of the part that the shell will replace by something else, and which stays as it is typed.
    pinned: usize,
    quote: Quote,
    is_unknown: bool,
}

impl Word {
    /// Returns the word as the shell reads it.
    pub(super) fn value(&self) -> &str {
        &self.value
    }

    /// Returns the quotes that are open behind it.
    pub(super) fn quote(&self) -> Quote {
        self.quote
    }

    /// Returns the place in the word where this text begins, which ends it.
    pub(super) fn start_of(&self, typed: &str) -> Option<usize> {
        self.raw.strip_suffix(typed).map(str::len)
    }

    /// Returns what stays as it is typed, and what a value has behind that.
    pub(super) fn behind_kept<'v>(&self, value: &'v str) -> Option<(&str, &'v str)> {
        let mark = self.kept(0)?;
        let rest = value.strip_prefix(self.value.get(..mark.value)?)?;
        Some((self.raw.get(..mark.raw)?, rest))
    }

    /// Writes a value for bash, in place of all that is typed from here on. `None` if what stands before is no
    /// beginning of the value.
    pub(super) fn written(&self, from: usize, value: &str) -> Option<String> {
        let mark = self.kept(from)?;
        let rest = value.strip_prefix(self.value.get(..mark.value)?)?;
        let kept = self.raw.get(from..mark.raw)?;
        let end = if self.quote == Quote::None { mark.quote.sign() } else { "" };
        Some(format!("{kept}{}{end}", quoted(rest, mark.quote)))
    }

    fn kept(&self, from: usize) -> Option<Mark> {
        let place = from.max(self.pinned);
        let at =
            if place == 0 { return Some(Mark::default()) } else { self.marks.iter().position(|m| m.raw == place)? };
        let mark = *self.marks.get(at)?;
        // A quote that closes right behind what stays is kept with it.
        let next = self.marks.get(at + 1).filter(|next| self.pinned > from && next.value == mark.value);
        Some(*next.filter(|next| mark.quote != Quote::None && next.quote == Quote::None).unwrap_or(&mark))
    }

    fn take(&mut self, raw: &str, value: &str, quote: Quote) {
        self.raw.push_str(raw);
        self.value.push_str(value);
        self.quote = quote;
        self.marks.push(Mark { raw: self.raw.len(), value: self.value.len(), quote });
    }
}

/// The command that the cursor is in.
#[derive(Debug)]
pub(super) struct Line {
    /// The words before the one that is being typed, the program first.
    pub(super) words: Vec<String>,
    pub(super) current: Word,
}

/// Reads a line up to the cursor. `None` where no argument of a command is being typed, or one that only the shell
/// can read.
pub(super) fn read(line: &str, dialect: Dialect, home: Option<&str>) -> Option<Line> {
    let mut reader = Reader { dialect, home, rest: line, words: Vec::new(), word: None, is_target: false };
    while let Some(c) = reader.rest.chars().next() {
        match reader.word.as_ref().map_or(Quote::None, |word| word.quote) {
            Quote::None => reader.bare(c),
            Quote::Single => reader.single(c),
            Quote::Double => reader.double(c),
        }
    }
    let current = reader.word.unwrap_or_default();
    let words: Vec<String> = reader.words.into_iter().skip_while(|word| is_assignment(word)).collect();
    (!words.is_empty() && !reader.is_target && !current.is_unknown).then_some(Line { words, current })
}

/// Returns `true` for `NAME=value`, which may stand before a command.
fn is_assignment(word: &str) -> bool {
    let name = word.split_once('=').map_or("", |(name, _)| name);
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

struct Reader<'l> {
    dialect: Dialect,
    home: Option<&'l str>,
    rest: &'l str,
    words: Vec<String>,
    word: Option<Word>,
    /// The word names a file that the shell opens, behind `<` or `>`.
    is_target: bool,
}

impl<'l> Reader<'l> {
    /// Takes so many bytes of the line, which mean this, into the word.
    fn take(&mut self, length: usize, value: &str, quote: Quote) {
        let (raw, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, ""));
        self.rest = rest;
        self.word.get_or_insert_default().take(raw, value, quote);
    }

    /// Takes a character that means itself.
    fn literal(&mut self, c: char, quote: Quote) {
        self.take(c.len_utf8(), c.encode_utf8(&mut [0; 4]), quote);
    }

    /// Takes a character with a meaning that only the shell knows.
    fn unknown(&mut self, c: char, quote: Quote) {
        self.literal(c, quote);
        self.word.get_or_insert_default().is_unknown = true;
    }

    fn next_char(&self) -> Option<char> {
        self.rest.chars().nth(1)
    }

    fn end_word(&mut self) {
        if let Some(word) = self.word.take()
            && !std::mem::take(&mut self.is_target)
        {
            self.words.push(word.value);
        }
    }

    fn bare(&mut self, c: char) {
        let is_fish = self.dialect == Dialect::Fish;
        match c {
            ' ' | '\t' => {
                self.end_word();
                self.skip();
            }
            // `>&1`
            '&' if self.is_target && self.word.is_none() => self.skip(),
            '(' | ')' if is_fish => self.unknown(c, Quote::None),
            '\n' | ';' | '|' | '&' | '(' | ')' => {
                self.end_word();
                self.words.clear();
                self.is_target = false;
                self.skip();
            }
            '<' | '>' => {
                // `2>`
                self.word.take_if(|word| word.value.chars().all(|c| c.is_ascii_digit()));
                self.end_word();
                self.is_target = true;
                self.skip();
            }
            '\\' => match self.next_char() {
                None => self.take(1, "", Quote::None),
                Some('\n') => self.take(2, "", Quote::None),
                Some(c) if is_fish && c.is_ascii_alphanumeric() => self.unknown(c, Quote::None),
                Some(c) => self.take(1 + c.len_utf8(), c.encode_utf8(&mut [0; 4]), Quote::None),
            },
            '\'' => self.take(1, "", Quote::Single),
            '"' => self.take(1, "", Quote::Double),
            '$' => self.dollar(Quote::None),
            '`' if !is_fish => self.unknown(c, Quote::None),
            '~' if self.word.is_none() && self.next_char().is_none_or(|c| matches!(c, '/' | ' ' | '\t')) => {
                self.home(1, Quote::None);
            }
            _ => self.literal(c, Quote::None),
        }
    }

    fn skip(&mut self) {
        let mut rest = self.rest.chars();
        rest.next();
        self.rest = rest.as_str();
    }

    fn single(&mut self, c: char) {
        match (c, self.next_char()) {
            ('\'', _) => self.take(1, "", Quote::None),
            ('\\', Some(c @ ('\'' | '\\'))) if self.dialect == Dialect::Fish => {
                self.take(2, c.encode_utf8(&mut [0; 4]), Quote::Single);
            }
            _ => self.literal(c, Quote::Single),
        }
    }

    fn double(&mut self, c: char) {
        let is_fish = self.dialect == Dialect::Fish;
        match (c, self.next_char()) {
            ('"', _) => self.take(1, "", Quote::None),
            ('\\', Some('\n')) => self.take(2, "", Quote::Double),
            ('\\', Some(c)) if matches!(c, '$' | '"' | '\\') || (c == '`' && !is_fish) => {
                self.take(2, c.encode_utf8(&mut [0; 4]), Quote::Double);
            }
            ('$', _) => self.dollar(Quote::Double),
            ('`', _) if !is_fish => self.unknown(c, Quote::Double),
            _ => self.literal(c, Quote::Double),
        }
    }

    fn dollar(&mut self, quote: Quote) {
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if self.rest.starts_with("${HOME}") && self.dialect != Dialect::Fish {
            return self.home("${HOME}".len(), quote);
        }
        if let Some(behind) = self.rest.strip_prefix("$HOME")
            && !behind.starts_with(|c| is_name(c) || c == '[')
        {
            return self.home("$HOME".len(), quote);
        }
        match self.next_char() {
            Some('\'' | '"') if quote == Quote::Double => self.literal('$', quote),
            Some(c) if is_name(c) || "{('\"[?!#@*-$".contains(c) => self.unknown('$', quote),
            _ => self.literal('$', quote),
        }
    }

    /// Takes so many bytes that stand for the home folder.
    fn home(&mut self, length: usize, quote: Quote) {
        let home: Option<&'l str> = self.home;
        self.take(length, home.unwrap_or_default(), quote);
        let word = self.word.get_or_insert_default();
        word.pinned = word.raw.len();
        word.is_unknown |= home.is_none();
    }
}

/// Signs that mean themselves everywhere in a word of bash.
const PLAIN: &str = "_-./,+=:@%";

/// Writes a text so that bash reads exactly that, inside of these quotes.
fn quoted(text: &str, quote: Quote) -> String {
    let mut written = String::with_capacity(text.len());
    for c in text.chars() {
        match (quote, c) {
            (Quote::None, c) if c.is_alphanumeric() || PLAIN.contains(c) => {}
            (Quote::None, _) | (Quote::Double, '"' | '\\' | '$' | '`') => written.push('\\'),
            // Neither quotes nor a backslash inside of them keep the history away.
            (Quote::Double, '!') => {
                written.push_str("\"'!'\"");
                continue;
            }
            (Quote::Single, '\'') => {
                written.push_str("'\\''");
                continue;
            }
            (Quote::Double | Quote::Single, _) => {}
        }
        written.push(c);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_the_shell() {
        use Dialect::{Bash, Fish, Zsh};
        for (dialect, line, words, current) in [
            (Bash, "trailql query -p n=", &["trailql", "query", "-p"][..], Some("n=")),
            (Bash, "x=1 trailql sql ", &["trailql", "sql"], Some("")),
            (Bash, "ls; trailql --lake=my\\ la", &["trailql"], Some("--lake=my la")),
            (Bash, "trailql 'a b'c \"d \\$ \\x", &["trailql", "a bc"], Some("d $ \\x")),
            (Bash, "trailql 2>&1 >file a", &["trailql"], Some("a")),
            (Bash, "trailql > fi", &[], None),
            (Bash, "trailql a\\", &["trailql"], Some("a")),
            (Bash, "trailql ~/a $HOME/b \"${HOME}/c", &["trailql", "/home/x/a", "/home/x/b"], Some("/home/x/c")),
            (Bash, "trailql '~/a", &["trailql"], Some("~/a")),
            (Bash, "trailql $OTHER/a", &[], None),
            (Bash, "trailql $(touch x)", &[], None),
            (Bash, "trailql `touch x`", &[], None),
            (Bash, "trailql $HOMELY", &[], None),
            (Bash, "trailql $'a", &[], None),
            (Bash, "trail", &[], None),
            (Zsh, "trailql 'SELECT event_t", &["trailql"], Some("SELECT event_t")),
            (Fish, "trailql 'it\\'s \\n", &["trailql"], Some("it's \\n")),
            (Fish, "trailql a\\nb", &[], None),
            (Fish, "trailql (ls)", &[], None),
        ] {
            let read = read(line, dialect, Some("/home/x"));
            assert_eq!(read.as_ref().map(|line| line.current.value()), current, "{line}");
            assert_eq!(read.map(|line| line.words).unwrap_or_default(), words, "{line}");
        }
    }

    #[test]
    fn values_are_written_for_their_place() {
        for (line, typed, value, expected) in [
            ("t d", "d", "d/$(x) 'y'.json", Some("d/\\$\\(x\\)\\ \\'y\\'.json")),
            ("t 'd", "d", "d/it's!", Some("d/it'\\''s!")),
            ("t \"d", "d", "d/$x`\"!\\", Some("d/\\$x\\`\\\"\"'!'\"\\\\")),
            ("t --lake=my", "my", "--lake=my lake/", Some("my\\ lake/")),
            ("t --lake=\"my", "my", "--lake=my lake/", Some("my lake/")),
            ("t --tz=tok", "tok", "Asia/Tokyo", None),
            ("t ~/a", "~/a", "/home/x/a b", Some("~/a\\ b")),
            ("t \"$HOME\"/a", "\"$HOME\"/a", "/home/x/a b", Some("\"$HOME\"/a\\ b")),
            ("t \"$HOME/a\"b", "\"$HOME/a\"b", "/home/x/ab c", Some("\"$HOME/ab c\"")),
            ("t \"my lake\"/", "\"my lake\"/", "my lake/x", Some("my\\ lake/x")),
            ("t 城", "城", "城 市", Some("城\\ 市")),
            ("t ", "", "~x#*?[;&|<>^{}", Some("\\~x\\#\\*\\?\\[\\;\\&\\|\\<\\>\\^\\{\\}")),
        ] {
            let read = read(line, Dialect::Bash, Some("/home/x")).unwrap();
            let start = read.current.start_of(typed).unwrap();
            assert_eq!(read.current.written(start, value).as_deref(), expected, "{line}");
        }
    }
}
