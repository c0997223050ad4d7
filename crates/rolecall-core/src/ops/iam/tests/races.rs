//! What permission was decided on is what is acted on: a user, group or role that is another one by the time of
//! the commit is left as it is.

use super::{ADMIN, ALLOW_ALL, POWER};
use crate::testing::{Credential, Seen, World};
use rolecall_store::{Key, Range, Version};
use rolecall_wire::Service;
use tokio::join;

type Params<'a> = &'a [(&'a str, &'a str)];
/// An operation with its parameters but the entity's name. `{}` stands for the kind, and in a value for the name.
type Step = (&'static str, Params<'static>);

/// An operation, what its entity has beforehand, and how that is taken from it again.
struct Case {
    asked: Step,
    made: Option<Step>,
    unmade: Option<Step>,
}

/// A world, and somebody who may do everything with what is tagged `mine` or lies in `/mine/`.
struct Races {
    world: World,
    caller: Credential,
    kind: &'static str,
}

const MINE: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Effect":"Allow","Action":"iam:*","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/team":"mine"}}},
    {"Effect":"Allow","Action":"iam:*","Resource":"arn:aws:iam::123456789012:group/mine/*"}]}"#;
const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"123456789012"}}]}"#;
const INLINE: Params<'static> = &[("PolicyName", "p"), ("PolicyDocument", ALLOW_ALL)];
const ATTACHED: Params<'static> = &[("PolicyArn", ADMIN)];
const BOUNDARY: Params<'static> = &[("PermissionsBoundary", POWER)];
const MEMBER: Params<'static> = &[("UserName", "member")];

const fn case(asked: Step) -> Case {
    Case { asked, made: None, unmade: None }
}

const fn with(asked: Step, made: Step) -> Case {
    Case { asked, made: Some(made), unmade: Some(asked) }
}

/// On every kind of entity.
const ANY: [Case; 5] = [
    case(("Delete{}", &[])),
    case(("Put{}Policy", INLINE)),
    with(("Delete{}Policy", &[("PolicyName", "p")]), ("Put{}Policy", INLINE)),
    case(("Attach{}Policy", ATTACHED)),
    with(("Detach{}Policy", ATTACHED), ("Attach{}Policy", ATTACHED)),
];
/// On users and roles.
const TAGGED: [Case; 4] = [
    case(("Tag{}", &[("Tags.member.1.Key", "k"), ("Tags.member.1.Value", "v")])),
    case(("Untag{}", &[("TagKeys.member.1", "team")])),
    case(("Put{}PermissionsBoundary", BOUNDARY)),
    with(("Delete{}PermissionsBoundary", &[]), ("Put{}PermissionsBoundary", BOUNDARY)),
];
const USER: [Case; 3] = [
    case(("UpdateUser", &[("NewPath", "/p/")])),
    case(("UpdateUser", &[("NewUserName", "{}-renamed")])),
    case(("CreateAccessKey", &[])),
];
const GROUP: [Case; 3] = [
    case(("UpdateGroup", &[("NewPath", "/mine/p/")])),
    case(("AddUserToGroup", MEMBER)),
    with(("RemoveUserFromGroup", MEMBER), ("AddUserToGroup", MEMBER)),
];
const ROLE: [Case; 3] = [
    case(("UpdateRole", &[("Description", "d")])),
    case(("UpdateRoleDescription", &[("Description", "d")])),
    case(("UpdateAssumeRolePolicy", &[("PolicyDocument", TRUST)])),
];

impl Races {
    async fn of(kind: &'static str) -> Self {
        let world = World::new().await;
        let caller = world.user("caller", Some(MINE)).await;
        world.iam("CreateUser", &[("UserName", "member")]).await;
        Self { world, caller, kind }
    }

    async fn ask(&self, who: &Credential, (action, params): (&str, Params<'_>), name: &str) -> Seen {
        let named = format!("{}Name", self.kind);
        let values: Vec<_> = params.iter().map(|(_, value)| value.replace("{}", name)).collect();
        let params = params.iter().zip(&values).map(|((key, _), value)| (*key, value.as_str()));
        let params: Vec<_> = [(named.as_str(), name)].into_iter().chain(params).collect();
        self.world.ask(who, Service::Iam, &action.replace("{}", self.kind), &params).await
    }

    async fn make(&self, name: &str, team: &str) {
        let path = format!("/{team}/");
        let params: Params<'_> = match self.kind {
            "Group" => &[("Path", &path)],
            _ => &[
                ("Path", &path),
                ("AssumeRolePolicyDocument", TRUST),
                ("Tags.member.1.Key", "team"),
                ("Tags.member.1.Value", team),
            ],
        };
        self.ask(&self.world.root, ("Create{}", params), name).await.ok();
    }

    async fn step(&self, step: Option<Step>, name: &str) {
        if let Some(step) = step {
            self.ask(&self.world.root, step, name).await.ok();
        }
    }

    /// Everything stored but when keys were last used.
    async fn stored(&self) -> Vec<(Key, Version)> {
        let all = Range::prefix(b"");
        let stored = self.world.gate.system().store.scan(&all, usize::MAX).await.unwrap();
        let lasting = stored.into_iter().filter(|(key, _)| !key.starts_with(b"access-key-use"));
        lasting.map(|(key, stored)| (key, stored.version)).collect()
    }

    /// The request of the caller is served when nobody interferes. When the entity is deleted and made anew by
    /// the time of the commit, as somebody else's, it is refused, so recorded, and has written nothing.
    async fn run(&self, number: usize, case: &Case) {
        let operation = case.asked.0.replace("{}", self.kind);
        let (control, target) = (format!("control-{number}"), format!("target-{number}"));
        for name in [&control, &target] {
            self.make(name, "mine").await;
            self.step(case.made, name).await;
        }
        let before = self.stored().await;
        let seen = self.ask(&self.caller, case.asked, &control).await;
        assert_eq!(seen.status, 200, "{operation}: {}", seen.body);
        assert_ne!(self.stored().await, before, "{operation}");

        let mut replaced = Vec::new();
        let replacement = async {
            self.step(case.unmade, &target).await;
            self.ask(&self.world.root, ("Delete{}", &[]), &target).await.ok();
            self.make(&target, "theirs").await;
            self.step(case.made, &target).await;
            replaced = self.stored().await;
        };
        let asked = self.ask(&self.caller, case.asked, &target);
        self.world.lose(&target, &operation, asked, replacement).await;
        assert_eq!(self.stored().await, replaced, "{operation}");
    }

    async fn run_all(&self, cases: impl IntoIterator<Item = &'static Case>) {
        for (number, case) in cases.into_iter().enumerate() {
            self.run(number, case).await;
        }
    }
}

impl World {
    /// A request whose commit of a key with `what` in it comes after something else: it is denied, in AWS's
    /// words, and that is what its one record says.
    async fn lose(
        &self,
        what: &str,
        operation: &str,
        asked: impl Future<Output = Seen>,
        other: impl Future<Output = ()>,
    ) {
        let recorded = self.records().len();
        let held = self.before_commit_of(what);
        let (seen, ()) = join!(asked, held.meanwhile(other));
        assert_eq!(
            (seen.status, seen.tag("Code")),
            (403, Some("AccessDenied")),
            "{operation}: {}",
            seen.body
        );
        let sentence = format!(
            "User: arn:aws:iam::123456789012:user/caller is not authorized to perform: iam:{operation} on resource: "
        );
        assert!(seen.tag("Message").unwrap().starts_with(&sentence), "{}", seen.body);
        let records = self.records().split_off(recorded);
        let of_caller = |record: &&serde_json::Value| record["userIdentity"]["userName"] == "caller";
        let [record] = records.iter().filter(of_caller).collect::<Vec<_>>()[..] else {
            panic!("{records:?}")
        };
        let texts = (record["eventName"].as_str(), record["errorCode"].as_str());
        assert_eq!(texts, (Some(operation), Some("AccessDenied")), "{record}");
    }
}

/// The credentials of a user: their ids are known only once they are made.
#[tokio::test]
async fn credentials_are_not_changed_through_a_user_made_anew() {
    let races = Races::of("User").await;
    let world = &races.world;
    races.make("control", "mine").await;
    for (number, operation) in ["UpdateAccessKey", "DeleteAccessKey"].into_iter().enumerate() {
        let made = world.iam("CreateAccessKey", &[("UserName", "control")]).await.credential().access_key_id;
        let params = [("AccessKeyId", made.as_str()), ("Status", "Inactive")];
        races.ask(&races.caller, (operation, &params), "control").await.ok();

        let name = format!("target-{number}");
        races.make(&name, "mine").await;
        let id = world.iam("CreateAccessKey", &[("UserName", &name)]).await.credential().access_key_id;
        let mut replaced = Vec::new();
        let replacement = async {
            world.iam("DeleteAccessKey", &[("UserName", &name), ("AccessKeyId", &id)]).await;
            world.iam("DeleteUser", &[("UserName", &name)]).await;
            races.make(&name, "theirs").await;
            replaced = races.stored().await;
        };
        let params = [("AccessKeyId", id.as_str()), ("Status", "Inactive")];
        let asked = races.ask(&races.caller, (operation, &params), &name);
        world.lose(&id, operation, asked, replacement).await;
        assert_eq!(races.stored().await, replaced, "{operation}");
    }
}

/// A device stays nobody's when its user is another one by then, and it can still be enabled.
#[tokio::test]
async fn a_device_is_not_enabled_for_a_user_made_anew() {
    let races = Races::of("User").await;
    let world = &races.world;
    races.make("target", "mine").await;
    let device = world.new_device("phone").await;
    let now = world.gate.system().clock.now();
    let codes = (device.codes.at(now - 30), device.codes.at(now));
    let params = [
        ("SerialNumber", device.serial_number.as_str()),
        ("AuthenticationCode1", codes.0.as_str()),
        ("AuthenticationCode2", codes.1.as_str()),
    ];
    let enable = async || races.ask(&races.caller, ("EnableMFADevice", &params), "target").await;
    let replace = async |team| {
        world.iam("DeleteUser", &[("UserName", "target")]).await;
        races.make("target", team).await;
    };
    world.lose("phone", "EnableMFADevice", enable(), replace("theirs")).await;
    let unassigned = world.iam("ListVirtualMFADevices", &[("AssignmentStatus", "Unassigned")]).await;
    assert_eq!(unassigned.tag("SerialNumber"), Some(device.serial_number.as_str()));
    replace("mine").await;
    enable().await.ok();
    let enabled = world.iam("ListMFADevices", &[("UserName", "target")]).await;
    assert_eq!(enabled.tag("SerialNumber"), Some(device.serial_number.as_str()));
}

/// Who may do it to whatever stands there by then is told that nothing does.
#[tokio::test]
async fn a_role_that_is_gone_is_not_written_back() {
    let races = Races::of("Role").await;
    let world = &races.world;
    races.make("target", "mine").await;
    let held = world.before_commit_of("target");
    let gone = async {
        world.iam("DeleteRole", &[("RoleName", "target")]).await;
    };
    let put = races.ask(&world.root, ("PutRolePolicy", INLINE), "target");
    let (seen, ()) = join!(put, held.meanwhile(gone));
    seen.expect(404, "NoSuchEntity", "The role with name target cannot be found.");
    let record = world.records().pop().unwrap();
    let texts = (record["eventName"].as_str(), record["errorCode"].as_str());
    assert_eq!(texts, (Some("PutRolePolicy"), Some("NoSuchEntity")), "{record}");
    races.ask(&world.root, ("GetRole", &[]), "target").await.expect(
        404,
        "NoSuchEntity",
        "The role with name target cannot be found.",
    );
}

/// Whoever loses against a change that leaves him the permission is served all the same, and neither change is
/// lost.
#[tokio::test]
async fn two_changes_at_once_are_both_made() {
    let races = Races::of("User").await;
    let world = &races.world;
    races.make("target", "mine").await;
    let held = world.before_commit_of("target");
    let attached = async {
        races.ask(&world.root, ("AttachUserPolicy", ATTACHED), "target").await.ok();
    };
    let put = races.ask(&races.caller, ("PutUserPolicy", INLINE), "target");
    let (seen, ()) = join!(put, held.meanwhile(attached));
    assert_eq!(seen.status, 200, "{}", seen.body);
    races.ask(&world.root, ("GetUserPolicy", &[("PolicyName", "p")]), "target").await.ok();
    let listed = races.ask(&world.root, ("ListAttachedUserPolicies", &[]), "target").await;
    assert_eq!(listed.tag("PolicyArn"), Some(ADMIN), "{}", listed.body);
}

#[tokio::test]
async fn a_user_made_anew_is_left_alone() {
    Races::of("User").await.run_all(ANY.iter().chain(&TAGGED).chain(&USER)).await;
}

#[tokio::test]
async fn a_group_made_anew_is_left_alone() {
    Races::of("Group").await.run_all(ANY.iter().chain(&GROUP)).await;
}

#[tokio::test]
async fn a_role_made_anew_is_left_alone() {
    Races::of("Role").await.run_all(ANY.iter().chain(&TAGGED).chain(&ROLE)).await;
}
