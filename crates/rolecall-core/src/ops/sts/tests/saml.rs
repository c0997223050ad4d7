//! `AssumeRoleWithSAML` as clients see it.

use crate::clock::text::iso8601;
use crate::testing::{ALLOW_ALL, Seen, World};
use crate::throttle::{Limits, Rate};
use rolecall_federation::saml::testing::{
    Draft, ISSUED, PROVIDER, ROLE, document, doubles, posted, wrappings,
};
use rolecall_wire::Service;

/// A trust policy for the provider, with conditions.
fn trust(condition: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Federated":"{PROVIDER}"}},
        "Action":["sts:AssumeRoleWithSAML","sts:TagSession","sts:SetSourceIdentity"],"Condition":{{{condition}}}}}]}}"#
    )
}

/// A world in 2040 that knows the provider and the roles `ADFS-Production` and `ADFS-Other`.
async fn world(condition: &str, more: &[(&str, &str)]) -> World {
    limited(Limits::default(), condition, more).await
}

/// The same, which limits what its callers may send.
async fn limited(limits: Limits, condition: &str, more: &[(&str, &str)]) -> World {
    let world = World::throttled(limits).await;
    let params = [&[("Name", "ADFS"), ("SAMLMetadataDocument", document("metadata-rsa.xml"))], more].concat();
    world.iam("CreateSAMLProvider", &params).await;
    for role in ["ADFS-Production", "ADFS-Other", "AWSReservedSSO_Admin"] {
        let trust = trust(condition);
        let params =
            [("RoleName", role), ("AssumeRolePolicyDocument", &trust), ("MaxSessionDuration", "43200")];
        world.iam("CreateRole", &params).await;
        let params = [("RoleName", role), ("PolicyName", "p"), ("PolicyDocument", ALLOW_ALL)];
        world.iam("PutRolePolicy", &params).await;
    }
    world.pass(ISSUED - world.gate.system().clock.now());
    world
}

async fn ask(world: &World, text: &str) -> Seen {
    ask_for(world, text, ROLE, &[]).await
}

async fn ask_for(world: &World, text: &str, role: &str, more: &[(&str, &str)]) -> Seen {
    let posted = posted(text);
    let params =
        [&[("RoleArn", role), ("PrincipalArn", PROVIDER), ("SAMLAssertion", &posted)], more].concat();
    world.ask_as(None, Service::Sts, "AssumeRoleWithSAML", &params).await
}

#[track_caller]
fn expect_nothing(name: &str, seen: &Seen, code: &str, message: &str) {
    assert!(!seen.body.contains("SecretAccessKey"), "{name}: {}", seen.body);
    assert_eq!((seen.tag("Code"), seen.tag("Message")), (Some(code), Some(message)), "{name}: {}", seen.body);
}

fn now(world: &World) -> i64 {
    world.gate.system().clock.now()
}

/// The session ends so many seconds after it was asked for. The clock runs on while it is.
#[track_caller]
fn expect_life(world: &World, before: i64, seen: &Seen, seconds: i64) {
    let mut ends = (before..=now(world)).map(|asked| iso8601(asked + seconds));
    assert!(ends.any(|end| seen.tag("Expiration") == Some(&end)), "{}", seen.body);
}

#[tokio::test]
async fn a_response_gives_a_session_of_the_role() {
    let world = world("", &[]).await;
    let before = now(&world);
    let seen = ask(&world, document("assertion-signed.xml")).await.ok();
    expect_life(&world, before, &seen, 3_600);
    for (tag, value) in [
        ("Subject", "alice"),
        ("SubjectType", "persistent"),
        ("Issuer", "http://adfs.example.com/adfs/services/trust"),
        ("Audience", "https://signin.aws.amazon.com/saml"),
        ("NameQualifier", "wjhQJb7R1XgJyVaJGLImPpAgoqc="),
        ("Arn", "arn:aws:sts::123456789012:assumed-role/ADFS-Production/alice"),
    ] {
        assert_eq!(seen.tag(tag), Some(value), "{}", seen.body);
    }
    let session = seen.credential();
    let who = world.ask(&session, Service::Sts, "GetCallerIdentity", &[]).await.ok();
    assert_eq!(who.tag("Arn"), seen.tag("Arn"));
    world.s3(Some(&session), "PUT", "/bucket", &[], "").await.ok();
    let records = world.records();
    let record = records.iter().find(|record| record["eventName"] == "AssumeRoleWithSAML").unwrap();
    assert!(!record.to_string().contains(&posted(document("assertion-signed.xml"))), "{record}");
}

#[tokio::test]
async fn sam_01_wrapped_signatures_give_nothing() {
    let world = world("", &[]).await;
    for (name, text) in wrappings() {
        let seen = ask(&world, &text).await;
        expect_nothing(name, &seen, "InvalidIdentityToken", "Response signature invalid");
    }
    let refusals =
        world.records().iter().filter(|record| record["errorCode"] == "InvalidIdentityToken").count();
    assert_eq!(refusals, 8);
    ask(&world, document("assertion-signed.xml")).await.ok();
    ask(&world, document("response-signed.xml")).await.ok();
}

/// DOS-07: responses that do not hold are counted by address and by provider, as tokens are.
#[tokio::test]
async fn dos_07_a_flood_of_bad_responses_is_cut_off() {
    let rate = Some(Rate { per_second: 1, burst: 10 });
    let (good, forged) = (Draft::good().signed(), document("refused-other-key.xml"));
    for limits in
        [Limits { address: rate, ..Limits::default() }, Limits { issuer: rate, ..Limits::default() }]
    {
        let world = limited(limits, "", &[]).await;
        ask(&world, document("assertion-signed.xml")).await.ok();
        for _ in 0..10 {
            ask(&world, forged).await.expect(400, "InvalidIdentityToken", "Response signature invalid");
        }
        ask(&world, forged).await.expect(400, "Throttling", "Rate exceeded");
        world.ask(&world.root, Service::Sts, "GetCallerIdentity", &[]).await.ok();
        tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
        ask(&world, &good).await.ok();
    }
}

#[tokio::test]
async fn sam_02_doubles_give_nothing() {
    let world = world("", &[]).await;
    for (name, text) in doubles() {
        let seen = ask(&world, &text).await;
        assert!(matches!(seen.tag("Message"), Some("Response signature invalid")), "{name}: {}", seen.body);
        expect_nothing(name, &seen, "InvalidIdentityToken", "Response signature invalid");
    }
    ask(&world, document("both-signed.xml")).await.ok();
}

#[tokio::test]
async fn sam_03_document_types_give_nothing() {
    let world = world("", &[]).await;
    let good = document("assertion-signed.xml");
    for subset in ["", " [<!ENTITY e SYSTEM \"file:///etc/passwd\">]", " SYSTEM \"http://127.0.0.1:1/x.dtd\""]
    {
        let seen = ask(&world, &format!("<!DOCTYPE r{subset}>{good}")).await;
        expect_nothing(subset, &seen, "InvalidIdentityToken", "Response signature invalid");
    }
    ask(&world, good).await.ok();
}

#[tokio::test]
async fn sam_04_a_name_is_whole() {
    let world = world(r#""StringEquals":{"saml:sub":"admin.evil@x"}"#, &[]).await;
    let text = Draft::good()
        .with(">alice</saml:NameID>", ">admin<!-- x -->.evil<![CDATA[@x]]></saml:NameID>")
        .signed();
    let seen = ask(&world, &text).await.ok();
    assert_eq!(seen.tag("Subject"), Some("admin.evil@x"));
}

#[tokio::test]
async fn sam_09_each_of_its_bounds_refuses_alone() {
    let world = world("", &[]).await;
    ask(&world, &Draft::good().signed()).await.ok();
    for (old, new, code, message) in OUT_OF_BOUNDS {
        let seen = ask(&world, &Draft::good().with(old, new).signed_response()).await;
        expect_nothing(&format!("{old} -> {new}"), &seen, code, message);
    }
    for url in [
        "https://rolecall.example.org/saml",
        "https://eu-west-1.signin.aws.amazon.com/saml",
        "https://signin.aws.amazon.com/static/saml",
    ] {
        let draft = Draft::good().with("https://signin.aws.amazon.com/saml", url);
        let draft = draft.with("ID=\"_", &format!("ID=\"_{}", url.len()));
        let seen = ask(&world, &draft.signed()).await.ok();
        assert_eq!(seen.tag("Audience"), Some(url));
    }
}

/// What is written instead of what, and what is answered: each breaks one rule.
const OUT_OF_BOUNDS: &[(&str, &str, &str, &str)] = &[
    ("urn:amazon:webservices", "urn:other", INVALID, AUDIENCE),
    ("<saml:Audience>urn:amazon:webservices</saml:Audience>", "", INVALID, AUDIENCE),
    ("saml:Conditions", "saml:Advice", INVALID, AUDIENCE),
    (RECIPIENT, "Recipient=\"https://evil.example.com/saml\"", INVALID, AUDIENCE),
    (RECIPIENT, "Recipient=\"https://evilsignin.aws.amazon.com/saml\"", INVALID, AUDIENCE),
    (RECIPIENT, "Recipient=\"https://signin.aws.amazon.com.evil.org/saml\"", INVALID, AUDIENCE),
    (RECIPIENT, "Recipient=\"http://signin.aws.amazon.com/saml\"", INVALID, AUDIENCE),
    (RECIPIENT, "", INVALID, AUDIENCE),
    (
        "Destination=\"https://signin.aws.amazon.com/saml\"",
        "Destination=\"https://e.org\"",
        INVALID,
        AUDIENCE,
    ),
    ("NotBefore=\"2039-12-31T23:59:00.000Z\"", "NotBefore=\"2040-01-01T00:06:00Z\"", INVALID, EARLY),
    ("NotOnOrAfter=\"2040-01-01T01:00:00.000Z\"", "NotOnOrAfter=\"2040-01-01T00:00:00Z\"", EXPIRED, OVER),
    (CONFIRMED, "<saml:SubjectConfirmationData NotOnOrAfter=\"2040-01-01T00:00:00Z\"", EXPIRED, OVER),
    (
        CONFIRMED,
        "<saml:SubjectConfirmationData",
        INVALID,
        "The SAML response is malformed: the subject's confirmation has no NotOnOrAfter.",
    ),
    (
        CONFIRMED,
        "<saml:SubjectConfirmationData NotBefore=\"2040-01-01T00:06:00Z\" NotOnOrAfter=\"2040-01-01T00:07:00Z\"",
        INVALID,
        EARLY,
    ),
    (
        CONFIRMED,
        "<saml:SubjectConfirmationData InResponseTo=\"_1\" NotOnOrAfter=\"2040-01-01T00:05:00Z\"",
        INVALID,
        UNASKED,
    ),
    (" Destination=", " InResponseTo=\"_1\" Destination=", INVALID, UNASKED),
    (
        "saml:SubjectConfirmation",
        "saml:Confirmation",
        INVALID,
        "The SAML response is malformed: an element is missing.",
    ),
    (
        "cm:bearer",
        "cm:holder-of-key",
        INVALID,
        "The SAML response is malformed: the subject's confirmation is not the bearer's.",
    ),
    (
        "IssueInstant=\"2040-01-01T00:00:00.000Z\"",
        "IssueInstant=\"2039-12-31T23:54:50Z\"",
        EXPIRED,
        "Token must be redeemed within 5 minutes of issuance",
    ),
    ("IssueInstant=\"2040-01-01T00:00:00.000Z\"", "IssueInstant=\"2040-01-01T00:06:00Z\"", INVALID, EARLY),
    (
        "SessionNotOnOrAfter=\"2040-01-01T10:00:00.000Z\"",
        "SessionNotOnOrAfter=\"2040-01-01T00:00:00Z\"",
        EXPIRED,
        OVER,
    ),
    (
        "http://adfs.example.com/adfs/services/trust",
        "http://other.example.com",
        INVALID,
        "Issuer not present in specified provider",
    ),
    (
        "status:Success",
        "status:Responder",
        "IDPRejectedClaim",
        "The identity provider (IdP) reported that authentication failed.",
    ),
    ("saml:NameID", "saml:BaseID", "AccessDenied", "Not authorized to perform sts:AssumeRoleWithSAML"),
    (
        "<saml:AudienceRestriction>",
        "<saml:Condition/><saml:AudienceRestriction>",
        INVALID,
        "The SAML response is malformed: the assertion has a condition that is not known.",
    ),
    (
        "Version=\"2.0\"",
        "Version=\"1.1\"",
        INVALID,
        "The SAML response is malformed: the assertion has no ID or another version than 2.0.",
    ),
];
const INVALID: &str = "InvalidIdentityToken";
const EXPIRED: &str = "ExpiredTokenException";
const AUDIENCE: &str = "Response does not contain the required audience.";
const UNASKED: &str = "The SAML response answers a request that was never made (InResponseTo).";
const EARLY: &str = "The SAML response is not valid yet.";
const OVER: &str = "The SAML response has expired.";
const RECIPIENT: &str = "Recipient=\"https://signin.aws.amazon.com/saml\"";
const CONFIRMED: &str = "<saml:SubjectConfirmationData NotOnOrAfter=\"2040-01-01T00:05:00.000Z\"";

#[tokio::test]
async fn attributes_name_tag_and_bound_the_session() {
    let world =
        world(r#""StringEquals":{"aws:RequestTag/Team":"blue","sts:SourceIdentity":"alice.a"}"#, &[]).await;
    let draft = || Draft::good().attribute("PrincipalTag:Team", &["blue"]);
    let text = draft()
        .attribute("TransitiveTagKeys", &["Team"])
        .attribute("SourceIdentity", &["alice.a"])
        .attribute("SessionDuration", &["900"]);
    let before = now(&world);
    let seen = ask_for(&world, &text.signed(), ROLE, &[("DurationSeconds", "7200")]).await.ok();
    assert_eq!(seen.tag("SourceIdentity"), Some("alice.a"));
    expect_life(&world, before, &seen, 900);
    let denied = "Not authorized to perform sts:AssumeRoleWithSAML";
    expect_nothing(
        "another identity",
        &ask(&world, &draft().attribute("SourceIdentity", &["bob"]).signed()).await,
        "AccessDenied",
        denied,
    );
    let name = "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}";
    let source = "Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with &quot;aws:&quot;";
    let wrong = |what: &str| format!("The SAML response is malformed: {what}.");
    let named = |new: &str| draft().with("<saml:AttributeValue>alice</saml:AttributeValue>", new);
    for (draft, message) in [
        (
            draft().with("Attributes/RoleSessionName", "Attributes/roleSessionName"),
            "RoleSessionName is required in AuthnResponse".to_owned(),
        ),
        (named("<saml:AttributeValue>a</saml:AttributeValue>"), name.into()),
        (named("<saml:AttributeValue>al ice</saml:AttributeValue>"), name.into()),
        (draft().attribute("RoleSessionName", &["bob"]), name.into()),
        (draft().attribute("SourceIdentity", &["AWS:root"]), source.into()),
        (draft().attribute("SourceIdentity", &["a", "b"]), source.into()),
        (
            draft().attribute("SessionDuration", &["899"]),
            wrong("SessionDuration is not between 900 and 43200"),
        ),
        (
            draft().attribute("SessionDuration", &["1e3"]),
            wrong("SessionDuration is not between 900 and 43200"),
        ),
        (draft().attribute("PrincipalTag:A", &["x", "y"]), wrong("a tag has not exactly one value")),
        (
            draft().attribute("PrincipalTag:aws:A", &["x"]),
            wrong("a tag is longer than AWS allows, reserved, or has other characters"),
        ),
    ] {
        expect_nothing(&message, &ask(&world, &draft.signed()).await, "InvalidIdentityToken", &message);
    }
}

#[tokio::test]
async fn the_shortest_of_three_ends_counts() {
    let world = world("", &[]).await;
    let draft = || {
        Draft::good().with(
            "SessionNotOnOrAfter=\"2040-01-01T10:00:00.000Z\"",
            "SessionNotOnOrAfter=\"2040-01-01T02:00:00Z\"",
        )
    };
    let roles = [ROLE, "arn:aws:iam::123456789012:role/ADFS-Other"];
    let pair = format!("{PROVIDER}, {}", roles[1]);
    let text = draft().attribute("Role", &[&pair]).signed();
    let seen = ask_for(&world, &text, roles[0], &[("DurationSeconds", "43200")]).await.ok();
    assert_eq!(seen.tag("Expiration"), Some("2040-01-01T02:00:00Z"));
    let before = now(&world);
    let seen = ask_for(&world, &text, roles[1], &[("DurationSeconds", "1000")]).await.ok();
    expect_life(&world, before, &seen, 1_000);
}

#[tokio::test]
async fn conditions_see_what_the_provider_says() {
    let condition = r#""StringEquals":{"saml:aud":"https://signin.aws.amazon.com/saml","saml:iss":"http://adfs.example.com/adfs/services/trust",
        "saml:sub":"alice","saml:sub_type":"persistent","saml:doc":"123456789012/ADFS","saml:namequalifier":"wjhQJb7R1XgJyVaJGLImPpAgoqc=",
        "saml:eduPersonPrincipalName":"alice@example.com","saml:mail":"a@example.com"},
        "ForAnyValue:StringEquals":{"saml:edupersonaffiliation":"staff","saml:cn":"Alice"}"#;
    let world = world(condition, &[]).await;
    let draft = || {
        Draft::good()
            .named("urn:oid:1.3.6.1.4.1.5923.1.1.1.6", &["alice@example.com"])
            .named("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress", &["a@example.com"])
            .named("urn:oid:2.5.4.3", &["A", "Alice"])
    };
    let with_affiliation =
        |name: &str| draft().named("urn:oid:1.3.6.1.4.1.5923.1.1.1.1", &["member", name]).signed();
    let seen = ask(&world, &with_affiliation("guest")).await;
    expect_nothing("guest", &seen, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithSAML");
    ask(&world, &with_affiliation("staff")).await.ok();
}

#[tokio::test]
async fn only_the_roles_of_the_response_are_given() {
    let world = world("", &[]).await;
    let text = Draft::good().signed();
    let denied = "Not authorized to perform sts:AssumeRoleWithSAML";
    for role in ["ADFS-Other", "adfs-production", "None", "AWSReservedSSO_Admin"] {
        let arn = format!("arn:aws:iam::123456789012:role/{role}");
        expect_nothing(role, &ask_for(&world, &text, &arn, &[]).await, "AccessDenied", denied);
    }
    let foreign = "arn:aws:iam::210987654321:role/ADFS-Production";
    expect_nothing("foreign", &ask_for(&world, &text, foreign, &[]).await, "AccessDenied", denied);
    for name in ["AWSReservedSSO_Admin", "None"] {
        let arn = format!("arn:aws:iam::123456789012:role/{name}");
        let named = Draft::good().attribute("Role", &[&format!("{arn},{PROVIDER}")]).signed();
        expect_nothing(name, &ask_for(&world, &named, &arn, &[]).await, "AccessDenied", denied);
    }
    let other = Draft::good().with("saml-provider/ADFS", "saml-provider/Other").signed();
    expect_nothing("another provider's pair", &ask(&world, &other).await, "AccessDenied", denied);
    ask(&world, &text).await.ok();
}

#[tokio::test]
async fn an_assertion_is_good_once_for_each_of_its_roles() {
    let world = world("", &[]).await;
    let other = "arn:aws:iam::123456789012:role/ADFS-Other";
    let draft = || Draft::good().attribute("Role", &[&format!("{other},{PROVIDER}")]);
    let again = "The SAML assertion has been redeemed already.";
    let text = draft().signed();
    ask(&world, &text).await.ok();
    expect_nothing("replayed", &ask(&world, &text).await, "InvalidIdentityToken", again);
    ask_for(&world, &text, other, &[]).await.ok();
    let once = draft().with("<saml:AudienceRestriction>", "<saml:OneTimeUse/><saml:AudienceRestriction>");
    let once = once
        .with(
            "<saml:Assertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"_",
            "<saml:Assertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"_1",
        )
        .signed();
    ask(&world, &once).await.ok();
    expect_nothing("one use", &ask_for(&world, &once, other, &[]).await, "InvalidIdentityToken", again);
    world.pass(301);
    let stale = "Token must be redeemed within 5 minutes of issuance";
    expect_nothing("stale", &ask(&world, &text).await, "ExpiredTokenException", stale);
}

#[tokio::test]
async fn encrypted_assertions_need_the_providers_key() {
    let (encrypted, plain) = (document("encrypted-gcm.xml"), document("assertion-signed.xml"));
    let key = ("AddPrivateKey", document("key-decryption.pem"));
    let invalid = "Response signature invalid";
    let without = world("", &[]).await;
    expect_nothing("no key", &ask(&without, encrypted).await, "InvalidIdentityToken", invalid);
    ask(&without, plain).await.ok();
    let with = world("", &[key]).await;
    ask(&with, encrypted).await.ok();
    ask(&with, document("encrypted-cbc.xml")).await.ok();
    ask(&with, plain).await.ok();
    let demanding = world("", &[key, ("AssertionEncryptionMode", "Required")]).await;
    ask(&demanding, encrypted).await.ok();
    expect_nothing("plain", &ask(&demanding, plain).await, "InvalidIdentityToken", invalid);
    expect_nothing(
        "unsigned",
        &ask(&demanding, document("refused-encrypted-unsigned.xml")).await,
        "InvalidIdentityToken",
        invalid,
    );
}

#[tokio::test]
async fn what_is_no_response_is_refused() {
    let world = world("", &[]).await;
    let good = posted(document("assertion-signed.xml"));
    let ask = async |assertion: &str, provider: &str| {
        let params = [("RoleArn", ROLE), ("PrincipalArn", provider), ("SAMLAssertion", assertion)];
        world.ask_as(None, Service::Sts, "AssumeRoleWithSAML", &params).await
    };
    for text in ["!!!!", "PHg+PC94Pg", "_-_-", "PHg+PC94Pg==PHg+", "/////w=="] {
        expect_nothing(
            text,
            &ask(text, PROVIDER).await,
            "InvalidIdentityToken",
            "Invalid base64 SAMLResponse",
        );
    }
    expect_nothing(
        "XML",
        &ask("PHg+PC94Pg==", PROVIDER).await,
        "InvalidIdentityToken",
        "Response signature invalid",
    );
    for provider in [
        "arn:aws:iam::123456789012:saml-provider/adfs",
        "arn:aws:iam::210987654321:saml-provider/ADFS",
        "arn:aws:iam::123456789012:role/x",
        "something else, long",
    ] {
        expect_nothing(
            provider,
            &ask(&good, provider).await,
            "InvalidIdentityToken",
            "Specified provider doesn't exist.",
        );
    }
    ask(&format!("{}\n{}\n", &good[..76], &good[76..]), PROVIDER).await.ok();
}
