//! The scenes of STS.

use bytes::Bytes;
use data_encoding::HEXLOWER;
use rolecall_core::gate::Message;
use rolecall_core::testing::{ALLOW_ALL, Credential, Seen, World, head};
use rolecall_wire::sigv4::canonical::PathRule;
use rolecall_wire::sigv4::sign::Signer;
use rolecall_wire::sigv4::{PayloadHash, SecretKey, key::sha256};
use rolecall_wire::{Request, Service};

/// The user who calls.
pub(super) const USER: &str = "caller";
/// The role that is assumed.
pub(super) const ROLE: &str = "r";

/// Plays a situation, if it is one of these.
pub(super) async fn play(world: &World, operation: &str, situation: &str) -> Option<Seen> {
    match operation {
        "*" => signing(world, situation).await,
        "AssumeRoleWithWebIdentity" => super::web_identity::play(situation).await,
        "GetSessionToken" | "GetFederationToken" if situation == "called with temporary credentials" => {
            let session =
                world.ask(&world.root, Service::Sts, "GetSessionToken", &[]).await.ok().credential();
            Some(world.ask(&session, Service::Sts, operation, &[("Name", "bob")]).await)
        }
        "AssumeRole" => match CALLS.iter().find(|call| call.0 == situation) {
            Some((_, trusted, params)) => Some(called(world, trusted, params).await),
            None => assuming(world, situation).await,
        },
        _ => None,
    }
}

/// A user assumes a role that trusts it with some actions.
async fn called(world: &World, trusted: &str, params: &[(&str, &str)]) -> Seen {
    let caller = world.user(USER, None).await;
    create(world, trusted).await;
    assume(world, &caller, params).await
}

async fn assuming(world: &World, situation: &str) -> Option<Seen> {
    Some(match situation {
        "caller is an assumed role, not allowed" => {
            let session = session(world, &[]).await;
            assume(world, &session, &[]).await
        }
        "SourceIdentity set, trust policy does not allow sts:SetSourceIdentity" => {
            let chained = chained(world, ONLY, &[]).await;
            assume(world, &chained, &[("SourceIdentity", "alice")]).await
        }
        "chained session asks for more than one hour" => {
            let chained = chained(world, ALL, &[]).await;
            assume(world, &chained, &[("DurationSeconds", "3601")]).await
        }
        "chained role sets a tag key that came down as transitive from the calling session" => {
            let chained = chained(world, ALL, TAGGED).await;
            assume(world, &chained, &[("Tags.member.1.Key", "Team"), ("Tags.member.1.Value", "blue")]).await
        }
        "the same, key in another letter case" => {
            let chained = chained(world, ALL, TAGGED).await;
            assume(world, &chained, &[("Tags.member.1.Key", "tEAM"), ("Tags.member.1.Value", "blue")]).await
        }
        "caller is the account's root" => {
            world.user(USER, None).await;
            create(world, ALL).await;
            assume(world, &world.root, &[]).await
        }
        "trust asks for MFA, caller sends a wrong one-time code" => {
            let caller = world.user(USER, None).await;
            create(world, ALL).await;
            let device = world.device(USER, "d").await;
            let code = if device.code(world) == "000000" { "000001" } else { "000000" };
            let params = [("SerialNumber", device.serial_number.as_str()), ("TokenCode", code)];
            assume(world, &caller, &params).await
        }
        "packed session tags (and policies) too big" => packed(world).await,
        _ => return None,
    })
}

/// A session of the role.
async fn session(world: &World, params: &[(&str, &str)]) -> Credential {
    let caller = world.user(USER, Some(ALLOW_ALL)).await;
    create(world, ALL).await;
    assume(world, &caller, params).await.ok().credential()
}

/// The same, of a role that from now on trusts itself with some actions.
async fn chained(world: &World, trusted: &str, params: &[(&str, &str)]) -> Credential {
    let session = session(world, params).await;
    let document = trust(&format!("arn:aws:iam::123456789012:role/{ROLE}"), trusted);
    let params = [("RoleName", ROLE), ("PolicyDocument", document.as_str())];
    world.iam("UpdateAssumeRolePolicy", &params).await;
    session
}

async fn packed(world: &World) -> Seen {
    let caller = world.user(USER, None).await;
    create(world, ALL).await;
    let tags: Vec<(String, String)> = (1..=50)
        .flat_map(|n| {
            let noise = HEXLOWER.encode(&sha256(format!("{n}").as_bytes()));
            [
                (format!("Tags.member.{n}.Key"), format!("k{n}-{noise}")),
                (format!("Tags.member.{n}.Value"), noise.chars().rev().collect::<String>().repeat(3)),
            ]
        })
        .collect();
    let tags: Vec<(&str, &str)> = tags.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assume(world, &caller, &tags).await
}

async fn create(world: &World, trusted: &str) {
    let document = trust(&format!("arn:aws:iam::123456789012:user/{USER}"), trusted);
    let params = [("RoleName", ROLE), ("AssumeRolePolicyDocument", document.as_str())];
    world.iam("CreateRole", &params).await;
}

fn trust(principal: &str, actions: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{principal}"}},"Action":[{actions}]}}]}}"#
    )
}

async fn assume(world: &World, who: &Credential, params: &[(&str, &str)]) -> Seen {
    let mut all = vec![("RoleArn", "arn:aws:iam::123456789012:role/r"), ("RoleSessionName", "job")];
    all.retain(|(name, _)| params.iter().all(|(sent, _)| sent != name));
    all.extend_from_slice(params);
    world.ask(who, Service::Sts, "AssumeRole", &all).await
}

/// Requests whose signature is not in order, and errors whose form is asked about.
async fn signing(world: &World, situation: &str) -> Option<Seen> {
    let now = world.gate.system().clock.signing_now();
    let wrong = SecretKey::new("another secret".to_owned());
    let accept: &[(&str, &str)] = &[("accept", "application/json")];
    let headers = match situation {
        "signature wrong" | "error envelope" => &[][..],
        "Authorization header broken (missing equal sign)" => {
            let header = [("authorization", "AWS4-HMAC-SHA256 Credential, SignedHeaders=host, Signature=0")];
            return Some(send(world, head("POST", "/", &header)).await);
        }
        "caller accepts JSON (Accept: application/json)" => accept,
        _ => return None,
    };
    let mut request = head("POST", "/", headers);
    let access_key_id = &world.root.access_key_id;
    let (region, service, path) = ("us-east-1", "sts", PathRule::Normalised);
    let signer = Signer { access_key_id, secret: &wrong, session_token: None, region, service, path, now };
    signer.sign(&mut request, PayloadHash::Hex(sha256(WHO_AM_I.as_bytes()))).unwrap();
    Some(send(world, request).await)
}

async fn send(world: &World, request: Request) -> Seen {
    let params = WHO_AM_I.split('&').filter_map(|pair| pair.split_once('='));
    let params = params.collect();
    let body = Bytes::from_static(WHO_AM_I.as_bytes());
    world.send(request, Message::Query { service: Some(Service::Sts), params, body }).await
}

const WHO_AM_I: &str = "Action=GetCallerIdentity&Version=2011-06-15";
const ALL: &str = r#""sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity""#;
const ONLY: &str = r#""sts:AssumeRole""#;
const TAGGED: &[(&str, &str)] =
    &[("Tags.member.1.Key", "Team"), ("Tags.member.1.Value", "red"), ("TransitiveTagKeys.member.1", "Team")];

/// The situation, what the role trusts the user with, and parameters beside or instead of the usual.
type Called = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

const CALLS: &[Called] = &[
    ("RoleArn is a plain word, no ARN at all", ALL, &[("RoleArn", "a-role-without-an-arn")]),
    (
        "RoleArn starts with arn: but its partition is empty",
        ALL,
        &[("RoleArn", "arn::iam::123456789012:role/r")],
    ),
    ("RoleArn with an empty service field", ALL, &[("RoleArn", "arn:aws:::123456789012:role/r")]),
    ("RoleArn has too few colon-separated fields", ALL, &[("RoleArn", "arn:aws:iam:123456789012:r")]),
    ("RoleArn has an empty resource field", ALL, &[("RoleArn", "arn:aws:iam::123456789012:")]),
    ("session name with a colon in it", ALL, &[("RoleSessionName", "a:b")]),
    ("a transitive tag key that is not among the tags sent", ALL, &[("TransitiveTagKeys.member.1", "a")]),
    (
        "two session tags whose keys differ only by letter case",
        ALL,
        &[
            ("Tags.member.1.Key", "a"),
            ("Tags.member.1.Value", "1"),
            ("Tags.member.2.Key", "A"),
            ("Tags.member.2.Value", "2"),
        ],
    ),
    (
        "caller is a user, trust or identity policy does not allow it (also: the role does not exist)",
        r#""sts:TagSession""#,
        &[],
    ),
    (
        "session tags sent, trust policy does not allow sts:TagSession",
        ONLY,
        &[("Tags.member.1.Key", "a"), ("Tags.member.1.Value", "1")],
    ),
    ("duration over the role's MaxSessionDuration", ALL, &[("DurationSeconds", "3601")]),
    (
        "serial number or code sent without the other",
        ALL,
        &[("SerialNumber", "arn:aws:iam::123456789012:mfa/x")],
    ),
];
