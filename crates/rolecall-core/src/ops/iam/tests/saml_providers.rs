//! SAML providers as administrators see them.

use super::tag_values;
use crate::testing::{Seen, World};
use rolecall_federation::saml::testing::{ISSUED, PROVIDER, document};
use rolecall_wire::Service;

const METADATA: (&str, &str) = ("SAMLMetadataDocument", document("metadata-rsa.xml"));
const ARN: (&str, &str) = ("SAMLProviderArn", PROVIDER);
const KEY: &str = document("key-decryption.pem");

async fn ask(world: &World, action: &str, params: &[(&str, &str)]) -> Seen {
    world.ask(&world.root, Service::Iam, action, params).await
}

#[tokio::test]
async fn a_provider_lives_from_create_to_delete() {
    let world = World::new().await;
    let tags = [("Tags.member.1.Key", "team"), ("Tags.member.1.Value", "iam")];
    let made = world.iam("CreateSAMLProvider", &[&[METADATA, ("Name", "ADFS")], &tags[..]].concat()).await;
    assert_eq!((made.tag("SAMLProviderArn"), made.tag("Key")), (Some(PROVIDER), Some("team")));
    let seen = world.iam("GetSAMLProvider", &[ARN]).await;
    assert_eq!(seen.tag("AssertionEncryptionMode"), Some("Allowed"));
    assert!(seen.tag("SAMLProviderUUID").unwrap().starts_with("SAMLSP"));
    let hundred_years = seen.tag("ValidUntil").unwrap().get(..2).unwrap().to_owned();
    assert_eq!(hundred_years, "21", "{}", seen.body);
    let shown = seen.tag("SAMLMetadataDocument").unwrap().replace("&lt;", "<").replace("&gt;", ">");
    assert_eq!(shown.replace("&quot;", "\"").replace("&amp;", "&"), METADATA.1);
    let listed = world.iam("ListSAMLProviders", &[]).await;
    assert_eq!((tag_values(&listed, "Arn"), listed.tag("SAMLMetadataDocument")), (vec![PROVIDER], None));
    let summary = world.iam("GetAccountSummary", &[]).await;
    assert!(summary.body.contains("<key>Providers</key><value>1</value>"), "{}", summary.body);
    let exists = ask(&world, "CreateSAMLProvider", &[METADATA, ("Name", "adfs")]).await;
    exists.expect(409, "EntityAlreadyExists", "SAML provider with name adfs already exists.");
    world.iam("TagSAMLProvider", &[ARN, ("Tags.member.1.Key", "TEAM"), ("Tags.member.1.Value", "b")]).await;
    world.iam("TagSAMLProvider", &[ARN, ("Tags.member.1.Key", "x"), ("Tags.member.1.Value", "")]).await;
    world.iam("UntagSAMLProvider", &[ARN, ("TagKeys.member.1", "X")]).await;
    assert_eq!(tag_values(&world.iam("ListSAMLProviderTags", &[ARN]).await, "Key"), ["TEAM"]);
    world.iam("DeleteSAMLProvider", &[ARN]).await;
    for action in ["GetSAMLProvider", "DeleteSAMLProvider", "ListSAMLProviderTags"] {
        let missing = format!("Manifest not found for arn {PROVIDER}");
        ask(&world, action, &[ARN]).await.expect(404, "NoSuchEntity", &missing);
    }
    assert_eq!(tag_values(&world.iam("ListSAMLProviders", &[]).await, "Arn").len(), 0);
}

#[tokio::test]
async fn private_keys_come_in_and_never_out() {
    let world = World::new().await;
    let required = ("AssertionEncryptionMode", "Required");
    let without = ask(&world, "CreateSAMLProvider", &[METADATA, ("Name", "ADFS"), required]).await;
    without.expect(400, "InvalidInput", "AssertionEncryptionMode Required needs a private key.");
    world.iam("CreateSAMLProvider", &[METADATA, ("Name", "ADFS"), required, ("AddPrivateKey", KEY)]).await;
    world.iam("UpdateSAMLProvider", &[ARN, ("AddPrivateKey", document("key-signing.pem"))]).await;
    let third = ask(&world, "UpdateSAMLProvider", &[ARN, ("AddPrivateKey", KEY)]).await;
    third.expect(409, "LimitExceeded", "Cannot exceed quota for SAMLProviderPrivateKeys: 2");
    let seen = world.iam("GetSAMLProvider", &[ARN]).await;
    let ids: Vec<String> = tag_values(&seen, "KeyId").into_iter().map(str::to_owned).collect();
    assert_eq!(ids.len(), 2, "{}", seen.body);
    assert!(!seen.body.contains("PRIVATE KEY") && !world.audit.text().contains(&KEY[40..80]));
    world.iam("UpdateSAMLProvider", &[ARN, ("RemovePrivateKey", &ids[0])]).await;
    let again = ask(&world, "UpdateSAMLProvider", &[ARN, ("RemovePrivateKey", &ids[0])]).await;
    let sentence = format!("The SAML provider has no private key with id {}.", ids[0]);
    again.expect(400, "InvalidInput", &sentence);
    let last = ask(&world, "UpdateSAMLProvider", &[ARN, ("RemovePrivateKey", &ids[1])]).await;
    last.expect(400, "InvalidInput", "AssertionEncryptionMode Required needs a private key.");
    let allowed = [ARN, ("RemovePrivateKey", ids[1].as_str()), ("AssertionEncryptionMode", "Allowed")];
    world.iam("UpdateSAMLProvider", &allowed).await;
    assert_eq!(tag_values(&world.iam("GetSAMLProvider", &[ARN]).await, "KeyId").len(), 0);
    let bad = "The private key is not an RSA key of 2048 to 4096 bits in PEM.";
    for key in ["nonsense", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"] {
        ask(&world, "UpdateSAMLProvider", &[ARN, ("AddPrivateKey", key)]).await.expect(
            400,
            "InvalidInput",
            bad,
        );
    }
}

#[tokio::test]
async fn metadata_are_read_when_they_are_saved() {
    let world = World::new().await;
    let short = ask(&world, "CreateSAMLProvider", &[("Name", "x"), ("SAMLMetadataDocument", "<a/>")]).await;
    assert_eq!((short.status, short.tag("Code")), (400, Some("ValidationError")), "{}", short.body);
    let junk = "x".repeat(1000);
    let malformed =
        ask(&world, "CreateSAMLProvider", &[("Name", "x"), ("SAMLMetadataDocument", &junk)]).await;
    malformed.expect(400, "InvalidInput", "Could not parse metadata. (the document is not well-formed XML)");
    world.iam("CreateSAMLProvider", &[METADATA, ("Name", "ADFS")]).await;
    let bad = ask(&world, "UpdateSAMLProvider", &[ARN, ("SAMLMetadataDocument", &junk)]).await;
    assert_eq!(bad.tag("Code"), Some("InvalidInput"));
    let ends = METADATA.1.replacen(
        "<EntityDescriptor ",
        "<EntityDescriptor validUntil=\"2040-01-01T00:00:00Z\" ",
        1,
    );
    world.iam("UpdateSAMLProvider", &[ARN, ("SAMLMetadataDocument", &ends)]).await;
    let seen = world.iam("GetSAMLProvider", &[ARN]).await;
    assert_eq!(seen.tag("ValidUntil"), Some("2040-01-01T00:00:00Z"));
    world.pass(ISSUED - world.gate.system().clock.now());
    let over = ask(&world, "CreateSAMLProvider", &[("Name", "y"), ("SAMLMetadataDocument", &ends)]).await;
    over.expect(400, "InvalidInput", "Could not parse metadata. (the metadata's validUntil has passed)");
    let nothing = ask(&world, "UpdateSAMLProvider", &[ARN]).await;
    nothing.expect(400, "InvalidInput", "The request changes nothing of the SAML provider.");
}
