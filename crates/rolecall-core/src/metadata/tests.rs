use super::*;
use crate::gate::Message;
use crate::testing::{ACCOUNT, Credential, Seen, World, head};
use rolecall_wire::Service;
use rolecall_wire::sigv4::SecretKey;

const TRUSTS_EC2: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
    "Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;

/// A world with a profile `web` with the role `app` in it.
async fn world(trust: &str) -> World {
    let world = World::new().await;
    world.iam("CreateRole", &[("RoleName", "app"), ("AssumeRolePolicyDocument", trust)]).await;
    world.iam("CreateInstanceProfile", &[("InstanceProfileName", "web")]).await;
    world.iam("AddRoleToInstanceProfile", &[("InstanceProfileName", "web"), ("RoleName", "app")]).await;
    world
}

fn instance(tokens: Demand) -> Arc<Instance> {
    let (id, account) = ("i-0123456789abcdef0".to_owned(), ACCOUNT.parse().unwrap());
    Arc::new(Instance { id, account, profile: "web".to_owned(), tokens })
}

fn admitted(world: &World) -> Admitted {
    let system = world.gate.system();
    let (instance, now) = (instance(Demand::Required), system.clock.now());
    let token = system.metadata.token(&instance, 60, now).unwrap();
    system.metadata.admit(&instance, Some(&token), now).unwrap()
}

async fn ask(world: &World, admitted: &Admitted) -> Seen {
    let seen = world.send(head("GET", "/", &[]), Message::Instance(admitted.clone())).await;
    assert_eq!(world.gate.system().metadata.keep(admitted).is_some(), seen.status == 200);
    seen
}

async fn allow(world: &World, statement: &str) {
    let policy = format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#);
    let params = [("RoleName", "app"), ("PolicyName", "p"), ("PolicyDocument", policy.as_str())];
    world.iam("PutRolePolicy", &params).await;
}

async fn held(world: &World, admitted: &Admitted) -> Option<Arc<Held>> {
    let role = admitted.profile(world.gate.system()).await.unwrap().unwrap().role.unwrap();
    admitted.credentials(world.gate.system(), &role).await.unwrap()
}

fn credential(held: &Held) -> Credential {
    let secret = SecretKey::new(held.secret_access_key.to_string());
    Credential { access_key_id: held.access_key_id.clone(), secret, token: Some(held.session_token.clone()) }
}

#[tokio::test]
async fn an_instance_acts_as_the_role_of_its_profile() {
    let world = world(TRUSTS_EC2).await;
    let admitted = admitted(&world);
    ask(&world, &admitted).await.ok();
    let held = held(&world, &admitted).await.unwrap();
    assert_eq!(held.expires - held.issued, 6 * 3_600, "whatever the role's longest session is");
    let it = credential(&held);
    let seen = world.ask(&it, Service::Sts, "GetCallerIdentity", &[]).await.ok();
    let arn = "arn:aws:sts::123456789012:assumed-role/app/i-0123456789abcdef0";
    assert_eq!(seen.tag("Arn"), Some(arn));
    let list = async || world.ask(&it, Service::Iam, "ListRoles", &[]).await;
    assert_eq!(list().await.tag("Code"), Some("AccessDenied"));
    allow(&world, r#"{"Effect":"Allow","Action":"iam:ListRoles","Resource":"*"}"#).await;
    list().await.ok();
}

#[tokio::test]
async fn a_role_that_does_not_trust_ec2_is_not_assumed() {
    for trust in [
        TRUSTS_EC2.replace("ec2.amazonaws.com", "ecs-tasks.amazonaws.com"),
        TRUSTS_EC2.replace(r#"{"Service":"ec2.amazonaws.com"}"#, r#"{"AWS":"123456789012"}"#),
        TRUSTS_EC2.replace("sts:AssumeRole", "sts:AssumeRoleWithSAML"),
    ] {
        let world = world(&trust).await;
        let admitted = admitted(&world);
        let refused = ask(&world, &admitted).await;
        assert_eq!(refused.tag("Code"), Some("AccessDenied"), "{trust}");
        let id = crate::decisions::authorization_id(refused.tag("RequestId").unwrap());
        let details = [("authorizationId", id.as_str())];
        world.toolbox(Some(&world.root), "GetRequestAuthorizationDetails", &details).await.ok();
        assert!(held(&world, &admitted).await.is_none());
    }
}

#[tokio::test]
async fn policies_see_that_a_service_asks() {
    let with = |condition: &str| {
        TRUSTS_EC2.replace("\"sts:AssumeRole\"", &format!("\"sts:AssumeRole\",\"Condition\":{condition}"))
    };
    for (condition, assumed) in [
        (r#"{"Bool":{"aws:PrincipalIsAWSService":"true"}}"#, true),
        (r#"{"BoolIfExists":{"aws:PrincipalIsAWSService":"false"}}"#, false),
        (r#"{"StringEquals":{"aws:PrincipalServiceName":"ec2.amazonaws.com"}}"#, true),
        (r#"{"ForAnyValue:StringEquals":{"aws:PrincipalServiceNamesList":["ec2.amazonaws.com"]}}"#, true),
        (r#"{"StringEquals":{"aws:PrincipalServiceName":"lambda.amazonaws.com"}}"#, false),
    ] {
        let world = world(&with(condition)).await;
        let seen = ask(&world, &admitted(&world)).await;
        assert_eq!(seen.status == 200, assumed, "{condition}: {}", seen.body);
    }
}

#[tokio::test]
async fn policies_can_ask_how_and_where_the_credentials_were_delivered() {
    let world = world(TRUSTS_EC2).await;
    let machine = r#""ArnEquals":{"ec2:SourceInstanceARN":"arn:aws:ec2:us-east-1:123456789012:instance/i-0123456789abcdef0"}"#;
    let delivery = r#""NumericLessThan":{"ec2:RoleDelivery":"2.0"}"#;
    allow(
        &world,
        &format!(
            r#"{{"Effect":"Allow","Action":"iam:ListRoles","Resource":"*","Condition":{{{machine}}}}},
            {{"Effect":"Deny","Action":"*","Resource":"*","Condition":{{{delivery}}}}}"#
        ),
    )
    .await;
    let system = world.gate.system();
    let first = instance(Demand::Optional);
    let v1 = system.metadata.admit(&first, None, system.clock.now()).unwrap();
    let list = async |it: &Credential| world.ask(it, Service::Iam, "ListRoles", &[]).await;
    ask(&world, &v1).await.ok();
    let denied = list(&credential(&held(&world, &v1).await.unwrap())).await;
    assert!(denied.body.contains("explicit deny in an identity-based policy"), "{}", denied.body);
    let v2 = admitted(&world);
    assert!(held(&world, &v2).await.is_none(), "what version 1 gave is not for version 2");
    ask(&world, &v2).await.ok();
    list(&credential(&held(&world, &v2).await.unwrap())).await.ok();
    let again = system.metadata.admit(&first, None, system.clock.now()).unwrap();
    let held = held(&world, &again).await.unwrap();
    assert!(list(&credential(&held)).await.body.contains("explicit deny"), "nor the other way round");
}

#[tokio::test]
async fn the_same_credentials_are_given_for_an_hour_and_not_once_they_are_void() {
    let world = world(TRUSTS_EC2).await;
    let first = admitted(&world);
    ask(&world, &first).await.ok();
    let admitted = admitted(&world);
    let first = held(&world, &admitted).await.unwrap().access_key_id.clone();
    world.pass(3_599);
    assert_eq!(held(&world, &admitted).await.unwrap().access_key_id, first);
    world.pass(1);
    assert!(held(&world, &admitted).await.is_none(), "an hour old");
    ask(&world, &admitted).await.ok();
    let second = held(&world, &admitted).await.unwrap();
    let revoke = [("RoleName", "app")];
    world.pass(1);
    world.ask(&world.root, Service::Rolecall, "RevokeSessions", &revoke).await.ok();
    assert!(held(&world, &admitted).await.is_none(), "revoked");
    assert_eq!(world.ask(&credential(&second), Service::Sts, "GetCallerIdentity", &[]).await.status, 403);
}

#[tokio::test]
async fn a_profile_without_a_role_and_a_role_made_anew_give_nothing_old() {
    let world = world(TRUSTS_EC2).await;
    ask(&world, &admitted(&world)).await.ok();
    let admitted = admitted(&world);
    let member = [("InstanceProfileName", "web"), ("RoleName", "app")];
    world.iam("RemoveRoleFromInstanceProfile", &member).await;
    assert!(admitted.profile(world.gate.system()).await.unwrap().unwrap().role.is_none());
    assert_eq!(ask(&world, &admitted).await.tag("Code"), Some("AccessDenied"));
    world.iam("DeleteRole", &[("RoleName", "app")]).await;
    world.iam("CreateRole", &[("RoleName", "app"), ("AssumeRolePolicyDocument", TRUSTS_EC2)]).await;
    world.iam("AddRoleToInstanceProfile", &member).await;
    assert!(held(&world, &admitted).await.is_none(), "another role of that name");
    world.iam("RemoveRoleFromInstanceProfile", &member).await;
    world.iam("DeleteInstanceProfile", &[("InstanceProfileName", "web")]).await;
    assert!(admitted.profile(world.gate.system()).await.unwrap().is_none());
}

#[tokio::test]
async fn the_audit_record_names_the_service_and_no_secret() {
    let world = world(TRUSTS_EC2).await;
    let admitted = admitted(&world);
    ask(&world, &admitted).await.ok();
    let held = held(&world, &admitted).await.unwrap();
    let record = world.records().pop().unwrap();
    assert_eq!(record["userIdentity"]["type"], "AWSService");
    assert_eq!(record["userIdentity"]["invokedBy"], "ec2.amazonaws.com");
    assert_eq!(record["requestParameters"]["instanceId"], "i-0123456789abcdef0");
    assert_eq!(record["responseElements"]["credentials"]["accessKeyId"], *held.access_key_id);
    let line = record.to_string();
    assert!(!line.contains(held.secret_access_key.as_str()) && !line.contains(&held.session_token));
}

#[tokio::test]
async fn imd_01_without_a_token_only_version_1_tells() {
    let world = world(TRUSTS_EC2).await;
    let metadata = &world.gate.system().metadata;
    assert!(metadata.admit(&instance(Demand::Required), None, 0).is_none());
    assert!(metadata.admit(&instance(Demand::Optional), None, 0).is_some());
    assert!(metadata.admit(&instance(Demand::Optional), Some("forged"), 0).is_none(), "not taken for none");
}
