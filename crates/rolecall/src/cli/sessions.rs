//! `rolecall sessions`: the sessions in force, and how to end them.

use super::remote::{Server, member};
use super::table;
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
        /// Also those that were revoked, or whose role or user was deleted
        #[arg(long)]
        ended: bool,
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
    /// End sessions issued up to now, from the next request on; exit code 3 when none was known
    Revoke {
        #[command(flatten)]
        scope: Scope,
        /// Do it as AWS's console does, by a policy of the role that denies everything to older sessions
        #[arg(long, requires = "role")]
        by_policy: bool,
        /// Also the sessions of the account that were made with them, as far as the server knows them
        #[arg(long, conflicts_with = "by_policy")]
        chained: bool,
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
            Self::List { role, user, source_identity, ended, server } => {
                let ended = ended.then(|| "true".to_owned());
                let named = [
                    ("RoleName", role),
                    ("UserName", user),
                    ("SourceIdentity", source_identity),
                    ("IncludeEnded", ended),
                ];
                let sessions = all(&server, &named).await?;
                server.print(&listed(&sessions), &json!({ "Sessions": sessions }))
            }
            Self::Show { access_key_id, server } => show(&server, &access_key_id).await,
            Self::Revoke { scope, by_policy: true, server, .. } => by_policy(&server, &scope).await,
            Self::Revoke { scope, by_policy: false, chained, server } => {
                revoke(&server, &scope, chained).await
            }
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
        format!("  status           {}", status(session)),
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

/// Says who was ended. What is not known here ends, too, but nobody can be told that it did.
async fn revoke(server: &Server, scope: &Scope, chained: bool) -> Result<ExitCode> {
    let params = scope.params(chained);
    let done = server.result("RevokeSessions", &params).await?;
    server.print(&revoked(scope, &done), &done)?;
    let nothing = member(&done, "EndedCount").as_u64() == Some(0);
    Ok(if nothing { ExitCode::from(super::NO) } else { ExitCode::SUCCESS })
}

impl Scope {
    fn params(&self, chained: bool) -> Vec<(&str, &str)> {
        let named = [
            ("AccessKeyId", self.access_key_id.as_deref()),
            ("RoleName", self.role.as_deref()),
            ("UserName", self.user.as_deref()),
            ("SourceIdentity", self.source_identity.as_deref()),
            ("All", self.all.then_some("true")),
            ("Chained", chained.then_some("true")),
        ];
        named.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }

    /// What is revoked, in words.
    fn words(&self) -> String {
        match self {
            Self { access_key_id: Some(id), .. } => format!("with the key {id}"),
            Self { role: Some(role), .. } => format!("of the role {role}"),
            Self { user: Some(user), .. } => format!("of the user {user}, or begun by it,"),
            Self { source_identity: Some(who), .. } => format!("with the source identity {who}"),
            _ => "of the account".to_owned(),
        }
    }
}

fn revoked(scope: &Scope, done: &Value) -> String {
    let count = |name: &str| member(done, name).as_u64().unwrap_or_default();
    let (ended, chained, elsewhere) = (count("EndedCount"), count("ChainedCount"), count("ElsewhereCount"));
    let until = time(done, "IssuedUntil");
    let mut text = match ended {
        0 => format!(
            "No session {} is known to be in force, so none was ended. One that this server has not seen since its \
             start ends with its next request all the same, if it was issued up to {until}.",
            scope.words()
        ),
        n => format!("Ended {} {} issued up to {until}:", sessions(n), scope.words()),
    };
    some(&mut text, member(done, "Ended"), ended);
    if chained > 0 {
        let _ = write!(text, "\nMade with them, and not ended: {}", sessions(chained));
        some(&mut text, member(done, "Chained"), chained);
        let _ = write!(text, "\nEnd each by its key id or role; `--chained` ends them with the others.");
    }
    if elsewhere > 0 {
        let _ = write!(
            text,
            "\nMade with them in other accounts, whose administrators can end what is theirs: {}",
            sessions(elsewhere)
        );
    }
    text
}

fn sessions(count: u64) -> String {
    if count == 1 { "1 session".to_owned() } else { format!("{count} sessions") }
}

/// The first of some sessions, and how many more there are.
fn some(text: &mut String, sessions: &Value, count: u64) {
    let all = sessions.as_array().map(Vec::as_slice).unwrap_or_default();
    for session in all.iter().take(SHOWN) {
        let _ = write!(text, "\n  {}  {}", word(session, "AccessKeyId"), word(session, "Arn"));
    }
    let shown = u64::try_from(all.len().min(SHOWN)).unwrap_or_default();
    if count > shown {
        let _ = write!(text, "\n  and {} more", count - shown);
    }
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

fn listed(sessions: &[Value]) -> String {
    if sessions.is_empty() {
        return "No session is known to be in force.".to_owned();
    }
    let row = |session: &Value| {
        let last = member(session, "LastAction").as_str().unwrap_or("-").to_owned();
        let id = word(session, "AccessKeyId").to_owned();
        [id, status(session).to_owned(), time(session, "Expiration"), last, word(session, "Arn").to_owned()]
    };
    let head = ["KEY ID", "STATUS", "EXPIRES", "LAST ACTION", "SESSION"];
    table::of(Some(head), sessions.iter().map(row).collect())
}

fn status(session: &Value) -> &'static str {
    match word(session, "Status") {
        "Revoked" => "revoked",
        "PrincipalDeleted" => "deleted",
        "AccountClosed" => "account closed",
        _ => "in force",
    }
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
/// How many sessions are named.
const SHOWN: usize = 20;
