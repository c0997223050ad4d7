//! Values that are more than text: numbers, dates, addresses, bytes. `None` for what cannot be read.

use std::cmp::Ordering;
use std::net::IpAddr;

/// `true` or `false` in any case.
pub(crate) fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// A decimal number, kept exactly: its sign, its digits, and how many of them stand before the point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Number {
    negative: bool,
    /// Without leading or trailing zeros.
    digits: Vec<u8>,
    point: i64,
}

impl Number {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (negative, rest) = match text.strip_prefix(['+', '-']) {
            Some(rest) => (text.starts_with('-'), rest),
            None => (false, text),
        };
        let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
            None => (rest, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all: Vec<u8> = whole.bytes().chain(fraction.bytes()).collect();
        if all.is_empty() || !all.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let zeros = all.iter().take_while(|b| **b == b'0').count();
        let mut digits = all[zeros..].to_vec();
        while digits.last() == Some(&b'0') {
            digits.pop();
        }
        let point = i64::try_from(whole.len()).ok()? - i64::try_from(zeros).ok()? + exponent;
        match digits.is_empty() {
            true => Some(Self { negative: false, digits, point: 0 }),
            false => Some(Self { negative, digits, point }),
        }
    }

    fn sign(&self) -> i8 {
        match (self.digits.is_empty(), self.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        }
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        let size = || self.point.cmp(&other.point).then_with(|| self.digits.cmp(&other.digits));
        self.sign().cmp(&other.sign()).then_with(|| match self.sign() {
            0 => Ordering::Equal,
            1 => size(),
            _ => size().reverse(),
        })
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Nanoseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Date(i128);

impl Date {
    /// Seconds since 1970, or the W3C profile of ISO 8601; four digits are a year.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let year = text.len() == 4 && digits.len() == 4;
        if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) && !year {
            return Some(Self(i128::from(text.parse::<i64>().ok()?) * NANOS));
        }
        let Some((day, clock)) = text.split_once('T') else {
            return Some(Self(days(text)? * 86_400 * NANOS));
        };
        if day.len() != 10 {
            return None;
        }
        let zone = clock.find(['Z', '+', '-'])?;
        let seconds = days(day)? * 86_400 - offset(&clock[zone..])?;
        Some(Self(seconds * NANOS + time(&clock[..zone])?))
    }
}

const NANOS: i128 = 1_000_000_000;

fn two(text: &str) -> Option<i128> {
    let valid = text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
    valid.then(|| text.parse().ok())?
}

/// Days from 1970-01-01 to a `YYYY[-MM[-DD]]`, counted year by year.
fn days(text: &str) -> Option<i128> {
    let parts: Vec<&str> = text.split('-').collect();
    let year = parts[0];
    if year.len() != 4 || !year.bytes().all(|b| b.is_ascii_digit()) || parts.len() > 3 {
        return None;
    }
    let year: i128 = year.parse().ok()?;
    let month = parts.get(1).map_or(Some(1), |month| two(month))?;
    let day = parts.get(2).map_or(Some(1), |day| two(day))?;
    let leap = |y: i128| (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
    let lengths = [31, if leap(year) { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let month = usize::try_from(month).ok()?.checked_sub(1)?;
    if !(1..=*lengths.get(month)?).contains(&day) {
        return None;
    }
    let before = |y: i128| 365 * y + (y + 3) / 4 - (y + 99) / 100 + (y + 399) / 400;
    Some(before(year) - before(1970) + lengths[..month].iter().sum::<i128>() + day - 1)
}

/// `hh:mm[:ss[.fraction]]` in nanoseconds.
fn time(text: &str) -> Option<i128> {
    let parts: Vec<&str> = text.split(':').collect();
    let (hour, minute) = (two(parts[0])?, two(parts.get(1)?)?);
    let (second, nanos) = match parts.get(2) {
        None => (0, 0),
        Some(second) => match second.split_once('.') {
            None => (two(second)?, 0),
            Some((second, fraction)) => (two(second)?, nanos(fraction)?),
        },
    };
    let valid = parts.len() <= 3 && hour < 24 && minute < 60 && second < 60;
    valid.then_some((hour * 3600 + minute * 60 + second) * NANOS + nanos)
}

/// A fraction of a second; what is finer than a nanosecond is cut off.
fn nanos(fraction: &str) -> Option<i128> {
    let valid = !fraction.is_empty() && fraction.bytes().all(|b| b.is_ascii_digit());
    let digits: String = fraction.chars().chain(std::iter::repeat('0')).take(9).collect();
    valid.then(|| digits.parse().ok())?
}

/// `Z` or `±hh:mm`, in seconds.
fn offset(zone: &str) -> Option<i128> {
    if zone == "Z" {
        return Some(0);
    }
    let (hours, minutes) = zone[1..].split_once(':')?;
    let (hours, minutes) = (two(hours)?, two(minutes)?);
    let seconds = (hours * 60 + minutes) * 60;
    (hours < 24 && minutes < 60).then_some(if zone.starts_with('-') { -seconds } else { seconds })
}

/// A range of addresses.
#[derive(Debug)]
pub(crate) struct Range {
    bits: Vec<bool>,
    prefix: usize,
}

impl Range {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = text.split_once('/').map_or((text, None), |(a, p)| (a, Some(p)));
        let bits = bits(address.parse().ok()?);
        let prefix = match prefix {
            None => bits.len(),
            Some(prefix) if prefix.len() > 1 && prefix.starts_with('0') => return None,
            Some(prefix) if prefix.bytes().all(|b| b.is_ascii_digit()) => prefix.parse().ok()?,
            Some(_) => return None,
        };
        (prefix <= bits.len()).then_some(Self { bits, prefix })
    }

    /// The same version, and the same bits as far as the prefix goes. An IPv4 address that a socket of
    /// both versions shows inside IPv6 is IPv4.
    pub(crate) fn contains(&self, address: &str) -> bool {
        let Ok(address) = address.parse::<IpAddr>() else { return false };
        let address = bits(address.to_canonical());
        address.len() == self.bits.len() && address[..self.prefix] == self.bits[..self.prefix]
    }
}

fn bits(address: IpAddr) -> Vec<bool> {
    let octets = match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    };
    octets.iter().flat_map(|octet| (0..8).rev().map(move |n| octet >> n & 1 == 1)).collect()
}

/// Base64 of RFC 4648 §4: padded, and the bits that mean nothing are zero.
pub(crate) fn base64(text: &str) -> Option<Vec<u8>> {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let padding = text.len() - text.trim_end_matches('=').len();
    if !text.len().is_multiple_of(4) || padding > 2 {
        return None;
    }
    let mut bits = Vec::new();
    for c in text[..text.len() - padding].chars() {
        let value = ALPHABET.find(c)?;
        bits.extend((0..6).rev().map(|n| value >> n & 1 == 1));
    }
    let spare = bits.split_off(bits.len() / 8 * 8);
    let octet = |bits: &[bool]| bits.iter().fold(0, |octet, bit| octet << 1 | u8::from(*bit));
    (!spare.contains(&true)).then(|| bits.chunks(8).map(octet).collect())
}
