//! What `rolecall dev` says when it is ready, and what a command that it runs finds in its environment.

use super::logging;
use super::remote::Output;
use crate::app::App;
use crate::config::{Config, FurtherAccount, RootCredentials, address};
use crate::data_dir::DataDir;
use anyhow::{Result, bail};
use rolecall_core::installation::RootKey;
use serde_json::{Value, json};
use std::io::Write;
use std::net::SocketAddr;

/// Says how to use the server. Nobody may be reading; that stops nothing.
pub(super) async fn say(config: &Config, app: &App, output: Output, ephemeral: bool) {
    warn_of_plain_http(config, app.addresses());
    logging::metrics(app);
    let root = root(config, app).await;
    let text = match output {
        Output::Text => text(config, app, &root, ephemeral),
        Output::Json => line(config, app, &root).to_string(),
    };
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

/// What AWS's clients read to find the server, as its root user.
///
/// # Errors
/// When the root user's key is not known here.
pub(super) async fn environment(config: &Config, app: &App) -> Result<Vec<(String, String)>> {
    warn_of_plain_http(config, app.addresses());
    let root = match root(config, app).await {
        Ok(root) => root,
        Err(why) => bail!(why),
    };
    let pairs = [
        ("AWS_ACCESS_KEY_ID", root.access_key_id.as_str()),
        ("AWS_SECRET_ACCESS_KEY", root.secret.as_str()),
        ("AWS_ENDPOINT_URL", app.endpoint()),
        ("AWS_DEFAULT_REGION", &config.region),
        ("AWS_REGION", &config.region),
    ];
    Ok(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into())
}

/// The root user's key in the file, if it works; else why not, and what to do.
async fn root(config: &Config, app: &App) -> Result<RootCredentials, String> {
    let data_dir = DataDir::at(&config.data_dir);
    let recover = format!(
        "For a new one, stop the server and run: rolecall recover-root --data-dir {}",
        config.data_dir.display()
    );
    let file = data_dir.root_credentials();
    match data_dir.root(app.gate().system()).await {
        Ok((root, RootKey::Active)) => Ok(root),
        Ok((root, standing)) => Err(format!(
            "The root user's key {} in {} {}. {recover}",
            root.access_key_id,
            file.display(),
            if standing == RootKey::Gone { "is gone from the account" } else { "was made inactive" },
        )),
        Err(error) => Err(format!("The root user's credentials are not here: {error:#}. {recover}")),
    }
}

fn warn_of_plain_http(config: &Config, addresses: &[SocketAddr]) {
    let listeners = config.listen.iter().zip(addresses);
    for (_, address) in listeners.filter(|(l, at)| l.tls_key.is_none() && !at.ip().is_loopback()) {
        tracing::warn!(
            %address,
            "plain HTTP for the whole network: whoever can listen in reads what is sent. For tests only; a server \
             for others is `rolecall serve`, with TLS"
        );
    }
}

fn text(config: &Config, app: &App, root: &Result<RootCredentials, String>, ephemeral: bool) -> String {
    let endpoint = app.endpoint();
    let kept = if ephemeral { " (removed at the end)" } else { "" };
    let head = format!(
        "Rolecall is ready at {endpoint}\n{}Data: {}{kept}\n{}",
        elsewhere(app.addresses()),
        config.data_dir.display(),
        others(config, app)
    );
    match root {
        Ok(root) => format!(
            "{head}\nThe root user's credentials, to paste into a shell:\n\n  \
             export AWS_ACCESS_KEY_ID={}\n  export AWS_SECRET_ACCESS_KEY={}\n  export AWS_ENDPOINT_URL={endpoint}\n  \
             export AWS_DEFAULT_REGION={}\n\nThen try:\n\n  aws sts get-caller-identity\n  \
             aws s3 mb s3://my-first-bucket\n  aws iam create-user --user-name my-first-user\n",
            root.access_key_id,
            root.secret.as_str(),
            config.region,
        ),
        Err(why) => format!("{head}\n{why}\n"),
    }
}

/// How other machines reach it, when they can.
fn elsewhere(addresses: &[SocketAddr]) -> String {
    let open = addresses.iter().find(|address| address.ip().is_unspecified());
    let found = open.and_then(|open| Some((address::reachable(open.ip())?, open.port())));
    let line = found.map(|(ip, port)| format!("From other machines: http://{}\n", SocketAddr::new(ip, port)));
    line.unwrap_or_default()
}

/// Further accounts and instances.
fn others(config: &Config, app: &App) -> String {
    let declared = |one: &FurtherAccount| {
        format!("Account {}: its root user's key is {}\n", one.account, one.root_credentials.access_key_id)
    };
    let accounts = config.further_accounts.iter().map(declared);
    let instances = config.instances.iter().zip(app.metadata()).map(|(instance, at)| {
        format!("Instance of {}: AWS_EC2_METADATA_SERVICE_ENDPOINT=http://{at}\n", instance.profile)
    });
    accounts.chain(instances).collect()
}

/// The same for programs, in one line.
fn line(config: &Config, app: &App, root: &Result<RootCredentials, String>) -> Value {
    let further = config.further_accounts.iter();
    let further = further
        .map(|one| json!({"AccountId": one.account, "AccessKeyId": one.root_credentials.access_key_id}));
    let instances = config.instances.iter().zip(app.metadata());
    let instances = instances
        .map(|(instance, at)| json!({"Profile": instance.profile, "Endpoint": format!("http://{at}")}));
    let (key, secret, problem) = match root {
        Ok(root) => (Some(&root.access_key_id), Some(root.secret.as_str()), None),
        Err(why) => (None, None, Some(why)),
    };
    json!({
        "Endpoint": app.endpoint(),
        "AccountId": app.gate().system().settings.account.as_str(),
        "Region": config.region,
        "DataDir": config.data_dir,
        "AccessKeyId": key,
        "SecretAccessKey": secret,
        "Problem": problem,
        "Accounts": further.collect::<Vec<_>>(),
        "Instances": instances.collect::<Vec<_>>(),
        "Metrics": app.metrics().map(|at| format!("http://{at}/metrics")),
    })
}
