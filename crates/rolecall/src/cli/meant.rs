//! Commands that are not there, and what is there instead.

use super::paint;
use clap::Error;
use clap::error::{ContextKind, ContextValue, ErrorKind};

/// Tells an error of the arguments and ends with exit code 2, or shows what was asked for and ends with 0.
pub(super) fn exit(error: &Error) -> ! {
    let word = match error.get(ContextKind::InvalidSubcommand) {
        Some(ContextValue::String(word)) if error.kind() == ErrorKind::InvalidSubcommand => Some(word),
        _ => None,
    };
    if let Some((word, meant)) = word.and_then(|word| Some((word, instead(word)?))) {
        paint::error(&anyhow::anyhow!("there is no command '{word}'. Did you mean: {meant}"));
        std::process::exit(2);
    }
    error.exit()
}

/// What a word means that people try.
fn instead(word: &str) -> Option<&'static str> {
    let word = word.to_ascii_lowercase();
    let singular = word.strip_suffix('s').unwrap_or(&word);
    INSTEAD
        .iter()
        .find(|(words, _)| words.contains(&word.as_str()) || words.contains(&singular))
        .map(|(_, meant)| *meant)
}

/// Users, roles and buckets are AWS's to name; the stock clients do with them what they do at AWS.
const INSTEAD: &[(&[&str], &str)] = &[
    (&["version", "ver"], "rolecall --version"),
    (&["user"], "aws iam list-users"),
    (&["role"], "aws iam list-roles"),
    (&["group"], "aws iam list-groups"),
    (&["bucket", "s3", "ls"], "aws s3 ls"),
    (&["iam"], "aws iam help"),
    (&["sts", "whoami"], "aws sts get-caller-identity"),
    (&["assume", "assume-role"], "aws sts assume-role"),
    (&["start", "run", "up", "server"], "rolecall dev, or for production rolecall serve"),
    (&["explain"], "rolecall why"),
    (&["denied", "refusal", "refused"], "rolecall denials"),
    (&["log", "audit"], "rolecall denials; every request is in the data directory under audit/"),
    (&["credential", "export", "login"], "rolecall env"),
    (&["status", "ping"], "rolecall info"),
    (&["revoke"], "rolecall sessions revoke"),
    (&["rotate"], "rolecall keys rotate"),
    (&["simulate"], "rolecall policy simulate"),
    (&["check", "lint", "validate"], "rolecall policy check"),
];

#[cfg(test)]
mod tests {
    #[test]
    fn words_that_people_try_lead_to_what_is_there() {
        for (word, meant) in [
            ("version", "rolecall --version"),
            ("users", "aws iam list-users"),
            ("Role", "aws iam list-roles"),
        ] {
            assert_eq!(super::instead(word), Some(meant));
        }
        assert_eq!(super::instead("frobnicate"), None);
    }
}
