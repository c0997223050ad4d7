//! The version of the global endpoint's tokens.

use crate::testing::World;
use rolecall_wire::Service;

const OPERATION: &str = "SetSecurityTokenServicePreferences";

#[tokio::test]
async fn the_preference_is_kept_for_its_account_and_shown_in_the_summary() {
    let world = World::new().await;
    let other = world.account("111122223333").await;
    let version = async |who| {
        let summary = world.ask(who, Service::Iam, "GetAccountSummary", &[]).await.ok().body;
        let (_, rest) = summary.split_once("<key>GlobalEndpointTokenVersion</key>").unwrap();
        let rest = rest.trim_start().strip_prefix("<value>").unwrap();
        rest.split_once('<').unwrap().0.to_owned()
    };
    assert_eq!(version(&world.root).await, "1");
    for (wanted, shown) in [("v2Token", "2"), ("v2Token", "2"), ("v1Token", "1"), ("v2Token", "2")] {
        world.iam(OPERATION, &[("GlobalEndpointTokenVersion", wanted)]).await;
        assert_eq!(version(&world.root).await, shown, "{wanted}");
    }
    assert_eq!(version(&other).await, "1", "another account's is its own");
    for (params, message) in [
        (
            vec![],
            "1 validation error detected: Value at 'globalEndpointTokenVersion' failed to satisfy constraint: Member must not be null",
        ),
        (
            vec![("GlobalEndpointTokenVersion", "v3Token")],
            "1 validation error detected: Value at 'globalEndpointTokenVersion' failed to satisfy constraint: Member must satisfy enum value set",
        ),
    ] {
        world.ask(&world.root, Service::Iam, OPERATION, &params).await.expect(
            400,
            "ValidationError",
            message,
        );
    }
    assert_eq!(version(&world.root).await, "2", "what is refused changes nothing");
}

/// A token of either preference works in any region, and none is longer for it.
#[tokio::test]
async fn tokens_are_good_for_every_region_whatever_is_preferred() {
    for preferred in ["v1Token", "v2Token"] {
        for region in ["us-east-1", "af-south-1"] {
            let world = World::in_region(region).await;
            world.iam(OPERATION, &[("GlobalEndpointTokenVersion", preferred)]).await;
            let user = world.user("ann", None).await;
            let session = world.ask(&user, Service::Sts, "GetSessionToken", &[]).await.ok().credential();
            assert!(session.token.as_ref().unwrap().len() <= 1024, "{preferred}");
            world.ask(&session, Service::Sts, "GetCallerIdentity", &[]).await.ok();
        }
    }
}
