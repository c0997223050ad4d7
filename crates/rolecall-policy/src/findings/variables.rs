//! Findings about policy variables: where they mean nothing, and how they are misspelt.

use super::Report;
use crate::syntax::{Clause, Draft, Test, Text, WhoShape};

pub(super) fn check(clause: &Clause, draft: &Draft, report: &mut Report) {
    let modern = draft.version.as_ref().is_some_and(|version| version.value == "2012-10-17");
    for text in clause.action.iter().flat_map(|list| &list.items) {
        unsupported(text, "Action", report);
    }
    if let Some(WhoShape::Kinds(kinds)) = clause.principal.as_ref().map(|who| &who.shape) {
        kinds.iter().flat_map(|(_, values)| values).for_each(|text| unsupported(text, "Principal", report));
    }
    for text in clause.resource.iter().flat_map(|list| &list.items) {
        resource(text, modern, report);
    }
    for test in &clause.conditions {
        test.values.iter().for_each(|value| condition(test, value, modern, report));
    }
}

fn unsupported(text: &Text, element: &str, report: &mut Report) {
    if text.value.contains("${") {
        let message = format!("{element} takes no variables; {} stands for itself.", text.value);
        report.error("VARIABLE_UNSUPPORTED_IN_ELEMENT", text.at, message);
    }
}

fn resource(text: &Text, modern: bool, report: &mut Report) {
    let last = text.value.match_indices(':').nth(4).map_or(0, |(at, _)| at);
    if text.value.find("${").is_some_and(|at| at < last) {
        report.error(
            "VARIABLE_UNSUPPORTED_IN_ELEMENT",
            text.at,
            "Variables stand in the last part of an ARN only; write * in the parts before it.",
        );
    }
    spelling(text, modern, report);
}

fn condition(test: &Test, value: &Text, modern: bool, report: &mut Report) {
    let name = test.spelling.name();
    let takes = ["String", "Arn", "Bool"].iter().any(|family| name.starts_with(family));
    if value.value.contains("${") && !takes {
        let message =
            format!("{name} takes no variables; compare with a fixed value, or use a String operator.");
        return report.error("INVALID_VARIABLE_FOR_OPERATOR", value.at, message);
    }
    spelling(value, modern, report);
}

fn spelling(text: &Text, modern: bool, report: &mut Report) {
    if !text.value.contains("${") {
        return;
    }
    if !modern {
        let message = format!("Only version 2012-10-17 has variables; {} stands for itself.", text.value);
        return report.error("VARIABLE_UNSUPPORTED_IN_VERSION", text.at, message);
    }
    for piece in text.value.split("${").skip(1) {
        if let Some((code, message)) = misspelt(piece) {
            report.error(code, text.at, message);
        }
    }
}

/// What is wrong with what follows a `${`.
fn misspelt(piece: &str) -> Option<(&'static str, &'static str)> {
    let Some((inside, _)) = piece.split_once('}') else {
        return Some(("MISSING_BRACE_IN_VARIABLE", "A variable ends in }, which is missing; close it."));
    };
    let (name, default) =
        inside.split_once(',').map_or((inside, None), |(name, default)| (name, Some(default)));
    if name.trim().is_empty() {
        return Some((
            "EMPTY_VARIABLE",
            "The variable has no name; write a condition key between the braces.",
        ));
    }
    if name.contains(' ') {
        return Some((
            "UNSUPPORTED_SPACE_IN_VARIABLE",
            "The name of a variable holds no blanks; take them out.",
        ));
    }
    let quoted = |text: &str| text.starts_with(" '");
    default.filter(|default| !quoted(default)).map(|_| {
        (
            "MISSING_QUOTE_IN_VARIABLE",
            "A default is written in single quotes after a comma and a blank: ${key, 'value'}.",
        )
    })
}
