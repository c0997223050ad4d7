//! Sessions under a clock that jumps.

use super::{assume, identity, role, role_arn, trusting, user_arn};
use rolecall_core::testing::{Credential, World};
use rolecall_wire::Service;

/// FLT-08: a session that was issued while the clock was ahead is over when the clock is right again; one
/// that was issued before ends no later for it.
#[tokio::test]
async fn flt_08_a_clock_that_jumps_never_lengthens_a_session() {
    const DAY: i64 = 86_400;
    for jump in [DAY, 20 * 365 * DAY, 301] {
        let world = World::new().await.serving(rolecall_s3::HANDLERS);
        let caller = world.user("caller", None).await;
        role(&world, "r", &trusting(&user_arn("caller")), None).await;
        let assumed = async || assume(&world, &caller, &role_arn("r"), &[]).await.ok().credential();
        let works = async |who: &Credential| identity(&world, who).await.status == 200;
        let before = assumed().await;
        world.pass(jump);
        let during = assumed().await;
        assert_eq!(works(&before).await, jump < 3_600, "{jump}");
        assert!(works(&during).await, "{jump}");
        world.pass(-jump - 5);
        assert!(works(&before).await, "{jump}");
        let refused = identity(&world, &during).await;
        assert_eq!(refused.tag("Code"), Some("InvalidClientTokenId"), "{jump}: {}", refused.body);
        let refused = world.s3(Some(&during), "GET", "/", &[], "").await;
        assert_eq!(refused.tag("Code"), Some("InvalidToken"), "{jump}: {}", refused.body);
        world.pass(3_605);
        assert_eq!(identity(&world, &before).await.tag("Code"), Some("ExpiredToken"), "{jump}");
    }
}

#[tokio::test]
async fn flt_08_servers_whose_clocks_differ_a_little_take_each_others_sessions() {
    let world = World::new().await.serving(rolecall_s3::HANDLERS);
    let session = world.ask(&world.root, Service::Sts, "GetSessionToken", &[]).await.ok().credential();
    world.pass(-295);
    identity(&world, &session).await.ok();
    world.pass(-10);
    assert_eq!(identity(&world, &session).await.tag("Code"), Some("InvalidClientTokenId"));
}
