//! `GenerateCredentialReport` and `GetCredentialReport`: a line for every user of an account with the state
//! of its credentials (IAM User Guide, Getting credential reports).

use crate::clock::text::iso8601;
use crate::error::{Error, iam};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::ops::iam::users::belongings;
use crate::ops::iam::users::{self, Holder};
use crate::records::{self, CredentialReport, Record, User, key};
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
    let root = [
        ("user", quoted("<root_account>")),
        ("arn", account.id.root_arn()),
        ("user_creation_time", date(account.created)),
        ("password_enabled", "not_supported".to_owned()),
        ("password_last_used", "no_information".to_owned()),
        ("password_last_changed", "not_supported".to_owned()),
        ("password_next_rotation", "not_supported".to_owned()),
    ];
    let mut lines = vec![HEADER.to_owned(), line(cx, Holder::Root(&account), &root).await?];
    for (_, stored) in cx.system.store.scan(&key::users(&account.id), usize::MAX).await? {
        let user = User::decode(&stored)?;
        let who = [
            ("user", quoted(&user.name)),
            ("arn", quoted(&user.arn())),
            ("user_creation_time", date(user.created)),
        ];
        lines.push(line(cx, Holder::User(&user), &who).await?);
    }
    Ok(lines.join("\n"))
}

/// The cells about a holder and what belongs to it, in the columns' order.
async fn line(cx: &Cx<'_>, holder: Holder<'_>, who: &[(&str, String)]) -> Result<String, Error> {
    let held = belongings::reported(cx, holder).await?;
    let known = || {
        let who = who.iter().map(|(column, text)| (*column, text.as_str()));
        who.chain(held.iter().map(|(column, text)| (column.as_str(), text.as_str())))
    };
    let cell = |column| known().find(|(of, _)| *of == column).map_or(absent(column), |(_, text)| text);
    Ok(HEADER.split(',').map(cell).collect::<Vec<_>>().join(","))
}

/// What stands in a column about something that is not there.
fn absent(column: &str) -> &'static str {
    if column.ends_with("_enabled") || column.ends_with("_active") { "false" } else { "N/A" }
}

/// `2026-01-01T00:00:00+00:00`.
pub(in crate::ops::iam) fn date(at: i64) -> String {
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

    /// Every column, of a user who has one of each and of one who has nothing, and of root.
    #[tokio::test]
    async fn a_line_tells_of_everything_that_belongs_to_its_user() {
        let world = World::new().await;
        let alice = world.user("alice", Some(crate::testing::ALLOW_ALL)).await;
        world.iam("CreateUser", &[("UserName", "bob")]).await;
        world.iam("CreateAccessKey", &[("UserName", "alice")]).await;
        let status = [("AccessKeyId", alice.access_key_id.as_str()), ("Status", "Active")];
        world.ask(&alice, Service::Iam, "UpdateAccessKey", &status).await.ok();
        world.device("alice", "phone").await;
        let made = super::date(world.gate.system().clock.now() - 30);
        world.iam("GenerateCredentialReport", &[]).await;
        let report = world.iam("GetCredentialReport", &[]).await;
        let text = STANDARD.decode(report.tag("Content").unwrap()).unwrap();
        let text = String::from_utf8(text).unwrap();
        let none = "false,N/A,N/A,N/A,N/A";
        let arn = "arn:aws:iam::123456789012";
        let used = format!("true,{made},{made},us-east-1,iam");
        let root = format!(
            "<root_account>,{arn}:root,{made},not_supported,no_information,not_supported,not_supported,false,{used},{none},false,N/A,false,N/A"
        );
        let unused = format!("true,{made},N/A,N/A,N/A");
        let alice = format!(
            "alice,{arn}:user/alice,{made},false,N/A,N/A,N/A,true,{used},{unused},false,N/A,false,N/A"
        );
        let bob =
            format!("bob,{arn}:user/bob,{made},false,N/A,N/A,N/A,false,{none},{none},false,N/A,false,N/A");
        let lines: Vec<&str> = text.lines().skip(1).collect();
        assert_eq!(lines, [root, alice, bob]);
    }
}
