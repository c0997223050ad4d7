//! The model's limits on members, and AWS's sentences when a request breaks them.
//!
//! Lengths count UTF-16 code units and patterns match whole values, as the services' own Java does.

use crate::error::{ApiError, common};
use crate::pattern::Pattern;

/// The limits of a text.
#[derive(Debug)]
pub struct Text {
    /// Least length.
    pub min: Option<i64>,
    /// Greatest length.
    pub max: Option<i64>,
    /// What the whole value must match.
    pub pattern: Option<&'static Pattern>,
    /// The values allowed; empty when any is.
    pub values: &'static [&'static str],
    /// True when the value must never be repeated to anybody.
    pub secret: bool,
}

/// The limits of a whole number.
#[derive(Debug)]
pub struct Number {
    /// Least value.
    pub min: Option<i64>,
    /// Greatest value.
    pub max: Option<i64>,
    /// True when the sentence names both bounds at once.
    pub between: bool,
}

/// The limits on how many members a list or a map has, or bytes a blob.
#[derive(Debug)]
pub struct Size {
    /// Least count.
    pub min: Option<i64>,
    /// Greatest count.
    pub max: Option<i64>,
}

/// How a service words its validation errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// STS: repeats the value and lists an enum's values.
    Echo,
    /// IAM: names the member only.
    Silent,
}

/// The limits a request breaks, in the order found.
#[derive(Debug)]
pub struct Violations {
    style: Style,
    sentences: Vec<String>,
}

impl Text {
    /// No limits.
    pub const ANY: Self = Self { min: None, max: None, pattern: None, values: &[], secret: false };

    /// Every limit a value breaks.
    pub fn broken(&self, value: &str, style: Style) -> Vec<String> {
        let length = count(if value.is_ascii() { value.len() } else { value.encode_utf16().count() });
        let mut broken = length_limits(self.min, self.max, length);
        if self.pattern.is_some_and(|p| !p.matches(value)) {
            broken.extend(self.pattern.map(pattern_sentence));
        }
        if !self.values.is_empty() && !self.values.contains(&value) {
            broken.push(self.enum_sentence(style));
        }
        broken
    }

    /// All limits at once, as the sentence about a list's members words them.
    pub fn all(&self, style: Style) -> String {
        let mut all: Vec<String> = self.max.map(longest).into_iter().chain(self.min.map(shortest)).collect();
        all.extend(self.pattern.map(pattern_sentence));
        if !self.values.is_empty() {
            all.push(self.enum_sentence(style));
        }
        all.push(NOT_NULL.to_owned());
        format!("Member must satisfy constraint: [{}]", all.join(", "))
    }

    fn enum_sentence(&self, style: Style) -> String {
        match style {
            Style::Echo => format!("Member must satisfy enum value set: [{}]", self.values.join(", ")),
            Style::Silent => "Member must satisfy enum value set".to_owned(),
        }
    }
}

impl Number {
    /// No limits.
    pub const ANY: Self = Self { min: None, max: None, between: false };

    /// Every limit a value breaks.
    pub fn broken(&self, value: i64) -> Vec<String> {
        let over = self.max.filter(|max| value > *max);
        let under = self.min.filter(|min| value < *min);
        if let (true, Some(min), Some(max)) = (self.between, self.min, self.max) {
            let sentence = format!("Member must have value between {min} and {max}");
            return over.or(under).map(|_| sentence).into_iter().collect();
        }
        let over = over.map(|max| format!("Member must have value less than or equal to {max}"));
        let under = under.map(|min| format!("Member must have value greater than or equal to {min}"));
        over.into_iter().chain(under).collect()
    }
}

impl Size {
    /// No limits.
    pub const ANY: Self = Self { min: None, max: None };

    /// Every limit a count breaks.
    pub fn broken(&self, size: usize) -> Vec<String> {
        length_limits(self.min, self.max, count(size))
    }
}

impl Violations {
    /// None yet.
    pub fn new(style: Style) -> Self {
        Self { style, sentences: Vec::new() }
    }

    /// The wording in use.
    pub fn style(&self) -> Style {
        self.style
    }

    /// Adds a broken limit. `value` is repeated only where the style does so; `None` for values that
    /// must not be repeated.
    pub fn add(&mut self, field: &str, value: Option<&str>, limit: &str) {
        let sentence = match (self.style, value) {
            (Style::Echo, Some(value)) => format!("Value '{value}' at '{field}'{FAILED}{limit}"),
            _ => format!("Value at '{field}'{FAILED}{limit}"),
        };
        self.sentences.push(sentence);
    }

    /// Adds a required member that is absent.
    pub fn add_missing(&mut self, field: &str) {
        let value = if self.style == Style::Echo { "Value null" } else { "Value" };
        self.sentences.push(format!("{value} at '{field}'{FAILED}{NOT_NULL}"));
    }

    /// The value when no limit is broken.
    ///
    /// # Errors
    /// `ValidationError` with every sentence otherwise.
    pub fn finish<T>(self, value: T) -> Result<T, ApiError> {
        let errors = match self.sentences.len() {
            0 => return Ok(value),
            1 => "1 validation error".to_owned(),
            n => format!("{n} validation errors"),
        };
        let message = format!("{errors} detected: {}", self.sentences.join("; "));
        Err(ApiError::new(common::VALIDATION_ERROR, message))
    }
}

fn length_limits(min: Option<i64>, max: Option<i64>, length: i64) -> Vec<String> {
    let over = max.filter(|max| length > *max).map(longest);
    let under = min.filter(|min| length < *min).map(shortest);
    over.into_iter().chain(under).collect()
}

fn longest(max: i64) -> String {
    format!("Member must have length less than or equal to {max}")
}

fn shortest(min: i64) -> String {
    format!("Member must have length greater than or equal to {min}")
}

fn pattern_sentence(pattern: &Pattern) -> String {
    format!("Member must satisfy regular expression pattern: {}", pattern.text)
}

fn count(size: usize) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

const FAILED: &str = " failed to satisfy constraint: ";
const NOT_NULL: &str = "Member must not be null";

#[cfg(test)]
mod tests;
