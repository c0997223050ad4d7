//! `rolecall account`: the accounts of a running server.

use super::remote::Server;
use super::table;
use crate::client::Reply;
use anyhow::Result;
use rolecall_core::id::AccountId;
use serde_json::{Map, Value, json};
use std::process::ExitCode;

/// `rolecall account`.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Account {
    /// Create an account; its root user's access key is shown this once
    Create {
        /// Its id; a random one without
        #[arg(long)]
        id: Option<AccountId>,
        /// Its name
        #[arg(long)]
        name: Option<String>,
        /// The e-mail address of its root user
        #[arg(long)]
        email: Option<String>,
        #[command(flatten)]
        server: Server,
    },
    /// List the accounts
    List(Server),
    /// Show an account
    Describe {
        /// Its id
        id: AccountId,
        #[command(flatten)]
        server: Server,
    },
    /// Close an account: nothing of it is deleted, nobody of it gets in
    Close {
        /// Its id
        id: AccountId,
        #[command(flatten)]
        server: Server,
    },
}

impl Account {
    pub(super) async fn run(self) -> Result<ExitCode> {
        match self {
            Self::Create { id, name, email, server } => create(&server, id, name, email).await,
            Self::List(server) => list(&server).await,
            Self::Describe { id, server } => describe(&server, &id).await,
            Self::Close { id, server } => {
                server.ask("CloseAccount", &[("AccountId", id.as_str())]).await?;
                server.print(&format!("Account {id} is closed."), &json!({ "AccountId": id.as_str() }))
            }
        }
    }
}

async fn create(
    server: &Server,
    id: Option<AccountId>,
    name: Option<String>,
    email: Option<String>,
) -> Result<ExitCode> {
    let id = id.map(|id| id.to_string());
    let given = [("AccountId", id), ("AccountName", name), ("Email", email)];
    let params: Vec<(&str, &str)> =
        given.iter().filter_map(|(key, value)| Some((*key, value.as_deref()?))).collect();
    let reply = server.ask("CreateAccount", &params).await?;
    let mut members = account(&reply);
    let text = format!(
        "Account {} is ready. Its root user's access key is shown this once. To act as it, paste into a shell:\n\n  \
         export AWS_ACCESS_KEY_ID={}\n  export AWS_SECRET_ACCESS_KEY={}\n  export AWS_ENDPOINT_URL={}\n  unset \
         AWS_SESSION_TOKEN AWS_SECURITY_TOKEN AWS_PROFILE",
        reply.text("AccountId").unwrap_or_default(),
        reply.text("AccessKeyId").unwrap_or_default(),
        reply.text("SecretAccessKey").unwrap_or_default(),
        server.endpoint()?,
    );
    members.insert("AccessKeyId".to_owned(), reply.text("AccessKeyId").into());
    members.insert("SecretAccessKey".to_owned(), reply.text("SecretAccessKey").into());
    server.print(&text, &members.into())
}

async fn describe(server: &Server, id: &AccountId) -> Result<ExitCode> {
    let reply = server.ask("DescribeAccount", &[("AccountId", id.as_str())]).await?;
    let members = account(&reply);
    let lines: Vec<String> =
        members.iter().map(|(name, value)| format!("{name:<15}{}", plain(value))).collect();
    server.print(&lines.join("\n"), &members.clone().into())
}

/// All pages.
async fn list(server: &Server) -> Result<ExitCode> {
    let (mut all, mut marker) = (Vec::<Map<String, Value>>::new(), None::<String>);
    loop {
        let params: Vec<(&str, &str)> = marker.iter().map(|marker| ("Marker", marker.as_str())).collect();
        let reply = server.ask("ListAccounts", &params).await?;
        let one = |members: Vec<(String, String)>| members.into_iter().map(|(n, v)| (n, v.into())).collect();
        all.extend(reply.members("Accounts").into_iter().map(one));
        marker = reply.text("Marker");
        if marker.is_none() {
            break;
        }
    }
    let cells = ["AccountId", "Status", "CreateDate", "OrganizationId", "AccountName"];
    let row = |one: &Map<String, Value>| cells.map(|name| one.get(name).map_or("-", plain).to_owned());
    let head = ["ACCOUNT", "STATUS", "CREATED", "ORGANIZATION", "NAME"];
    server.print(&table::of(Some(head), all.iter().map(row).collect()), &json!({ "Accounts": all }))
}

/// The members of an account that an answer has.
fn account(reply: &Reply) -> Map<String, Value> {
    let member = |name: &&str| Some(((*name).to_owned(), Value::String(reply.text(name)?)));
    MEMBERS.iter().filter_map(member).collect()
}

fn plain(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

const MEMBERS: [&str; 6] = ["AccountId", "AccountName", "Email", "Status", "OrganizationId", "CreateDate"];
