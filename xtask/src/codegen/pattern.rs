//! The models' regular expressions, each once, as the data that `rolecall_wire::pattern` matches.

use anyhow::{Context, Result, bail, ensure};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The expressions met so far.
#[derive(Default)]
pub(crate) struct Patterns(BTreeMap<String, String>);

/// A repeated character class: ranges, whether `\p{L}\p{Z}\p{N}` belong to it, repetitions.
#[derive(Default)]
struct Atom {
    ranges: Vec<(char, char)>,
    unicode: bool,
    min: usize,
    max: Option<usize>,
}

impl Patterns {
    /// The path of an expression's constant.
    pub(crate) fn constant(&mut self, text: &str) -> Result<String> {
        if !self.0.contains_key(text) {
            let form = form(text).with_context(|| format!("pattern {text}"))?;
            self.0.insert(text.to_owned(), form);
        }
        Ok(format!("super::super::pattern::{}", name(text)))
    }

    /// The file that holds them all.
    pub(crate) fn file(&self) -> String {
        let mut out = String::from(
            "//! The models' regular expressions.\n\nuse crate::pattern::{self, Atom, Form, Pattern};\n\n",
        );
        for (text, form) in &self.0 {
            let _ = writeln!(
                out,
                "pub(super) static {}: Pattern = Pattern {{ text: {text:?}, form: {form} }};\n",
                name(text)
            );
        }
        out
    }
}

/// A name that stays the same as long as the expression does.
fn name(text: &str) -> String {
    let hash = text
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    format!("P_{:08X}", hash >> 32)
}

fn form(text: &str) -> Result<String> {
    if let Some((_, function)) = FUNCTIONS.iter().find(|(t, _)| *t == text) {
        return Ok(format!("Form::Function(pattern::{function})"));
    }
    let atoms = atoms(text)?;
    for pair in atoms.windows(2) {
        let [left, right] = pair else { continue };
        ensure!(left.max == Some(left.min) || !left.overlaps(right), "would need backtracking");
    }
    let atoms: Vec<String> = atoms.iter().map(Atom::code).collect();
    Ok(format!("Form::Sequence(&[{}])", atoms.join(", ")))
}

fn atoms(text: &str) -> Result<Vec<Atom>> {
    let text = text.strip_prefix('^').unwrap_or(text);
    let text = text.strip_suffix('$').unwrap_or(text);
    // Java reads `\u10000` as U+1000 and a zero; what is meant is the planes beyond the first.
    let text = text.replace("\\u10000-\\u10FFFF", "\u{10000}-\u{10FFFF}");
    let mut letters = text.chars().peekable();
    let mut atoms = Vec::new();
    while let Some(c) = letters.next() {
        let mut atom = Atom::default();
        match c {
            '[' => class(&mut letters, &mut atom)?,
            '(' | ')' | '|' | '.' => bail!("not a run of character classes"),
            '\\' => escape(&mut letters, &mut atom)?,
            other => atom.ranges.push((other, other)),
        }
        repetition(&mut letters, &mut atom)?;
        atoms.push(atom);
    }
    Ok(atoms)
}

type Letters<'a> = std::iter::Peekable<std::str::Chars<'a>>;

fn class(letters: &mut Letters<'_>, atom: &mut Atom) -> Result<()> {
    loop {
        match letters.next().context("open class")? {
            ']' => return Ok(()),
            '\\' => escape(letters, atom)?,
            '-' if letters.peek().is_some_and(|c| *c != ']') && !atom.ranges.is_empty() => {
                let (first, _) = atom.ranges.pop().context("range")?;
                let last = match letters.next().context("range")? {
                    '\\' => {
                        escape(letters, atom)?;
                        atom.ranges.pop().context("range")?.0
                    }
                    other => other,
                };
                // A `-` after a range or a class is itself.
                ensure!(first <= last, "range {first} {last}");
                atom.ranges.push((first, last));
            }
            other => atom.ranges.push((other, other)),
        }
    }
}

fn escape(letters: &mut Letters<'_>, atom: &mut Atom) -> Result<()> {
    match letters.next().context("escape")? {
        'w' => atom.ranges.extend([('A', 'Z'), ('a', 'z'), ('0', '9'), ('_', '_')]),
        'd' => atom.ranges.push(('0', '9')),
        'u' => {
            let digits: String = letters.by_ref().take(4).collect();
            let value = match u32::from_str_radix(&digits, 16)? {
                0xD800..=0xDFFF => bail!("surrogate"),
                other => char::from_u32(other).context("character")?,
            };
            atom.ranges.push((value, value));
        }
        'p' => {
            let class: String = letters.by_ref().take(3).collect();
            ensure!(matches!(class.as_str(), "{L}" | "{Z}" | "{N}"), "class {class}");
            atom.unicode = true;
        }
        other if other.is_ascii_punctuation() => atom.ranges.push((other, other)),
        other => bail!("escape {other}"),
    }
    Ok(())
}

fn repetition(letters: &mut Letters<'_>, atom: &mut Atom) -> Result<()> {
    (atom.min, atom.max) = match letters.peek() {
        Some('*') => (0, None),
        Some('+') => (1, None),
        Some('{') => {
            let bounds: String = letters.by_ref().skip(1).take_while(|c| *c != '}').collect();
            let (min, max) = bounds.split_once(',').unwrap_or((&bounds, &bounds));
            (atom.min, atom.max) = (min.parse()?, Some(max.parse()?));
            return Ok(());
        }
        _ => {
            (atom.min, atom.max) = (1, Some(1));
            return Ok(());
        }
    };
    letters.next();
    Ok(())
}

impl Atom {
    fn overlaps(&self, other: &Self) -> bool {
        let crosses = |(a, b): &(char, char), (c, d): &(char, char)| a <= d && c <= b;
        self.unicode
            || other.unicode
            || self.ranges.iter().any(|l| other.ranges.iter().any(|r| crosses(l, r)))
    }

    fn code(&self) -> String {
        let ranges: Vec<String> = self.ranges.iter().map(|(a, b)| format!("({a:?}, {b:?})")).collect();
        let max = self.max.map_or("usize::MAX".to_owned(), |m| m.to_string());
        let (ranges, unicode, min) = (ranges.join(", "), self.unicode, self.min);
        format!("Atom::new(&[{ranges}], {unicode}, {min}, {max})")
    }
}

/// The expressions that are more than a run of classes, with the function that matches each.
const FUNCTIONS: &[(&str, &str)] = &[
    (r"^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$", "account_alias"),
    (r"(\u002F)|(\u002F[\u0021-\u007E]+\u002F)", "path"),
    (r"((/[A-Za-z0-9\.,\+@=_-]+)*)/", "policy_path"),
    (r"v[1-9][0-9]*(\.[A-Za-z0-9-]*)?", "policy_version"),
    (r"/[\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*/", "aws_path"),
    (r"^http(s?)://[a-zA-Z0-9._/-]*(\?[a-zA-Z0-9._=&-]*)?(#[a-zA-Z0-9._/-]*)?$", "http_url"),
    (r"^o-[0-9a-z]{10,32}\/r-[0-9a-z]{4,32}[0-9a-z-\/]*", "organization_path"),
    (r"^(\d{12})|(ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$", "organization_child"),
    (r"^(r-[0-9a-z]{4,32})|(ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$", "organization_parent"),
    (r"^(r-[0-9a-z]{4,32})|(\d{12})|(ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$", "organization_target"),
    (
        r"^(r-[0-9a-z]{4,32})|(\d{12})|(ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})|(^p-[0-9a-zA-Z_]{8,128})|(^rp-[0-9a-zA-Z_]{4,128})|(^rt-[0-9a-zA-Z_]{8,32})$",
        "organization_taggable",
    ),
    (r"^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$", "tag_text"),
    (r"[^\s@]+@[^\s@]+\.[^\s@]+", "email"),
    (r"[\s\S]*", "anything"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_become_ranges() {
        let cases = [
            (
                r"[\w+=,.@-]*",
                "[('A', 'Z'), ('a', 'z'), ('0', '9'), ('_', '_'), ('+', '+'), ('=', '='), (',', ','), ('.', '.'), ('@', '@'), ('-', '-')], false, 0, usize::MAX",
            ),
            (r"[\u0020-\u007E]+", "[(' ', '~')], false, 1, usize::MAX"),
            (r"\d{12}", "[('0', '9')], false, 12, 12"),
            (r"[\p{L}\-@]+", "[('-', '-'), ('@', '@')], true, 1, usize::MAX"),
            (r"[\uFFFD\u10000-\u10FFFF]+", "[('�', '�'), ('𐀀', '\\u{10ffff}')], false, 1, usize::MAX"),
        ];
        for (text, atom) in cases {
            assert_eq!(form(text).unwrap(), format!("Form::Sequence(&[Atom::new(&{atom})])"), "{text}");
        }
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for text in ["(a|b)", "[a-z", r"\s+", ".+", "a+a", r"\p{Lu}+", "[z-a]"] {
            assert!(form(text).is_err(), "{text}");
        }
        assert!(form("[a-z]+-[a-z]+").is_ok());
    }
}
