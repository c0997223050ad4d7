//! What permission was decided on is what is acted on: a bucket that is somebody else's by the time of the
//! commit gets nothing.

use crate::HANDLERS;
use rolecall_core::testing::{Credential, Seen, World};
use tokio::join;

/// A world with a bucket and an object, and somebody of another account.
struct Races {
    world: World,
    other: Credential,
}

const DELETE: &str = "<Delete><Object><Key>old</Key></Object></Delete>";
const TAGS: &str = "<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>";

impl Races {
    async fn new() -> Self {
        let world = World::new().await.serving(HANDLERS);
        let other = world.account("111122223333").await;
        let races = Self { world, other };
        for (path, body) in [("/from", ""), ("/from/source", "x"), ("/bucket", "")] {
            races.ask("PUT", path, &[], body).await.ok();
        }
        races
    }

    async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Seen {
        self.world.s3(Some(&self.world.root), method, path, headers, body.to_owned()).await
    }

    /// The bucket is deleted, with what is in it, and made anew by the other account.
    async fn hand_over(&self) {
        let page = self.ask("GET", "/bucket", &[], "").await;
        if page.body.contains("<Key>old</Key>") {
            self.ask("DELETE", "/bucket/old", &[], "").await.ok();
        }
        let uploads = self.ask("GET", "/bucket?uploads", &[], "").await;
        if let Some(id) = uploads.tag("UploadId") {
            self.ask("DELETE", &format!("/bucket/big?uploadId={id}"), &[], "").await.ok();
        }
        self.ask("DELETE", "/bucket", &[], "").await.ok();
        self.world.s3(Some(&self.other), "PUT", "/bucket", &[], "").await.ok();
    }

    /// What is in the bucket now, as its owner sees it.
    async fn theirs(&self, path: &str) -> Seen {
        self.world.s3(Some(&self.other), "GET", path, &[], "").await
    }

    /// The audit record of the last request for an operation.
    fn recorded(&self, operation: &str) -> String {
        let named = format!("\"eventName\":\"{operation}\"");
        self.world.audit.text().lines().rev().find(|line| line.contains(&named)).unwrap().to_owned()
    }

    /// Sends a request whose commit comes after the bucket was handed over; it must be refused, so recorded,
    /// and have written nothing.
    async fn lost(&self, operation: &str, key: &str, request: impl Future<Output = Seen>) -> Seen {
        let held = self.world.before_commit_of(key);
        let (seen, ()) = join!(request, held.meanwhile(self.hand_over()));
        let code = seen.tag("Code").unwrap_or_default().to_owned();
        assert!(seen.status >= 400, "{operation}: {} {}", seen.status, seen.body);
        assert!(["NoSuchBucket", "AccessDenied"].contains(&code.as_str()), "{operation}: {}", seen.body);
        let recorded = self.recorded(operation);
        assert!(recorded.contains(&format!("\"errorCode\":\"{code}\"")), "{operation}: {recorded}");
        let listed = self.theirs("/bucket?list-type=2").await.ok();
        assert_eq!(listed.tag("KeyCount"), Some("0"), "{operation}: {}", listed.body);
        let uploads = self.theirs("/bucket?uploads").await.ok();
        assert_eq!(uploads.tag("UploadId"), None, "{operation}");
        seen
    }
}

/// Every write of an object, and the same when nobody interferes.
#[tokio::test]
async fn an_object_is_not_written_into_a_bucket_made_anew_by_somebody_else() {
    let copy = [("x-amz-copy-source", "/from/source")];
    for (operation, method, path, headers) in [
        ("PutObject", "PUT", "/bucket/new", &[][..]),
        ("CopyObject", "PUT", "/bucket/new", &copy[..]),
        ("CreateMultipartUpload", "POST", "/bucket/new?uploads", &[][..]),
    ] {
        let races = Races::new().await;
        let held = races.world.before_commit_of("new");
        let (undisturbed, ()) = join!(races.ask(method, path, headers, ""), held.meanwhile(async {}));
        assert_eq!(undisturbed.status, 200, "{operation}: {}", undisturbed.body);
        let races = Races::new().await;
        races.lost(operation, "new", races.ask(method, path, headers, "")).await;
    }
}

#[tokio::test]
async fn parts_and_a_completion_are_not_written_into_a_bucket_made_anew_by_somebody_else() {
    for disturbed in [false, true] {
        for step in ["UploadPart", "UploadPartCopy", "CompleteMultipartUpload"] {
            let races = Races::new().await;
            let made = races.ask("POST", "/bucket/big?uploads", &[], "").await.ok();
            let id = made.tag("UploadId").unwrap().to_owned();
            let part = format!("/bucket/big?partNumber=1&uploadId={id}");
            let complete = format!("/bucket/big?uploadId={id}");
            let copy = [("x-amz-copy-source", "/from/source")];
            let etag = "<Part><PartNumber>1</PartNumber><ETag>9dd4e461268c8034f5c8564e155c67a6</ETag></Part>";
            let list = format!("<CompleteMultipartUpload>{etag}</CompleteMultipartUpload>");
            if step == "CompleteMultipartUpload" {
                races.ask("PUT", &part, &[], "x").await.ok();
            }
            let request = async {
                match step {
                    "UploadPart" => races.ask("PUT", &part, &[], "x").await,
                    "UploadPartCopy" => races.ask("PUT", &part, &copy, "").await,
                    _ => races.ask("POST", &complete, &[], &list).await,
                }
            };
            match disturbed {
                false => {
                    let held = races.world.before_commit_of(&id);
                    let (seen, ()) = join!(request, held.meanwhile(async {}));
                    assert_eq!(seen.status, 200, "{step}: {}", seen.body);
                }
                true => {
                    races.lost(step, &id, request).await;
                }
            }
        }
    }
}

#[tokio::test]
async fn a_setting_is_not_made_on_a_bucket_made_anew_by_somebody_else() {
    let policy = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"s3:*","Resource":"arn:aws:s3:::bucket/*"}}"#;
    for (operation, method, query, body, left) in [
        ("PutBucketTagging", "PUT", "tagging", TAGS, "NoSuchTagSet"),
        ("PutBucketPolicy", "PUT", "policy", policy, "NoSuchBucketPolicy"),
        ("DeletePublicAccessBlock", "DELETE", "publicAccessBlock", "", "true"),
    ] {
        let path = format!("/bucket?{query}");
        let races = Races::new().await;
        assert!(races.ask(method, &path, &[], body).await.status < 300, "{operation}");
        let races = Races::new().await;
        races.lost(operation, "bucket", races.ask(method, &path, &[], body)).await;
        assert!(races.theirs(&path).await.body.contains(left), "{operation}");
    }
}

#[tokio::test]
async fn nothing_is_deleted_from_a_bucket_made_anew_by_somebody_else() {
    let digest = [("content-md5", "1qYqAJZfrQv4Ds70DWlMfg==")];
    for (operation, method, path, headers, body) in [
        ("DeleteObject", "DELETE", "/bucket/old", &[][..], ""),
        ("DeleteObjects", "POST", "/bucket?delete", &digest[..], DELETE),
        ("DeleteBucket", "DELETE", "/bucket", &[][..], ""),
    ] {
        let races = Races::new().await;
        if operation != "DeleteBucket" {
            races.ask("PUT", "/bucket/old", &[], "mine").await.ok();
        }
        let undisturbed = races.ask(method, path, headers, body).await;
        assert!(undisturbed.status < 300, "{operation}: {}", undisturbed.body);
        assert_eq!(races.ask("GET", "/bucket/old", &[], "").await.status, 404);

        let races = Races::new().await;
        if operation != "DeleteBucket" {
            races.ask("PUT", "/bucket/old", &[], "mine").await.ok();
        }
        let held = races.world.before_commit_of("bucket");
        let handed_over = async {
            races.hand_over().await;
            if operation != "DeleteBucket" {
                races.world.s3(Some(&races.other), "PUT", "/bucket/old", &[], "theirs").await.ok();
            }
        };
        let (seen, ()) = join!(races.ask(method, path, headers, body), held.meanwhile(handed_over));
        assert!(seen.body.contains("AccessDenied"), "{operation}: {} {}", seen.status, seen.body);
        races.theirs("/bucket?list-type=2").await.ok();
        if operation != "DeleteBucket" {
            assert_eq!(races.theirs("/bucket/old").await.ok().body, "theirs", "{operation}");
        }
    }
}

/// Whoever loses against a change that leaves him the permission is served all the same.
#[tokio::test]
async fn a_change_in_between_that_takes_nothing_away_costs_nothing() {
    let races = Races::new().await;
    let held = races.world.before_commit_of("bucket");
    let unblocked = async {
        races.ask("DELETE", "/bucket?publicAccessBlock", &[], "").await.ok();
    };
    let (seen, ()) = join!(races.ask("PUT", "/bucket?tagging", &[], TAGS), held.meanwhile(unblocked));
    assert_eq!(seen.status, 204, "{}", seen.body);
    assert!(races.ask("GET", "/bucket?tagging", &[], "").await.ok().body.contains("<Key>k</Key>"));
    assert_eq!(races.ask("GET", "/bucket?publicAccessBlock", &[], "").await.status, 404);
}
