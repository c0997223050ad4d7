//! Laws that hold for every set of policies (an explicit deny wins, order doesn't matter, …), tried on
//! random ones.

use proptest::prelude::*;

use crate::{
    Context, Decision, Kind, Layers, Named, Policies, Policy, Principal, PrincipalKind, Request, decide,
    explain,
};

/// One statement: effect, action, resource, whether a condition that fails is on it.
type Draft = (bool, usize, usize, bool);

const ACTIONS: [&str; 4] = ["*", "s3:*", "s3:GetObject", "s3:PutObject"];
const RESOURCES: [&str; 4] = ["*", "arn:aws:s3:::b/*", "arn:aws:s3:::b/k", "arn:aws:s3:::b/other"];
const PRINCIPALS: [&str; 5] = [
    r#""*""#,
    r#"{"AWS":"111122223333"}"#,
    r#"{"AWS":"arn:aws:iam::111122223333:role/r"}"#,
    r#"{"AWS":"arn:aws:sts::111122223333:assumed-role/r/s"}"#,
    r#"{"AWS":"444455556666"}"#,
];

#[derive(Debug, Clone)]
struct World {
    /// Identity, boundary, session, bucket, service control, resource control.
    layers: [Option<Vec<Draft>>; 6],
    grantee: usize,
    session: bool,
    foreign: bool,
}

fn drafts() -> impl Strategy<Value = Vec<Draft>> {
    prop::collection::vec((prop::bool::weighted(0.85), 0..4usize, 0..4usize, prop::bool::weighted(0.2)), 0..4)
}

fn world() -> impl Strategy<Value = World> {
    let layers = prop::array::uniform6(prop::option::of(drafts()));
    (layers, 0..PRINCIPALS.len(), any::<bool>(), any::<bool>())
        .prop_map(|(layers, grantee, session, foreign)| World { layers, grantee, session, foreign })
}

const KINDS: [Kind; 6] = [
    Kind::Identity,
    Kind::Boundary,
    Kind::Session,
    Kind::Bucket,
    Kind::ServiceControl,
    Kind::ResourceControl,
];

fn statement((allow, action, resource, failing): Draft, kind: Kind, grantee: usize) -> String {
    let effect = if allow { "Allow" } else { "Deny" };
    let principal = match kind {
        Kind::Bucket => format!(r#""Principal":{},"#, PRINCIPALS[grantee]),
        Kind::ResourceControl => r#""Principal":"*","#.to_owned(),
        _ => String::new(),
    };
    let condition = if failing { r#","Condition":{"Bool":{"never:set":"true"}}"# } else { "" };
    let (action, resource) = (ACTIONS[action], RESOURCES[resource]);
    format!(r#"{{"Effect":"{effect}",{principal}"Action":"{action}","Resource":"{resource}"{condition}}}"#)
}

/// One policy a statement, so that an empty list is possible.
fn policies(drafts: &[Draft], kind: Kind, grantee: usize) -> Vec<Named<'static>> {
    let parse = |draft: &Draft| {
        let document =
            format!(r#"{{"Version":"2012-10-17","Statement":{}}}"#, statement(*draft, kind, grantee));
        Named::new("", Policy::parse(&document, kind).unwrap())
    };
    drafts.iter().map(parse).collect()
}

fn judge(world: &World) -> Decision {
    let compiled: Vec<Option<Vec<Named<'_>>>> = world
        .layers
        .iter()
        .zip(KINDS)
        .map(|(drafts, kind)| drafts.as_ref().map(|drafts| policies(drafts, kind, world.grantee)))
        .collect();
    let layer = |n: usize| compiled[n].as_ref().map(Policies::from);
    let (service_control, resource_control) = (layer(4), layer(5));
    let layers = Layers {
        identity: layer(0).unwrap_or_default(),
        boundary: layer(1),
        session: layer(2),
        resource: layer(3),
        trust: None,
        service_control: service_control.as_slice(),
        resource_control: resource_control.as_slice(),
    };
    let principal = principal(world.session);
    let request = Request {
        principal: &principal,
        action: "s3:GetObject",
        resource: "arn:aws:s3:::b/k",
        resource_account: if world.foreign { "777788889999" } else { "111122223333" },
        context: &Context::new(),
    };
    let ruling = decide(&request, &layers);
    assert_eq!(explain(&request, &layers).ruling(), ruling);
    ruling.decision
}

fn principal(session: bool) -> Principal {
    let kind = match session {
        true => PrincipalKind::RoleSession {
            role_arn: "arn:aws:iam::111122223333:role/r".into(),
            role_id: "AROA1".into(),
        },
        false => PrincipalKind::User { id: "AIDA1".into() },
    };
    let arn = match session {
        true => "arn:aws:sts::111122223333:assumed-role/r/s",
        false => "arn:aws:iam::111122223333:user/u",
    };
    Principal { kind, account: "111122223333".into(), arn: arn.into() }
}

/// The specification's table for these principals, written as plainly as it can be.
fn model(world: &World) -> Decision {
    let hits = |(_, action, resource, failing): &Draft| *action != 3 && *resource != 3 && !failing;
    let named = match (world.grantee, world.session) {
        (0, _) | (3, true) => "direct",
        (2, true) => "role",
        (1, _) => "account",
        _ => "nobody",
    };
    let applies = |n: usize, draft: &Draft| hits(draft) && (n != 3 || named != "nobody");
    let any = |n: usize, allow: bool| {
        world.layers[n]
            .as_ref()
            .is_some_and(|list| list.iter().any(|draft| draft.0 == allow && applies(n, draft)))
    };
    let ok = |n: usize| world.layers[n].is_none() || any(n, true);
    if (0..6).any(|n| any(n, false)) {
        return Decision::ExplicitDeny;
    }
    let identity = any(0, true) && ok(1) && ok(2);
    let granted = match (world.foreign, any(3, true).then_some(named)) {
        (true, grant) => grant.is_some() && identity,
        (false, Some("direct")) => true,
        (false, Some("role")) => ok(1) && ok(2),
        (false, _) => identity,
    };
    if granted && ok(4) && ok(5) { Decision::Allow } else { Decision::ImplicitDeny }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn pol_01_equals_the_model(world in world()) {
        prop_assert_eq!(judge(&world), model(&world));
    }

    #[test]
    fn pol_24_an_explicit_deny_wins_everywhere(world in world(), layer in 0..6usize) {
        let mut world = World { grantee: 0, ..world };
        world.layers[layer].get_or_insert_default().push((false, 0, 0, false));
        prop_assert_eq!(judge(&world), Decision::ExplicitDeny);
    }

    #[test]
    fn pol_24_more_allows_never_deny(world in world(), layer in 0..6usize, draft in (Just(true), 0..4usize, 0..4usize, any::<bool>())) {
        let before = judge(&world);
        let mut more = world;
        // Identity policies always exist; the other layers limit by existing at all.
        if let Some(list) = more.layers[layer].as_mut() {
            list.push(draft);
            prop_assert!(before != Decision::Allow || judge(&more) == Decision::Allow);
            prop_assert_eq!(before == Decision::ExplicitDeny, judge(&more) == Decision::ExplicitDeny);
        }
    }

    #[test]
    fn pol_24_more_denies_never_allow(world in world(), layer in 0..6usize, draft in (Just(false), 0..4usize, 0..4usize, any::<bool>())) {
        let before = judge(&world);
        let mut more = world;
        if let Some(list) = more.layers[layer].as_mut() {
            list.push(draft);
            prop_assert!(before == Decision::Allow || judge(&more) != Decision::Allow);
        }
    }

    #[test]
    fn pol_24_order_and_repetition_do_not_matter(world in world()) {
        let mut other = world.clone();
        for list in other.layers.iter_mut().flatten() {
            let again = list.clone();
            list.extend(again);
            list.reverse();
        }
        prop_assert_eq!(judge(&world), judge(&other));
    }

    #[test]
    fn parsing_never_panics(text in ".{0,200}", kind in 0..KINDS.len()) {
        let _ = Policy::parse(&text, KINDS[kind]);
        let _ = Policy::parse(&text, Kind::Trust);
    }

    #[test]
    fn parsing_never_panics_on_near_policies(value in "[a-z*?:${}/,' 0-9.]{0,40}", element in 0..9usize, kind in 0..KINDS.len()) {
        let element = ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"][element];
        let document = format!(r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","{element}":"{value}"}}}}"#);
        let _ = Policy::parse(&document, KINDS[kind]);
        let trust = format!(r#"{{"Statement":{{"Effect":"Allow","Principal":{{"AWS":"{value}"}},"Action":"{value}"}}}}"#);
        let _ = Policy::parse(&trust, Kind::Trust);
    }
}
