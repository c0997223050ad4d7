//! How long session tokens are.

use crate::rolecall::Rolecall;
use crate::signed::element;
use crate::world::World;
use anyhow::{Context, Result};

/// The lengths of two session tokens in characters: one of a plain session, and one of a session with fifty
/// tags and the longest inline policy.
///
/// # Errors
/// When an answer is not 200 or has no token.
pub fn lengths(server: &Rolecall, world: &World) -> Result<[usize; 2]> {
    let (tags, policy) = (tags(), longest_policy());
    let mut limits: Vec<(&str, &str)> =
        tags.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    limits.push(("Policy", &policy));
    let length = |params: &[(&str, &str)]| {
        let answer = server.ask(&world.assume_role(params)?)?;
        element(&answer, "SessionToken").map(str::len).context("no token")
    };
    Ok([length(&[])?, length(&limits)?])
}

fn tags() -> Vec<(String, String)> {
    let tag = |n: usize| {
        [
            (format!("Tags.member.{n}.Key"), format!("tag-{n:02}")),
            (format!("Tags.member.{n}.Value"), format!("value-{n:02}")),
        ]
    };
    (1..=50).flat_map(tag).collect()
}

fn longest_policy() -> String {
    let (head, tail) =
        (r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":["#, "]}]}");
    let resources = |count: usize| {
        let one = |n: usize| format!(r#""arn:aws:s3:::bench/{n:03}/*""#);
        (0..count).map(one).collect::<Vec<_>>().join(",")
    };
    let fits = |count: &usize| head.len() + resources(*count).len() + tail.len() <= LONGEST_POLICY;
    let count = (1..LONGEST_POLICY).take_while(fits).last().unwrap_or(1);
    [head, &resources(count), tail].concat()
}

/// Characters of an inline session policy (STS API Reference, `AssumeRole`).
const LONGEST_POLICY: usize = 2048;
