//! Conditions: the operator list, and what all operators have in common — set prefixes,
//! `…IfExists`, negation, absent keys (IAM User Guide, Condition operators).

mod arn;
mod binary;
mod bool;
mod date;
mod ip;
mod null;
mod numeric;
mod string;

use std::fmt::Debug;

use crate::context::{Context, Key, Value};
use crate::variable::{Dialect, Variable};

pub(crate) use date::is_date;

/// One value of a policy's condition, compiled: does a value of the request meet it?
pub(crate) trait Test: Debug + Send + Sync {
    /// True when the request's value meets it. What can't be compared doesn't.
    fn holds(&self, value: &str, context: &Context<'_>) -> bool;

    /// The variables in it.
    fn variables(&self) -> Vec<&Variable> {
        Vec::new()
    }
}

/// An operator: its name, whether it is the `Not` of its test, and how its values are compiled.
#[derive(Debug)]
pub(crate) struct Operator {
    name: &'static str,
    negated: bool,
    /// It asks for the key itself.
    is_null: bool,
    compile: Compile,
}

type Compile = fn(&str, Dialect) -> Option<Box<dyn Test>>;

/// Every operator. `Null` asks for the key itself and so has no test of values.
const OPERATORS: &[Operator] = &[
    positive("StringEquals", string::equals),
    negated("StringNotEquals", string::equals),
    positive("StringEqualsIgnoreCase", string::equals_ignore_case),
    negated("StringNotEqualsIgnoreCase", string::equals_ignore_case),
    positive("StringLike", string::like),
    negated("StringNotLike", string::like),
    positive("NumericEquals", numeric::equals),
    negated("NumericNotEquals", numeric::equals),
    positive("NumericLessThan", numeric::less),
    positive("NumericLessThanEquals", numeric::less_or_equal),
    positive("NumericGreaterThan", numeric::greater),
    positive("NumericGreaterThanEquals", numeric::greater_or_equal),
    positive("DateEquals", date::equals),
    negated("DateNotEquals", date::equals),
    positive("DateLessThan", date::less),
    positive("DateLessThanEquals", date::less_or_equal),
    positive("DateGreaterThan", date::greater),
    positive("DateGreaterThanEquals", date::greater_or_equal),
    positive("Bool", bool::equals),
    positive("BinaryEquals", binary::equals),
    positive("IpAddress", ip::within),
    negated("NotIpAddress", ip::within),
    positive("ArnEquals", arn::like),
    negated("ArnNotEquals", arn::like),
    positive("ArnLike", arn::like),
    negated("ArnNotLike", arn::like),
    Operator { name: NULL, negated: false, is_null: true, compile: null::equals },
];

const NULL: &str = "Null";

const fn positive(name: &'static str, compile: Compile) -> Operator {
    Operator { name, negated: false, is_null: false, compile }
}

const fn negated(name: &'static str, compile: Compile) -> Operator {
    Operator { name, negated: true, is_null: false, compile }
}

/// A set prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quantifier {
    All,
    Any,
}

/// An operator with its prefix and suffix, as a policy spells it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spelling {
    operator: &'static Operator,
    quantifier: Option<Quantifier>,
    if_exists: bool,
}

impl Spelling {
    /// Reads an operator's name, without regard to case. `None` when there is no such operator.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (quantifier, rest) = quantifier(text);
        let (name, if_exists) = match strip_suffix(rest, "IfExists") {
            Some(name) => (name, true),
            None => (rest, false),
        };
        let operator = OPERATORS.iter().find(|operator| operator.name.eq_ignore_ascii_case(name))?;
        let plain = quantifier.is_none() && !if_exists;
        (plain || operator.name != NULL).then_some(Self { operator, quantifier, if_exists })
    }

    /// True for the operators that a text must meet: none that is met by an absent key, or by all but some.
    pub(crate) fn scopes_text(&self) -> bool {
        let by_value = ["StringEquals", "StringEqualsIgnoreCase", "StringLike"].contains(&self.operator.name);
        by_value && self.quantifier != Some(Quantifier::All) && !self.if_exists
    }

    /// True for the operators that compare dates.
    pub(crate) fn is_date(&self) -> bool {
        self.operator.name.starts_with("Date")
    }

    /// The operator without prefix and suffix, as AWS spells it.
    pub(crate) fn name(&self) -> &'static str {
        self.operator.name
    }

    /// True for the `Not` of another operator.
    pub(crate) fn is_negated(&self) -> bool {
        self.operator.negated
    }

    /// True when it speaks of a set of values.
    pub(crate) fn has_quantifier(&self) -> bool {
        self.quantifier.is_some()
    }

    /// True for `ForAllValues`, which holds for no value at all.
    pub(crate) fn is_for_all(&self) -> bool {
        self.quantifier == Some(Quantifier::All)
    }

    /// True when an absent key meets it whatever else.
    pub(crate) fn is_if_exists(&self) -> bool {
        self.if_exists
    }

    /// True when the operator can compare with a value of a policy.
    pub(crate) fn reads(&self, value: &str) -> bool {
        (self.operator.compile)(value, Dialect::Variables).is_some()
    }
}

fn quantifier(text: &str) -> (Option<Quantifier>, &str) {
    let sets = [("ForAllValues:", Quantifier::All), ("ForAnyValue:", Quantifier::Any)];
    let found = sets.iter().find_map(|(prefix, set)| {
        let (head, tail) = text.split_at_checked(prefix.len())?;
        head.eq_ignore_ascii_case(prefix).then_some((Some(*set), tail))
    });
    found.unwrap_or((None, text))
}

fn strip_suffix<'a>(text: &'a str, suffix: &str) -> Option<&'a str> {
    let (head, tail) = text.split_at_checked(text.len().checked_sub(suffix.len())?)?;
    tail.eq_ignore_ascii_case(suffix).then_some(head)
}

/// One operator applied to one key.
#[derive(Debug)]
pub(crate) struct Condition {
    spelling: Spelling,
    key: Key<'static>,
    /// As they were written.
    values: Box<[Box<str>]>,
    /// Alternatives. A value that can't be compiled can't be met and is left out.
    tests: Box<[Box<dyn Test>]>,
}

impl Condition {
    /// Compiles an operator, a key and its values.
    pub(crate) fn compile<'v>(
        spelling: Spelling,
        key: &str,
        values: impl Iterator<Item = &'v str> + Clone,
        dialect: Dialect,
    ) -> Self {
        let tests = values.clone().filter_map(|value| (spelling.operator.compile)(value, dialect)).collect();
        Self { spelling, key: key.to_owned().into(), values: values.map(Into::into).collect(), tests }
    }

    /// The key asked for.
    pub(crate) fn key(&self) -> &Key<'static> {
        &self.key
    }

    /// The operator as AWS spells it.
    pub(crate) fn operator(&self) -> String {
        let Spelling { operator, quantifier, if_exists } = self.spelling;
        let set = match quantifier {
            Some(Quantifier::All) => "ForAllValues:",
            Some(Quantifier::Any) => "ForAnyValue:",
            None => "",
        };
        format!("{set}{}{}", operator.name, if if_exists { "IfExists" } else { "" })
    }

    /// The values as they were written.
    pub(crate) fn values(&self) -> impl Iterator<Item = &str> {
        self.values.iter().map(|value| &**value)
    }

    /// The variables in the values.
    pub(crate) fn variables(&self) -> impl Iterator<Item = &Variable> {
        self.tests.iter().flat_map(|test| test.variables())
    }

    /// True when the context meets the condition.
    pub(crate) fn holds(&self, context: &Context<'_>) -> bool {
        let value = present(context, &self.key);
        if self.spelling.operator.is_null {
            return self.tests.iter().any(|test| test.holds(null::of(value), context));
        }
        match (self.spelling.quantifier, value) {
            (_, None) => self.without_value(),
            (None, Some(Value::One(value))) => self.met_by(value, context),
            (None, Some(Value::Many(_))) => false,
            (Some(Quantifier::Any), Some(value)) => value.all().iter().any(|v| self.met_by(v, context)),
            (Some(Quantifier::All), Some(value)) => {
                let values = value.all();
                // "A null data set, such as an empty string" is met like an absent key.
                values.iter().all(|v| v.is_empty()) || values.iter().all(|v| self.met_by(v, context))
            }
        }
    }

    fn without_value(&self) -> bool {
        let by_absence = match self.spelling.quantifier {
            Some(Quantifier::All) => true,
            Some(Quantifier::Any) => false,
            None => self.spelling.operator.negated,
        };
        by_absence || self.spelling.if_exists
    }

    /// Alternatives are ORed; a negated operator is met when none of them is.
    fn met_by(&self, value: &str, context: &Context<'_>) -> bool {
        self.tests.iter().any(|test| test.holds(value, context)) != self.spelling.operator.negated
    }
}

/// A key's value; one without any element is no value.
pub(crate) fn present<'c, 'v>(context: &'c Context<'v>, key: &Key<'_>) -> Option<&'c Value<'v>> {
    context.lookup(key).filter(|value| !value.all().is_empty())
}

#[cfg(test)]
mod tests;
