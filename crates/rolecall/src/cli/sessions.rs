//! `rolecall sessions`: the sessions in force, and how to end them.

use super::remote::{Server, member};
use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use rolecall_core::clock::text::iso8601;
use rolecall_wire::Service;
use serde_json::{Value, json};
use std::fmt::Write;
use std::process::ExitCode;

/// `rolecall sessions`.
#[derive(Debug, Subcommand)]
pub(super) enum Sessions {
    /// List the sessions in force that the server has issued or seen since its start
    List {
        /// Of this role
        #[arg(long, value_name = "NAME")]
        role: Option<String>,
        /// Of this user, or begun by it
        #[arg(long, value_name = "NAME")]
        user: Option<String>,
        /// With this source identity
        #[arg(long, value_name = "NAME")]
        source_identity: Option<String>,
        #[command(flatten)]
        server: Server,
    },
    /// Show a session and the chain of sessions that led to it
    Show {
        /// Its access key id, ASIA...
        access_key_id: String,
        #[command(flatten)]
        server: Server,
    },
    /// End sessions issued up to now, from the next request on
    Revoke {
        #[command(flatten)]
        scope: Scope,
        /// Do it as AWS's console does, by a policy of the role that denies everything to older sessions
        #[arg(long, requires = "role")]
        by_policy: bool,
        #[command(flatten)]
        server: Server,
    },
}

/// What is revoked.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(super) struct Scope {
    /// The session with this access key id, ASIA...
    access_key_id: Option<String>,
    /// Every session of this role
    #[arg(long, value_name = "NAME")]
    role: Option<String>,
    /// Every session of this user, and those begun by it
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// Every session with this source identity
    #[arg(long, value_name = "NAME")]
    source_identity: Option<String>,
    /// Every session of the account
    #[arg(long)]
    all: bool,
}

impl Sessions {
    pub(super) async fn run(self) -> Result<ExitCode> {
        match self {
            Self::List { role, user, source_identity, server } => {
                let named = [("RoleName", role), ("UserName", user), ("SourceIdentity", source_identity)];
                let sessions = all(&server, &named).await?;
                server.print(&table(&sessions), &json!({ "Sessions": sessions }))
            }
            Self::Show { access_key_id, server } => show(&server, &access_key_id).await,
            Self::Revoke { scope, by_policy: true, server } => by_policy(&server, &scope).await,
            Self::Revoke { scope, by_policy: false, server } => revoke(&server, &scope).await,
        }
    }
}

/// Page by page.
async fn all(server: &Server, named: &[(&str, Option<String>)]) -> Result<Vec<Value>> {
    let (mut sessions, mut marker) = (Vec::new(), None::<String>);
    loop {
        let mut params: Vec<(&str, &str)> = vec![("MaxItems", "1000")];
        params.extend(named.iter().filter_map(|(name, value)| Some((*name, value.as_deref()?))));
        params.extend(marker.as_deref().map(|marker| ("Marker", marker)));
        let page = server.result("ListSessions", &params).await?;
        sessions.extend(member(&page, "Sessions").as_array().cloned().unwrap_or_default());
        match member(&page, "Marker").as_str() {
            Some(next) => marker = Some(next.to_owned()),
            None => return Ok(sessions),
        }
    }
}

async fn show(server: &Server, access_key_id: &str) -> Result<ExitCode> {
    let shown = server.result("GetSession", &[("AccessKeyId", access_key_id)]).await?;
    let mut text = String::new();
    let chain = member(&shown, "Chain").as_array().map(Vec::as_slice).unwrap_or_default();
    for (depth, session) in std::iter::once(member(&shown, "Session")).chain(chain).enumerate() {
        let led = if depth == 0 { "" } else { "made with " };
        let _ = writeln!(text, "{led}{}\n{}", word(session, "Arn"), details(session));
    }
    let _ = write!(text, "begun by {}", word(member(&shown, "Session"), "Origin"));
    server.print(&text, &shown)
}

fn details(session: &Value) -> String {
    let mut lines = vec![
        format!("  key id           {}", word(session, "AccessKeyId")),
        format!("  issued, expires  {}  {}", time(session, "IssueDate"), time(session, "Expiration")),
    ];
    if let Some(who) = member(session, "SourceIdentity").as_str() {
        lines.push(format!("  source identity  {who}"));
    }
    if let Some(action) = member(session, "LastAction").as_str() {
        let (at, address) = (time(session, "LastActionDate"), word(session, "LastAddress"));
        lines.push(format!("  last action      {action} at {at} from {address}"));
    }
    lines.join("\n")
}

async fn revoke(server: &Server, scope: &Scope) -> Result<ExitCode> {
    let named = [
        ("AccessKeyId", scope.access_key_id.as_deref()),
        ("RoleName", scope.role.as_deref()),
        ("UserName", scope.user.as_deref()),
        ("SourceIdentity", scope.source_identity.as_deref()),
        ("All", scope.all.then_some("true")),
    ];
    let params: Vec<_> = named.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    let done = server.result("RevokeSessions", &params).await?;
    let text = format!("Ended the sessions issued up to {}", time(&done, "IssuedUntil"));
    server.print(&text, &done)
}

/// IAM User Guide, Revoking IAM role temporary security credentials.
async fn by_policy(server: &Server, scope: &Scope) -> Result<ExitCode> {
    let Some(role) = &scope.role else { bail!("--by-policy needs --role NAME") };
    let now = server.result("GetServerInfo", &[]).await?;
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Deny",
            "Action": ["*"],
            "Resource": ["*"],
            "Condition": { "DateLessThan": { "aws:TokenIssueTime": time(&now, "Now") } },
        }],
    });
    let document = policy.to_string();
    let params = [("RoleName", role.as_str()), ("PolicyName", REVOKING), ("PolicyDocument", &document)];
    server.ask_of(Service::Iam, "PutRolePolicy", &params).await?;
    let text = format!(
        "Wrote the inline policy {REVOKING} of role {role}: it denies everything to its sessions issued before {}",
        time(&now, "Now")
    );
    server.print(&text, &json!({ "PolicyName": REVOKING, "PolicyDocument": policy }))
}

fn table(sessions: &[Value]) -> String {
    if sessions.is_empty() {
        return "No session is known to be in force.".to_owned();
    }
    let mut text = format!("{:<22}{:<22}{:<30}SESSION", "KEY ID", "EXPIRES", "LAST ACTION");
    for session in sessions {
        let last = member(session, "LastAction").as_str().unwrap_or("-");
        let (id, expires) = (word(session, "AccessKeyId"), time(session, "Expiration"));
        let _ = write!(text, "\n{id:<22}{expires:<22}{last:<30}{}", word(session, "Arn"));
    }
    text
}

fn word<'a>(value: &'a Value, name: &str) -> &'a str {
    member(value, name).as_str().unwrap_or_default()
}

fn time(value: &Value, name: &str) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "whole seconds, which some answers write as 1.0")]
    let seconds = member(value, name).as_f64().map(|seconds| seconds as i64);
    seconds.map(iso8601).unwrap_or_default()
}

/// The name that AWS's console gives the policy.
const REVOKING: &str = "AWSRevokeOlderSessions";
