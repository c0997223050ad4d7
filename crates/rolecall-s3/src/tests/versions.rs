//! Listing versions where none are kept.

use crate::HANDLERS;
use rolecall_core::testing::World;

async fn world() -> World {
    let world = World::new().await.serving(HANDLERS);
    world.s3(Some(&world.root), "PUT", "/bucket", &[], "").await.ok();
    for key in ["a", "b/1", "b/2", "c%20d"] {
        world.s3(Some(&world.root), "PUT", &format!("/bucket/{key}"), &[], "x").await.ok();
    }
    world
}

#[tokio::test]
async fn every_object_has_the_version_null_and_pages_join() {
    let world = world().await;
    let mut keys = Vec::new();
    let mut marker = String::new();
    loop {
        let path = format!("/bucket?versions&max-keys=1&encoding-type=url{marker}");
        let page = world.s3(Some(&world.root), "GET", &path, &[], "").await.ok();
        assert_eq!(page.tag("VersionId"), Some("null"));
        assert_eq!(page.tag("IsLatest"), Some("true"));
        keys.push(page.tag("Key").unwrap().to_owned());
        match (page.tag("NextKeyMarker"), page.tag("NextVersionIdMarker")) {
            (Some(key), Some(version)) => {
                // A plus sign is a space in an answer, and itself in a query.
                let key = key.replace('+', "%20");
                marker = format!("&key-marker={key}&version-id-marker={version}");
            }
            (None, None) => break,
            half => panic!("{half:?}"),
        }
    }
    assert_eq!(keys, ["a", "b/1", "b/2", "c+d"]);
}

#[tokio::test]
async fn common_prefixes_are_rolled_up_and_a_page_can_end_with_one() {
    let world = world().await;
    let root = Some(&world.root);
    let page = world.s3(root, "GET", "/bucket?versions&delimiter=%2F&max-keys=2", &[], "").await.ok();
    assert_eq!((page.tag("Key"), page.tag("CommonPrefixes")), (Some("a"), Some("<Prefix>b/</Prefix>")));
    assert_eq!((page.tag("NextKeyMarker"), page.tag("NextVersionIdMarker")), (Some("b/"), None));
    let page = world.s3(root, "GET", "/bucket?versions&delimiter=%2F&key-marker=b/", &[], "").await.ok();
    assert_eq!((page.tag("Key"), page.tag("CommonPrefixes")), (Some("c d"), None));
    assert_eq!(page.tag("IsTruncated"), Some("false"));
}

#[tokio::test]
async fn the_version_listed_can_be_deleted_and_no_other_asked_after() {
    let world = world().await;
    let root = Some(&world.root);
    world.s3(root, "DELETE", "/bucket/a?versionId=null", &[], "").await.ok();
    let left = world.s3(root, "GET", "/bucket?versions", &[], "").await.ok();
    assert_eq!(left.tag("Key"), Some("b/1"));
    for (marker, message) in [
        ("&version-id-marker=null", "A version-id marker cannot be specified without a key marker."),
        ("&key-marker=a&version-id-marker=", "A version-id marker cannot be empty."),
        ("&key-marker=a&version-id-marker=x", "Invalid version id specified"),
    ] {
        let seen = world.s3(root, "GET", &format!("/bucket?versions{marker}"), &[], "").await;
        seen.expect(400, "InvalidArgument", message);
        assert_eq!(seen.tag("ArgumentName"), Some("version-id-marker"));
    }
}

#[tokio::test]
async fn listing_versions_is_a_permission_of_its_own_with_the_listings_keys() {
    let world = world().await;
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:ListBucketVersions",
        "Resource":"arn:aws:s3:::bucket","Condition":{"StringEquals":{"s3:prefix":"b/"}}}]}"#;
    let user = world.user("u", Some(policy)).await;
    let ask = async |query: &str| world.s3(Some(&user), "GET", &format!("/bucket?{query}"), &[], "").await;
    assert_eq!(ask("versions&prefix=b/").await.ok().tag("Key"), Some("b/1"));
    assert_eq!(ask("versions").await.tag("Code"), Some("AccessDenied"));
    assert_eq!(ask("list-type=2&prefix=b/").await.tag("Code"), Some("AccessDenied"));
}
