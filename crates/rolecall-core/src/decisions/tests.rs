//! Decisions are kept, bounded, and found again.

use crate::testing::{ACCOUNT, World};
use rolecall_wire::Service;

const DENIED: &str = "ListUsers";

async fn denied(world: &World, who: &crate::testing::Credential) -> String {
    let seen = world.ask(who, Service::Iam, DENIED, &[]).await;
    assert_eq!(seen.status, 403, "{}", seen.body);
    seen.tag("RequestId").unwrap().to_owned()
}

fn found(world: &World, id: &str) -> Option<std::sync::Arc<super::Recorded>> {
    let system = world.gate.system();
    system.decisions.find(&system.settings.keeping, id, system.clock.now())
}

#[tokio::test]
async fn a_denial_is_kept_by_both_ids_and_an_allowed_request_is_not() {
    let world = World::new().await;
    let user = world.user("a", None).await;
    let id = denied(&world, &user).await;
    let recorded = found(&world, &id).expect("by the request's id");
    assert!(found(&world, &super::authorization_id(&id)).is_some());
    assert_eq!(recorded.principal.arn, format!("arn:aws:iam::{ACCOUNT}:user/a"));
    assert_eq!(recorded.asked[0].target.action, "iam:ListUsers");
    assert!(!recorded.verdict(&recorded.asked[0]).unwrap().is_allowed());

    let allowed = world.iam("ListUsers", &[]).await;
    assert!(found(&world, allowed.tag("RequestId").unwrap()).is_none());
    assert!(found(&world, "nonsense").is_none());
}

#[tokio::test]
async fn a_decision_is_explained_by_the_policies_of_its_time() {
    let world = World::new().await;
    let user = world.user("a", None).await;
    let id = denied(&world, &user).await;
    let everything = crate::testing::ALLOW_ALL;
    let params = [("UserName", "a"), ("PolicyName", "p"), ("PolicyDocument", everything)];
    world.iam("PutUserPolicy", &params).await;
    world.ask(&user, Service::Iam, DENIED, &[]).await.ok();
    let recorded = found(&world, &id).unwrap();
    assert!(!recorded.verdict(&recorded.asked[0]).unwrap().is_allowed());
}

#[tokio::test]
async fn decisions_are_bounded_in_number_room_and_time() {
    let world = World::new().await;
    let user = world.user("a", None).await;
    let first = denied(&world, &user).await;
    let system = world.gate.system();
    // The clock runs on meanwhile.
    world.pass(86_300);
    assert!(found(&world, &first).is_some());
    world.pass(101);
    assert!(found(&world, &first).is_none());

    let few = super::Keeping { most: 2, ..system.settings.keeping };
    let again = |request_id: &str, text: usize| super::Recorded {
        request_id: request_id.try_into().unwrap(),
        at: 0,
        service: Service::Iam,
        operation: DENIED,
        principal: rolecall_policy::Principal {
            kind: rolecall_policy::PrincipalKind::Anonymous,
            account: String::new(),
            arn: String::new(),
        },
        gathered: Default::default(),
        context: {
            let mut context = rolecall_policy::Context::new();
            context.set("k", "x".repeat(text));
            context
        },
        asked: Vec::new(),
    };
    let decisions = super::Decisions::default();
    for id in ["a", "b", "c"] {
        decisions.keep(&few, again(id, 1));
    }
    assert!(decisions.find(&few, "a", 0).is_none());
    assert!(decisions.find(&few, "b", 0).is_some() && decisions.find(&few, "c", 0).is_some());
    let all = super::Keeping::default();
    for id in ["d", "e", "f"] {
        decisions.keep(&all, again(id, 30 << 20));
    }
    assert!(decisions.find(&all, "d", 0).is_none(), "64 MiB at most");
    assert!(decisions.find(&all, "f", 0).is_some());
    let none = super::Keeping { most: 0, ..all };
    decisions.keep(&none, again("g", 1));
    assert!(decisions.find(&all, "g", 0).is_none());
}

#[tokio::test]
async fn messages_name_the_authorization_id_where_they_give_a_reason() {
    let world = World::keeping("us-east-1", super::Keeping::default()).await;
    let user = world.user("a", None).await;
    let seen = world.ask(&user, Service::Iam, DENIED, &[]).await;
    let id = super::authorization_id(seen.tag("RequestId").unwrap());
    let message = format!(
        "User: arn:aws:iam::{ACCOUNT}:user/a is not authorized to perform: iam:ListUsers on resource: \
         arn:aws:iam::{ACCOUNT}:user/ because no identity-based policy allows the iam:ListUsers action. \
         Call the GetRequestAuthorizationDetails API with the following authorization id: {id}"
    );
    seen.expect(403, "AccessDenied", &message);
    assert!(id.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase()), "the model's pattern: {id}");
    assert!(found(&world, &id).is_some());

    let role = format!("arn:aws:iam::{ACCOUNT}:role/none");
    let params = [("RoleArn", role.as_str()), ("RoleSessionName", "s")];
    let seen = world.ask(&user, Service::Sts, "AssumeRole", &params).await;
    assert!(!seen.body.contains("authorization id"), "a refusal without a reason: {}", seen.body);
}
