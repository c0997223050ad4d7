//! Organizations, and control policies in force.

mod races;

use rolecall_core::testing::{ALLOW_ALL, Credential, World};
use rolecall_wire::Service;
use serde_json::{Value, json};

const MEMBER: &str = "111122223333";

/// An organization of the test account with one invited member, whose root key is known.
struct House {
    world: World,
    member: Credential,
    root: String,
    id: String,
}

impl House {
    async fn new() -> Self {
        let world = World::new().await.serving(rolecall_s3::HANDLERS);
        let member = world.account(MEMBER).await;
        let organization = ask(&world, "CreateOrganization", json!({})).await;
        let root = ask(&world, "ListRoots", json!({})).await;
        let target = json!({"Target": {"Type": "ACCOUNT", "Id": MEMBER}, "Notes": "join us"});
        let invitation = ask(&world, "InviteAccountToOrganization", target).await;
        let body = json!({"HandshakeId": invitation["Handshake"]["Id"]});
        world.organizations(&member, "AcceptHandshake", body).await.ok();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let (root, id) = (text(&root["Roots"][0]["Id"]), text(&organization["Organization"]["Id"]));
        let house = Self { world, member, root, id };
        for kind in ["SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"] {
            house.ask("EnablePolicyType", json!({"RootId": house.root, "PolicyType": kind})).await;
        }
        house
    }

    async fn ask(&self, action: &str, body: Value) -> Value {
        ask(&self.world, action, body).await
    }

    /// Attaches a policy of one statement to a target; its ARN.
    async fn control(&self, kind: &str, target: &str, statement: Value) -> String {
        let content = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
        let name = rolecall_core::entropy::uuid();
        let body = json!({"Name": name, "Description": "", "Type": kind, "Content": content});
        let made = self.ask("CreatePolicy", body).await;
        let summary = &made["Policy"]["PolicySummary"];
        self.ask("AttachPolicy", json!({"PolicyId": summary["Id"], "TargetId": target})).await;
        summary["Arn"].as_str().unwrap().to_owned()
    }

    /// A user of the member account that may do everything there.
    async fn admin(&self) -> Credential {
        let name = ("UserName", "admin");
        let iam = async |action, params: &[_]| {
            self.world.ask(&self.member, Service::Iam, action, params).await.ok()
        };
        iam("CreateUser", &[name]).await;
        iam("PutUserPolicy", &[name, ("PolicyName", "all"), ("PolicyDocument", ALLOW_ALL)]).await;
        iam("CreateAccessKey", &[name]).await.credential()
    }
}

async fn ask(world: &World, action: &str, body: Value) -> Value {
    let seen = world.organizations(&world.root, action, body).await;
    assert_eq!(seen.status, 200, "{action}: {}", seen.body);
    seen.json()
}

#[tokio::test]
async fn an_organization_grows_and_shrinks() {
    let house = House::new().await;
    let unit = house.ask("CreateOrganizationalUnit", json!({"ParentId": house.root, "Name": "Work"})).await;
    let unit = unit["OrganizationalUnit"]["Id"].as_str().unwrap();
    let moved = json!({"AccountId": MEMBER, "SourceParentId": house.root, "DestinationParentId": unit});
    house.ask("MoveAccount", moved).await;
    let parents = house.ask("ListParents", json!({"ChildId": MEMBER})).await;
    assert_eq!(parents["Parents"], json!([{"Id": unit, "Type": "ORGANIZATIONAL_UNIT"}]));
    let children = house.ask("ListChildren", json!({"ParentId": unit, "ChildType": "ACCOUNT"})).await;
    assert_eq!(children["Children"], json!([{"Id": MEMBER, "Type": "ACCOUNT"}]));
    let made = house.ask("CreateAccount", json!({"Email": "n@e.example", "AccountName": "New"})).await;
    let status = &made["CreateAccountStatus"];
    assert_eq!(status["State"], "SUCCEEDED");
    let again = house.ask("CreateAccount", json!({"Email": "N@e.example", "AccountName": "New"})).await;
    assert_eq!(again["CreateAccountStatus"]["FailureReason"], "EMAIL_ALREADY_EXISTS");
    let all = house.ask("ListAccounts", json!({})).await;
    assert_eq!(all["Accounts"].as_array().unwrap().len(), 3);
    let page = house.ask("ListAccounts", json!({"MaxResults": 2})).await;
    let rest = house.ask("ListAccounts", json!({"MaxResults": 2, "NextToken": page["NextToken"]})).await;
    assert_eq!(rest["Accounts"].as_array().unwrap().len(), 1);
    let refuse = async |action, body, code, message| {
        house.world.organizations(&house.world.root, action, body).await.expect_json(code, message);
    };
    let body = json!({"OrganizationalUnitId": unit});
    let message = "The specified OU is not empty. Move all accounts to another root or to other OUs, remove all child OUs, and try the operation again.";
    refuse("DeleteOrganizationalUnit", body, "OrganizationalUnitNotEmptyException", message).await;
    let message = "To delete an organization you must first remove all member accounts (except the master).";
    refuse("DeleteOrganization", json!({}), "OrganizationNotEmptyException", message).await;
    house.ask("RemoveAccountFromOrganization", json!({"AccountId": status["AccountId"]})).await;
    house.world.organizations(&house.member, "LeaveOrganization", json!({})).await.ok();
    house.ask("DeleteOrganizationalUnit", json!({"OrganizationalUnitId": unit})).await;
    house.ask("DeleteOrganization", json!({})).await;
    let message = "Your account is not a member of an organization.";
    refuse("DescribeOrganization", json!({}), "AWSOrganizationsNotInUseException", message).await;
}

#[tokio::test]
async fn the_management_account_gets_into_an_account_it_created() {
    let house = House::new().await;
    let made = house.ask("CreateAccount", json!({"Email": "n@e.example", "AccountName": "New"})).await;
    let id = made["CreateAccountStatus"]["AccountId"].as_str().unwrap();
    let admin = house.world.user("admin", Some(ALLOW_ALL)).await;
    let role = format!("arn:aws:iam::{id}:role/OrganizationAccountAccessRole");
    let params = [("RoleArn", role.as_str()), ("RoleSessionName", "in")];
    let session = house.world.ask(&admin, Service::Sts, "AssumeRole", &params).await.ok().credential();
    house.world.ask(&session, Service::Iam, "CreateUser", &[("UserName", "first")]).await.ok();
    let stranger = house.admin().await;
    let seen = house.world.ask(&stranger, Service::Sts, "AssumeRole", &params).await;
    assert_eq!(seen.tag("Code"), Some("AccessDenied"), "another member does not");
}

#[tokio::test]
async fn only_the_management_account_changes_anything() {
    let house = House::new().await;
    let message = "You don't have permissions to access this resource.";
    for (action, body) in [
        ("CreateAccount", json!({"Email": "n@e.example", "AccountName": "New"})),
        ("CreateOrganizationalUnit", json!({"ParentId": house.root, "Name": "n"})),
        ("ListAccounts", json!({})),
        ("DetachPolicy", json!({"PolicyId": "p-FullAWSAccess", "TargetId": MEMBER})),
        ("DeleteOrganization", json!({})),
        ("CloseAccount", json!({"AccountId": MEMBER})),
        ("TagResource", json!({"ResourceId": MEMBER, "Tags": [{"Key": "k", "Value": "v"}]})),
    ] {
        let seen = house.world.organizations(&house.member, action, body).await;
        seen.expect_json("AccessDeniedException", message);
    }
    let seen = house.world.organizations(&house.member, "DescribeOrganization", json!({})).await.ok();
    assert_eq!(seen.json()["Organization"]["MasterAccountId"], rolecall_core::testing::ACCOUNT);
    let user = house.world.user("u", None).await;
    let seen = house.world.organizations(&user, "ListAccounts", json!({})).await;
    let message = "User: arn:aws:iam::123456789012:user/u is not authorized to perform: organizations:ListAccounts \
                   because no identity-based policy allows the organizations:ListAccounts action";
    seen.expect_json("AccessDeniedException", message);
}

#[tokio::test]
async fn a_service_control_policy_denies_by_name_and_spares_the_management_account() {
    let house = House::new().await;
    let admin = house.admin().await;
    let create = async |who: &Credential, name| {
        house.world.ask(who, Service::Iam, "CreateUser", &[("UserName", name)]).await
    };
    create(&admin, "before").await.ok();
    let deny = json!({"Effect": "Deny", "Action": "iam:CreateUser", "Resource": "*"});
    let arn = house.control("SERVICE_CONTROL_POLICY", &house.root, deny).await;
    let sentence = |who: &str, name: &str| {
        format!(
            "User: arn:aws:iam::{MEMBER}:{who} is not authorized to perform: iam:CreateUser on resource: \
             arn:aws:iam::{MEMBER}:user/{name} with an explicit deny in a service control policy: {arn}"
        )
    };
    create(&admin, "a").await.expect(403, "AccessDenied", &sentence("user/admin", "a"));
    create(&house.member, "b").await.expect(403, "AccessDenied", &sentence("root", "b"));
    create(&house.world.root, "c").await.ok();
    create(&house.world.user("d", Some(ALLOW_ALL)).await, "e").await.ok();
    house.world.ask(&admin, Service::Iam, "ListUsers", &[]).await.ok();
}

#[tokio::test]
async fn every_level_must_allow() {
    let house = House::new().await;
    let admin = house.admin().await;
    let unit = house.ask("CreateOrganizationalUnit", json!({"ParentId": house.root, "Name": "Work"})).await;
    let unit = unit["OrganizationalUnit"]["Id"].as_str().unwrap();
    let only_s3 = json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"});
    house.control("SERVICE_CONTROL_POLICY", unit, only_s3).await;
    house.ask("DetachPolicy", json!({"PolicyId": "p-FullAWSAccess", "TargetId": unit})).await;
    house.world.ask(&admin, Service::Iam, "ListUsers", &[]).await.ok();
    let moved = json!({"AccountId": MEMBER, "SourceParentId": house.root, "DestinationParentId": unit});
    house.ask("MoveAccount", moved).await;
    let seen = house.world.ask(&admin, Service::Iam, "ListUsers", &[]).await;
    let reason = "because no service control policy allows the iam:ListUsers action";
    assert!(seen.tag("Message").unwrap().ends_with(reason), "{}", seen.body);
    house.world.s3(Some(&admin), "PUT", "/bucket", &[], "").await.ok();
    let last =
        house.ask("ListPoliciesForTarget", json!({"TargetId": unit, "Filter": "SERVICE_CONTROL_POLICY"}));
    let id = last.await["Policies"][0]["Id"].clone();
    let body = json!({"PolicyId": id, "TargetId": unit});
    let seen = house.world.organizations(&house.world.root, "DetachPolicy", body).await;
    assert_eq!(seen.json()["Reason"], "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED");
    let off = json!({"RootId": house.root, "PolicyType": "SERVICE_CONTROL_POLICY"});
    house.ask("DisablePolicyType", off).await;
    house.world.ask(&admin, Service::Iam, "ListUsers", &[]).await.ok();
}

#[tokio::test]
async fn a_resource_control_policy_guards_the_buckets_and_roles_of_members() {
    let house = House::new().await;
    let (world, root) = (&house.world, Some(&house.member));
    world.s3(root, "PUT", "/theirs", &[], "").await.ok();
    world.s3(Some(&world.root), "PUT", "/ours", &[], "").await.ok();
    let public = |bucket: &str| {
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*",
            "Action": "s3:GetObject", "Resource": format!("arn:aws:s3:::{bucket}/*")}]})
        .to_string()
    };
    for (who, bucket) in [(root, "theirs"), (Some(&world.root), "ours")] {
        world.s3(who, "DELETE", &format!("/{bucket}?publicAccessBlock"), &[], "").await.ok();
        world.s3(who, "PUT", &format!("/{bucket}?policy"), &[], public(bucket)).await.ok();
        world.s3(who, "PUT", &format!("/{bucket}/k"), &[], "content").await.ok();
        world.s3(None, "GET", &format!("/{bucket}/k"), &[], "").await.ok();
    }
    let outside = json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
        "Condition": {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": house.id},
            "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}, "Null": {"aws:PrincipalOrgID": "true"}}});
    house.control("RESOURCE_CONTROL_POLICY", &house.root, outside).await;
    assert_eq!(world.s3(None, "GET", "/theirs/k", &[], "").await.status, 403, "nobody from outside");
    world.s3(None, "GET", "/ours/k", &[], "").await.ok();
    world.s3(Some(&world.root), "GET", "/theirs/k", &[], "").await.ok();
    world.s3(root, "GET", "/theirs/k", &[], "").await.ok();
    let stranger = world.account("444455556666").await;
    assert_eq!(world.s3(Some(&stranger), "GET", "/theirs/k", &[], "").await.status, 403);
    world.s3(Some(&stranger), "GET", "/ours/k", &[], "").await.ok();
}

#[tokio::test]
async fn bucket_policies_can_ask_for_the_organization_and_the_path() {
    let house = House::new().await;
    let world = &house.world;
    let admin = house.admin().await;
    let stranger = world.account("444455556666").await;
    world.s3(Some(&world.root), "PUT", "/shared", &[], "").await.ok();
    world.s3(Some(&world.root), "DELETE", "/shared?publicAccessBlock", &[], "").await.ok();
    world.s3(Some(&world.root), "PUT", "/shared/k", &[], "content").await.ok();
    for (key, value) in [
        ("StringEquals", json!({"aws:PrincipalOrgID": house.id})),
        (
            "ForAnyValue:StringLike",
            json!({"aws:PrincipalOrgPaths": format!("{}/{}/*", house.id, house.root)}),
        ),
        ("StringEquals", json!({"aws:ResourceOrgID": "${aws:PrincipalOrgID}"})),
    ] {
        let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*",
            "Action": "s3:GetObject", "Resource": "arn:aws:s3:::shared/*", "Condition": {key: value}}]});
        world.s3(Some(&world.root), "PUT", "/shared?policy", &[], policy.to_string()).await.ok();
        world.s3(Some(&admin), "GET", "/shared/k", &[], "").await.ok();
        let seen = world.s3(Some(&stranger), "GET", "/shared/k", &[], "").await;
        seen.expect(403, "AccessDenied", "Access Denied");
    }
}

#[tokio::test]
async fn pol_an_unreadable_control_policy_denies() {
    let house = House::new().await;
    let admin = house.admin().await;
    let allow = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
    let arn = house.control("SERVICE_CONTROL_POLICY", MEMBER, allow).await;
    house.world.ask(&admin, Service::Iam, "ListUsers", &[]).await.ok();
    let id = arn.rsplit('/').next().unwrap();
    let mut txn = house.world.gate.system().store.begin();
    txn.delete(rolecall_core::records::key::control_policy(&house.id, id));
    txn.commit().await.unwrap();
    assert_eq!(house.world.ask(&admin, Service::Iam, "ListUsers", &[]).await.status, 500);
    house.world.iam("ListUsers", &[]).await;
}

#[tokio::test]
async fn control_policies_are_held_to_their_grammar() {
    let house = House::new().await;
    let message = "The provided policy document does not meet the requirements of the specified policy type.";
    let (service, resource) = ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY");
    let with_principal = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}]}"#;
    let allowing = with_principal.replace("Deny", "Allow");
    for (kind, content) in
        [(service, "{"), (service, with_principal), (resource, ALLOW_ALL), (resource, &allowing)]
    {
        let body = json!({"Name": "p", "Description": "", "Type": kind, "Content": content});
        let seen = house.world.organizations(&house.world.root, "CreatePolicy", body).await;
        seen.expect_json("MalformedPolicyDocumentException", message);
    }
    let body = json!({"Name": "p", "Description": "", "Type": resource, "Content": with_principal});
    house.ask("CreatePolicy", body.clone()).await;
    let again = house.world.organizations(&house.world.root, "CreatePolicy", body).await;
    again.expect_json("DuplicatePolicyException", "A policy with the same name already exists.");
    let body = json!({"PolicyId": "p-FullAWSAccess", "Name": "mine"});
    let seen = house.world.organizations(&house.world.root, "UpdatePolicy", body).await;
    assert_eq!(seen.json()["Reason"], "IMMUTABLE_POLICY");
}

#[tokio::test]
async fn an_invitation_is_settled_once_and_by_its_parties() {
    let house = House::new().await;
    let world = &house.world;
    let third = world.account("444455556666").await;
    let target = json!({"Target": {"Type": "EMAIL", "Id": "root@444455556666.invalid"}});
    let id = house.ask("InviteAccountToOrganization", target.clone()).await["Handshake"]["Id"].clone();
    let again = world.organizations(&world.root, "InviteAccountToOrganization", target).await;
    assert_eq!(again.json()["__type"], "DuplicateHandshakeException");
    let accept = async |who: &Credential| {
        world.organizations(who, "AcceptHandshake", json!({"HandshakeId": id})).await
    };
    for stranger in [&world.root, &house.member] {
        let message = "You specified a handshake that doesn't exist.";
        accept(stranger).await.expect_json("HandshakeNotFoundException", message);
    }
    let seen = world.organizations(&third, "ListHandshakesForAccount", json!({})).await.ok().json();
    assert_eq!((&seen["Handshakes"][0]["Id"], &seen["Handshakes"][0]["State"]), (&id, &json!("OPEN")));
    accept(&third).await.ok();
    assert_eq!(accept(&third).await.json()["__type"], "HandshakeAlreadyInStateException");
    world.pass(16 * 86_400);
    world.organizations(&third, "LeaveOrganization", json!({})).await.ok();
    let target = json!({"Target": {"Type": "ACCOUNT", "Id": "444455556666"}});
    let late = house.ask("InviteAccountToOrganization", target).await["Handshake"]["Id"].clone();
    world.pass(16 * 86_400);
    let seen = world.organizations(&third, "AcceptHandshake", json!({"HandshakeId": late})).await;
    assert_eq!(seen.json()["__type"], "InvalidHandshakeTransitionException");
}

#[tokio::test]
async fn a_root_session_is_for_its_task_and_its_organization() {
    let house = House::new().await;
    let world = &house.world;
    let admin = world.user("admin", Some(ALLOW_ALL)).await;
    let audit = "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials";
    let unlock = "arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy";
    let assume = async |who: &Credential, account: &str, task: &str| {
        let params = [("TargetPrincipal", account), ("TaskPolicyArn.arn", task)];
        world.ask(who, Service::Sts, "AssumeRoot", &params).await
    };
    let sentence = |who: &str, account: &str| {
        format!(
            "User: {who} is not authorized to perform: sts:AssumeRoot on resource: arn:aws:iam::{account}:root"
        )
    };
    let ours = "arn:aws:iam::123456789012:user/admin";
    let refused = sentence(ours, MEMBER);
    assume(&admin, MEMBER, audit).await.expect(403, "AccessDenied", &refused);
    let features = async |action| world.ask(&world.root, Service::Iam, action, &[]).await;
    assert_eq!(
        features("EnableOrganizationsRootSessions").await.tag("Code"),
        Some("ServiceAccessNotEnabledException")
    );
    house.ask("EnableAWSServiceAccess", json!({"ServicePrincipal": "iam.amazonaws.com"})).await;
    features("EnableOrganizationsRootSessions").await.ok();
    let listed = features("ListOrganizationsFeatures").await.ok();
    assert!(
        listed.body.contains("<member>RootSessions</member>") && !listed.body.contains("RootCredentials")
    );
    let root = assume(&admin, MEMBER, audit).await.ok().credential();
    let who = world.ask(&root, Service::Sts, "GetCallerIdentity", &[]).await.ok();
    assert_eq!(who.tag("Arn"), Some("arn:aws:iam::111122223333:root"));
    let keys = world.ask(&root, Service::Iam, "ListAccessKeys", &[]).await.ok();
    assert_eq!(keys.tag("AccessKeyId"), Some(house.member.access_key_id.as_str()));
    let outside = world.ask(&root, Service::Iam, "ListUsers", &[]).await;
    let reason = format!("with an explicit deny in a session policy: {audit}");
    assert!(outside.tag("Message").unwrap().contains(&reason), "{}", outside.body);
    assert_eq!(world.s3(Some(&root), "GET", "/", &[], "").await.status, 403);

    let root = assume(&admin, "arn:aws:iam::111122223333:root", unlock).await.ok().credential();
    world.s3(Some(&house.member), "PUT", "/locked", &[], "").await.ok();
    let lock = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:*",
        "Resource": ["arn:aws:s3:::locked", "arn:aws:s3:::locked/*"]}]});
    world.s3(Some(&house.member), "PUT", "/locked?policy", &[], lock.to_string()).await.ok();
    assert_eq!(world.s3(Some(&house.member), "GET", "/locked", &[], "").await.status, 403);
    world.s3(Some(&root), "DELETE", "/locked?policy", &[], "").await.ok();
    world.s3(Some(&house.member), "GET", "/locked", &[], "").await.ok();
    assert_eq!(world.s3(Some(&root), "GET", "/locked", &[], "").await.status, 403);

    let message = "Your account is not a member of an organization.";
    let third = world.account("444455556666").await;
    world
        .organizations(&third, "DescribeOrganization", json!({}))
        .await
        .expect_json("AWSOrganizationsNotInUseException", message);
    for account in ["444455556666", rolecall_core::testing::ACCOUNT, "999999999999"] {
        assume(&admin, account, audit).await.expect(403, "AccessDenied", &sentence(ours, account));
    }
    assume(&world.root, MEMBER, audit).await.expect(
        403,
        "AccessDenied",
        &sentence("arn:aws:iam::123456789012:root", MEMBER),
    );
    let theirs = house.admin().await;
    assert_eq!(assume(&theirs, MEMBER, audit).await.tag("Code"), Some("AccessDenied"));
    let admin_policy = "arn:aws:iam::aws:policy/AdministratorAccess";
    assert_eq!(assume(&admin, MEMBER, admin_policy).await.tag("Code"), Some("ValidationError"));
    world.pass(900);
    assert_eq!(
        world.s3(Some(&root), "DELETE", "/locked?policy", &[], "").await.tag("Code"),
        Some("ExpiredToken")
    );
}
