//! The numeric operators: integers and decimals of any length, compared exactly and without allocating.

use std::cmp::Ordering;

use super::Test;
use crate::context::Context;
use crate::variable::Dialect;

#[derive(Debug)]
struct Compare {
    limit: Box<str>,
    accepts: fn(Ordering) -> bool,
}

/// A number as it is written, of any length: its sign, its digits, and how many of these stand before the
/// point. Digits may begin with zeros and end with them.
#[derive(Debug, Clone, Copy)]
struct Number<'t> {
    negative: bool,
    whole: &'t str,
    fraction: &'t str,
    /// Where the point is behind the first digit that is not 0; `None` for zero.
    point: Option<i64>,
}

pub(super) fn equals(text: &str, _: Dialect) -> Option<Box<dyn Test>> {
    compare(text, Ordering::is_eq)
}

pub(super) fn less(text: &str, _: Dialect) -> Option<Box<dyn Test>> {
    compare(text, Ordering::is_lt)
}

pub(super) fn less_or_equal(text: &str, _: Dialect) -> Option<Box<dyn Test>> {
    compare(text, Ordering::is_le)
}

pub(super) fn greater(text: &str, _: Dialect) -> Option<Box<dyn Test>> {
    compare(text, Ordering::is_gt)
}

pub(super) fn greater_or_equal(text: &str, _: Dialect) -> Option<Box<dyn Test>> {
    compare(text, Ordering::is_ge)
}

fn compare(text: &str, accepts: fn(Ordering) -> bool) -> Option<Box<dyn Test>> {
    Number::parse(text)?;
    Some(Box::new(Compare { limit: text.into(), accepts }))
}

impl Test for Compare {
    fn holds(&self, value: &str, _: &Context<'_>) -> bool {
        let both = Number::parse(value).zip(Number::parse(&self.limit));
        both.is_some_and(|(number, limit)| (self.accepts)(number.cmp(&limit)))
    }
}

impl<'t> Number<'t> {
    /// Digits with sign, fraction and exponent; no `inf`, `nan`, hexadecimal or blanks.
    fn parse(text: &'t str) -> Option<Self> {
        let (rest, exponent) = match text.split_once(['e', 'E']) {
            Some((rest, exponent)) => (rest, exponent.parse::<i64>().ok()?),
            None => (text, 0),
        };
        let (negative, digits) = match rest.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, rest.strip_prefix('+').unwrap_or(rest)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let mut all = whole.bytes().chain(fraction.bytes());
        if (whole.is_empty() && fraction.is_empty()) || !all.clone().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let point = match all.position(|b| b != b'0') {
            Some(zeros) => {
                Some(length(whole)?.checked_sub(i64::try_from(zeros).ok()?)?.checked_add(exponent)?)
            }
            None => None,
        };
        Some(Self { negative, whole, fraction, point })
    }

    /// The digits from the first that is not 0.
    fn digits(&self) -> impl Iterator<Item = u8> + Clone {
        self.whole.bytes().chain(self.fraction.bytes()).skip_while(|b| *b == b'0')
    }

    fn cmp(&self, other: &Self) -> Ordering {
        match (self.sign(), other.sign()) {
            (a, b) if a != b => a.cmp(&b),
            (0, _) => Ordering::Equal,
            (1, _) => self.size(other),
            _ => other.size(self),
        }
    }

    fn sign(&self) -> i8 {
        match (self.point, self.negative) {
            (None, _) => 0,
            (Some(_), true) => -1,
            (Some(_), false) => 1,
        }
    }

    /// Compares without the signs: by the place of the point, then digit by digit.
    fn size(&self, other: &Self) -> Ordering {
        let (mut ours, mut theirs) = (self.digits(), other.digits());
        self.point.cmp(&other.point).then_with(|| {
            loop {
                match (ours.next(), theirs.next()) {
                    (None, None) => return Ordering::Equal,
                    (a, b) if a.unwrap_or(b'0') == b.unwrap_or(b'0') => {}
                    (a, b) => return a.unwrap_or(b'0').cmp(&b.unwrap_or(b'0')),
                }
            }
        })
    }
}

fn length(text: &str) -> Option<i64> {
    i64::try_from(text.len()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compared(a: &str, b: &str) -> Option<Ordering> {
        Some(Number::parse(a)?.cmp(&Number::parse(b)?))
    }

    #[test]
    fn numbers_compare_exactly() {
        let ascending = [
            "-9223372036854775809",
            "-9223372036854775808",
            "-10",
            "-1.5",
            "-1",
            "-1e-30",
            "0",
            "1e-30",
            "0.5",
            "1",
            "1.25",
            "1.5",
            "9",
            "10",
            "9007199254740992",
            "9007199254740992.5",
            "9007199254740993",
            "9223372036854775807",
            "9223372036854775808",
            "1e30",
            "99999999999999999999999999999999999999",
            "1e300",
        ];
        for (n, a) in ascending.iter().enumerate() {
            for (m, b) in ascending.iter().enumerate() {
                assert_eq!(compared(a, b), Some(n.cmp(&m)), "{a} {b}");
            }
        }
        for (a, b) in [
            ("1", "1.0"),
            ("1", "+1"),
            ("01", "1"),
            ("10", "1e1"),
            ("0", "-0.0"),
            (".5", "0.50"),
            ("5.", "5"),
            ("0", "0e9"),
        ] {
            assert_eq!(compared(a, b), Some(Ordering::Equal), "{a} {b}");
        }
    }

    #[test]
    fn what_is_no_number_compares_with_nothing() {
        for text in [
            "",
            "-",
            ".",
            "one",
            "0x1",
            "inf",
            "nan",
            " 1",
            "1 ",
            "1e",
            "1e1.5",
            "--1",
            "1.2.3",
            "1e99999999999999999999",
            "1e9223372036854775807",
        ] {
            assert_eq!(compared(text, text), None, "{text}");
        }
        let long = "9".repeat(100_000);
        assert_eq!(compared("1", &long), Some(Ordering::Less));
        assert_eq!(compared(&long, &format!("{long}.1")), Some(Ordering::Less));
        assert_eq!(compared(&format!("-{long}0"), &format!("-{long}")), Some(Ordering::Less));
        assert_eq!(compared(&long, &format!("0{long}.000")), Some(Ordering::Equal));
        assert_eq!(compared("1e3000000000", "1e-3000000000"), Some(Ordering::Greater));
    }
}
