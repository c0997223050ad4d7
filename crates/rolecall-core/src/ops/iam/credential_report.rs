//! `GenerateCredentialReport` and `GetCredentialReport`: a line for every user of an account with the state
//! of its credentials (IAM User Guide, Getting credential reports).

use crate::clock::text::iso8601;
use crate::error::{Error, iam};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::ops::iam::users;
use crate::records::{
    self, AccessKey, CredentialReport, LastUse, MfaDevice, Owner, Record, Status, User, key,
};
use crate::target::Targets;
use rolecall_wire::iam::{GenerateCredentialReportResponse, GetCredentialReportResponse, op};
use rolecall_wire::operation::Nothing;

impl Serve for op::GenerateCredentialReport {
    type Seen = ();

    async fn targets(_cx: &Cx<'_>, _input: &Nothing) -> Result<Targets<()>, Error> {
        Ok(Targets::on("iam:GenerateCredentialReport", "*"))
    }

    /// A report serves for four hours; then another one is made. Ours is done at once, and said to be
    /// started as AWS says it.
    async fn run(
        cx: &mut Cx<'_>,
        _input: Nothing,
        granted: Granted<()>,
    ) -> Result<Reply<GenerateCredentialReportResponse>, Error> {
        let mut txn = granted.begin(cx);
        let stored = records::read(&mut txn, &key::credential_report(cx.account())).await?;
        if stored.is_some_and(|(report, _): (CredentialReport, _)| cx.now < report.generated + LIFETIME) {
            return Ok(answer("COMPLETE", None));
        }
        let report = CredentialReport { generated: cx.now, text: text(cx).await? };
        records::write(&mut txn, key::credential_report(cx.account()), &report)?;
        txn.commit().await?;
        Ok(answer("STARTED", Some("No report exists. Starting a new report generation task")))
    }
}

impl Serve for op::GetCredentialReport {
    type Seen = ();

    async fn targets(_cx: &Cx<'_>, _input: &Nothing) -> Result<Targets, Error> {
        Ok(Targets::on("iam:GetCredentialReport", "*"))
    }

    async fn run(
        cx: &mut Cx<'_>,
        _input: Nothing,
        _: Granted<()>,
    ) -> Result<Reply<GetCredentialReportResponse>, Error> {
        let found = cx.system.store.get(&key::credential_report(cx.account())).await?;
        let report = CredentialReport::decode(&found.ok_or_else(iam::report_not_present)?)?;
        if cx.now >= report.generated + LIFETIME {
            return Err(iam::report_expired());
        }
        Ok(GetCredentialReportResponse {
            content: Some(report.text.into_bytes()),
            report_format: Some("text/csv".to_owned()),
            generated_time: Some(report.generated),
        }
        .into())
    }
}

fn answer(state: &str, description: Option<&str>) -> Reply<GenerateCredentialReportResponse> {
    let description = description.map(str::to_owned);
    GenerateCredentialReportResponse { state: Some(state.to_owned()), description }.into()
}

async fn text(cx: &Cx<'_>) -> Result<String, Error> {
    let account = users::account(cx).await?;
    let devices = devices(cx).await?;
    let root = [quoted("<root_account>"), account.id.root_arn(), date(account.created)];
    let password = ["not_supported", "no_information", "not_supported", "not_supported"];
    let mfa = devices.contains(&Owner::Root);
    let mut lines = vec![HEADER.to_owned(), line(cx, root, password, mfa, &account.root_keys).await?];
    for (_, stored) in cx.system.store.scan(&key::users(&account.id), usize::MAX).await? {
        let user = User::decode(&stored)?;
        let owner = Owner::User { name: user.name.clone(), id: user.id.clone() };
        let who = [quoted(&user.name), quoted(&user.arn()), date(user.created)];
        let password = ["false", "N/A", "N/A", "N/A"];
        lines.push(line(cx, who, password, devices.contains(&owner), &user.access_keys).await?);
    }
    Ok(lines.join("\n"))
}

/// Whose devices are enabled.
async fn devices(cx: &Cx<'_>) -> Result<Vec<Owner>, Error> {
    let mut owners = Vec::new();
    for (_, stored) in cx.system.store.scan(&key::mfa_devices(cx.account()), usize::MAX).await? {
        owners.extend(MfaDevice::decode(&stored)?.assigned.map(|assigned| assigned.owner));
    }
    Ok(owners)
}

async fn line(
    cx: &Cx<'_>,
    who: [String; 3],
    password: [&str; 4],
    mfa: bool,
    keys: &[String],
) -> Result<String, Error> {
    let mut cells: Vec<String> = who.into_iter().chain(password.map(str::to_owned)).collect();
    cells.push(mfa.to_string());
    for at in 0..2 {
        cells.extend(key_cells(cx, keys.get(at)).await?);
    }
    cells.extend(["false", "N/A", "false", "N/A"].map(str::to_owned));
    Ok(cells.join(","))
}

/// Whether a key is active, since when it is there, and when, where and for what it was last used.
async fn key_cells(cx: &Cx<'_>, id: Option<&String>) -> Result<[String; 5], Error> {
    let found = match id {
        Some(id) => cx.system.store.cached(&key::access_key(id), AccessKey::decode).await?,
        None => None,
    };
    let Some((key, _)) = found else { return Ok(["false", "N/A", "N/A", "N/A", "N/A"].map(str::to_owned)) };
    let used = cx.system.store.cached(&key::access_key_use(&key.id), LastUse::decode).await?;
    let used = used.map_or_else(
        || ["N/A", "N/A", "N/A"].map(str::to_owned),
        |(used, _)| [date(used.at), used.region.clone(), used.service.clone()],
    );
    let [at, region, service] = used;
    Ok([(key.status == Status::Active).to_string(), date(key.created), at, region, service])
}

/// `2026-01-01T00:00:00+00:00`.
fn date(at: i64) -> String {
    iso8601(at).replace('Z', "+00:00")
}

/// A cell; names may hold commas (RFC 4180 §2).
fn quoted(text: &str) -> String {
    if text.contains(',') { format!("\"{text}\"") } else { text.to_owned() }
}

const HEADER: &str = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated";
/// How long a report serves, in seconds: four hours.
const LIFETIME: i64 = 4 * 3600;

#[cfg(test)]
mod tests {
    use crate::testing::World;
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use rolecall_wire::Service;

    #[tokio::test]
    async fn a_report_is_generated_read_and_expires() {
        let world = World::new().await;
        world.user("alice", None).await;
        world.iam("CreateUser", &[("UserName", "a,b")]).await;
        let get = async || world.ask(&world.root, Service::Iam, "GetCredentialReport", &[]).await;
        assert_eq!((get().await.status, get().await.tag("Code")), (410, Some("ReportNotPresent")));
        assert_eq!(world.iam("GenerateCredentialReport", &[]).await.tag("State"), Some("STARTED"));
        assert_eq!(world.iam("GenerateCredentialReport", &[]).await.tag("State"), Some("COMPLETE"));
        let report = get().await.ok();
        let text = STANDARD.decode(report.tag("Content").unwrap()).unwrap();
        let text = String::from_utf8(text).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!((lines.len(), lines[0]), (4, super::HEADER));
        let cells = super::HEADER.split(',').count();
        assert!(lines[1].starts_with("<root_account>,arn:aws:iam::123456789012:root,"));
        assert!(lines[2].starts_with("\"a,b\",\"arn:aws:iam::123456789012:user/a,b\","));
        let alice: Vec<&str> = lines[3].split(',').collect();
        assert_eq!(
            (alice.len(), alice[0], alice[3], alice[7], alice[8], alice[13]),
            (cells, "alice", "false", "false", "true", "false")
        );
        world.pass(4 * 3600);
        assert_eq!((get().await.status, get().await.tag("Code")), (410, Some("ReportExpired")));
    }
}
