use super::*;
use crate::testing::World;
use std::collections::{HashMap, HashSet};

/// The samples of a text, each once; a scraper refuses a series that comes twice.
fn samples(text: &str) -> HashMap<&str, f64> {
    let mut all = HashMap::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (series, value) = line.rsplit_once(' ').unwrap();
        assert!(all.insert(series, value.parse().unwrap()).is_none(), "{series} comes twice");
    }
    all
}

#[tokio::test]
async fn item_15_every_series_comes_once_and_every_metric_says_what_it_means() {
    let world = World::new().await;
    let text = super::text(world.gate.system());
    let all = samples(&text);
    let helped: HashSet<&str> =
        text.lines().filter_map(|l| l.strip_prefix("# HELP ")?.split(' ').next()).collect();
    let typed: Vec<&str> =
        text.lines().filter_map(|l| l.strip_prefix("# TYPE ")?.split(' ').next()).collect();
    assert_eq!(typed.len(), 9, "{text}");
    assert!(typed.iter().all(|name| helped.contains(name) && name.starts_with("rolecall_")), "{text}");
    let told = |series: &&str| typed.iter().any(|name| series.starts_with(name));
    assert!(all.keys().all(told), "{text}");
    for service in ["iam", "iam-toolbox", "sts", "s3"] {
        let series = format!("rolecall_requests_total{{service=\"{service}\",outcome=\"ok\"}}");
        assert!(all.contains_key(&*series), "{series}: {text}");
    }
    assert!(text.ends_with("# EOF\n"));
}

#[tokio::test]
async fn item_15_what_is_done_and_refused_is_counted_by_service_and_layer() {
    let world = World::new().await;
    let user = world.user("ann", None).await;
    let value = |series: &str| {
        let text = super::text(world.gate.system());
        *samples(&text).get(series).unwrap_or_else(|| panic!("no {series} in {text}"))
    };
    let denials = "rolecall_denials_total{service=\"iam\",layer=\"identity\"}";
    let times = |what: &str, effect: &str| {
        value(&format!("rolecall_request_duration_seconds_{what}service=\"iam\",effect=\"{effect}\"}}"))
    };
    let (before, written) = (times("count{", "reads"), times("count{", "writes"));
    let denied = value(denials);
    world.ask(&world.root, Service::Iam, "ListUsers", &[]).await.ok();
    assert_eq!(value(denials), denied);
    assert_eq!(world.ask(&user, Service::Iam, "ListUsers", &[]).await.status, 403);
    assert_eq!(value(denials), denied + 1.0);
    assert_eq!(times("count{", "reads"), before + 2.0);
    assert_eq!(times("bucket{le=\"+Inf\",", "reads"), before + 2.0);
    assert!(times("sum{", "reads") > 0.0);
    assert_eq!(times("count{", "writes"), written);
    world.iam("CreateUser", &[("UserName", "bob")]).await;
    assert_eq!(times("count{", "writes"), written + 1.0);
    let sessions = value("rolecall_sessions_in_force");
    world.ask(&user, Service::Sts, "GetSessionToken", &[]).await.ok();
    assert_eq!(value("rolecall_sessions_in_force"), sessions + 1.0);
}

#[test]
fn every_effect_has_its_place_among_the_times() {
    for (at, (effect, _)) in EFFECTS.into_iter().enumerate() {
        assert_eq!(effect as usize, at);
    }
}
