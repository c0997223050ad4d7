//! The IAM toolbox through the gate.

use rolecall_core::testing::{ACCOUNT, ALLOW_ALL, Credential, Seen, World};
use rolecall_wire::Service;
use serde_json::{Value, json};

const DENY: &str = "{\"Version\":\"2012-10-17\",\"Statement\":[\n  \
    {\"Sid\":\"NoLists\",\"Effect\":\"Deny\",\"Action\":[\"iam:List*\"],\"Resource\":\"*\",\n   \
    \"Condition\":{\"StringNotEquals\":{\"aws:PrincipalTag/team\":\"ops\"}}}]}";

/// A user who is denied `ListUsers` by an inline policy; the id of the denial.
async fn denied(world: &World) -> (Credential, String) {
    let user = world.user("u", Some(DENY)).await;
    let aws = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    world.iam("AttachUserPolicy", &[("UserName", "u"), ("PolicyArn", aws)]).await;
    let seen = world.ask(&user, Service::Iam, "ListUsers", &[]).await;
    assert_eq!(seen.status, 403, "{}", seen.body);
    let id = rolecall_core::decisions::authorization_id(seen.tag("RequestId").unwrap());
    (user, id)
}

async fn details(world: &World, who: &Credential, id: &str) -> Seen {
    world.toolbox(Some(who), "GetRequestAuthorizationDetails", &[("authorizationId", id)]).await
}

fn refused(seen: &Seen) -> (u16, &str) {
    (seen.status, seen.headers["x-amzn-errortype"].to_str().unwrap())
}

#[tokio::test]
async fn a_denial_is_explained_with_context_checks_and_policies() {
    let world = World::new().await.serving(rolecall_s3::HANDLERS);
    let (_, id) = denied(&world).await;
    let seen = details(&world, &world.root, &id).await.ok();
    assert_eq!(seen.headers["content-type"], "application/json");
    let told: Value = serde_json::from_str(&seen.body).unwrap();
    assert_eq!(told["requestContext"]["aws:username"], "u");
    let evaluation = &told["evaluations"][0];
    assert_eq!(evaluation["action"], "iam:ListUsers");
    assert_eq!(evaluation["evaluatedEffect"], "EXPLICIT_DENY");
    assert_eq!(evaluation["context"]["aws:ResourceAccount"], ACCOUNT);
    let check = &evaluation["checks"][0];
    assert_eq!(
        (&check["checkType"], &check["evaluatedEffect"]),
        (&"PRINCIPAL".into(), &"EXPLICIT_DENY".into())
    );
    let matched = check["matchedPolicies"].as_array().unwrap();
    let denial = matched.iter().find(|policy| policy["uri"] == "inline/user/u/inline").unwrap();
    assert_eq!(denial["matchedStatements"][0]["sid"], "NoLists");
    assert_eq!(denial["matchedStatements"][0]["evaluatedEffect"], "DENY");
    let uris: Vec<_> =
        told["policies"].as_array().unwrap().iter().map(|p| p["uri"].as_str().unwrap()).collect();
    assert_eq!(uris, ["inline/user/u/inline", "arn:aws:iam::aws:policy/ReadOnlyAccess"]);
    assert_eq!(told["policies"][0]["attachedTo"][0]["arn"], format!("arn:aws:iam::{ACCOUNT}:user/u"));
    assert_eq!(
        (&told["policies"][0]["inline"], &told["policies"][1]["inline"]),
        (&true.into(), &false.into())
    );
    assert!(told.get("nextToken").is_none());
}

#[tokio::test]
async fn a_policy_is_shown_as_it_was() {
    let world = World::new().await.serving(rolecall_s3::HANDLERS);
    let (_, id) = denied(&world).await;
    world.iam("DeleteUserPolicy", &[("UserName", "u"), ("PolicyName", "inline")]).await;
    let ask = async |uri: &str| {
        let params = [("authorizationId", id.as_str()), ("policyUri", uri)];
        world.toolbox(Some(&world.root), "GetRequestAuthorizationPolicy", &params).await
    };
    let told: Value = serde_json::from_str(&ask("inline/user/u/inline").await.ok().body).unwrap();
    assert_eq!(told["policyDocument"], serde_json::from_str::<Value>(DENY).unwrap());
    assert_eq!(refused(&ask("inline/user/u/other").await), (404, "ResourceNotFoundException"));
}

#[tokio::test]
async fn a_decision_is_for_its_account_and_for_those_who_may() {
    let world = World::new().await.serving(rolecall_s3::HANDLERS);
    let (_, id) = denied(&world).await;
    let user = world.user("none", None).await;
    let may = world.user("may", Some(ALLOW_ALL)).await;
    details(&world, &may, &id).await.ok();
    assert_eq!(refused(&details(&world, &user, &id).await), (403, "AccessDeniedException"));
    let made = world.ask(&world.root, Service::Rolecall, "CreateAccount", &[]).await.ok().credential();
    let foreign = details(&world, &made, &id).await;
    assert_eq!(refused(&foreign), (404, "ResourceNotFoundException"), "{}", foreign.body);
    let unknown = details(&world, &world.root, "a1b2c3").await;
    assert_eq!(refused(&unknown), (404, "ResourceNotFoundException"));
    let malformed = details(&world, &world.root, "A-B").await;
    assert_eq!(refused(&malformed), (400, "ValidationException"), "{}", malformed.body);
    let anonymous = world.toolbox(None, "GetRequestAuthorizationDetails", &[("authorizationId", &id)]).await;
    assert_eq!(refused(&anonymous), (403, "MissingAuthenticationTokenException"));
}

#[tokio::test]
async fn a_decision_is_for_the_organization_of_its_time() {
    let world = World::new().await.serving(rolecall_s3::HANDLERS);
    let member = world.account("111122223333").await;
    let deny = async || {
        let seen = world.s3(Some(&member), "GET", "/bucket?acl", &[], "").await;
        assert_eq!(seen.status, 403, "{}", seen.body);
        rolecall_core::decisions::authorization_id(seen.tag("RequestId").unwrap())
    };
    world.s3(Some(&world.root), "PUT", "/bucket", &[], "").await.ok();
    let alone = deny().await;
    let ask = async |who, action, body| world.organizations(who, action, body).await.ok().json();
    ask(&world.root, "CreateOrganization", json!({})).await;
    let target = json!({"Target": {"Type": "ACCOUNT", "Id": "111122223333"}});
    let invitation = ask(&world.root, "InviteAccountToOrganization", target).await;
    ask(&member, "AcceptHandshake", json!({"HandshakeId": invitation["Handshake"]["Id"]})).await;
    let together = deny().await;
    let is_told = async |who, id: &str| details(&world, who, id).await.status == 200;
    assert_eq!((is_told(&world.root, &alone).await, is_told(&world.root, &together).await), (false, true));
    assert_eq!((is_told(&member, &alone).await, is_told(&member, &together).await), (true, true));
    ask(&member, "LeaveOrganization", json!({})).await;
    assert_eq!((is_told(&world.root, &alone).await, is_told(&world.root, &together).await), (false, true));
    assert_eq!((is_told(&member, &alone).await, is_told(&member, &together).await), (true, false));
}

#[tokio::test]
async fn our_own_explanation_names_every_layer_and_an_edit_for_each() {
    let world = World::new().await.serving(rolecall_s3::HANDLERS);
    let limits = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"#;
    world.iam("CreatePolicy", &[("PolicyName", "limits"), ("PolicyDocument", limits)]).await;
    let arn = format!("arn:aws:iam::{ACCOUNT}:policy/limits");
    let get =
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:GetUser","Resource":"*"}}"#;
    let user = world.user("u", Some(get)).await;
    let boundary = [("UserName", "u"), ("PermissionsBoundary", arn.as_str())];
    world.iam("PutUserPermissionsBoundary", &boundary).await;
    let seen = world.ask(&user, Service::Iam, "ListUsers", &[]).await;
    let id = seen.tag("RequestId").unwrap();
    let ask = async |who: &Credential| {
        world.ask(who, Service::Rolecall, "ExplainRequest", &[("RequestId", id)]).await
    };
    let told = ask(&world.root).await.ok();
    let text =
        told.tag("Explanation").unwrap().replace("&quot;", "\"").replace("&amp;", "&").replace("&lt;", "<");
    let told: Value = serde_json::from_str(&text).unwrap();
    let evaluation = &told["evaluations"][0];
    let denying: Vec<_> = evaluation["layers"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|layer| layer["effect"] == "does not allow")
        .map(|layer| layer["layer"].as_str().unwrap())
        .collect();
    assert_eq!(denying, ["identity policy", "permissions boundary"]);
    let edits = evaluation["edits"].as_array().unwrap();
    assert_eq!(edits.len(), 2, "one for each: {edits:?}");
    assert!(
        edits[0]["edit"].as_str().unwrap().contains("add \"iam:ListUsers\" to Action of the statement"),
        "{edits:?}"
    );
    assert!(edits[0]["edit"].as_str().unwrap().contains("inline policy inline of user u"), "{edits:?}");
    assert!(edits[1]["edit"].as_str().unwrap().contains(&arn), "{edits:?}");
    assert_eq!(ask(&user).await.status, 403);
}

#[tokio::test]
async fn an_encoded_denial_is_decoded_for_its_account_for_a_day() {
    let world = World::new().await.serving(rolecall_s3::HANDLERS);
    let (user, id) = denied(&world).await;
    let params = [("RequestId", id.as_str())];
    let told = world.ask(&world.root, Service::Rolecall, "ExplainRequest", &params).await.ok();
    let encoded = told.tag("EncodedMessage").unwrap().to_owned();
    let decode = async |who: &Credential, text: &str| {
        world.ask(who, Service::Sts, "DecodeAuthorizationMessage", &[("EncodedMessage", text)]).await
    };
    let seen = decode(&world.root, &encoded).await.ok();
    let text = seen.tag("DecodedMessage").unwrap().replace("&quot;", "\"").replace("&amp;", "&");
    let message: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&message["allowed"], &message["explicitDeny"]), (&false.into(), &true.into()));
    let matched = &message["matchedStatements"]["items"][0];
    assert_eq!(
        (&matched["statementId"], &matched["actions"]["items"][0]["value"]),
        (&"NoLists".into(), &"iam:List*".into())
    );
    assert_eq!(message["context"]["principal"]["name"], "u");
    assert_eq!(message["context"]["action"], "iam:ListUsers");
    let keys = message["context"]["conditions"]["items"].as_array().unwrap();
    assert!(
        keys.iter().any(|item| item["key"] == "aws:username" && item["values"]["items"][0]["value"] == "u")
    );

    let forged = format!("{}{}", if encoded.starts_with('A') { 'B' } else { 'A' }, &encoded[1..]);
    let invalid =
        |seen: &Seen| (seen.status, seen.tag("Code") == Some("InvalidAuthorizationMessageException"));
    for wrong in [forged.as_str(), &encoded[..encoded.len() - 4], "nonsense", "%%%"] {
        assert_eq!(invalid(&decode(&world.root, wrong).await), (400, true), "{wrong}");
    }
    let foreign = world.ask(&world.root, Service::Rolecall, "CreateAccount", &[]).await.ok().credential();
    assert_eq!(invalid(&decode(&foreign, &encoded).await), (400, true));
    assert_eq!(decode(&user, &encoded).await.status, 403, "who may list may not decode");
    // The clock runs on meanwhile.
    world.pass(86_300);
    decode(&world.root, &encoded).await.ok();
    world.pass(101);
    assert_eq!(invalid(&decode(&world.root, &encoded).await), (400, true));
}
