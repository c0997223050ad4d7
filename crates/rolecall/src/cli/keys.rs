//! `rolecall keys`: the life of the server's own keys.

use super::remote::{Server, member};
use super::table;
use anyhow::Result;
use clap::{Subcommand, ValueEnum};
use rolecall_core::clock::text::iso8601;
use serde_json::{Value, json};
use std::process::ExitCode;

/// `rolecall keys`.
#[derive(Debug, Subcommand)]
pub(super) enum Keys {
    /// List the keys, without showing any
    List {
        #[command(flatten)]
        server: Server,
    },
    /// Make new keys and put them to work; what older keys sealed stays good until they are removed
    Rotate {
        /// Only the keys of this purpose, such as SessionToken
        #[arg(long)]
        purpose: Option<String>,
        /// Only make them, or only put those made before to work: gives every node time to learn them
        #[arg(long, value_enum)]
        step: Option<Step>,
        #[command(flatten)]
        server: Server,
    },
    /// Remove a retired key for ever
    Remove {
        /// Its number
        key_id: u32,
        /// Although it retired less than 36 hours ago: ends the sessions that still need it
        #[arg(long)]
        force: bool,
        #[command(flatten)]
        server: Server,
    },
}

/// A part of a rotation.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Step {
    /// Make new keys.
    Prepare,
    /// Put them to work.
    Activate,
}

impl Keys {
    pub(super) async fn run(self) -> Result<ExitCode> {
        match self {
            Self::List { server } => {
                let keys = server.result("ListKeys", &[]).await?;
                server.print(&listed(&keys), &keys)
            }
            Self::Rotate { purpose, step, server } => {
                let step = match step {
                    None => "Rotate",
                    Some(Step::Prepare) => "Prepare",
                    Some(Step::Activate) => "Activate",
                };
                let mut params = vec![("Step", step)];
                params.extend(purpose.as_deref().map(|purpose| ("Purpose", purpose)));
                let keys = server.result("RotateKeys", &params).await?;
                server.print(&listed(&keys), &keys)
            }
            Self::Remove { key_id, force, server } => {
                let id = key_id.to_string();
                let params = [("KeyId", id.as_str()), ("Force", if force { "true" } else { "false" })];
                let removed = server.result("RemoveKey", &params).await;
                removed.map_err(|error| hinted(error, key_id, force))?;
                server.print(&format!("Removed key {id}"), &json!({ "KeyId": key_id }))
            }
        }
    }
}

/// The server speaks of its parameter; whoever reads this has a flag.
fn hinted(error: anyhow::Error, key_id: u32, force: bool) -> anyhow::Error {
    match format!("{error:#}") {
        told if !force && told.contains("Force") => error
            .context(format!("not removed; to end those sessions: rolecall keys remove {key_id} --force")),
        _ => error,
    }
}

fn listed(answer: &Value) -> String {
    let row = |key: &Value| {
        let word = |name: &str| member(key, name).as_str().unwrap_or_default().to_owned();
        #[expect(clippy::cast_possible_truncation, reason = "whole seconds, which some answers write as 1.0")]
        let since = member(key, "Since").as_f64().map_or("-".to_owned(), |time| iso8601(time as i64));
        [member(key, "KeyId").as_u64().unwrap_or(0).to_string(), word("Purpose"), word("State"), since]
    };
    let rows = member(answer, "Keys").as_array().into_iter().flatten().map(row).collect();
    table::of(Some(["KEY", "PURPOSE", "STATE", "SINCE"]), rows)
}
