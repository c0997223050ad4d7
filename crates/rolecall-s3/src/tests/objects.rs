//! Storing, reading, listing and deleting objects.

use crate::HANDLERS;
use rolecall_core::testing::World;

async fn world() -> World {
    let world = World::new().await.serving(HANDLERS);
    world.s3(Some(&world.root), "PUT", "/bucket", &[], "").await.ok();
    world
}

#[tokio::test]
async fn an_object_comes_back_as_it_was_stored() {
    let world = world().await;
    let root = Some(&world.root);
    for size in [0, 1, 16 << 10, (16 << 10) + 1, 300_000] {
        let body: Vec<u8> = (0..size).map(|at| b'a' + u8::try_from(at % 26).unwrap()).collect();
        let headers = [("content-type", "text/x"), ("x-amz-meta-a", "b")];
        let put = world.s3(root, "PUT", "/bucket/a/b", &headers, body.clone()).await.ok();
        let seen = world.s3(root, "GET", "/bucket/a/b", &[], "").await.ok();
        assert_eq!(seen.body.as_bytes(), body, "{size}");
        assert_eq!(seen.headers["etag"], put.headers["etag"]);
        assert_eq!(seen.headers["content-type"], "text/x");
        assert_eq!(seen.headers["x-amz-meta-a"], "b");
        let head = world.s3(root, "HEAD", "/bucket/a/b", &[], "").await.ok();
        assert_eq!(head.headers["content-length"], size.to_string());
        assert_eq!(head.body, "");
    }
    world.s3(root, "DELETE", "/bucket/a/b", &[], "").await.ok();
    let gone = world.s3(root, "GET", "/bucket/a/b", &[], "").await;
    gone.expect(404, "NoSuchKey", "The specified key does not exist.");
}

#[tokio::test]
async fn a_delimiter_rolls_keys_up_and_pages_join() {
    let world = world().await;
    let root = Some(&world.root);
    for key in ["a", "b/1", "b/2", "b/c/3", "c", "d/1"] {
        world.s3(root, "PUT", &format!("/bucket/{key}"), &[], "x").await.ok();
    }
    let seen = world.s3(root, "GET", "/bucket?list-type=2&delimiter=%2F", &[], "").await.ok();
    assert_eq!(names(&seen.body), ["a", "c", "b/", "d/"]);
    let mut all = Vec::new();
    let mut token = String::new();
    loop {
        let path = format!("/bucket?list-type=2&delimiter=%2F&max-keys=1{token}");
        let seen = world.s3(root, "GET", &path, &[], "").await.ok();
        all.extend(names(&seen.body));
        match seen.tag("NextContinuationToken") {
            Some(next) => token = format!("&continuation-token={next}"),
            None => break,
        }
    }
    assert_eq!(all, ["a", "b/", "c", "d/"]);
}

fn names(body: &str) -> Vec<String> {
    let of = |tag: &str| -> Vec<String> {
        body.split(&format!("<{tag}>")).skip(1).map(|t| t.split('<').next().unwrap().to_owned()).collect()
    };
    let prefixes = body.split("<CommonPrefixes>").skip(1);
    let prefixes =
        prefixes.map(|t| t.split("<Prefix>").nth(1).unwrap().split('<').next().unwrap().to_owned());
    of("Key").into_iter().chain(prefixes).collect()
}

#[tokio::test]
async fn an_encoded_listing_writes_a_space_as_a_plus_sign() {
    let world = world().await;
    let root = Some(&world.root);
    world.s3(root, "PUT", "/bucket/a%20b+c/%25d", &[], "x").await.ok();
    for query in ["list-type=2", "versions", ""] {
        let path = format!("/bucket?{query}&encoding-type=url");
        let seen = world.s3(root, "GET", &path, &[], "").await.ok();
        assert_eq!(seen.tag("Key"), Some("a+b%2Bc/%25d"), "{query}");
    }
}

/// S3 ignores what it does not know; only exact names are sub-resources.
#[tokio::test]
async fn an_unknown_parameter_does_not_change_what_is_done_with_an_object() {
    let world = world().await;
    let root = Some(&world.root);
    world.s3(root, "PUT", "/bucket/k?foo", &[], "content").await.ok();
    for query in ["foo", "1234567", "x", "Location", "publicAccessBlock", "ACL=", "v=1"] {
        let seen = world.s3(root, "GET", &format!("/bucket/k?{query}"), &[], "").await.ok();
        assert_eq!(seen.body, "content", "{query}");
    }
    assert!(world.s3(root, "GET", "/bucket/k?acl", &[], "").await.ok().body.contains("AccessControlPolicy"));
    assert_eq!(world.s3(root, "DELETE", "/bucket/k?policy", &[], "").await.status, 405);
    world.s3(root, "GET", "/bucket/k", &[], "").await.ok();
}

/// A document of another vocabulary is not S3's list of what to delete.
#[tokio::test]
async fn a_deletion_in_another_namespace_deletes_nothing() {
    let world = world().await;
    let root = Some(&world.root);
    world.s3(root, "PUT", "/bucket/k", &[], "content").await.ok();
    let delete = async |tag: &str, name: &str| {
        let body = format!("<{tag}><Object><Key>k</Key></Object></{name}>");
        let sum = base64_md5(body.as_bytes());
        world.s3(root, "POST", "/bucket?delete", &[("content-md5", &sum)], body).await
    };
    for (tag, name) in [
        (r#"Delete xmlns="urn:other""#, "Delete"),
        (r#"x:Delete xmlns:x="urn:other""#, "x:Delete"),
        (r#"x:Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/" xmlns:x="urn:other""#, "x:Delete"),
        ("x:Delete", "x:Delete"),
    ] {
        let seen = delete(tag, name).await;
        assert_eq!((seen.status, seen.tag("Code")), (400, Some("MalformedXML")), "{tag}: {}", seen.body);
        world.s3(root, "GET", "/bucket/k", &[], "").await.ok();
    }
    for (tag, name) in [
        (r#"Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/""#, "Delete"),
        (r#"s:Delete xmlns:s="http://s3.amazonaws.com/doc/2006-03-01/""#, "s:Delete"),
        ("Delete", "Delete"),
    ] {
        world.s3(root, "PUT", "/bucket/k", &[], "content").await.ok();
        delete(tag, name).await.ok();
        assert_eq!(world.s3(root, "GET", "/bucket/k", &[], "").await.status, 404, "{tag}");
    }
}

fn base64_md5(bytes: &[u8]) -> String {
    use base64::Engine;
    use md5::Digest;
    base64::engine::general_purpose::STANDARD.encode(md5::Md5::digest(bytes))
}

#[tokio::test]
async fn a_buckets_head_says_what_its_body_would_be() {
    let world = world().await;
    let seen = world.s3(Some(&world.root), "HEAD", "/bucket", &[], "").await.ok();
    assert_eq!(
        (&seen.headers["content-type"], seen.body.as_str()),
        (&"application/xml".parse().unwrap(), "")
    );
}
