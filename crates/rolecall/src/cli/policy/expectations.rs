//! The file of expectations that `rolecall policy test` reads: who asks and under which policies, then
//! lines of `may` and `may-not`.
//!
//! ```text
//! principal arn:aws:iam::123456789012:role/reader
//! identity reader.json
//! may s3:GetObject arn:aws:s3:::photos/cat.jpg
//! may-not s3:PutObject arn:aws:s3:::photos/cat.jpg
//! ```

use super::known::Known;
use super::subject::{Keys, Subject, add_key};
use anyhow::{Context as _, Result, anyhow, bail};
use rolecall_policy::Kind;
use std::path::Path;

/// One line of `may` or `may-not`, under what was said before it.
pub(super) struct Expectation {
    /// Its line, from 1.
    pub line: usize,
    /// The principal, as it was written.
    pub principal: String,
    /// Whether it must be allowed.
    pub may: bool,
    /// The action.
    pub action: String,
    /// The resource.
    pub resource: String,
    /// Condition keys of this line alone.
    pub keys: Keys,
    /// Who asks, under which policies.
    pub subject: Subject,
}

/// Reads a file of expectations. Paths in it are relative to it.
///
/// # Errors
/// When the file or a policy in it cannot be read, or a line says nothing known; the message names it.
pub(super) fn read(path: &Path, known: Known) -> Result<Vec<Expectation>> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let base = path.parent().unwrap_or(Path::new(""));
    let mut reader =
        Reader { base, known, principal: String::new(), subject: Subject::default(), found: Vec::new() };
    for (line, text) in (1..).zip(text.lines()) {
        reader.line(line, text).with_context(|| format!("{}:{line}", path.display()))?;
    }
    if reader.found.is_empty() {
        bail!("{}: expects nothing: add lines of `may` and `may-not`", path.display());
    }
    Ok(reader.found)
}

struct Reader<'p> {
    base: &'p Path,
    known: Known,
    principal: String,
    subject: Subject,
    found: Vec<Expectation>,
}

impl Reader<'_> {
    fn line(&mut self, line: usize, text: &str) -> Result<()> {
        let words = words(text)?;
        let Some((verb, words)) = words.split_first() else { return Ok(()) };
        match verb.as_str() {
            "may" | "may-not" => self.expectation(line, verb == "may", words),
            "principal" => self.principal(one(words)?),
            "owner" => {
                self.subject.owned_by(one(words)?);
                Ok(())
            }
            "context" => {
                let keys = keys(words)?;
                self.known.check_keys(&keys)?;
                let pairs =
                    keys.iter().flat_map(|(key, values)| values.iter().map(move |value| (key, value)));
                pairs.for_each(|(key, value)| self.subject.set(key, value));
                Ok(())
            }
            _ => self.policies(verb, words),
        }
    }

    /// Another principal starts anew: the policies before it were not its own.
    fn principal(&mut self, text: &str) -> Result<()> {
        self.subject = Subject::default();
        text.clone_into(&mut self.principal);
        self.subject.act_as(text)
    }

    fn policies(&mut self, verb: &str, files: &[String]) -> Result<()> {
        let known = KINDS.iter().find(|(name, _)| *name == verb);
        let (_, kind) = known.ok_or_else(|| anyhow!("'{verb}' means nothing here; known are {KNOWN}"))?;
        if files.is_empty() {
            bail!("`{verb}` names no file");
        }
        files.iter().try_for_each(|file| self.subject.add(*kind, &self.base.join(file)))
    }

    fn expectation(&mut self, line: usize, may: bool, words: &[String]) -> Result<()> {
        let (action, rest) = words.split_first().context("no action")?;
        if self.principal.is_empty() {
            bail!("nobody asks: say `principal ARN` before the first `may`");
        }
        let (resource, rest) = match rest.split_first() {
            Some((word, rest)) if word == "*" || word.starts_with("arn:") => (word.as_str(), rest),
            _ => ("*", rest),
        };
        let keys = keys(rest)?;
        self.known.check(action, resource)?;
        self.known.check_keys(&keys)?;
        self.found.push(Expectation {
            line,
            principal: self.principal.clone(),
            may,
            action: action.clone(),
            resource: resource.to_owned(),
            keys,
            subject: self.subject.clone(),
        });
        Ok(())
    }
}

fn one(words: &[String]) -> Result<&str> {
    match words {
        [word] => Ok(word),
        _ => bail!("one value is wanted, not {}", words.len()),
    }
}

/// `key=value` words; a key given twice is multivalued.
fn keys(words: &[String]) -> Result<Keys> {
    let mut keys = Keys::new();
    for word in words {
        let (key, value) =
            word.split_once('=').with_context(|| format!("'{word}' is not of the form key=value"))?;
        add_key(&mut keys, key, value);
    }
    Ok(keys)
}

/// The words of a line: between blanks, or between double quotes; `#` starts a remark.
fn words(text: &str) -> Result<Vec<String>> {
    let (mut words, mut word, mut quoted) = (Vec::new(), None::<String>, false);
    for c in text.chars() {
        match c {
            '"' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            '#' if !quoted && word.is_none() => break,
            c if c.is_whitespace() && !quoted => words.extend(word.take()),
            c => word.get_or_insert_default().push(c),
        }
    }
    if quoted {
        bail!("a quote is not closed");
    }
    words.extend(word);
    Ok(words)
}

const KINDS: [(&str, Kind); 7] = [
    ("identity", Kind::Identity),
    ("boundary", Kind::Boundary),
    ("session", Kind::Session),
    ("resource-policy", Kind::Bucket),
    ("trust", Kind::Trust),
    ("scp", Kind::ServiceControl),
    ("rcp", Kind::ResourceControl),
];
const KNOWN: &str = "principal, owner, context, identity, boundary, session, resource-policy, trust, scp, rcp, \
                     may and may-not";

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:Get*","Resource":"*",
        "Condition":{"StringEquals":{"aws:RequestedRegion":"us-east-1"}}}}"#;

    fn written(text: &str) -> Result<Vec<Expectation>> {
        written_with(text, Known::default())
    }

    fn written_with(text: &str, known: Known) -> Result<Vec<Expectation>> {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("p.json"), POLICY).unwrap();
        let path = directory.path().join("expect");
        std::fs::write(&path, text).unwrap();
        read(&path, known)
    }

    #[test]
    fn lines_are_read_in_order_under_what_was_said_before() {
        let found = written(
            "# a remark\nprincipal arn:aws:iam::123456789012:user/a\nidentity p.json\n\
             context \"aws:RequestedRegion=us-east-1\"\nmay s3:GetObject arn:aws:s3:::b/k  # and why\n\
             may-not s3:PutObject arn:aws:s3:::b/k\nprincipal arn:aws:iam::123456789012:user/b\n\
             may-not s3:GetObject * aws:TagKeys=1 aws:TagKeys=2\n",
        )
        .unwrap();
        let verdicts: Vec<bool> = found
            .iter()
            .map(|e| {
                e.subject.ask(&e.action, &e.resource, &e.keys).unwrap().decision
                    == rolecall_policy::Decision::Allow
            })
            .collect();
        assert_eq!(verdicts, [true, false, false], "the second principal has no policy");
        assert_eq!(found.iter().map(|e| e.line).collect::<Vec<_>>(), [5, 6, 8]);
        assert_eq!(found[2].keys, [("aws:TagKeys".to_owned(), vec!["1".to_owned(), "2".to_owned()])]);
    }

    #[test]
    fn mistakes_are_told_with_their_line() {
        for (text, line) in [
            ("may s3:GetObject", "expect:1"),
            ("principal arn:aws:iam::123456789012:user/a\nmight s3:GetObject", "expect:2"),
            ("principal me", "expect:1"),
            ("principal arn:aws:iam::123456789012:user/a\nidentity none.json", "expect:2"),
            ("principal arn:aws:iam::123456789012:user/a\nmay s3:GetObject * \"x", "expect:2"),
            (
                "principal arn:aws:iam::123456789012:user/a\nmay s3:GetObject arn:aws:s3:::b noequals",
                "expect:2",
            ),
            ("# nothing", "expects nothing"),
        ] {
            let error = format!("{:#}", written(text).err().expect(text));
            assert!(error.contains(line), "{text}: {error}");
        }
    }

    #[test]
    fn a_misspelt_question_is_a_mistake_and_not_a_green_test() {
        let who = "principal arn:aws:iam::123456789012:user/a\n";
        for (line, told) in [
            ("may-not s3:DeleteObjcts arn:aws:s3:::b/k", "Did you mean s3:DeleteObject?"),
            ("may-not GetObject arn:aws:s3:::b/k", "Did you mean s3:GetObject?"),
            ("may-not s3:GetObject arn:aws:s3:::b/k aws:SorceIp=10.0.0.1", "Did you mean aws:SourceIp?"),
            ("may-not s3:GetObject arn:aws:s3:::b/k aws:SourceIp=banana", "'banana' is no value"),
            ("context aws:SourceIp=10.0.0.0/8", "'10.0.0.0/8' is no value"),
            ("may-not rolecall:GetMetrix", "Did you mean rolecall:GetMetrics?"),
        ] {
            let error = format!("{:#}", written(&format!("{who}{line}")).err().expect(line));
            assert!(error.contains("expect:2") && error.contains(told), "{line}: {error}");
        }
        let good =
            "may-not s3:DeleteObject arn:aws:s3:::b/k aws:SourceIp=10.0.0.1\nmay-not rolecall:GetMetrics\n";
        assert_eq!(written(&format!("{who}{good}")).unwrap().len(), 2);
        let new = "may-not s3:Teleport arn:aws:s3:::b/k s3:warp=9";
        assert!(written(&format!("{who}{new}")).is_err());
        let known = Known { allow_unknown: true };
        assert_eq!(written_with(&format!("{who}{new}"), known).unwrap().len(), 1);
        let unreadable = "may-not s3:GetObject * aws:SourceIp=banana";
        assert!(written_with(&format!("{who}{unreadable}"), known).is_err(), "known, and no address");
    }
}
