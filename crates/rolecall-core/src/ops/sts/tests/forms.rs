//! Forms that no client of AWS sends, as AWS answers them.

use crate::gate::Message;
use crate::testing::{Seen, World, head};
use rolecall_wire::Service;
use rolecall_wire::sigv4::PayloadHash;
use rolecall_wire::sigv4::key::sha256;

async fn ask(world: &World, service: Option<Service>, pairs: &[(&str, &str)]) -> Seen {
    let form: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let body = bytes::Bytes::from(form.join("&"));
    let mut request = head("POST", "/", &[("content-type", "application/x-www-form-urlencoded")]);
    world.sign(&world.root, Service::Sts, &mut request, PayloadHash::Hex(sha256(&body)));
    world.send(request, Message::Query { service, params: pairs.iter().copied().collect(), body }).await
}

#[tokio::test]
async fn a_request_without_a_version_finds_no_operation() {
    let world = World::new().await;
    let action = ("Action", "GetCallerIdentity");
    for service in [Some(Service::Sts), None] {
        let seen = ask(&world, service, &[action]).await;
        let message = "Could not find operation GetCallerIdentity for version NO_VERSION_SPECIFIED";
        seen.expect(400, "InvalidAction", message);
        let namespace = "<ErrorResponse xmlns=\"http://webservices.amazon.com/AWSFault/2005-15-09\">";
        assert!(seen.body.starts_with(namespace), "{}", seen.body);
    }
    for version in ["", "2000-01-01"] {
        let seen = ask(&world, Some(Service::Sts), &[action, ("Version", version)]).await;
        let message = format!("Could not find operation GetCallerIdentity for version {version}");
        seen.expect(400, "InvalidAction", &message);
    }
    ask(&world, Some(Service::Sts), &[action, ("Version", "2011-06-15")]).await.ok();
}

#[tokio::test]
async fn a_number_has_no_plus_sign() {
    let world = World::new().await;
    let user = world.user("user", None).await;
    for (duration, good) in [("900", true), ("+900", false), (" 900", false), ("900.0", false)] {
        let params = [("DurationSeconds", duration)];
        let seen = world.ask(&user, Service::Sts, "GetSessionToken", &params).await;
        assert_eq!(seen.status == 200, good, "{duration}: {}", seen.body);
    }
}
