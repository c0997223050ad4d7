//! The members of STS's answers are those of the table in `docs/answers.md`.

use crate::testing::{ALLOW_ALL, Answers, World};
use rolecall_wire::Service;

const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"123456789012"},
    "Action":["sts:AssumeRole","sts:SetSourceIdentity","sts:TagSession"]}]}"#;

/// Operation, situation, parameters.
type Row<'r> = (&'r str, &'r str, &'r [(&'r str, &'r str)]);

#[tokio::test]
async fn the_members_of_sts_answers_are_those_of_the_table() {
    let world = World::new().await;
    let user = world.user("u", Some(ALLOW_ALL)).await;
    world.iam("CreateRole", &[("RoleName", "r"), ("AssumeRolePolicyDocument", TRUST)]).await;
    let role = [("RoleArn", "arn:aws:iam::123456789012:role/r"), ("RoleSessionName", "session")];
    let laden = [&role[..], &[("Policy", ALLOW_ALL), ("SourceIdentity", "identity")]].concat();
    let key = [("AccessKeyId", user.access_key_id.as_str())];
    let mut answers = Answers::default();
    let rows: [Row<'_>; 7] = [
        ("GetCallerIdentity", "a user", &[]),
        ("AssumeRole", "plain", &role),
        ("AssumeRole", "session policy and source identity", &laden),
        ("GetSessionToken", "plain", &[]),
        ("GetFederationToken", "plain", &[("Name", "federated")]),
        ("GetFederationToken", "session policy", &[("Name", "federated"), ("Policy", ALLOW_ALL)]),
        ("GetAccessKeyInfo", "plain", &key),
    ];
    for (operation, situation, params) in rows {
        answers.of(&world, &user, Service::Sts, (operation, situation), params).await;
    }
    answers.compare("STS");
}
