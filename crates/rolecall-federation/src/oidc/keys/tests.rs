//! Keys that come and go while tokens are shown.

use super::*;
use crate::oidc::testing::{ISSUER, Signer, Web};
use std::time::Duration;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// An issuer with the key `k1`, whose keys were asked for at the time 0.
async fn known() -> (Keys, Web, Signer) {
    let (keys, web, signer) = (Keys::default(), Web::default(), Signer::of("RS256"));
    web.publish(ISSUER, &[signer.jwk("k1")]);
    assert_eq!(find(&keys, &web, "k1", 0).await, Ok(()));
    (keys, web, signer)
}

async fn find(keys: &Keys, web: &Web, kid: &str, now_ms: i64) -> Result<(), Refusal> {
    let source = Source { provider: "p".into(), issuer: ISSUER.into(), ..Source::default() };
    let found = keys.find(web, &source, Some(kid), now_ms).await?;
    assert!(!found.of(Some(kid)).is_empty(), "what is found has the key");
    Ok(())
}

/// Many tokens of one key at once, while the issuer takes its time.
async fn burst(keys: &Keys, web: &Web, kid: &str, now_ms: i64) -> Vec<Result<(), Refusal>> {
    *web.delay.lock().unwrap() = Some(Duration::from_millis(20));
    let outcomes = futures_util::future::join_all((0..50).map(|_| find(keys, web, kid, now_ms))).await;
    *web.delay.lock().unwrap() = None;
    outcomes
}

fn down(web: &Web) {
    web.fail(&format!("{ISSUER}/.well-known/openid-configuration"), FetchError::Unreachable("down".into()));
}

#[tokio::test]
async fn a_withdrawn_key_is_refused_by_the_request_that_learns_of_it() {
    for age in [56 * MINUTE, HOUR, 5 * HOUR, 24 * HOUR - 1, 25 * HOUR] {
        let (keys, web, signer) = known().await;
        assert_eq!(find(&keys, &web, "k1", 54 * MINUTE).await, Ok(()));
        assert_eq!(web.asked(), 2, "nobody asks while the keys are fresh");
        web.publish(ISSUER, &[signer.jwk("k2")]);
        assert_eq!(find(&keys, &web, "k1", age).await, Err(Refusal::NoKey), "{age}");
        assert_eq!(find(&keys, &web, "k2", age).await, Ok(()), "{age}");
        assert_eq!(find(&keys, &web, "k1", age).await, Err(Refusal::NoKey), "{age}");
        assert_eq!(web.asked(), 4, "{age}");
    }
}

#[tokio::test]
async fn a_key_that_stays_is_renewed_and_found() {
    for age in [56 * MINUTE, HOUR, 5 * HOUR, 25 * HOUR] {
        let (keys, web, _) = known().await;
        for again in [0, 1, 54 * MINUTE] {
            assert_eq!(find(&keys, &web, "k1", age + again).await, Ok(()), "{age}");
        }
        assert_eq!(web.asked(), 4, "{age}");
    }
}

#[tokio::test]
async fn a_burst_of_tokens_of_a_withdrawn_key_is_refused_as_a_whole() {
    for age in [HOUR, 5 * HOUR, 25 * HOUR] {
        let (keys, web, signer) = known().await;
        web.publish(ISSUER, &[signer.jwk("k2")]);
        assert_eq!(burst(&keys, &web, "k1", age).await, vec![Err(Refusal::NoKey); 50], "{age}");
        assert_eq!(burst(&keys, &web, "k2", age).await, vec![Ok(()); 50], "{age}");
        assert_eq!(web.asked(), 4, "one request has asked, all have waited");
    }
}

/// Before the hour is over nobody has to wait: whoever does not ask himself goes on, until the answer is there.
#[tokio::test]
async fn a_burst_within_the_hour_goes_on_until_the_answer_is_there() {
    let (keys, web, signer) = known().await;
    web.publish(ISSUER, &[signer.jwk("k2")]);
    let outcomes = burst(&keys, &web, "k1", 56 * MINUTE).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_err()).count(), 1, "{outcomes:?}");
    assert_eq!(burst(&keys, &web, "k1", 56 * MINUTE).await, vec![Err(Refusal::NoKey); 50]);
    assert_eq!(web.asked(), 4);
}

/// An issuer that does not answer has withdrawn nothing: its last keys are good for a day, and nobody waits.
#[tokio::test]
async fn the_last_keys_of_an_issuer_that_is_down_are_good_for_a_day() {
    let (keys, web, signer) = known().await;
    down(&web);
    for age in [56 * MINUTE, HOUR, 5 * HOUR, 24 * HOUR - 1] {
        assert_eq!(burst(&keys, &web, "k1", age).await, vec![Ok(()); 50], "{age}");
    }
    assert_eq!(web.asked(), 2 + 4, "once for each of the times");
    assert_eq!(find(&keys, &web, "k1", 24 * HOUR).await, Err(Refusal::Unreachable));
    web.publish(ISSUER, &[signer.jwk("k1")]);
    assert_eq!(find(&keys, &web, "k1", 25 * HOUR).await, Ok(()));
}

/// The grace ends with the first answer.
#[tokio::test]
async fn an_issuer_that_is_back_is_believed_at_once() {
    let (keys, web, signer) = known().await;
    down(&web);
    assert_eq!(find(&keys, &web, "k1", 2 * HOUR).await, Ok(()));
    web.publish(ISSUER, &[signer.jwk("k2")]);
    assert_eq!(find(&keys, &web, "k1", 2 * HOUR + 9_999).await, Ok(()), "it is left alone for ten seconds");
    assert_eq!(find(&keys, &web, "k1", 2 * HOUR + 10_000).await, Err(Refusal::NoKey));
    assert_eq!(find(&keys, &web, "k2", 2 * HOUR + 10_000).await, Ok(()));
}
