//! How long credentials last: what is asked, what is given, and what nobody gets (STS API Reference, each operation's
//! `DurationSeconds`; IAM User Guide, Comparing the AWS STS API operations).

use super::{role, role_arn, trusting, user_arn};
use rolecall_core::clock::text::iso8601;
use rolecall_core::testing::{ALLOW_ALL, Credential, Seen, World};
use rolecall_wire::Service;

/// What comes of asking: so many seconds, or this refusal.
type Outcome = Result<i64, &'static str>;

const TOO_SHORT: Outcome = Err("Member must have value greater than or equal to 900");
const ABOVE_A_ROLES: Outcome = Err("Member must have value less than or equal to 43200");
const ABOVE_A_USERS: Outcome = Err("Member must have value less than or equal to 129600");
const ABOVE_THIS_ROLES: Outcome =
    Err("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
const ABOVE_A_CHAINS: Outcome =
    Err("The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.");

/// What each kind of caller asks, in seconds, and gets.
type Asked = &'static [(Option<i64>, Outcome)];

const OF_A_ROLE: Asked = &[
    (None, Ok(3_600)),
    (Some(899), TOO_SHORT),
    (Some(900), Ok(900)),
    (Some(7_200), Ok(7_200)),
    (Some(7_201), ABOVE_THIS_ROLES),
    (Some(43_201), ABOVE_A_ROLES),
];
const IN_A_CHAIN: Asked = &[(None, Ok(3_600)), (Some(3_600), Ok(3_600)), (Some(3_601), ABOVE_A_CHAINS)];
const BY_A_USER: Asked = &[
    (None, Ok(43_200)),
    (Some(899), TOO_SHORT),
    (Some(900), Ok(900)),
    (Some(129_600), Ok(129_600)),
    (Some(129_601), ABOVE_A_USERS),
];
const BY_ROOT: Asked =
    &[(None, Ok(3_600)), (Some(900), Ok(900)), (Some(129_600), Ok(3_600)), (Some(129_601), ABOVE_A_USERS)];

#[tokio::test]
async fn credentials_last_as_long_as_asked_within_their_bounds() {
    let world = World::new().await.serving(rolecall_s3::HANDLERS);
    let caller = world.user("caller", Some(ALLOW_ALL)).await;
    role(&world, "r", &trusting(&user_arn("caller")), None).await;
    role(&world, "next", &trusting(&role_arn("r")), None).await;
    let (first, next) = (role_arn("r"), role_arn("next"));
    let assume = [("RoleArn", first.as_str()), ("RoleSessionName", "job")];
    let chain = [("RoleArn", next.as_str()), ("RoleSessionName", "job")];
    let session = world.ask(&caller, Service::Sts, "AssumeRole", &assume).await.ok().credential();
    asks(&world, &caller, "AssumeRole", &assume, OF_A_ROLE).await;
    asks(&world, &session, "AssumeRole", &chain, IN_A_CHAIN).await;
    asks(&world, &caller, "GetSessionToken", &[], BY_A_USER).await;
    asks(&world, &caller, "GetFederationToken", &[("Name", "bob")], BY_A_USER).await;
    asks(&world, &world.root, "GetSessionToken", &[], BY_ROOT).await;
}

async fn asks(world: &World, who: &Credential, action: &str, params: &[(&str, &str)], asked: Asked) {
    for (seconds, outcome) in asked {
        let text = seconds.map(|seconds| seconds.to_string());
        let duration = text.as_deref().map(|text| ("DurationSeconds", text));
        let params: Vec<_> = params.iter().copied().chain(duration).collect();
        let before = world.gate.system().clock.now();
        let seen = world.ask(who, Service::Sts, action, &params).await;
        check(&seen, before, *outcome, &format!("{action} {seconds:?}"));
    }
}

fn check(seen: &Seen, before: i64, outcome: Outcome, what: &str) {
    match outcome {
        Ok(seconds) => {
            let ends: Vec<String> = (0..=5).map(|late| iso8601(before + seconds + late)).collect();
            let end = seen.tag("Expiration").unwrap_or_default().to_owned();
            assert!(ends.contains(&end), "{what}: {end}, not {}: {}", ends[0], seen.body);
        }
        Err(message) => {
            assert_eq!(
                (seen.status, seen.tag("Code")),
                (400, Some("ValidationError")),
                "{what}: {}",
                seen.body
            );
            assert!(seen.tag("Message").unwrap().ends_with(message), "{what}: {}", seen.body);
        }
    }
}
