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
