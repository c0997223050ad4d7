//! OpenID Connect providers: what is taken, what is shown, and what is counted.

use super::tag_values;
use crate::testing::{ACCOUNT, ALLOW_ALL, Seen, World};
use rolecall_wire::Service;

const URL: &str = "https://idp.example.com/Tenant";
const ARN: &str = "arn:aws:iam::123456789012:oidc-provider/idp.example.com/Tenant";

async fn ask(world: &World, action: &str, params: &[(&str, &str)]) -> Seen {
    world.ask(&world.root, Service::Iam, action, params).await
}

#[tokio::test]
async fn a_provider_is_made_shown_changed_and_deleted() {
    let world = World::new().await;
    let made = world
        .iam(
            "CreateOpenIDConnectProvider",
            &[
                ("Url", URL),
                ("ClientIDList.member.1", "a"),
                ("ClientIDList.member.2", "a"),
                ("ThumbprintList.member.1", "990F4193972F2BECF12DDEDA5237F9C952F20D9E"),
                ("Tags.member.1.Key", "k"),
                ("Tags.member.1.Value", "v"),
            ],
        )
        .await;
    assert_eq!(made.tag("OpenIDConnectProviderArn"), Some(ARN));
    assert_eq!(tag_values(&made, "Value"), ["v"]);
    let arn = ("OpenIDConnectProviderArn", ARN);
    let shown = async || world.iam("GetOpenIDConnectProvider", &[arn]).await;
    let seen = shown().await;
    assert_eq!(seen.tag("Url"), Some("idp.example.com/Tenant"));
    assert!(seen.body.contains("<ClientIDList><member>a</member></ClientIDList>"), "{}", seen.body);
    assert!(seen.body.contains("<member>990f4193972f2becf12ddeda5237f9c952f20d9e</member>"), "{}", seen.body);
    for _ in 0..2 {
        world.iam("AddClientIDToOpenIDConnectProvider", &[arn, ("ClientID", "b")]).await;
    }
    assert!(shown().await.body.contains("<member>a</member><member>b</member></ClientIDList>"));
    for _ in 0..2 {
        world.iam("RemoveClientIDFromOpenIDConnectProvider", &[arn, ("ClientID", "a")]).await;
    }
    assert!(shown().await.body.contains("<ClientIDList><member>b</member></ClientIDList>"));
    let other = ("ThumbprintList.member.1", "0000000000000000000000000000000000000000");
    world.iam("UpdateOpenIDConnectProviderThumbprint", &[arn, other]).await;
    assert!(!shown().await.body.contains("990f"));
    world
        .iam("TagOpenIDConnectProvider", &[arn, ("Tags.member.1.Key", "K"), ("Tags.member.1.Value", "w")])
        .await;
    assert_eq!(tag_values(&world.iam("ListOpenIDConnectProviderTags", &[arn]).await, "Value"), ["w"]);
    world.iam("UntagOpenIDConnectProvider", &[arn, ("TagKeys.member.1", "k")]).await;
    assert_eq!(tag_values(&shown().await, "Value"), [""; 0]);
    assert_eq!(tag_values(&world.iam("ListOpenIDConnectProviders", &[]).await, "Arn"), [ARN]);
    world.iam("DeleteOpenIDConnectProvider", &[arn]).await;
    ask(&world, "DeleteOpenIDConnectProvider", &[arn]).await.expect(
        404,
        "NoSuchEntity",
        &format!("OpenId connect Provider {ARN} cannot be found."),
    );
    let missing = format!("OpenIDConnect Provider not found for arn {ARN}");
    for (action, more) in [
        ("GetOpenIDConnectProvider", None),
        ("AddClientIDToOpenIDConnectProvider", Some(("ClientID", "b"))),
        ("UntagOpenIDConnectProvider", Some(("TagKeys.member.1", "k"))),
    ] {
        let params: Vec<_> = [Some(arn), more].into_iter().flatten().collect();
        ask(&world, action, &params).await.expect(404, "NoSuchEntity", &missing);
    }
}

#[tokio::test]
async fn an_issuer_is_an_https_url_of_nothing_but_host_and_path() {
    let world = World::new().await;
    let create = async |url: &str| ask(&world, "CreateOpenIDConnectProvider", &[("Url", url)]).await;
    for bad in [
        "idp.example.com",
        "http://idp.example.com",
        "http://127.0.0.1:8080",
        "ftp://idp.example.com",
        "https://",
        "https:///path",
        "https://user@idp.example.com",
        "https://idp.example.com?x=1",
        "https://idp.example.com/#x",
        "https://idp.example.com/a b",
        "https://idp.example.com/\u{e9}",
        "https://*.example.com",
        "https://idp.example.com\\evil",
    ] {
        create(bad).await.expect(400, "ValidationError", "Invalid Open ID Connect Provider URL");
    }
    for good in [URL, "https://idp.example.com/tenant", "https://idp.example.com", "https://idp.example.com/"]
    {
        create(good).await.ok();
    }
    create(URL).await.expect(409, "EntityAlreadyExists", &format!("Provider with url {URL} already exists."));
}

#[tokio::test]
async fn limits_hold_at_their_number() {
    let world = World::new().await;
    let arn = ("OpenIDConnectProviderArn", ARN);
    let names: Vec<_> = (1..=100).map(|n| (format!("ClientIDList.member.{n}"), n.to_string())).collect();
    let mut params = vec![("Url", URL)];
    params.extend(names.iter().map(|(name, id)| (name.as_str(), id.as_str())));
    world.iam("CreateOpenIDConnectProvider", &params).await;
    world.iam("AddClientIDToOpenIDConnectProvider", &[arn, ("ClientID", "7")]).await;
    ask(&world, "AddClientIDToOpenIDConnectProvider", &[arn, ("ClientID", "101")]).await.expect(
        409,
        "LimitExceeded",
        "Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100",
    );
    for n in 2..=100 {
        world.iam("CreateOpenIDConnectProvider", &[("Url", &format!("https://idp{n}.example.com"))]).await;
    }
    ask(&world, "CreateOpenIDConnectProvider", &[("Url", "https://one-more.example.com")]).await.expect(
        409,
        "LimitExceeded",
        "Cannot exceed quota for OpenIdConnectProvidersPerAccount: 100",
    );
    let not_hex = ("ThumbprintList.member.1", "zz0f4193972f2becf12ddeda5237f9c952f20d9e");
    let seen = ask(&world, "UpdateOpenIDConnectProviderThumbprint", &[arn, not_hex]).await;
    assert_eq!(seen.tag("Code"), Some("InvalidInput"), "{}", seen.body);
}

#[tokio::test]
async fn permission_is_asked_on_the_provider_and_its_tags() {
    let world = World::new().await;
    world.iam("CreateOpenIDConnectProvider", &[("Url", URL)]).await;
    let policy = ALLOW_ALL.replace("\"Resource\":\"*\"", &format!("\"Resource\":\"{ARN}\""));
    let user = world.user("u", Some(&policy)).await;
    let get = async |arn: &str| {
        world.ask(&user, Service::Iam, "GetOpenIDConnectProvider", &[("OpenIDConnectProviderArn", arn)]).await
    };
    get(ARN).await.ok();
    let other = get(&format!("arn:aws:iam::{ACCOUNT}:oidc-provider/idp.example.com")).await;
    assert_eq!(other.tag("Code"), Some("AccessDenied"));
    let foreign = get("arn:aws:iam::999999999999:oidc-provider/idp.example.com/Tenant").await;
    assert_eq!(foreign.tag("Code"), Some("AccessDenied"));
    assert_eq!(get("not-an-arn-but-long-enough").await.tag("Code"), Some("ValidationError"));
}

/// TRU-02: a role that everybody on GitHub could assume is not made, and no role becomes one.
#[tokio::test]
async fn tru_02_a_role_for_every_tenant_is_refused_where_it_is_written() {
    let world = World::new().await;
    let issuer = "token.actions.githubusercontent.com";
    let url = format!("https://{issuer}");
    world
        .iam("CreateOpenIDConnectProvider", &[("Url", &url), ("ClientIDList.member.1", "sts.amazonaws.com")])
        .await;
    let arn = format!("arn:aws:iam::123456789012:oidc-provider/{issuer}");
    let trust = |condition: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Federated":"{arn}"}},
            "Action":"sts:AssumeRoleWithWebIdentity","Condition":{{{condition}}}}}]}}"#
        )
    };
    let open = trust(&format!(r#""StringEquals":{{"{issuer}:aud":"sts.amazonaws.com"}}"#));
    let closed = trust(&format!(r#""StringLike":{{"{issuer}:sub":"repo:org/app:*"}}"#));
    let ask = async |action: &str, params: &[(&str, &str)]| {
        world.ask(&world.root, Service::Iam, action, params).await
    };
    let create = |document| [("RoleName", "deploy"), ("AssumeRolePolicyDocument", document)];
    let refused = ask("CreateRole", &create(&open)).await;
    assert_eq!(
        (refused.status, refused.tag("Code")),
        (400, Some("MalformedPolicyDocument")),
        "{}",
        refused.body
    );
    assert!(refused.tag("Message").unwrap().contains(&format!("{issuer}:sub")), "{}", refused.body);
    assert_eq!(ask("GetRole", &[("RoleName", "deploy")]).await.status, 404, "nothing was made");
    ask("CreateRole", &create(&closed)).await.ok();
    let update = [("RoleName", "deploy"), ("PolicyDocument", open.as_str())];
    let refused = ask("UpdateAssumeRolePolicy", &update).await;
    assert_eq!(refused.tag("Code"), Some("MalformedPolicyDocument"), "{}", refused.body);
    let kept = ask("GetRole", &[("RoleName", "deploy")]).await.ok();
    assert!(kept.body.contains("repo%3Aorg%2Fapp"), "the trust of before holds: {}", kept.body);
}
