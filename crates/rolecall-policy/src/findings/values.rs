//! Findings about the values that conditions compare with.

use super::{Report, has_wildcard};
use crate::syntax::{Clause, Test, Text};
use std::net::IpAddr;

pub(super) fn check(clause: &Clause, report: &mut Report) {
    for test in &clause.conditions {
        for value in &test.values {
            readable(test, value, report);
            wildcards(test, value, report);
            host_bits(test, value, report);
        }
        booleans(test, report);
        presence(test, report);
        repeated(test, report);
    }
}

/// Operator families with the code and the words for a value that they cannot read. Dates are refused.
const UNREADABLE: [(&str, &str, &str); 6] = [
    ("Numeric", "TYPE_MISMATCH_NUMBER", "a number"),
    ("Bool", "TYPE_MISMATCH_BOOLEAN", "true or false"),
    ("Null", "TYPE_MISMATCH_BOOLEAN", "true or false"),
    ("Binary", "TYPE_MISMATCH_BINARY", "base64"),
    ("IpAddress", "TYPE_MISMATCH_IP_RANGE", "an address or a range such as 192.0.2.0/24"),
    ("Arn", "TYPE_MISMATCH_ARN", "an ARN"),
];

fn readable(test: &Test, value: &Text, report: &mut Report) {
    let name = test.spelling.name().trim_start_matches("Not");
    let Some((_, code, what)) = UNREADABLE.iter().find(|(family, ..)| name.starts_with(family)) else {
        return;
    };
    let variable =
        value.value.contains("${") && ["Bool", "Arn"].iter().any(|family| name.starts_with(family));
    let boolean = ["true", "false"].iter().any(|word| value.value.eq_ignore_ascii_case(word));
    let read = if name == "Bool" { boolean } else { test.spelling.reads(&value.value) };
    if !read && !variable {
        let message = format!("{:?} is not {what}, so {} never meets it.", value.value, test.operator.value);
        report.error(code, value.at, message);
    }
}

fn wildcards(test: &Test, value: &Text, report: &mut Report) {
    let exact = test.spelling.name().starts_with("String") && !test.spelling.name().ends_with("Like");
    let plain = value.value.replace("${*}", "").replace("${?}", "");
    if exact && has_wildcard(&plain) {
        let message = format!(
            "{} takes * and ? for what they are; use StringLike, or write ${{*}} and ${{?}} if that is meant.",
            test.operator.value
        );
        report.warning("WILDCARD_WITHOUT_LIKE_OPERATOR", value.at, message);
    }
}

fn host_bits(test: &Test, value: &Text, report: &mut Report) {
    let Some((address, prefix)) = value.value.split_once('/') else { return };
    let (Ok(address), Ok(prefix)) = (address.parse::<IpAddr>(), prefix.parse::<u32>()) else { return };
    let below = match address {
        IpAddr::V4(address) => u128::from(address.to_bits()) << 96,
        IpAddr::V6(address) => address.to_bits(),
    };
    if test.spelling.name().ends_with("IpAddress") && below.checked_shl(prefix).unwrap_or(0) != 0 {
        let message =
            format!("{} has bits behind its prefix, which do not count; write them as 0.", value.value);
        report.suggestion("IMPROVE_IP_RANGE", value.at, message);
    }
}

fn booleans(test: &Test, report: &mut Report) {
    if let (true, Some(second)) = (test.spelling.name() == "Bool", test.values.get(1)) {
        let message = format!("{} is true or false; more than one value holds for both.", test.key);
        report.error("INVALID_CONDITION_MULTIPLE_BOOLEAN", second.at, message);
    }
}

/// Comparing with `*` alone asks whether the key is there.
fn presence(test: &Test, report: &mut Report) {
    let like = test.spelling.name().ends_with("Like")
        && !test.spelling.is_if_exists()
        && !test.spelling.is_for_all();
    let Some(star) = test.values.iter().find(|value| value.value == "*").filter(|_| like) else { return };
    let (code, word) = match test.spelling.is_negated() {
        false => ("EQUIVALENT_TO_NULL_FALSE", "false"),
        true => ("EQUIVALENT_TO_NULL_TRUE", "true"),
    };
    let message =
        format!("This asks only whether there is a value; write \"Null\": {{\"{}\": \"{word}\"}}.", test.key);
    report.suggestion(code, star.at, message);
}

fn repeated(test: &Test, report: &mut Report) {
    for (n, value) in test.values.iter().enumerate() {
        if test.values.iter().take(n).any(|other| other.value == value.value) {
            let message = format!("{:?} stands there twice.", value.value);
            report.suggestion("REDUNDANT_CONDITION_VALUE", value.at, message);
        }
    }
}
