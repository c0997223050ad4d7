//! Reading a browser's upload form (`multipart/form-data`, RFC 7578), piece by piece: fields first,
//! in bounded memory, then the file, which streams through.

use crate::error::{ApiError, ErrorCode};

/// The fields of a form, without the file's bytes.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Form {
    /// The fields before the file, in order, names as sent.
    pub fields: Vec<(String, String)>,
    /// The file's name as the browser gave it, taken literally.
    pub file_name: String,
    /// The file's own content type, if given.
    pub file_type: Option<String>,
}

impl Form {
    /// The value of a field; names are compared without regard to case, as S3 does.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The object key: the `key` field with `${filename}` replaced by the file's name, which is
    /// taken literally, dots and slashes included.
    pub fn key(&self) -> Option<String> {
        self.field("key").map(|key| key.replace("${filename}", &self.file_name))
    }
}

/// Shows the names only.
impl std::fmt::Debug for Form {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.fields.iter().map(|(name, _)| name)).finish()
    }
}

/// Reads one form, fed piece by piece.
#[derive(Debug)]
pub struct FormReader {
    delimiter: Vec<u8>,
    state: State,
    pending: Vec<u8>,
    spent: usize,
    form: Form,
}

#[derive(Debug, PartialEq, Eq)]
enum State {
    Preamble,
    AfterDelimiter,
    Head,
    Field(String),
    File,
    Done,
}

impl FormReader {
    /// A reader for a `Content-Type` header. `None` when that is no form with a usable boundary.
    pub fn new(content_type: &str) -> Option<Self> {
        let (kind, rest) = content_type.split_once(';')?;
        let is_form = kind.trim().eq_ignore_ascii_case("multipart/form-data");
        let boundary = parameter(rest, "boundary").filter(|b| is_form && (1..=70).contains(&b.len()))?;
        let delimiter = format!("\r\n--{boundary}").into_bytes();
        // The first delimiter may stand at the very beginning, without its line break.
        let pending = b"\r\n".to_vec();
        Some(Self { delimiter, state: State::Preamble, pending, spent: 0, form: Form::default() })
    }

    /// Takes the next piece of the body; bytes of the file are appended to `file`.
    ///
    /// # Errors
    /// 400 when the form is malformed or its fields exceed 20 KiB.
    pub fn push(&mut self, input: &[u8], file: &mut Vec<u8>) -> Result<(), ApiError> {
        if self.state == State::Done {
            return Ok(());
        }
        self.pending.extend_from_slice(input);
        while self.step(file)? {}
        let in_fields = !matches!(self.state, State::File | State::Done);
        if in_fields && self.spent + self.pending.len() > LARGEST_FIELDS {
            return Err(too_large());
        }
        Ok(())
    }

    /// The fields, once the file's bytes are about to come.
    pub fn form(&self) -> Option<&Form> {
        matches!(self.state, State::File | State::Done).then_some(&self.form)
    }

    /// Ends the form.
    ///
    /// # Errors
    /// 400 when it has no file or is cut short.
    pub fn finish(self) -> Result<Form, ApiError> {
        if self.state == State::Done { Ok(self.form) } else { Err(malformed()) }
    }

    /// Does one thing; false when more input is needed.
    fn step(&mut self, file: &mut Vec<u8>) -> Result<bool, ApiError> {
        match &self.state {
            State::Done => Ok(false),
            State::File => Ok(self.file(file)),
            State::AfterDelimiter => self.after_delimiter(),
            State::Preamble => Ok(self.until_delimiter().is_some_and(|_| self.goto(State::AfterDelimiter))),
            State::Head => self.head(),
            State::Field(name) => {
                let name = name.clone();
                self.field(name)
            }
        }
    }

    fn goto(&mut self, state: State) -> bool {
        self.state = state;
        true
    }

    fn after_delimiter(&mut self) -> Result<bool, ApiError> {
        match self.pending.get(..2) {
            None => Ok(false),
            Some(b"\r\n") => {
                // The line break stays: it is the beginning of an empty head's end.
                Ok(self.goto(State::Head))
            }
            Some(_) => Err(malformed()),
        }
    }

    fn head(&mut self) -> Result<bool, ApiError> {
        let Some(end) = find(&self.pending, b"\r\n\r\n") else { return Ok(false) };
        let head = self.take(end, 4);
        let head = String::from_utf8(head).map_err(|_| malformed())?;
        let disposition = header(&head, "content-disposition").ok_or_else(malformed)?;
        let (kind, parameters) = disposition.split_once(';').ok_or_else(malformed)?;
        let name = parameter(parameters, "name").ok_or_else(malformed)?;
        if !kind.trim().eq_ignore_ascii_case("form-data") {
            return Err(malformed());
        }
        if !name.eq_ignore_ascii_case("file") {
            return Ok(self.goto(State::Field(name)));
        }
        self.form.file_name = parameter(parameters, "filename").unwrap_or_default();
        self.form.file_type = header(&head, "content-type").map(str::to_owned);
        // An empty file is followed by its delimiter at once.
        Ok(self.goto(State::File))
    }

    fn field(&mut self, name: String) -> Result<bool, ApiError> {
        let Some(value) = self.until_delimiter() else { return Ok(false) };
        let value = String::from_utf8(value).map_err(|_| malformed())?;
        if self.form.field(&name).is_some() {
            return Err(malformed());
        }
        self.form.fields.push((name, value));
        if self.spent > LARGEST_FIELDS || self.form.fields.len() > MOST_FIELDS {
            return Err(too_large());
        }
        Ok(self.goto(State::AfterDelimiter))
    }

    fn file(&mut self, file: &mut Vec<u8>) -> bool {
        if let Some(at) = find(&self.pending, &self.delimiter) {
            file.extend(self.pending.drain(..at));
            self.pending = Vec::new();
            return self.goto(State::Done);
        }
        let sure = self.pending.len().saturating_sub(self.delimiter.len() - 1);
        file.extend(self.pending.drain(..sure));
        false
    }

    fn until_delimiter(&mut self) -> Option<Vec<u8>> {
        let at = find(&self.pending, &self.delimiter)?;
        Some(self.take(at, self.delimiter.len()))
    }

    /// Removes `length` bytes and what ends them from the front of what is pending.
    fn take(&mut self, length: usize, end: usize) -> Vec<u8> {
        let taken = self.pending.drain(..length).collect();
        self.pending.drain(..end);
        self.spent += length + end;
        taken
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let lines = head.split("\r\n").filter_map(|line| line.split_once(':'));
    lines.into_iter().find(|(n, _)| n.trim().eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

/// A parameter of a header value, quoted or not. A quoted value may hold semicolons; browsers write
/// a quote in a name as `%22`, some clients as `\"`.
fn parameter(mut rest: &str, name: &str) -> Option<String> {
    loop {
        rest = rest.trim_start_matches([';', ' ', '\t']);
        let (key, value) = rest.split_once('=')?;
        let (value, next) = match value.strip_prefix('"') {
            Some(quoted) => quoted_string(quoted)?,
            None => {
                let end = value.find(';').unwrap_or(value.len());
                let (value, next) = value.split_at(end);
                (value.trim().to_owned(), next)
            }
        };
        if key.trim().eq_ignore_ascii_case(name) {
            return Some(value);
        }
        rest = next;
    }
}

fn quoted_string(text: &str) -> Option<(String, &str)> {
    let mut out = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return text.get(at + 1..).map(|next| (out, next)),
            '\\' if text.get(at + 1..).is_some_and(|t| t.starts_with('"')) => {
                chars.next();
                out.push('"');
            }
            other => out.push(other),
        }
    }
    None
}

fn malformed() -> ApiError {
    let text = "The body of your POST request is not well-formed multipart/form-data.";
    ApiError::new(ErrorCode::sender("MalformedPOSTRequest", 400), text)
}

fn too_large() -> ApiError {
    let text = "Your POST request fields preceding the upload file were too large.";
    ApiError::new(ErrorCode::sender("MaxPostPreDataLengthExceededError", 400), text)
        .with("MaxPostPreDataLengthExceeded", LARGEST_FIELDS.to_string())
}

/// Everything before the file, heads included.
const LARGEST_FIELDS: usize = 20 * 1024;
const MOST_FIELDS: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TYPE: &str = "multipart/form-data; boundary=XX";

    fn body(file: &[u8]) -> Vec<u8> {
        let mut out = b"--XX\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\na/${filename}\r\n\
            --XX\r\nContent-Disposition: form-data; name=\"empty\"\r\n\r\n\r\n\
            --XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"../x;\\\"y\"\r\nContent-Type: text/plain\r\n\r\n"
            .to_vec();
        out.extend_from_slice(file);
        out.extend_from_slice(b"\r\n--XX--\r\n");
        out
    }

    fn read(pieces: &[&[u8]]) -> Result<(Form, Vec<u8>), ApiError> {
        let mut reader = FormReader::new(TYPE).unwrap();
        let mut file = Vec::new();
        for piece in pieces {
            reader.push(piece, &mut file)?;
        }
        Ok((reader.finish()?, file))
    }

    #[test]
    fn pre_07_fields_then_file_and_the_name_is_literal() {
        let (form, file) = read(&[&body(b"data\r\n--X")]).unwrap();
        assert_eq!(file, b"data\r\n--X");
        assert_eq!(form.fields, [("key".into(), "a/${filename}".into()), ("empty".into(), String::new())]);
        assert_eq!((form.file_name.as_str(), form.file_type.as_deref()), ("../x;\"y", Some("text/plain")));
        assert_eq!(form.key().unwrap(), "a/../x;\"y");
        assert_eq!(form.field("KEY"), Some("a/${filename}"));
    }

    #[test]
    fn an_empty_file_is_a_file() {
        assert_eq!(read(&[&body(b"")]).unwrap().1, b"");
    }

    #[test]
    fn content_types_that_are_no_forms_are_not_read() {
        assert!(FormReader::new("multipart/form-data; charset=x; boundary=\"a b\"").is_some());
        for other in ["multipart/form-data", "text/plain; boundary=X", "multipart/form-data; boundary=", ""] {
            assert!(FormReader::new(other).is_none(), "{other}");
        }
    }

    #[test]
    fn broken_forms_are_refused() {
        let good = body(b"data");
        assert!(read(&[&good[..good.len() - 8]]).is_err());
        let text = String::from_utf8(good).unwrap();
        for (from, to) in [
            ("name=\"empty\"", "name=\"KEY\""),
            ("form-data; name=\"key\"", "x; a=b"),
            ("--XX\r\n", "--XX--"),
        ] {
            assert!(read(&[text.replacen(from, to, 1).as_bytes()]).is_err(), "{from}");
        }
        let huge = text.replace("a/${filename}", &"a".repeat(LARGEST_FIELDS));
        assert_eq!(read(&[huge.as_bytes()]).unwrap_err().code.code, "MaxPostPreDataLengthExceededError");
    }

    proptest! {
        #[test]
        fn any_split_reads_the_same(file: Vec<u8>, cuts in prop::collection::vec(0usize..600, 0..8)) {
            let sent = body(&file);
            let mut cuts: Vec<_> = cuts.into_iter().map(|cut| cut.min(sent.len())).collect();
            cuts.extend([0, sent.len()]);
            cuts.sort_unstable();
            let pieces: Vec<_> = cuts.windows(2).map(|pair| &sent[pair[0]..pair[1]]).collect();
            let whole = read(&[&sent]).unwrap();
            prop_assert_eq!(&whole.1, &file);
            prop_assert_eq!(read(&pieces).unwrap(), whole);
        }

        #[test]
        fn never_panics(input: Vec<u8>, text in "\\PC*") {
            let _ = (read(&[b"--XX\r\n", &input]), read(&[&input]), FormReader::new(&text));
        }
    }
}
