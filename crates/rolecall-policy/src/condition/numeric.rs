//! The numeric operators: integers and decimals, compared exactly.

use std::cmp::Ordering;

use super::Test;
use crate::context::Context;
use crate::variable::Dialect;

#[derive(Debug)]
struct Compare {
    limit: Number,
    accepts: fn(Ordering) -> bool,
}

/// A mantissa times a power of ten; a mantissa other than 0 does not end in a zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Number {
    mantissa: i128,
    exponent: i64,
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
    Some(Box::new(Compare { limit: Number::parse(text)?, accepts }))
}

impl Test for Compare {
    fn holds(&self, value: &str, _: &Context<'_>) -> bool {
        Number::parse(value).is_some_and(|number| (self.accepts)(number.cmp(&self.limit)))
    }
}

impl Number {
    /// Digits with sign, fraction and exponent; no `inf`, `nan`, hexadecimal or blanks. More than 38
    /// digits are no number.
    fn parse(text: &str) -> Option<Self> {
        let (rest, exponent) = match text.split_once(['e', 'E']) {
            Some((rest, exponent)) => (rest, i64::from(exponent.parse::<i32>().ok()?)),
            None => (text, 0),
        };
        let (sign, digits) = match rest.strip_prefix('-') {
            Some(digits) => (-1, digits),
            None => (1, rest.strip_prefix('+').unwrap_or(rest)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let mut mantissa = magnitude(whole, fraction)?;
        let mut exponent = exponent.checked_sub(i64::try_from(fraction.len()).ok()?)?;
        while mantissa != 0 && mantissa % 10 == 0 {
            mantissa /= 10;
            exponent += 1;
        }
        Some(Self { mantissa: sign * mantissa, exponent: if mantissa == 0 { 0 } else { exponent } })
    }

    /// The power of ten above the number, which settles most comparisons of numbers of one sign.
    fn size(self) -> i64 {
        self.mantissa.unsigned_abs().checked_ilog10().map_or(i64::MIN, |log| i64::from(log) + self.exponent)
    }

    fn cmp(self, other: &Self) -> Ordering {
        let signs = self.mantissa.signum().cmp(&other.mantissa.signum());
        let sizes = self.size().cmp(&other.size());
        let sizes = if self.mantissa < 0 { sizes.reverse() } else { sizes };
        signs.then(sizes).then_with(|| {
            // Of one size, so bringing both to the lower exponent makes neither longer than 38 digits.
            let low = self.exponent.min(other.exponent);
            let at =
                |n: Self| 10_i128.checked_pow(u32::try_from(n.exponent - low).ok()?)?.checked_mul(n.mantissa);
            at(self).cmp(&at(*other))
        })
    }
}

fn magnitude(whole: &str, fraction: &str) -> Option<i128> {
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let mut digits = whole.bytes().chain(fraction.bytes());
    let value = digits.try_fold(0_i128, |value, digit| {
        let digit = digit.is_ascii_digit().then(|| i128::from(digit - b'0'))?;
        value.checked_mul(10)?.checked_add(digit)
    });
    value.filter(|value| *value < 10_i128.pow(38))
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
            "1e99999999999",
        ] {
            assert_eq!(compared(text, text), None, "{text}");
        }
        assert!(compared("1", &"9".repeat(39)).is_none());
    }
}
