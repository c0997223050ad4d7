//! Settings that buckets here never have, access control lists and object locks: what S3 says of them,
//! in its own bytes.

use crate::HANDLERS;
use rolecall_core::testing::World;

async fn world() -> World {
    let world = World::new().await.serving(HANDLERS);
    world.s3(Some(&world.root), "PUT", "/bucket", &[], "").await.ok();
    world.s3(Some(&world.root), "PUT", "/bucket/k", &[], "kept").await.ok();
    world
}

#[tokio::test]
async fn reading_a_setting_answers_as_where_none_is_set() {
    let world = world().await;
    let root = Some(&world.root);
    for (setting, body) in EMPTY {
        let seen = world.s3(root, "GET", &format!("/bucket?{setting}"), &[], "").await.ok();
        let expected = body.replace('#', r#" xmlns="http://s3.amazonaws.com/doc/2006-03-01/""#);
        assert_eq!(seen.body.split_once('\n').unwrap().1, expected, "{setting}");
    }
    for (setting, code, message) in ABSENT {
        let seen = world.s3(root, "GET", &format!("/bucket?{setting}"), &[], "").await;
        seen.expect(404, code, message);
        assert_eq!(seen.tag("BucketName"), Some("bucket"), "{setting}");
        world.s3(root, "GET", &format!("/nobodys?{setting}"), &[], "").await.expect(
            404,
            "NoSuchBucket",
            "The specified bucket does not exist",
        );
    }
}

#[tokio::test]
async fn clearing_a_setting_succeeds_and_setting_it_does_not() {
    let world = world().await;
    let root = Some(&world.root);
    for (setting, operation) in [
        ("cors", "PutBucketCors"),
        ("encryption", "PutBucketEncryption"),
        ("lifecycle", "PutBucketLifecycleConfiguration"),
        ("replication", "PutBucketReplication"),
        ("website", "PutBucketWebsite"),
    ] {
        let path = format!("/bucket?{setting}");
        let cleared = world.s3(root, "DELETE", &path, &[], "").await.ok();
        assert_eq!((cleared.status, cleared.body.as_str()), (204, ""), "{setting}");
        let seen = world.s3(root, "PUT", &path, &[], "<X/>").await;
        seen.expect(501, "NotImplemented", &format!("Rolecall does not serve s3:{operation}."));
        assert_eq!(seen.tag("Operation"), Some(operation));
    }
    assert_eq!(world.s3(root, "GET", "/bucket/k", &[], "").await.ok().body, "kept");
}

#[tokio::test]
async fn access_control_lists_are_shown_and_never_set() {
    let world = world().await;
    let root = Some(&world.root);
    for path in ["/bucket?acl", "/bucket/k?acl"] {
        let before = world.s3(root, "GET", path, &[], "").await.ok().body;
        for acl in ["private", "public-read"] {
            world.s3(root, "PUT", path, &[("x-amz-acl", acl)], "").await.expect(
                400,
                "AccessControlListNotSupported",
                "The bucket does not allow ACLs",
            );
        }
        // What was read, sent back: as clients do that add a grant.
        world.s3(root, "PUT", path, &[], before.clone()).await.expect(
            400,
            "AccessControlListNotSupported",
            "The bucket does not allow ACLs",
        );
        let no_list = before.replace("CanonicalUser", "Nobody");
        assert_eq!(world.s3(root, "PUT", path, &[], no_list).await.tag("Code"), Some("MalformedXML"));
        assert_eq!(world.s3(root, "GET", path, &[], "").await.ok().body, before);
    }
    let gone = world.s3(root, "PUT", "/bucket/none?acl", &[("x-amz-acl", "private")], "").await;
    gone.expect(404, "NoSuchKey", "The specified key does not exist.");
}

#[tokio::test]
async fn an_acl_that_a_policy_names_is_one_of_its_conditions() {
    let world = world().await;
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:PutObjectAcl","Resource":"*",
        "Condition":{"StringEquals":{"s3:x-amz-acl":"private"}}}]}"#;
    let user = world.user("u", Some(policy)).await;
    let ask = async |acl| world.s3(Some(&user), "PUT", "/bucket/k?acl", &[("x-amz-acl", acl)], "").await;
    assert_eq!(ask("private").await.tag("Code"), Some("AccessControlListNotSupported"));
    assert_eq!(ask("bucket-owner-full-control").await.tag("Code"), Some("AccessDenied"));
}

#[tokio::test]
async fn no_object_is_locked_and_none_can_be() {
    let world = world().await;
    let root = Some(&world.root);
    for (method, lock, body) in [
        ("GET", "retention", ""),
        ("GET", "legal-hold", ""),
        ("PUT", "retention", "<Retention><Mode>COMPLIANCE</Mode></Retention>"),
        ("PUT", "legal-hold", "<LegalHold><Status>ON</Status></LegalHold>"),
    ] {
        let seen = world.s3(root, method, &format!("/bucket/k?{lock}"), &[], body).await;
        seen.expect(400, "InvalidRequest", "Bucket is missing Object Lock Configuration");
    }
    world.s3(root, "DELETE", "/bucket/k", &[], "").await.ok();
    assert_eq!(world.s3(root, "GET", "/bucket/k", &[], "").await.status, 404);
}

/// A setting and its answer, where `#` stands for S3's namespace.
const EMPTY: [(&str, &str); 5] = [
    ("accelerate", "<AccelerateConfiguration#></AccelerateConfiguration>"),
    ("logging", "<BucketLoggingStatus#></BucketLoggingStatus>"),
    ("notification", "<NotificationConfiguration#></NotificationConfiguration>"),
    (
        "requestPayment",
        "<RequestPaymentConfiguration#><Payer>BucketOwner</Payer></RequestPaymentConfiguration>",
    ),
    ("versioning", "<VersioningConfiguration#></VersioningConfiguration>"),
];

const ABSENT: [(&str, &str, &str); 6] = [
    ("cors", "NoSuchCORSConfiguration", "The CORS configuration does not exist"),
    (
        "encryption",
        "ServerSideEncryptionConfigurationNotFoundError",
        "The server side encryption configuration was not found",
    ),
    ("lifecycle", "NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist"),
    (
        "object-lock",
        "ObjectLockConfigurationNotFoundError",
        "Object Lock configuration does not exist for this bucket",
    ),
    ("replication", "ReplicationConfigurationNotFoundError", "The replication configuration was not found"),
    ("website", "NoSuchWebsiteConfiguration", "The specified bucket does not have a website configuration"),
];
