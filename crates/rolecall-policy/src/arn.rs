//! ARNs and patterns of ARNs.

use std::fmt;

use crate::context::Context;
use crate::pattern::Pattern;
use crate::variable::{Braces, Dialect, Variable};

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
        let mut rest = text.strip_prefix("arn:")?;
        let mut part = || {
            let colon = rest.bytes().position(|byte| byte == b':')?;
            let part = rest.get(..colon);
            rest = rest.get(colon + 1..)?;
            part
        };
        let (partition, service, region, account) = (part()?, part()?, part()?, part()?);
        Some(Self { partition, service, region, account, resource: rest })
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

/// An ARN of a request, ready to be held against patterns.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject<'a> {
    /// Up to the fifth colon and with it.
    head: &'a str,
    /// Partition, service, region, account.
    parts: [&'a str; 4],
    pub(crate) resource: &'a str,
}

impl<'a> Subject<'a> {
    /// An ARN as it stands.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let (head, resource) = halves(text)?;
        Self::of(head, resource)
    }

    /// An ARN of [`halves`], whose head may be written another way.
    pub(crate) fn of(head: &'a str, resource: &'a str) -> Option<Self> {
        let arn = Arn::parse(head)?;
        Some(Self { head, parts: [arn.partition, arn.service, arn.region, arn.account], resource })
    }

    pub(crate) fn account(&self) -> &'a str {
        let [.., account] = self.parts;
        account
    }
}

/// What comes before the resource, the fifth colon included, and the resource.
pub(crate) fn halves(text: &str) -> Option<(&str, &str)> {
    let (colon, _) = text.bytes().enumerate().filter(|(_, byte)| *byte == b':').nth(4)?;
    text.split_at_checked(colon + 1)
}

/// A pattern of ARNs: each part is matched by itself, so no wildcard reaches over a colon except
/// in the last part.
#[derive(Debug, Clone)]
pub(crate) struct ArnPattern {
    head: Head,
    pub(crate) resource: Pattern,
}

#[derive(Debug, Clone)]
enum Head {
    /// Without wildcards and variables: compared at once.
    Exact(Box<str>),
    Parts(Box<[Pattern; 4]>),
}

impl ArnPattern {
    /// An ARN in a condition: variables anywhere, case-sensitive. `None` unless it has six parts.
    pub(crate) fn condition(text: &str, dialect: Dialect) -> Option<Self> {
        let ["arn", head @ .., resource] = &*cut(text, dialect) else { return None };
        let head: &[&str; 4] = head.try_into().ok()?;
        let part = |part| Pattern::wild(part, dialect);
        Some(Self { head: Head::of(head.map(part)), resource: part(resource) })
    }

    /// An ARN under `Resource`: variables in the last part only, the others lower-cased; missing
    /// parts stand for anything.
    pub(crate) fn resource(text: &str, dialect: Dialect) -> Option<Self> {
        let cut = cut(text, dialect);
        let (arn, given) = cut.split_first()?;
        let part = |n: usize| given.get(n).map_or("*".to_owned(), |part| part.to_ascii_lowercase());
        let head = [0, 1, 2, 3].map(|n| Pattern::glob(&part(n)));
        let resource = Pattern::wild(given.get(4).unwrap_or(&"*"), dialect);
        arn.eq_ignore_ascii_case("arn").then(|| Self { head: Head::of(head), resource })
    }

    /// True when every part fits.
    pub(crate) fn matches(&self, arn: &Subject<'_>, context: &Context<'_>) -> bool {
        self.head.matches(arn, context) && self.resource.matches(arn.resource, context)
    }

    /// The variables in it.
    pub(crate) fn variables(&self) -> impl Iterator<Item = &Variable> {
        let head = match &self.head {
            Head::Exact(_) => [].as_slice(),
            Head::Parts(parts) => parts.as_slice(),
        };
        head.iter().chain([&self.resource]).flat_map(Pattern::variables)
    }

    /// The account, when there is just one that fits. For patterns of resources.
    pub(crate) fn account(&self) -> Option<&str> {
        match &self.head {
            Head::Exact(head) => Arn::parse(head).map(|arn| arn.account),
            Head::Parts(parts) => parts.last()?.exact(),
        }
    }
}

impl Head {
    fn of(parts: [Pattern; 4]) -> Self {
        let exact: Option<Vec<&str>> = parts.iter().map(Pattern::exact).collect();
        match exact {
            Some(exact) => Self::Exact(format!("arn:{}:", exact.join(":")).into()),
            None => Self::Parts(Box::new(parts)),
        }
    }

    fn matches(&self, arn: &Subject<'_>, context: &Context<'_>) -> bool {
        match self {
            Self::Exact(head) => **head == *arn.head,
            Self::Parts(parts) => parts.iter().zip(arn.parts).all(|(part, text)| part.matches(text, context)),
        }
    }
}

/// The at most six parts between colons; a colon inside `${…}` belongs to the variable.
fn cut(text: &str, dialect: Dialect) -> Vec<&str> {
    let mut parts = Vec::with_capacity(6);
    let (mut braces, mut from, mut at) = (Braces::of(text, dialect), 0, 0);
    while let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let braced = braces.at(at).map(|(_, after)| after);
        if c == ':' && parts.len() < 5 {
            parts.push(text.get(from..at).unwrap_or_default());
            from = at + 1;
        }
        at = braced.unwrap_or(at + c.len_utf8());
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
        pattern.matches(&Subject::parse(arn).unwrap(), &Context::new())
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

        #[test]
        fn an_arn_is_cut_at_its_first_five_colons(text in "(arn|a)?:?[aé:]{0,16}") {
            let parts: Vec<_> = text.splitn(6, ':').collect();
            let expected = match *parts {
                ["arn", partition, service, region, account, resource] => {
                    Some(Arn { partition, service, region, account, resource })
                }
                _ => None,
            };
            prop_assert_eq!(Arn::parse(&text), expected);
        }
    }
}
