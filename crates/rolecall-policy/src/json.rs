//! JSON as policies use it: one strict parser that keeps the place of every token.
//!
//! Stricter than RFC 8259 where leniency has let policies mean two things: duplicate member names,
//! lone surrogates, byte order marks, NUL and anything after the document are refused; size and
//! depth are limited, so time and memory are bounded.

use std::collections::HashSet;
use std::str::Chars;

/// A place in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// A value with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// The value.
    pub data: Data,
    /// Its first character.
    pub start: Position,
    /// The place after its last character.
    pub end: Position,
}

/// A JSON value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Data {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number as it was written.
    Number(String),
    /// A string, unescaped.
    Text(String),
    /// An array.
    List(Vec<Node>),
    /// An object; names are unique.
    Map(Vec<Member>),
}

/// One member of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The name, unescaped.
    pub name: String,
    /// Where the name stands.
    pub at: Position,
    /// The value.
    pub value: Node,
}

/// Why a text is not acceptable JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where.
    pub at: Position,
    /// What is wrong.
    pub detail: String,
}

/// Parses one document.
///
/// # Errors
/// [`Fault`] at the first offence, including text over [`MAX_CHARACTERS`] and nesting over
/// [`MAX_DEPTH`].
pub fn parse(text: &str) -> Result<Node, Fault> {
    let start = Position { line: 1, column: 1 };
    if too_long(text) {
        return Err(Fault { at: start, detail: format!("longer than {MAX_CHARACTERS} characters") });
    }
    let mut reader = Reader { rest: text.chars(), at: start, depth: 0 };
    reader.blank()?;
    let node = reader.value()?;
    reader.blank()?;
    match reader.peek() {
        None => Ok(node),
        Some(c) => Err(reader.fault(format!("{c:?} after the end of the document"))),
    }
}

fn too_long(text: &str) -> bool {
    text.len() > 4 * MAX_CHARACTERS || text.chars().nth(MAX_CHARACTERS).is_some()
}

struct Reader<'a> {
    rest: Chars<'a>,
    at: Position,
    depth: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.rest.clone().next()
    }

    /// The next character, if the policy character set has it (spec: tab, line feed, carriage
    /// return, U+0020 to U+00FF).
    fn take(&mut self) -> Result<Option<char>, Fault> {
        let Some(c) = self.peek() else { return Ok(None) };
        if !matches!(c, '\t' | '\n' | '\r' | ' '..='\u{ff}') {
            return Err(self.fault(format!("the character U+{:04X} is not allowed", u32::from(c))));
        }
        self.rest.next();
        if c == '\n' {
            self.at = Position { line: self.at.line + 1, column: 1 };
        } else {
            self.at.column += 1;
        }
        Ok(Some(c))
    }

    fn fault(&self, detail: impl Into<String>) -> Fault {
        Fault { at: self.at, detail: detail.into() }
    }

    fn blank(&mut self) -> Result<(), Fault> {
        while matches!(self.peek(), Some(' ' | '\t' | '\n' | '\r')) {
            self.take()?;
        }
        Ok(())
    }

    fn expect(&mut self, wanted: char) -> Result<(), Fault> {
        match self.peek() {
            Some(c) if c == wanted => self.take().map(|_| ()),
            Some(c) => Err(self.fault(format!("expected {wanted:?}, found {c:?}"))),
            None => Err(self.fault(format!("expected {wanted:?}, found the end"))),
        }
    }

    fn value(&mut self) -> Result<Node, Fault> {
        let start = self.at;
        let data = match self.peek() {
            Some('{') => self.nested(Self::map)?,
            Some('[') => self.nested(Self::list)?,
            Some('"') => Data::Text(self.text()?),
            Some('t') => self.word("true", Data::Bool(true))?,
            Some('f') => self.word("false", Data::Bool(false))?,
            Some('n') => self.word("null", Data::Null)?,
            Some('-' | '0'..='9') => Data::Number(self.number()?),
            Some(c) => return Err(self.fault(format!("expected a value, found {c:?}"))),
            None => return Err(self.fault("expected a value, found the end")),
        };
        Ok(Node { data, start, end: self.at })
    }

    fn nested(&mut self, inner: fn(&mut Self) -> Result<Data, Fault>) -> Result<Data, Fault> {
        if self.depth == MAX_DEPTH {
            return Err(self.fault(format!("nested deeper than {MAX_DEPTH}")));
        }
        self.depth += 1;
        let data = inner(self)?;
        self.depth -= 1;
        Ok(data)
    }

    fn map(&mut self) -> Result<Data, Fault> {
        let mut members = Vec::new();
        let mut seen = HashSet::new();
        self.expect('{')?;
        self.blank()?;
        if self.peek() == Some('}') {
            self.take()?;
            return Ok(Data::Map(members));
        }
        loop {
            let member = self.member()?;
            if !seen.insert(member.name.clone()) {
                let detail = format!("the member {:?} stands twice in one object", member.name);
                return Err(Fault { at: member.at, detail });
            }
            members.push(member);
            if self.ends('}')? {
                return Ok(Data::Map(members));
            }
        }
    }

    fn member(&mut self) -> Result<Member, Fault> {
        self.blank()?;
        let at = self.at;
        let name = self.text()?;
        self.blank()?;
        self.expect(':')?;
        self.blank()?;
        Ok(Member { name, at, value: self.value()? })
    }

    fn list(&mut self) -> Result<Data, Fault> {
        let mut items = Vec::new();
        self.expect('[')?;
        self.blank()?;
        if self.peek() == Some(']') {
            self.take()?;
            return Ok(Data::List(items));
        }
        loop {
            self.blank()?;
            items.push(self.value()?);
            if self.ends(']')? {
                return Ok(Data::List(items));
            }
        }
    }

    /// True at the closing bracket, false after a comma.
    fn ends(&mut self, closing: char) -> Result<bool, Fault> {
        self.blank()?;
        if self.peek() == Some(',') {
            self.take()?;
            return Ok(false);
        }
        self.expect(closing).map(|()| true)
    }

    fn word(&mut self, word: &str, data: Data) -> Result<Data, Fault> {
        if !self.rest.as_str().starts_with(word) {
            return Err(self.fault(format!("expected a value, found a word that is not {word}")));
        }
        for c in word.chars() {
            self.expect(c)?;
        }
        Ok(data)
    }

    fn number(&mut self) -> Result<String, Fault> {
        let mut raw = String::new();
        self.accept(&mut raw, &['-'])?;
        let whole = self.digits(&mut raw)?;
        if whole.len() > 1 && whole.starts_with('0') {
            return Err(self.fault("a number may not start with 0"));
        }
        if self.accept(&mut raw, &['.'])? {
            self.digits(&mut raw)?;
        }
        if self.accept(&mut raw, &['e', 'E'])? {
            self.accept(&mut raw, &['+', '-'])?;
            self.digits(&mut raw)?;
        }
        Ok(raw)
    }

    fn accept(&mut self, raw: &mut String, any_of: &[char]) -> Result<bool, Fault> {
        match self.peek() {
            Some(c) if any_of.contains(&c) => {
                self.take()?;
                raw.push(c);
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    fn digits(&mut self, raw: &mut String) -> Result<String, Fault> {
        let mut digits = String::new();
        while let Some(c @ '0'..='9') = self.peek() {
            self.take()?;
            digits.push(c);
        }
        if digits.is_empty() {
            return Err(self.fault("expected a digit"));
        }
        raw.push_str(&digits);
        Ok(digits)
    }

    fn text(&mut self) -> Result<String, Fault> {
        let mut text = String::new();
        self.expect('"')?;
        loop {
            match self.peek() {
                None => return Err(self.fault("a string without its closing quote")),
                Some('"') => return self.take().map(|_| text),
                Some('\\') => text.push(self.escape()?),
                Some(c) if c < ' ' => return Err(self.fault("a control character inside a string")),
                Some(c) => {
                    self.take()?;
                    text.push(c);
                }
            }
        }
    }

    fn escape(&mut self) -> Result<char, Fault> {
        self.expect('\\')?;
        match self.take()? {
            Some(c @ ('"' | '\\' | '/')) => Ok(c),
            Some('b') => Ok('\u{8}'),
            Some('f') => Ok('\u{c}'),
            Some('n') => Ok('\n'),
            Some('r') => Ok('\r'),
            Some('t') => Ok('\t'),
            Some('u') => self.code_point(),
            _ => Err(self.fault("an unknown escape")),
        }
    }

    fn code_point(&mut self) -> Result<char, Fault> {
        let first = self.four_hex()?;
        let code = if (0xd800..0xdc00).contains(&first) {
            self.expect('\\')?;
            self.expect('u')?;
            let second = self.four_hex()?;
            if !(0xdc00..0xe000).contains(&second) {
                return Err(self.fault("a lone surrogate"));
            }
            0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)
        } else {
            first
        };
        match char::from_u32(code) {
            Some('\0') => Err(self.fault("U+0000 is not allowed")),
            Some(c) => Ok(c),
            None => Err(self.fault("a lone surrogate")),
        }
    }

    fn four_hex(&mut self) -> Result<u32, Fault> {
        let mut code = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|c| c.to_digit(16));
            let Some(digit) = digit else { return Err(self.fault("expected four hex digits")) };
            self.take()?;
            code = code * 16 + digit;
        }
        Ok(code)
    }
}

/// Longest document read, in characters: twice what the IAM API takes from callers (its model holds them to
/// 131,072), because one of AWS's own managed policies is longer than that.
pub const MAX_CHARACTERS: usize = 262_144;
/// Deepest nesting accepted. A policy needs six.
pub const MAX_DEPTH: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> Fault {
        parse(text).unwrap_err()
    }

    #[test]
    fn reads_values_and_keeps_places() {
        let node = parse("{\n  \"a\": [1, -2.5e3, \"\\u00e9\\ud83d\\ude00\", true, null]}").unwrap();
        let Data::Map(members) = &node.data else { panic!("{node:?}") };
        assert_eq!(members[0].at, Position { line: 2, column: 3 });
        let Data::List(items) = &members[0].value.data else { panic!() };
        assert_eq!(items[1].data, Data::Number("-2.5e3".into()));
        assert_eq!(items[2].data, Data::Text("é😀".into()));
        assert_eq!(items[0].start, Position { line: 2, column: 9 });
    }

    #[test]
    fn pol_13_ambiguous_documents_are_refused() {
        assert!(parse(r#"{"Effect":"Allow"}"#).is_ok());
        let duplicate = refused("{\"Effect\":\"Deny\",\n \"Effect\":\"Allow\"}");
        assert_eq!(duplicate.at, Position { line: 2, column: 2 });
        for text in [
            "\u{feff}{}",
            "{}\0",
            "{} {}",
            "{} // c",
            "/* c */{}",
            "{\"a\":\"\\ud800\"}",
            "{\"a\":\"\\udc00x\"}",
            "{\"a\":\"\\u0000\"}",
            "{\"a\":\"\0\"}",
            "{\"a\":1,}",
            "[1,]",
            "{'a':1}",
            "{a:1}",
            "NaN",
            "01",
            "+1",
            "1.",
            "\"a\nb\"",
            "",
            "{",
            "[",
            "\"",
            "tru",
            "{\"a\"}",
            "\"\u{4e00}\"",
            "\"\\x\"",
            "{\"A\":1,\"\\u0041\":2}",
        ] {
            assert!(parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn pol_14_size_and_depth_are_bounded() {
        let deep = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
        assert!(parse(&deep(MAX_DEPTH)).is_ok());
        assert!(refused(&deep(MAX_DEPTH + 1)).detail.contains("nested"));
        assert!(parse(&"[".repeat(100_000)).is_err());
        let long = |n: usize| format!("\"{}\"", "é".repeat(n - 2));
        assert!(parse(&long(MAX_CHARACTERS)).is_ok());
        assert!(refused(&long(MAX_CHARACTERS + 1)).detail.contains("longer"));
        assert!(parse(&format!("[{}1]", "1,".repeat(1_000_000))).is_err());
        assert!(parse(&" ".repeat(64 << 20)).is_err());
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in ".*") {
            let _ = parse(&text);
        }

        #[test]
        fn never_panics_on_json_like_text(text in "[\\[\\]{}:,\"\\\\u0-9a-f .eE+-]{0,80}") {
            let _ = parse(&text);
        }
    }
}
