//! What permission was decided on is what is acted on: an organization, a policy or an account that is not as it
//! was by the time of the commit.

use super::{House, MEMBER};
use rolecall_core::testing::{Credential, Seen};
use rolecall_wire::Service;
use serde_json::{Value, json};
use tokio::join;

const SCP: &str = "SERVICE_CONTROL_POLICY";

impl House {
    /// A control policy that is attached to nothing; its id.
    async fn policy(&self) -> String {
        let statement = json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"});
        let content = json!({"Version": "2012-10-17", "Statement": statement}).to_string();
        let body = json!({"Name": "thing", "Description": "", "Type": SCP, "Content": content});
        let made = self.ask("CreatePolicy", body).await;
        made["Policy"]["PolicySummary"]["Id"].as_str().unwrap().to_owned()
    }

    /// A user of the management account with a policy.
    async fn user(&self, statement: Value) -> Credential {
        let policy = json!({"Version": "2012-10-17", "Statement": statement}).to_string();
        self.world.user("u", Some(&policy)).await
    }

    async fn try_as(&self, who: &Credential, action: &str, body: Value) -> Seen {
        self.world.organizations(who, action, body).await
    }

    /// The code in the audit record of the last request for an operation.
    fn recorded(&self, action: &str) -> String {
        let records = self.world.records();
        let last = records.iter().rev().find(|record| record["eventName"] == action).unwrap();
        last["errorCode"].as_str().unwrap_or_default().to_owned()
    }
}

fn code(seen: &Seen) -> String {
    seen.json()["__type"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_policy_that_is_gone_at_the_commit_is_neither_changed_nor_attached() {
    for (action, refusal) in [
        ("UpdatePolicy", "PolicyNotFoundException"),
        ("AttachPolicy", "PolicyNotFoundException"),
        ("TagResource", "TargetNotFoundException"),
    ] {
        for disturbed in [false, true] {
            let house = House::new().await;
            let id = house.policy().await;
            let (body, commit) = match action {
                "UpdatePolicy" => (json!({"PolicyId": id, "Name": "renamed"}), &id),
                "AttachPolicy" => (json!({"PolicyId": id, "TargetId": house.root}), &house.id),
                _ => (json!({"ResourceId": id, "Tags": [{"Key": "k", "Value": "v"}]}), &id),
            };
            let held = house.world.before_commit_of(commit);
            let meanwhile = async {
                if disturbed {
                    house.ask("DeletePolicy", json!({"PolicyId": id})).await;
                }
            };
            let (seen, ()) = join!(house.try_as(&house.world.root, action, body), held.meanwhile(meanwhile));
            if !disturbed {
                assert_eq!(seen.status, 200, "{action}: {}", seen.body);
                continue;
            }
            assert_eq!(code(&seen), refusal, "{action}: {}", seen.body);
            assert_eq!(house.recorded(action), refusal, "{action}");
            let policies = house.ask("ListPolicies", json!({"Filter": SCP})).await;
            assert!(!policies.to_string().contains(&id), "{action}");
            let attached =
                house.ask("ListPoliciesForTarget", json!({"TargetId": house.root, "Filter": SCP})).await;
            assert!(!attached.to_string().contains(&id), "{action}");
        }
    }
}

/// Permission on policies of a type is none on what is no policy any more.
#[tokio::test]
async fn who_may_change_policies_of_a_type_is_refused_when_the_policy_is_gone() {
    let house = House::new().await;
    let id = house.policy().await;
    let user = house
        .user(json!({"Effect": "Allow", "Action": "organizations:*", "Resource": "*",
            "Condition": {"StringEquals": {"organizations:PolicyType": SCP}}}))
        .await;
    let rename = |name: &str| json!({"PolicyId": id, "Name": name});
    let undisturbed = house.try_as(&user, "UpdatePolicy", rename("renamed")).await;
    assert_eq!(undisturbed.status, 200, "{}", undisturbed.body);
    let held = house.world.before_commit_of(&id);
    let gone = async {
        house.ask("DeletePolicy", json!({"PolicyId": id})).await;
    };
    let (seen, ()) = join!(house.try_as(&user, "UpdatePolicy", rename("again")), held.meanwhile(gone));
    assert_eq!(code(&seen), "AccessDeniedException", "{}", seen.body);
    assert_eq!(house.recorded("UpdatePolicy"), "AccessDenied");
    let policies = house.ask("ListPolicies", json!({"Filter": SCP})).await;
    assert!(!policies.to_string().contains(&id));
}

/// A member that leaves between decision and commit is not moved, closed or tagged, and stays out.
#[tokio::test]
async fn an_account_that_has_left_at_the_commit_is_left_alone() {
    let tags = json!({"ResourceId": MEMBER, "Tags": [{"Key": "k", "Value": "v"}]});
    for (action, body, refusal) in [
        ("CloseAccount", json!({"AccountId": MEMBER}), "AccountNotFoundException"),
        ("TagResource", tags, "TargetNotFoundException"),
    ] {
        let house = House::new().await;
        let undisturbed = house.try_as(&house.world.root, action, body.clone()).await;
        assert_eq!(undisturbed.status, 200, "{action}: {}", undisturbed.body);
        let house = House::new().await;
        let held = house.world.before_commit_of(MEMBER);
        let left = async {
            house.world.organizations(&house.member, "LeaveOrganization", json!({})).await.ok();
        };
        let (seen, ()) = join!(house.try_as(&house.world.root, action, body), held.meanwhile(left));
        assert_eq!(code(&seen), refusal, "{action}: {}", seen.body);
        assert_eq!(house.recorded(action), refusal, "{action}");
        let who = house.world.ask(&house.member, Service::Sts, "GetCallerIdentity", &[]).await;
        assert_eq!(who.status, 200, "{action}: {}", who.body);
        let accounts = house.ask("ListAccounts", json!({})).await;
        assert!(!accounts.to_string().contains(MEMBER), "{action}");
    }
}

#[tokio::test]
async fn both_of_two_changes_of_an_organization_at_one_moment_are_made() {
    let house = House::new().await;
    let (first, second) = ("sso.amazonaws.com", "iam.amazonaws.com");
    let enable = |service: &str| json!({"ServicePrincipal": service});
    let held = house.world.before_commit_of(&house.id);
    let other = async {
        house.ask("EnableAWSServiceAccess", enable(first)).await;
    };
    let (seen, ()) = join!(
        house.try_as(&house.world.root, "EnableAWSServiceAccess", enable(second)),
        held.meanwhile(other)
    );
    assert_eq!(seen.status, 200, "{}", seen.body);
    let trusted = house.ask("ListAWSServiceAccessForOrganization", json!({})).await.to_string();
    assert!(trusted.contains(first) && trusted.contains(second), "{trusted}");
}
