//! The metadata of one instance, in the paths and texts of EC2's service (EC2 User Guide, Instance metadata
//! categories). Only what this server knows of an instance is there; every other path is not found.

use super::survivor::Survivor;
use super::{Connection, Visitor};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use rolecall_core::body::AnswerBody;
use rolecall_core::clock::text::iso8601;
use rolecall_core::metadata::{Admitted, Held, Instance, LONGEST_LIFE, Profile};
use rolecall_core::records::{InstanceProfile, Role};
use rolecall_core::{Answer, Error, Message, System};
use rolecall_wire::Request;
use serde_json::json;
use std::collections::BTreeSet;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

/// What a path of the service tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Leaf {
    Document,
    Info,
    Credentials,
    InstanceId,
    Zone,
    Region,
    Domain,
    Partition,
}

/// The answer to a request that came in through an instance's own listener.
pub(super) async fn answer(
    connection: Arc<Connection>,
    instance: &Arc<Instance>,
    request: Request,
    visitor: Visitor,
) -> Answer {
    if !is_address(&request.host) {
        return say(403, "403 - Forbidden: ask for the service by its address\n");
    }
    let system = Arc::clone(connection.doors.gate.system());
    match (&request.method, request.path.as_str()) {
        (&Method::PUT, TOKEN) => token(&system, instance, &request),
        (_, TOKEN) => not_allowed("PUT"),
        (&Method::GET | &Method::HEAD, _) => {
            match system.metadata.admit(instance, sent(&request), system.clock.now()) {
                Some(admitted) => told(connection, &system, admitted, request, visitor).await,
                None => say(401, "401 - Unauthorized\n"),
            }
        }
        _ => not_allowed("GET, HEAD"),
    }
}

/// The token sent. One that is no text, and several, are like a wrong one, and not like none.
fn sent(request: &Request) -> Option<&str> {
    let mut all = request.headers.get_all("x-aws-ec2-metadata-token").iter();
    match (all.next(), all.next()) {
        (None, _) => None,
        (Some(token), None) => Some(token.to_str().unwrap_or_default()),
        (Some(_), Some(_)) => Some(""),
    }
}

/// The answer to what is no request.
pub(super) fn malformed() -> Answer {
    say(400, "400 - Bad Request\n")
}

/// An answer that passed a proxy may have left the machine, so none that names one is given.
fn token(system: &System, instance: &Instance, request: &Request) -> Answer {
    if request.headers.contains_key("x-forwarded-for") {
        return say(403, "403 - Forbidden\n");
    }
    let Some(life) = life(request).filter(|life| (1..=LONGEST_LIFE).contains(life)) else {
        return malformed();
    };
    let Some(token) = system.metadata.token(instance, life, system.clock.now()) else {
        return unavailable(&Error::internal("the random generator failed"));
    };
    let mut answer = say(200, token);
    answer.headers.insert(LIFE, HeaderValue::from(life));
    answer
}

/// How long the token asked for is to be good, in seconds. Said once, in digits; two times could be read as either.
fn life(request: &Request) -> Option<i64> {
    let mut all = request.headers.get_all(LIFE).iter();
    let (Some(text), None) = (all.next(), all.next()) else { return None };
    let text = text.to_str().ok()?;
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok())?
}

async fn told(
    connection: Arc<Connection>,
    system: &Arc<System>,
    admitted: Admitted,
    request: Request,
    visitor: Visitor,
) -> Answer {
    let profile = match admitted.profile(system).await {
        Ok(profile) => profile,
        Err(error) => return unavailable(&error),
    };
    let paths = paths(profile.as_ref());
    let Some(rest) = request.path.strip_prefix("/latest") else {
        return if request.path == "/" { say(200, "latest") } else { not_found() };
    };
    let leaf = paths.iter().find(|(path, _)| *path == rest).map(|(_, leaf)| *leaf);
    match (leaf, profile) {
        (Some(Leaf::Credentials), Some(Profile { role: Some(role), .. })) => {
            credentials(connection, admitted, role, request, visitor).await
        }
        (Some(Leaf::Info), Some(profile)) => say(200, info(&profile.record, system.clock.now())),
        (Some(leaf), _) => {
            fixed(leaf, admitted.instance(), system).map_or_else(not_found, |text| say(200, text))
        }
        (None, _) => directory(&paths, rest).map_or_else(not_found, |names| say(200, names)),
    }
}

/// Every path that tells something, behind `/latest`.
fn paths(profile: Option<&Profile>) -> Vec<(String, Leaf)> {
    let fixed = FIXED.iter().map(|(path, leaf)| ((*path).to_owned(), *leaf));
    let info = profile.map(|_| ("/meta-data/iam/info".to_owned(), Leaf::Info));
    let role = profile.and_then(|profile| profile.role.as_ref());
    let role =
        role.map(|role| (format!("/meta-data/iam/security-credentials/{}", role.name), Leaf::Credentials));
    fixed.chain(info).chain(role).collect()
}

/// The names below a path, one a line; those with more below end with a slash, except at the top.
fn directory(paths: &[(String, Leaf)], path: &str) -> Option<String> {
    let path = path.strip_suffix('/').unwrap_or(path);
    let below = paths.iter().filter_map(|(known, _)| known.strip_prefix(path)?.strip_prefix('/'));
    let names: BTreeSet<&str> = below
        .map(|rest| match rest.find('/') {
            Some(end) if path.is_empty() => rest.get(..end).unwrap_or(rest),
            Some(end) => rest.get(..=end).unwrap_or(rest),
            None => rest,
        })
        .collect();
    (!names.is_empty()).then(|| names.into_iter().collect::<Vec<_>>().join("\n"))
}

/// What is so whatever the instance's profile.
fn fixed(leaf: Leaf, instance: &Instance, system: &System) -> Option<String> {
    let region = &*system.settings.region;
    Some(match leaf {
        Leaf::InstanceId => instance.id.clone(),
        Leaf::Region => region.to_owned(),
        Leaf::Zone => format!("{region}a"),
        Leaf::Domain => "amazonaws.com".to_owned(),
        Leaf::Partition => "aws".to_owned(),
        Leaf::Document => document(instance, region),
        Leaf::Info | Leaf::Credentials => return None,
    })
}

/// The identity of the instance. It has no hardware, image or network here; nobody signs it.
fn document(instance: &Instance, region: &str) -> String {
    pretty(&json!({
        "accountId": instance.account.as_str(), "architecture": null, "availabilityZone": format!("{region}a"),
        "billingProducts": null, "devpayProductCodes": null, "imageId": null, "instanceId": instance.id,
        "instanceType": null, "kernelId": null, "marketplaceProductCodes": null, "pendingTime": null,
        "privateIp": null, "ramdiskId": null, "region": region, "version": "2017-09-30"
    }))
}

fn info(profile: &InstanceProfile, now: i64) -> String {
    pretty(&json!({
        "Code": "Success", "LastUpdated": iso8601(now),
        "InstanceProfileArn": profile.arn(), "InstanceProfileId": profile.id
    }))
}

/// Those of before while they are fresh; else new ones, as far as the role trusts EC2.
async fn credentials(
    connection: Arc<Connection>,
    admitted: Admitted,
    role: Arc<Role>,
    request: Request,
    visitor: Visitor,
) -> Answer {
    let system = Arc::clone(connection.doors.gate.system());
    match admitted.credentials(&system, &role).await {
        Ok(Some(held)) => return say(200, shown(&held)),
        Ok(None) => {}
        Err(error) => return unavailable(&error),
    }
    let (guest, asking) = (visitor.clone(), admitted.clone());
    let work = async move {
        let call = connection.call(guest, request, Message::Instance(asking));
        connection.doors.gate.serve(call).await
    };
    let mut answer = match Survivor::new(&system.background, work).await {
        Ok(answer) if answer.is_success() => match system.metadata.keep(&admitted) {
            Some(held) => say(200, shown(&held)),
            None => say(500, "500 - Internal Server Error\n"),
        },
        Ok(answer) if answer.status == 403 => say(200, refused(&role.name, system.clock.now())),
        Ok(_) => say(503, "503 - Service Unavailable\n"),
        Err(error) => unavailable(&error),
    };
    if let Ok(id) = HeaderValue::from_str(&visitor.request_id) {
        answer.headers.insert("x-amzn-requestid", id);
    }
    answer
}

fn shown(held: &Held) -> String {
    pretty(&json!({
        "Code": "Success", "LastUpdated": iso8601(held.issued), "Type": "AWS-HMAC",
        "AccessKeyId": held.access_key_id, "SecretAccessKey": held.secret_access_key.as_str(),
        "Token": held.session_token, "Expiration": iso8601(held.expires)
    }))
}

fn refused(role: &str, now: i64) -> String {
    let message = format!(
        "EC2 cannot assume the role {role}. Please see documentation at \
         https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_iam-ec2.html#troubleshoot_iam-ec2_errors-info-doc."
    );
    pretty(
        &json!({ "Code": "AssumeRoleUnauthorizedAccess", "Message": message, "LastUpdated": iso8601(now) }),
    )
}

/// True for an address and for `localhost`, with or without a port. Whoever decides what a name means, by a domain or
/// by a list of search domains, can point it at this machine and have a browser here ask under it (DNS rebinding).
fn is_address(host: &str) -> bool {
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !host.ends_with(']') => (name, port),
        _ => (host, ""),
    };
    let is_plain = name.eq_ignore_ascii_case("localhost") || name.parse::<Ipv4Addr>().is_ok();
    let inner = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let is_known = is_plain || inner.is_some_and(|inner| inner.parse::<Ipv6Addr>().is_ok());
    is_known && port.bytes().all(|b| b.is_ascii_digit())
}

fn not_found() -> Answer {
    say(404, "404 - Not Found\n")
}

fn not_allowed(allowed: &'static str) -> Answer {
    let mut answer = say(405, "405 - Method Not Allowed\n");
    answer.headers.insert(header::ALLOW, HeaderValue::from_static(allowed));
    answer
}

fn unavailable(error: &Error) -> Answer {
    tracing::error!(%error, "an instance was told nothing");
    say(503, "503 - Service Unavailable\n")
}

fn pretty(value: &serde_json::Value) -> String {
    format!("{value:#}")
}

fn say(status: u16, text: impl Into<Bytes>) -> Answer {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Answer { status, headers, body: AnswerBody::Full(text.into()) }
}

const TOKEN: &str = "/latest/api/token";
const LIFE: HeaderName = HeaderName::from_static("x-aws-ec2-metadata-token-ttl-seconds");
/// The paths that every instance has.
const FIXED: [(&str, Leaf); 6] = [
    ("/dynamic/instance-identity/document", Leaf::Document),
    ("/meta-data/instance-id", Leaf::InstanceId),
    ("/meta-data/placement/availability-zone", Leaf::Zone),
    ("/meta-data/placement/region", Leaf::Region),
    ("/meta-data/services/domain", Leaf::Domain),
    ("/meta-data/services/partition", Leaf::Partition),
];
