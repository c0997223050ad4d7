//! ARNs and patterns of ARNs.

use std::fmt;

use crate::context::Context;
use crate::variable::{Dialect, Template};

/// An Amazon Resource Name, cut into its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Arn<'a> {
    /// Such as `aws`.
    pub partition: &'a str,
    /// Such as `s3`.
    pub service: &'a str,
    /// May be empty.
    pub region: &'a str,
    /// May be empty.
    pub account: &'a str,
    /// Everything after the fifth colon.
    pub resource: &'a str,
}

impl<'a> Arn<'a> {
    /// Cuts a text that has the six parts of an ARN; says nothing about what they hold.
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        if parts.next()? != "arn" {
            return None;
        }
        Some(Self {
            partition: parts.next()?,
            service: parts.next()?,
            region: parts.next()?,
            account: parts.next()?,
            resource: parts.next()?,
        })
    }

    fn parts(&self) -> [&'a str; 5] {
        [self.partition, self.service, self.region, self.account, self.resource]
    }
}

impl fmt::Display for Arn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [partition, service, region, account, resource] = self.parts();
        write!(f, "arn:{partition}:{service}:{region}:{account}:{resource}")
    }
}

/// A pattern of ARNs: each part is matched by itself, so no wildcard reaches over a colon except
/// in the last part.
#[derive(Debug, Clone)]
pub(crate) struct ArnPattern {
    parts: Vec<Template>,
}

impl ArnPattern {
    /// An ARN in a condition: variables anywhere, case-sensitive. `None` unless it has six parts.
    pub(crate) fn condition(text: &str, dialect: Dialect) -> Option<Self> {
        let parts = cut(text, dialect);
        let (arn, parts) = parts.split_first()?;
        let complete = *arn == "arn" && parts.len() == 5;
        complete.then(|| Self { parts: parts.iter().map(|part| Template::wild(part, dialect)).collect() })
    }

    /// An ARN under `Resource`: variables in the last part only, the others lower-cased; missing
    /// parts stand for anything.
    pub(crate) fn resource(text: &str, dialect: Dialect) -> Option<Self> {
        let cut = cut(text, dialect);
        let (arn, given) = cut.split_first()?;
        let part = |n: usize| match (given.get(n), n) {
            (None, _) => Template::wild("*", Dialect::Plain),
            (Some(part), 4) => Template::wild(part, dialect),
            (Some(part), _) => Template::wild(&part.to_ascii_lowercase(), Dialect::Plain),
        };
        arn.eq_ignore_ascii_case("arn").then(|| Self { parts: (0..5).map(part).collect() })
    }

    /// True when every part fits.
    pub(crate) fn matches(&self, arn: &Arn<'_>, context: &Context) -> bool {
        self.parts.iter().zip(arn.parts()).all(|(pattern, part)| pattern.matches(part, context))
    }

    /// The context keys named by variables.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().flat_map(Template::keys)
    }
}

/// The ARN with the parts that compare without regard to case in lower case.
pub(crate) fn folded(text: &str) -> Option<String> {
    let arn = Arn::parse(text)?;
    let head = format!("arn:{}:{}:{}:{}:", arn.partition, arn.service, arn.region, arn.account);
    Some(head.to_ascii_lowercase() + arn.resource)
}

/// The at most six parts between colons; a colon inside `${…}` belongs to the variable.
fn cut(text: &str, dialect: Dialect) -> Vec<&str> {
    let mut parts = Vec::with_capacity(6);
    let (mut from, mut braced, mut before) = (0, false, ' ');
    for (at, c) in text.char_indices() {
        match c {
            '{' if before == '$' => braced = dialect == Dialect::Variables,
            '}' => braced = false,
            ':' if !braced && parts.len() < 5 => {
                parts.push(text.get(from..at).unwrap_or_default());
                from = at + 1;
            }
            _ => {}
        }
        before = c;
    }
    parts.push(text.get(from..).unwrap_or_default());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fits(pattern: &str, arn: &str) -> bool {
        let pattern = ArnPattern::resource(pattern, Dialect::Variables).unwrap();
        let folded = folded(arn).unwrap();
        pattern.matches(&Arn::parse(&folded).unwrap(), &Context::new())
    }

    #[test]
    fn resource_parts_match_one_by_one() {
        for (pattern, arn, expected) in [
            ("arn:aws:s3:::b/*", "arn:aws:s3:::b", false),
            ("arn:aws:s3:::b*", "arn:aws:s3:::b", true),
            ("arn:aws:s3:::b*", "arn:aws:s3:::b/k:x", true),
            ("arn:aws:s3:::*", "arn:aws:s3:::b/k", true),
            ("arn:AWS:S3:::b", "arn:aws:s3:::b", true),
            ("arn:aws:s3:::B", "arn:aws:s3:::b", false),
            ("arn:aws:iam:*:role/x", "arn:aws:iam::123456789012:role/x", false),
            ("arn:aws:iam::*:role/x", "arn:aws:iam::123456789012:role/x", true),
            ("arn:aws:iam", "arn:aws:iam::123456789012:role/x", true),
        ] {
            assert_eq!(fits(pattern, arn), expected, "{pattern} {arn}");
        }
    }

    #[test]
    fn pol_21_keys_are_compared_as_stored() {
        assert!(fits("arn:aws:s3:::b/public/*", "arn:aws:s3:::b/public/../private.txt"));
        assert!(!fits("arn:aws:s3:::b/private.txt", "arn:aws:s3:::b/public/../private.txt"));
        assert!(!fits("arn:aws:s3:::b/public/*", "arn:aws:s3:::b/private/../public/x"));
        assert!(!fits("arn:aws:s3:::b/a/b", "arn:aws:s3:::b/a//b"));
    }

    proptest! {
        #[test]
        fn parsing_undoes_printing(p in proptest::array::uniform4("[^:]{0,12}"), resource in ".{0,30}") {
            let [partition, service, region, account] = p.each_ref().map(String::as_str);
            let arn = Arn { partition, service, region, account, resource: &resource };
            let text = arn.to_string();
            prop_assert_eq!(Arn::parse(&text), Some(arn));
        }

        #[test]
        fn printing_undoes_parsing(text in "(arn:)?[a-z:/*]{0,30}") {
            if let Some(arn) = Arn::parse(&text) {
                prop_assert_eq!(arn.to_string(), text);
            }
        }
    }
}
