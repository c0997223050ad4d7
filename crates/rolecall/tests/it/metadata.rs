//! The metadata of an instance, asked as its software asks.

use crate::house::{House, header, read_all};
use rolecall::instances::InstanceConfig;
use rolecall_core::metadata::Demand;
use std::net::SocketAddr;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

const TRUSTS_EC2: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
    "Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;

/// A server with an instance, whose profile `web` is there with the role `app` in it.
struct Site {
    house: House,
}

impl Site {
    async fn new(tokens: Demand) -> Self {
        let instance = InstanceConfig { tokens, .."web=127.0.0.1:0".parse().unwrap() };
        let house = House::with(|config| config.instances = vec![instance]).await;
        let site = Self { house };
        site.iam("CreateRole", &[("RoleName", "app"), ("AssumeRolePolicyDocument", TRUSTS_EC2)]).await;
        site.iam("CreateInstanceProfile", &[("InstanceProfileName", "web")]).await;
        site.iam("AddRoleToInstanceProfile", &[("InstanceProfileName", "web"), ("RoleName", "app")]).await;
        site
    }

    async fn iam(&self, action: &str, params: &[(&str, &str)]) {
        let House { client, root, .. } = &self.house;
        client.query(root, rolecall_wire::Service::Iam, action, params).await.unwrap();
    }

    fn address(&self) -> SocketAddr {
        self.house.app.metadata()[0]
    }

    async fn ask(&self, method: &str, path: &str, headers: &str) -> String {
        let host = if headers.contains("Host:") { "" } else { "Host: 169.254.169.254\r\n" };
        let request = format!("{method} {path} HTTP/1.1\r\n{host}Connection: close\r\n{headers}\r\n");
        let mut stream = TcpStream::connect(self.address()).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        read_all(&mut stream).await
    }

    async fn token(&self) -> String {
        let answer = self.ask("PUT", TOKEN, "X-aws-ec2-metadata-token-ttl-seconds: 21600\r\n").await;
        assert_eq!(header(&answer, "x-aws-ec2-metadata-token-ttl-seconds"), Some("21600"), "{answer}");
        body(&answer).to_owned()
    }

    /// What a path tells whoever has a token.
    async fn told(&self, path: &str) -> String {
        let token = format!("X-aws-ec2-metadata-token: {}\r\n", self.token().await);
        let answer = self.ask("GET", path, &token).await;
        assert_eq!(status(&answer), 200, "{path}: {answer}");
        body(&answer).to_owned()
    }
}

fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").unwrap().1
}

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap_or_else(|_| panic!("no JSON: {text}"))
}

#[tokio::test]
async fn paths_lead_to_credentials_and_the_same_ones_each_time() {
    let site = Site::new(Demand::Required).await;
    assert_eq!(site.told("/").await, "latest");
    assert_eq!(site.told("/latest/").await, "dynamic\nmeta-data");
    assert_eq!(site.told("/latest/meta-data/").await, "iam/\ninstance-id\nplacement/\nservices/");
    assert_eq!(site.told("/latest/meta-data/iam").await, "info\nsecurity-credentials/");
    assert_eq!(site.told("/latest/meta-data/placement/region").await, "us-east-1");
    assert_eq!(site.told("/latest/meta-data/iam/security-credentials/").await, "app");
    let first = json(&site.told(CREDENTIALS).await);
    assert_eq!((first["Code"].as_str(), first["Type"].as_str()), (Some("Success"), Some("AWS-HMAC")));
    assert!(first["AccessKeyId"].as_str().unwrap().starts_with("ASIA"));
    assert_eq!(json(&site.told(CREDENTIALS).await), first);
    let info = json(&site.told("/latest/meta-data/iam/info").await);
    assert_eq!(info["InstanceProfileArn"], "arn:aws:iam::123456789012:instance-profile/web");
    let document = json(&site.told("/latest/dynamic/instance-identity/document").await);
    assert_eq!(document["instanceId"], *site.told("/latest/meta-data/instance-id").await);
    assert_eq!((&document["accountId"], &document["region"]), (&"123456789012".into(), &"us-east-1".into()));
}

#[tokio::test]
async fn imd_01_without_a_token_nothing_is_told_unless_version_1_is_on() {
    let (strict, lax) = (Site::new(Demand::Required).await, Site::new(Demand::Optional).await);
    for path in ["/", "/latest/meta-data/", CREDENTIALS, "/latest/none"] {
        let answer = strict.ask("GET", path, "").await;
        assert_eq!((status(&answer), body(&answer)), (401, "401 - Unauthorized\n"), "{path}");
    }
    let answer = lax.ask("GET", CREDENTIALS, "").await;
    assert_eq!((status(&answer), &json(body(&answer))["Code"]), (200, &"Success".into()));
    let forged = "X-aws-ec2-metadata-token: forged\r\n";
    assert_eq!(
        status(&lax.ask("GET", CREDENTIALS, forged).await),
        401,
        "a wrong token is not taken for none"
    );
    assert_eq!(lax.token().await.len(), 54);
    let twice = format!("X-aws-ec2-metadata-token: {}\r\n{forged}", lax.token().await);
    assert_eq!(status(&lax.ask("GET", CREDENTIALS, &twice).await), 401, "nor are two");
    let answer = lax.ask("GET", "/latest/%zz", "").await;
    assert_eq!((status(&answer), body(&answer)), (400, "400 - Bad Request\n"));
}

#[tokio::test]
async fn imd_02_a_request_that_came_through_a_proxy_gets_no_token() {
    let site = Site::new(Demand::Required).await;
    let life = "X-aws-ec2-metadata-token-ttl-seconds: 60\r\n";
    assert_eq!(status(&site.ask("PUT", TOKEN, life).await), 200);
    for proxy in ["X-Forwarded-For: 203.0.113.9\r\n", "x-forwarded-for:\r\n"] {
        let answer = site.ask("PUT", TOKEN, &format!("{life}{proxy}")).await;
        assert_eq!((status(&answer), body(&answer)), (403, "403 - Forbidden\n"), "{proxy}");
    }
    for wrong in ["", "0", "21601", "x", "-1", "+60", "6_0", "60.0", "60, 60", "0x3c", "99999999999999999999"]
    {
        let life = format!("X-aws-ec2-metadata-token-ttl-seconds: {wrong}\r\n");
        assert_eq!(status(&site.ask("PUT", TOKEN, &life).await), 400, "{wrong}");
    }
    assert_eq!(status(&site.ask("PUT", TOKEN, "").await), 400);
    for other in ["60", "21600", "x"] {
        let twice = format!("{life}X-aws-ec2-metadata-token-ttl-seconds: {other}\r\n");
        let answer = site.ask("PUT", TOKEN, &twice).await;
        assert_eq!((status(&answer), body(&answer)), (400, "400 - Bad Request\n"), "{other}");
    }
    for (method, path, allow) in
        [("GET", TOKEN, "PUT"), ("POST", TOKEN, "PUT"), ("PUT", CREDENTIALS, "GET, HEAD")]
    {
        let answer = site.ask(method, path, "").await;
        assert_eq!((status(&answer), header(&answer, "allow")), (405, Some(allow)));
    }
}

#[tokio::test]
async fn imd_04_a_token_is_good_for_its_own_instance_only() {
    let (one, other) = (Site::new(Demand::Required).await, Site::new(Demand::Required).await);
    let token = format!("X-aws-ec2-metadata-token: {}\r\n", one.token().await);
    assert_eq!(status(&one.ask("GET", CREDENTIALS, &token).await), 200);
    assert_eq!(status(&other.ask("GET", CREDENTIALS, &token).await), 401);
}

#[tokio::test]
async fn a_web_page_cannot_ask_under_a_name_of_its_own() {
    let site = Site::new(Demand::Optional).await;
    for (host, expected) in [
        ("169.254.169.254", 200),
        ("127.0.0.1:1338", 200),
        ("[::1]:1338", 200),
        ("localhost:1338", 200),
        ("LOCALHOST", 200),
        ("169.254.169.254:80", 200),
        ("[fd00:ec2::254]", 200),
        ("instance-metadata", 403),
        ("instance-metadata:1338", 403),
        ("localhost.", 403),
        ("169.254.169.254.", 403),
        ("2852039166", 403),
        ("rebound.example", 403),
        ("rebound.example:1338", 403),
        ("127.0.0.1.rebound.example", 403),
    ] {
        let answer = site.ask("GET", CREDENTIALS, &format!("Host: {host}\r\n")).await;
        assert_eq!(status(&answer), expected, "{host}: {answer}");
    }
}

#[tokio::test]
async fn a_role_that_does_not_trust_ec2_is_named_and_no_profile_is_not_found() {
    let site = Site::new(Demand::Required).await;
    let trust = TRUSTS_EC2.replace("ec2", "lambda");
    site.iam("UpdateAssumeRolePolicy", &[("RoleName", "app"), ("PolicyDocument", &trust)]).await;
    let refused = json(&site.told(CREDENTIALS).await);
    assert_eq!(refused["Code"], "AssumeRoleUnauthorizedAccess");
    assert!(refused["Message"].as_str().unwrap().starts_with("EC2 cannot assume the role app."));
    let denied = site.house.records().pop().unwrap();
    assert_eq!(
        (&denied["eventName"], &denied["errorCode"]),
        (&"AssumeRoleForInstance".into(), &"AccessDenied".into())
    );
    let member = [("InstanceProfileName", "web"), ("RoleName", "app")];
    site.iam("RemoveRoleFromInstanceProfile", &member).await;
    site.iam("DeleteInstanceProfile", &member[..1]).await;
    let token = format!("X-aws-ec2-metadata-token: {}\r\n", site.token().await);
    for path in [
        "/latest/meta-data/iam/",
        "/latest/meta-data/iam/info",
        CREDENTIALS,
        "/latest/user-data",
        "/2021-07-15/",
    ] {
        assert_eq!(status(&site.ask("GET", path, &token).await), 404, "{path}");
    }
    assert_eq!(site.told("/latest/meta-data/").await, "instance-id\nplacement/\nservices/");
}

#[tokio::test]
async fn nothing_but_metadata_is_behind_its_listener_and_no_metadata_behind_the_others() {
    let site = Site::new(Demand::Required).await;
    let form = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 0\r\n";
    assert_eq!(status(&site.ask("POST", "/?Action=GetCallerIdentity&Version=2011-06-15", form).await), 405);
    assert_eq!(status(&site.ask("GET", "/livez", "").await), 401);
    let elsewhere = site.house.plain("PUT", TOKEN, "X-aws-ec2-metadata-token-ttl-seconds: 60\r\n").await;
    assert!(elsewhere.contains("<BucketName>latest</BucketName>"), "an object's name there: {elsewhere}");
    let token = format!("X-aws-ec2-metadata-token: {}\r\n", site.token().await);
    assert_ne!(status(&site.house.plain("GET", CREDENTIALS, &token).await), 200);
}

const TOKEN: &str = "/latest/api/token";
const CREDENTIALS: &str = "/latest/meta-data/iam/security-credentials/app";
