//! The text of a resource policy with principals written another way, and nothing else touched.

use crate::json::{self, Position};
use crate::syntax::{self, Clause, Text, WhoShape};

/// The text with each `AWS` principal replaced for which `rewritten` gives another value. Conditions and
/// everything else stay as they were written, blank by blank. A text that is no policy is returned as
/// it is.
pub fn with_principals(text: &str, rewritten: &dyn Fn(&str) -> Option<String>) -> String {
    let Some(draft) = json::parse(text).ok().and_then(|node| syntax::read(&node).ok()) else {
        return text.to_owned();
    };
    let named = draft.clauses.iter().flat_map(principals);
    let mut edits: Vec<(Position, String)> =
        named.filter_map(|name| Some((name.at, rewritten(&name.value)?))).collect();
    edits.sort();
    spliced(text, &edits)
}

fn principals(clause: &Clause) -> impl Iterator<Item = &Text> {
    let kinds = match clause.principal.as_ref().map(|who| &who.shape) {
        Some(WhoShape::Kinds(kinds)) => kinds.as_slice(),
        _ => &[],
    };
    kinds.iter().filter(|(kind, _)| kind == "AWS").flat_map(|(_, values)| values)
}

/// The text with the string tokens at the places replaced; places in the order of the text.
fn spliced(text: &str, edits: &[(Position, String)]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut edits = edits.iter().peekable();
    let mut rest = text.chars();
    let mut at = Position { line: 1, column: 1 };
    while let Some(c) = rest.clone().next() {
        if let Some((_, value)) = edits.next_if(|(place, _)| *place == at) {
            let token = string_token(rest.as_str());
            token.chars().for_each(|c| at = after(at, c));
            rest = rest.as_str().get(token.len()..).unwrap_or_default().chars();
            out.push_str(&quoted(value));
            continue;
        }
        rest.next();
        out.push(c);
        at = after(at, c);
    }
    out
}

fn after(at: Position, c: char) -> Position {
    match c {
        '\n' => Position { line: at.line + 1, column: 1 },
        _ => Position { line: at.line, column: at.column + 1 },
    }
}

/// The string literal that a text starts with, quotes included.
fn string_token(text: &str) -> &str {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '"' if !escaped => return text.get(..=at).unwrap_or(text),
            _ => escaped = c == '\\' && !escaped,
        }
    }
    text
}

fn quoted(value: &str) -> String {
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_aws_principals_change_and_blanks_stay() {
        let text = "{\"Version\" : \"2012-10-17\",\n \"Statement\":[{\"Effect\":\"Allow\",\n\t\"Principal\":{\"AWS\":[\"123456789012\", \"arn:aws:iam::123456789012:user\\/a\" ],\"Service\":\"ec2.amazonaws.com\"},\"Action\":\"sts:AssumeRole\",\"Condition\":{\"StringEquals\":{\"aws:SourceAccount\":\"123456789012\"}}}]}";
        let shown = with_principals(text, &|name| match name {
            "123456789012" => Some("arn:aws:iam::123456789012:root".into()),
            "arn:aws:iam::123456789012:user/a" => Some("AIDA".into()),
            _ => None,
        });
        let expected = text
            .replacen("\"123456789012\"", "\"arn:aws:iam::123456789012:root\"", 1)
            .replace("\"arn:aws:iam::123456789012:user\\/a\"", "\"AIDA\"");
        assert_eq!(shown, expected);
        assert!(shown.contains("\"aws:SourceAccount\":\"123456789012\""));
    }

    #[test]
    fn what_is_no_policy_is_left_alone() {
        for text in ["", "{", "[1]", "{\"Statement\":1}"] {
            assert_eq!(with_principals(text, &|_| Some("x".into())), text);
        }
    }
}
