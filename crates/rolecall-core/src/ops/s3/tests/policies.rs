//! Who may do what, decided by key, version, source and tag.

use crate::testing::World;
use rolecall_wire::Service;

async fn world() -> World {
    let world = World::new().await;
    let root = Some(&world.root);
    world.s3(root, "PUT", "/bucket", &[], "").await.ok();
    world.s3(root, "PUT", "/bucket/public/a", &[], "open").await.ok();
    world.s3(root, "PUT", "/bucket/private.txt", &[], "closed").await.ok();
    world
}

fn allow(actions: &str, resource: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":[{actions}],"Resource":"{resource}"}}]}}"#
    )
}

#[tokio::test]
async fn pol_21_keys_are_compared_as_they_are_stored() {
    let world = world().await;
    let user = world.user("u", Some(&allow(r#""s3:GetObject""#, "arn:aws:s3:::bucket/public/*"))).await;
    let user = Some(&user);
    assert_eq!(world.s3(user, "GET", "/bucket/public/a", &[], "").await.ok().body, "open");
    assert_eq!(world.s3(user, "GET", "/bucket/private.txt", &[], "").await.status, 403);
    let inside = world.s3(user, "GET", "/bucket/public/../private.txt", &[], "").await;
    assert_eq!((inside.status, inside.body.contains("closed")), (403, false));
}

#[tokio::test]
async fn a_missing_key_is_told_only_to_those_who_may_list() {
    let world = world().await;
    let reader = world.user("r", Some(&allow(r#""s3:GetObject""#, "*"))).await;
    let lister = world.user("l", Some(&allow(r#""s3:GetObject","s3:ListBucket""#, "*"))).await;
    let refused = world.s3(Some(&reader), "GET", "/bucket/none", &[], "").await;
    refused.expect(
        403,
        "AccessDenied",
        "User: arn:aws:iam::123456789012:user/r is not authorized to perform: s3:ListBucket on resource: \
         \"arn:aws:s3:::bucket\" because no identity-based policy allows the s3:ListBucket action",
    );
    let told = world.s3(Some(&lister), "GET", "/bucket/none", &[], "").await;
    told.expect(404, "NoSuchKey", "The specified key does not exist.");
    let nobody = world.user("n", None).await;
    let missing = world.s3(Some(&nobody), "GET", "/nowhere/none", &[], "").await;
    missing.expect(404, "NoSuchBucket", "The specified bucket does not exist");
}

#[tokio::test]
async fn s3a_01_a_version_needs_its_own_permission() {
    let world = world().await;
    let plain = allow(r#""s3:GetObject","s3:GetObjectTagging","s3:GetObjectAcl","s3:PutObject""#, "*");
    let user = world.user("u", Some(&plain)).await;
    for path in ["/bucket/public/a", "/bucket/public/a?tagging", "/bucket/public/a?acl"] {
        world.s3(Some(&user), "GET", path, &[], "").await.ok();
        let versioned = format!("{path}{}versionId=null", if path.contains('?') { '&' } else { '?' });
        let refused = world.s3(Some(&user), "GET", &versioned, &[], "").await;
        assert_eq!((refused.status, refused.tag("Code")), (403, Some("AccessDenied")), "{versioned}");
        world.s3(Some(&world.root), "GET", &versioned, &[], "").await.ok();
    }
    let copy = [("x-amz-copy-source", "bucket/public/a?versionId=null")];
    assert_eq!(world.s3(Some(&user), "PUT", "/bucket/c", &copy, "").await.status, 403);
    let odd = world.s3(Some(&world.root), "GET", "/bucket/public/a?versionId=x", &[], "").await;
    odd.expect(400, "InvalidArgument", "Invalid version id specified");
}

#[tokio::test]
async fn s3a_02_a_copy_needs_both_ends() {
    let world = world().await;
    let reads = world.user("a", Some(&allow(r#""s3:GetObject""#, "*"))).await;
    let writes = world.user("b", Some(&allow(r#""s3:PutObject""#, "*"))).await;
    let both = world.user("c", Some(&allow(r#""s3:GetObject","s3:PutObject""#, "*"))).await;
    let conditional = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":"*"},
        {"Effect":"Deny","Action":"s3:PutObject","Resource":"*","Condition":
            {"StringNotLike":{"s3:x-amz-copy-source":"bucket/public/*"}}}]}"#;
    let held = world.user("d", Some(conditional)).await;
    let copy = [("x-amz-copy-source", "bucket/private.txt")];
    for (who, expected) in [(&reads, 403), (&writes, 403), (&held, 403), (&both, 200)] {
        let seen = world.s3(Some(who), "PUT", "/bucket/copy", &copy, "").await;
        assert_eq!(seen.status, expected, "{}", seen.body);
        let there = world.s3(Some(&world.root), "GET", "/bucket/copy", &[], "").await.status;
        assert_eq!(there == 200, expected == 200);
    }
    let public = [("x-amz-copy-source", "bucket/public/a")];
    world.s3(Some(&held), "PUT", "/bucket/copy2", &public, "").await.ok();
}

#[tokio::test]
async fn a_copys_source_is_the_same_for_policies_however_it_is_spelled() {
    let world = world().await;
    let policy = |effect: &str, source: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"s3:*","Resource":"*"}},
            {{"Effect":"Deny","Action":"s3:PutObject","Resource":"*","Condition":
            {{"{effect}":{{"s3:x-amz-copy-source":"{source}"}}}}}}]}}"#
        )
    };
    let barred = world.user("barred", Some(&policy("StringEquals", "bucket/private.txt"))).await;
    let bound = world.user("bound", Some(&policy("StringNotLike", "bucket/private*"))).await;
    world.s3(Some(&world.root), "POST", "/bucket/up?uploads", &[], "").await.ok();
    for spelled in [
        "bucket/private.txt",
        "/bucket/private.txt",
        "bucket/%70rivate.txt",
        "bucket%2Fprivate.txt",
        "/bucket%2Fprivate%2Etxt",
        "bucket/private.txt?versionId=null",
    ] {
        let copy = [("x-amz-copy-source", spelled)];
        for path in ["/bucket/copy", "/bucket/up?partNumber=1&uploadId=x"] {
            let seen = world.s3(Some(&barred), "PUT", path, &copy, "").await;
            assert_eq!(seen.tag("Code"), Some("AccessDenied"), "{path} {spelled}");
        }
        world.s3(Some(&bound), "PUT", "/bucket/copy", &copy, "").await.ok();
    }
    let other = [("x-amz-copy-source", "/bucket/public/a")];
    world.s3(Some(&barred), "PUT", "/bucket/copy", &other, "").await.ok();
    assert_eq!(world.s3(Some(&bound), "PUT", "/bucket/copy", &other, "").await.status, 403);
}

#[tokio::test]
async fn tags_that_differ_in_case_do_not_hide_one_another() {
    let world = world().await;
    let policy = |key: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"s3:*","Resource":"*"}},
            {{"Effect":"Deny","Action":["s3:GetObject","s3:PutObject","s3:PutObjectTagging"],"Resource":"*",
            "Condition":{{"StringEquals":{{"{key}/Cls":"priv"}}}}}}]}}"#
        )
    };
    let reader = world.user("reader", Some(&policy("s3:ExistingObjectTag"))).await;
    let writer = world.user("writer", Some(&policy("s3:RequestObjectTag"))).await;
    for (at, tags) in ["Cls=priv&cls=pub", "cls=pub&Cls=priv", "CLS=pub&Cls=priv&cls=pub"].iter().enumerate()
    {
        let tagged = [("x-amz-tagging", *tags)];
        let path = format!("/bucket/tagged{at}");
        assert_eq!(world.s3(Some(&writer), "PUT", &path, &tagged, "x").await.status, 403, "{tags}");
        world.s3(Some(&world.root), "PUT", &path, &tagged, "x").await.ok();
        assert_eq!(world.s3(Some(&reader), "GET", &path, &[], "").await.status, 403, "{tags}");
    }
    let tagged = [("x-amz-tagging", "Cls=pub&cls=priv")];
    world.s3(Some(&writer), "PUT", "/bucket/open", &tagged, "x").await.ok();
    world.s3(Some(&reader), "GET", "/bucket/open", &[], "").await.ok();
}

#[tokio::test]
async fn how_many_tags_an_object_has_is_for_those_who_may_read_them() {
    let world = world().await;
    world.s3(Some(&world.root), "PUT", "/bucket/t", &[("x-amz-tagging", "a=1&b=2")], "x").await.ok();
    let reads = world.user("a", Some(&allow(r#""s3:GetObject""#, "*"))).await;
    let both = world.user("b", Some(&allow(r#""s3:GetObject","s3:GetObjectTagging""#, "*"))).await;
    for method in ["GET", "HEAD"] {
        let seen = world.s3(Some(&both), method, "/bucket/t", &[], "").await.ok();
        assert_eq!(seen.headers["x-amz-tagging-count"], "2");
        let seen = world.s3(Some(&reads), method, "/bucket/t", &[], "").await.ok();
        assert!(!seen.headers.contains_key("x-amz-tagging-count"), "{method}");
        let id = seen.headers["x-amz-request-id"].to_str().unwrap();
        let why = [("RequestId", id)];
        let why = world.ask(&world.root, Service::Rolecall, "ExplainRequest", &why).await;
        assert_eq!(why.tag("Code"), Some("NoSuchEntity"), "nothing was denied: {}", why.body);
        assert_eq!(seen.headers["content-length"], "1");
    }
}

#[tokio::test]
async fn a_buckets_policy_is_its_own_accounts_alone() {
    let world = world().await;
    let other = world.account("111122223333").await;
    world.s3(Some(&world.root), "DELETE", "/bucket?publicAccessBlock", &[], "").await.ok();
    let open = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:*",
        "Resource":["arn:aws:s3:::bucket","arn:aws:s3:::bucket/*"]}]}"#;
    world.s3(Some(&world.root), "PUT", "/bucket?policy", &[], open).await.ok();
    for who in [Some(&other), None] {
        world.s3(who, "GET", "/bucket/private.txt", &[], "").await.ok();
        for (method, body) in [("GET", ""), ("PUT", open), ("DELETE", "")] {
            let seen = world.s3(who, method, "/bucket?policy", &[], body).await;
            let message = "The specified method is not allowed against this resource.";
            seen.expect(405, "MethodNotAllowed", message);
        }
    }
    let kept = world.s3(Some(&world.root), "GET", "/bucket?policy", &[], "").await.ok();
    assert_eq!(kept.body, open);
}

#[tokio::test]
async fn a_bucket_lets_in_accounts_of_its_own_partition_only() {
    let world = world().await;
    let other = world.account("111122223333").await;
    for (partition, status) in [("aws-cn", 403), ("aws", 200), ("aws-us-gov", 403)] {
        let policy = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":
            "arn:{partition}:iam::111122223333:root"}},"Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*"}}]}}"#
        );
        world.s3(Some(&world.root), "PUT", "/bucket?policy", &[], policy).await.ok();
        let seen = world.s3(Some(&other), "GET", "/bucket/private.txt", &[], "").await;
        assert_eq!(seen.status, status, "{partition}: {}", seen.body);
    }
}

#[tokio::test]
async fn actions_that_s3_does_not_have_are_refused_in_a_buckets_policy() {
    let world = world().await;
    for (action, known) in [
        ("s3:ListObjects", false),
        ("s3:Foo", false),
        ("s3:GetObjects*", false),
        ("s3:GetObject*", true),
        ("s3:getobject", true),
        ("s3:*", true),
    ] {
        let policy = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"123456789012"}},
            "Action":"{action}","Resource":["arn:aws:s3:::bucket","arn:aws:s3:::bucket/*"]}}]}}"#
        );
        let seen = world.s3(Some(&world.root), "PUT", "/bucket?policy", &[], policy).await;
        match known {
            true => assert_eq!(seen.status, 204, "{action}: {}", seen.body),
            false => seen.expect(400, "MalformedPolicy", "Policy has invalid action"),
        }
    }
}

#[tokio::test]
async fn a_writer_cannot_guess_what_it_may_not_read_by_entity_tags() {
    let world = world().await;
    let writes = world.user("w", Some(&allow(r#""s3:PutObject""#, "*"))).await;
    let both = world.user("rw", Some(&allow(r#""s3:GetObject","s3:PutObject""#, "*"))).await;
    let etag = world.s3(Some(&world.root), "HEAD", "/bucket/private.txt", &[], "").await;
    let etag = etag.headers["etag"].to_str().unwrap();
    for (who, tag, expected) in
        [(&writes, etag, 403), (&writes, "\"0\"", 403), (&both, "\"0\"", 412), (&both, etag, 200)]
    {
        let seen = world.s3(Some(who), "PUT", "/bucket/private.txt", &[("if-match", tag)], "new").await;
        assert_eq!(seen.status, expected, "{}", seen.body);
    }
}

#[tokio::test]
async fn s3a_04_each_key_of_a_mass_deletion_is_decided() {
    let world = world().await;
    let user = world.user("u", Some(&allow(r#""s3:DeleteObject""#, "arn:aws:s3:::bucket/public/*"))).await;
    let body = "<Delete><Object><Key>public/a</Key></Object><Object><Key>private.txt</Key></Object></Delete>";
    let unchecked = world.s3(Some(&user), "POST", "/bucket?delete", &[], body).await;
    let missing = "Missing required header for this request: Content-MD5 OR x-amz-checksum-*";
    unchecked.expect(400, "InvalidRequest", missing);
    let checked = [("content-md5", "6GzbFyFyDYBiT0if8k1RxQ==")];
    let seen = world.s3(Some(&user), "POST", "/bucket?delete", &checked, body).await.ok();
    assert!(seen.body.contains("<Deleted><Key>public/a</Key></Deleted>"), "{}", seen.body);
    assert!(
        seen.body.contains(
            "<Error><Key>private.txt</Key><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
        ),
        "{}",
        seen.body
    );
    assert_eq!(world.s3(Some(&world.root), "GET", "/bucket/public/a", &[], "").await.status, 404);
    assert_eq!(world.s3(Some(&world.root), "GET", "/bucket/private.txt", &[], "").await.status, 200);
}

#[tokio::test]
async fn listings_are_held_to_the_prefix_asked() {
    let world = world().await;
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:ListBucket",
        "Resource":"arn:aws:s3:::bucket","Condition":{"StringEquals":{"s3:prefix":"public/"}}}]}"#;
    let user = world.user("u", Some(policy)).await;
    world.s3(Some(&user), "GET", "/bucket?list-type=2&prefix=public%2F", &[], "").await.ok();
    for path in ["/bucket?list-type=2", "/bucket?list-type=2&prefix=", "/bucket?prefix=p"] {
        assert_eq!(world.s3(Some(&user), "GET", path, &[], "").await.status, 403, "{path}");
    }
}

#[tokio::test]
async fn a_public_policy_opens_only_an_unblocked_bucket() {
    let world = world().await;
    let root = Some(&world.root);
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*",
        "Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/public/*"}]}"#;
    let blocked = world.s3(root, "PUT", "/bucket?policy", &[], policy).await;
    assert_eq!((blocked.status, blocked.tag("Code")), (403, Some("AccessDenied")));
    assert!(blocked.body.contains("BlockPublicPolicy"));
    world.s3(root, "DELETE", "/bucket?publicAccessBlock", &[], "").await.ok();
    world.s3(root, "PUT", "/bucket?policy", &[], policy).await.ok();
    assert_eq!(world.s3(None, "GET", "/bucket/public/a", &[], "").await.ok().body, "open");
    assert_eq!(world.s3(None, "GET", "/bucket/private.txt", &[], "").await.status, 403);
    let junk = world.s3(None, "GET", "/bucket/public/a", &[("authorization", "Bearer x")], "").await;
    assert!(matches!(junk.status, 400 | 403), "SIG-26 {}", junk.body);
    let status = world.s3(root, "GET", "/bucket?policyStatus", &[], "").await.ok();
    assert_eq!(status.tag("IsPublic"), Some("true"));
    let restrict = "<PublicAccessBlockConfiguration><RestrictPublicBuckets>true</RestrictPublicBuckets>\
                    </PublicAccessBlockConfiguration>";
    world.s3(root, "PUT", "/bucket?publicAccessBlock", &[], restrict).await.ok();
    assert_eq!(world.s3(None, "GET", "/bucket/public/a", &[], "").await.status, 403);
    world.s3(root, "GET", "/bucket/public/a", &[], "").await.ok();
    world.s3(root, "DELETE", "/bucket?policy", &[], "").await.ok();
    let none = world.s3(root, "GET", "/bucket?policy", &[], "").await;
    none.expect(404, "NoSuchBucketPolicy", "The bucket policy does not exist");
}

#[tokio::test]
async fn bucket_policies_are_checked() {
    let world = world().await;
    let root = Some(&world.root);
    world.user("known", None).await;
    let with = |principal: &str, resource: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{principal}"}},"Action":"s3:GetObject","Resource":"{resource}"}}]}}"#
        )
    };
    let known = "arn:aws:iam::123456789012:user/known";
    for (policy, message) in [
        (String::new(), "Policies must be valid JSON and the first byte must be '{'"),
        ("{}".into(), "Missing required field Statement"),
        (with(known, "arn:aws:s3:::other/*"), "Policy has invalid resource"),
        (
            with("arn:aws:iam::123456789012:user/unknown", "arn:aws:s3:::bucket/*"),
            "Invalid principal in policy",
        ),
        (
            with(known, "arn:aws:s3:::bucket/*").replace(
                "\"Resource\"",
                "\"Condition\":{\"StringEquals\":{\"s3:prefix\":\"a\"}},\"Resource\"",
            ),
            "Conditions do not apply to combination of actions and resources in statement",
        ),
    ] {
        let seen = world.s3(root, "PUT", "/bucket?policy", &[], policy.clone()).await;
        if policy.is_empty() {
            assert_eq!(seen.status, 400);
        } else {
            seen.expect(400, "MalformedPolicy", message);
        }
    }
    let good = with(known, "arn:aws:s3:::bucket/*");
    world.s3(root, "PUT", "/bucket?policy", &[], good.clone()).await.ok();
    assert_eq!(world.s3(root, "GET", "/bucket?policy", &[], "").await.ok().body, good);
    let denial = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*",
        "Resource":["arn:aws:s3:::bucket","arn:aws:s3:::bucket/*"]}]}"#;
    world.s3(root, "PUT", "/bucket?policy", &[], denial).await.ok();
    assert_eq!(world.s3(root, "GET", "/bucket/public/a", &[], "").await.status, 403);
    world.s3(root, "DELETE", "/bucket?policy", &[], "").await.ok();
    world.s3(root, "GET", "/bucket/public/a", &[], "").await.ok();
}

#[tokio::test]
async fn canonical_user_ids_stand_for_accounts() {
    let world = world().await;
    let root = Some(&world.root);
    let deny = |id: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Deny","Principal":{{"CanonicalUser":"{id}"}},"Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*"}}}}"#
        )
    };
    let nobody = world.s3(root, "PUT", "/bucket?policy", &[], deny(&"0a".repeat(32))).await;
    nobody.expect(400, "MalformedPolicy", "Invalid principal in policy");
    world.s3(root, "GET", "/bucket/public/a", &[], "").await.ok();
    let own = deny(&world.gate.system().settings.account.canonical_id());
    world.s3(root, "PUT", "/bucket?policy", &[], own.clone()).await.ok();
    assert_eq!(world.s3(root, "GET", "/bucket/public/a", &[], "").await.status, 403);
    assert_eq!(world.s3(root, "GET", "/bucket?policy", &[], "").await.ok().body, own);
}
