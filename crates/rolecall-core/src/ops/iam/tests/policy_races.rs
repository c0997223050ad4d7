//! What permission was decided on is what is acted on: a policy, a provider or a profile that is another one by
//! the time of the commit is left alone.

use crate::testing::{Credential, Seen, World};
use rolecall_wire::Service;
use tokio::join;

/// Somebody who may do with everything of the account what its tags say is his.
const OWN: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:*","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/owner":"u"}}}}"#;
const DENY: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"s3:*","Resource":"*"}}"#;
const TRUST: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}}"#;
const POLICY: &str = "arn:aws:iam::123456789012:policy/thing";
const PROVIDER: &str = "arn:aws:iam::123456789012:oidc-provider/idp.example.com/thing";
const THUMBPRINT: &str = "0000000000000000000000000000000000000000";

type Params = &'static [(&'static str, &'static str)];

/// A kind of thing: how it comes to be, how it goes, and how it is shown.
struct Kind {
    create: &'static [(&'static str, Params)],
    delete: &'static [(&'static str, Params)],
    show: &'static [(&'static str, Params)],
}

const ARN: (&str, &str) = ("PolicyArn", POLICY);
const MANAGED_POLICY: Kind = Kind {
    create: &[
        ("CreatePolicy", &[("PolicyName", "thing"), ("PolicyDocument", DENY)]),
        ("CreatePolicyVersion", &[ARN, ("PolicyDocument", DENY)]),
    ],
    delete: &[("DeletePolicyVersion", &[ARN, ("VersionId", "v2")]), ("DeletePolicy", &[ARN])],
    show: &[("GetPolicy", &[ARN]), ("ListPolicyVersions", &[ARN])],
};

/// The same with one version, which can be deleted.
const PLAIN_POLICY: Kind = Kind {
    create: &[("CreatePolicy", &[("PolicyName", "thing"), ("PolicyDocument", DENY)])],
    delete: &[("DeletePolicy", &[ARN])],
    show: MANAGED_POLICY.show,
};

const PROVIDED: (&str, &str) = ("OpenIDConnectProviderArn", PROVIDER);
const OIDC_PROVIDER: Kind = Kind {
    create: &[(
        "CreateOpenIDConnectProvider",
        &[("Url", "https://idp.example.com/thing"), ("ClientIDList.member.1", "a")],
    )],
    delete: &[("DeleteOpenIDConnectProvider", &[PROVIDED])],
    show: &[("GetOpenIDConnectProvider", &[PROVIDED])],
};

const NAME: (&str, &str) = ("InstanceProfileName", "thing");
const ROLE: (&str, &str) = ("RoleName", "role");
const INSTANCE_PROFILE: Kind = Kind {
    create: &[("CreateInstanceProfile", &[NAME])],
    delete: &[("DeleteInstanceProfile", &[NAME])],
    show: &[("GetInstanceProfile", &[NAME])],
};

struct Races {
    world: World,
    user: Credential,
    kind: &'static Kind,
}

impl Races {
    /// A thing that is the user's.
    async fn new(kind: &'static Kind) -> Self {
        let world = World::new().await;
        let user = world.user("u", Some(OWN)).await;
        let role = [ROLE, ("AssumeRolePolicyDocument", TRUST), OWNER, ("Tags.member.1.Value", "u")];
        world.iam("CreateRole", &role).await;
        let races = Self { world, user, kind };
        races.create("u").await;
        races
    }

    async fn create(&self, owner: &str) {
        for (at, (action, params)) in self.kind.create.iter().enumerate() {
            let tags = [OWNER, ("Tags.member.1.Value", owner)];
            let tags = if at == 0 { &tags[..] } else { &[] };
            self.world.iam(action, &[params, tags].concat()).await;
        }
    }

    /// The thing goes, and another one of its name comes that is somebody else's.
    async fn replace(&self) {
        for (action, params) in self.kind.delete {
            self.world.iam(action, params).await;
        }
        self.create("somebody else").await;
    }

    /// Everything that is shown of it.
    async fn shown(&self) -> Vec<String> {
        let mut shown = Vec::new();
        for (action, params) in self.kind.show {
            let seen = self.world.ask(&self.world.root, Service::Iam, action, params).await;
            let body = seen.body.split("<ResponseMetadata>").next().unwrap_or_default().to_owned();
            shown.push(body.split("<RequestId>").next().unwrap_or_default().to_owned());
        }
        shown
    }

    async fn ask(&self, who: &Credential, action: &str, params: &[(&str, &str)]) -> Seen {
        self.world.ask(who, Service::Iam, action, params).await
    }

    /// The code in the audit record of the last request for an operation.
    fn recorded(&self, action: &str) -> String {
        let records = self.world.records();
        let last = records.iter().rev().find(|record| record["eventName"] == action).unwrap();
        last["errorCode"].as_str().unwrap_or_default().to_owned()
    }

    /// Asked for undisturbed, it is done; for a thing that is replaced right before the commit, it is refused,
    /// so recorded, and the other thing stays as it is.
    async fn check(kind: &'static Kind, action: &str, params: &[(&str, &str)]) {
        let races = Self::new(kind).await;
        let before = races.shown().await;
        let held = races.world.before_commit_of("thing");
        let (seen, ()) = join!(races.ask(&races.user, action, params), held.meanwhile(async {}));
        assert_eq!(seen.status, 200, "{action}: {}", seen.body);
        assert_ne!(races.shown().await, before, "{action}");

        let races = Self::new(kind).await;
        let mut theirs = Vec::new();
        let held = races.world.before_commit_of("thing");
        let replaced = async {
            races.replace().await;
            theirs = races.shown().await;
        };
        let (seen, ()) = join!(races.ask(&races.user, action, params), held.meanwhile(replaced));
        assert_eq!((seen.status, seen.tag("Code")), (403, Some("AccessDenied")), "{action}: {}", seen.body);
        assert_eq!(races.recorded(action), "AccessDenied", "{action}");
        assert_eq!(races.shown().await, theirs, "{action}");
    }
}

const OWNER: (&str, &str) = ("Tags.member.1.Key", "owner");
const TAGGING: (&str, &str) = ("Tags.member.1.Key", "k");
const VALUE: (&str, &str) = ("Tags.member.1.Value", "v");

#[tokio::test]
async fn a_policy_made_anew_is_not_changed_by_who_might_change_the_old_one() {
    for (action, params) in [
        ("TagPolicy", &[ARN, TAGGING, VALUE][..]),
        ("UntagPolicy", &[ARN, ("TagKeys.member.1", "owner")][..]),
        ("CreatePolicyVersion", &[ARN, ("PolicyDocument", DENY), ("SetAsDefault", "true")][..]),
        ("SetDefaultPolicyVersion", &[ARN, ("VersionId", "v2")][..]),
        ("DeletePolicyVersion", &[ARN, ("VersionId", "v2")][..]),
    ] {
        Races::check(&MANAGED_POLICY, action, params).await;
    }
    Races::check(&PLAIN_POLICY, "DeletePolicy", &[ARN]).await;
}

#[tokio::test]
async fn a_provider_made_anew_is_not_changed_by_who_might_change_the_old_one() {
    for (action, params) in [
        ("TagOpenIDConnectProvider", &[PROVIDED, TAGGING, VALUE][..]),
        ("UntagOpenIDConnectProvider", &[PROVIDED, ("TagKeys.member.1", "owner")][..]),
        ("AddClientIDToOpenIDConnectProvider", &[PROVIDED, ("ClientID", "b")][..]),
        ("RemoveClientIDFromOpenIDConnectProvider", &[PROVIDED, ("ClientID", "a")][..]),
        ("UpdateOpenIDConnectProviderThumbprint", &[PROVIDED, ("ThumbprintList.member.1", THUMBPRINT)][..]),
        ("DeleteOpenIDConnectProvider", &[PROVIDED][..]),
    ] {
        Races::check(&OIDC_PROVIDER, action, params).await;
    }
}

#[tokio::test]
async fn an_instance_profile_made_anew_is_not_changed_by_who_might_change_the_old_one() {
    for (action, params) in [
        ("TagInstanceProfile", &[NAME, TAGGING, VALUE][..]),
        ("UntagInstanceProfile", &[NAME, ("TagKeys.member.1", "owner")][..]),
        ("AddRoleToInstanceProfile", &[NAME, ROLE][..]),
        ("DeleteInstanceProfile", &[NAME][..]),
    ] {
        Races::check(&INSTANCE_PROFILE, action, params).await;
    }
}

/// Who may pass a role has not passed the one that took its name.
#[tokio::test]
async fn a_role_made_anew_is_not_put_into_a_profile() {
    let races = Races::new(&INSTANCE_PROFILE).await;
    let before = races.shown().await;
    let held = races.world.before_commit_of("thing");
    let replaced = async {
        races.world.iam("DeleteRole", &[ROLE]).await;
        races.world.iam("CreateRole", &[ROLE, ("AssumeRolePolicyDocument", TRUST)]).await;
    };
    let add = races.ask(&races.user, "AddRoleToInstanceProfile", &[NAME, ROLE]);
    let (seen, ()) = join!(add, held.meanwhile(replaced));
    assert_eq!((seen.status, seen.tag("Code")), (403, Some("AccessDenied")), "{}", seen.body);
    assert_eq!(races.recorded("AddRoleToInstanceProfile"), "AccessDenied");
    assert_eq!(races.shown().await, before);
}

/// Whoever may do everything is told what became of the thing.
#[tokio::test]
async fn what_is_gone_at_the_commit_is_not_found() {
    for (kind, action, params) in [
        (&MANAGED_POLICY, "TagPolicy", &[ARN, TAGGING, VALUE][..]),
        (&OIDC_PROVIDER, "AddClientIDToOpenIDConnectProvider", &[PROVIDED, ("ClientID", "b")][..]),
        (&INSTANCE_PROFILE, "AddRoleToInstanceProfile", &[NAME, ROLE][..]),
    ] {
        let races = Races::new(kind).await;
        let held = races.world.before_commit_of("thing");
        let gone = async {
            for (action, params) in kind.delete {
                races.world.iam(action, params).await;
            }
        };
        let (seen, ()) = join!(races.ask(&races.world.root, action, params), held.meanwhile(gone));
        assert_eq!((seen.status, seen.tag("Code")), (404, Some("NoSuchEntity")), "{action}: {}", seen.body);
        assert_eq!(races.recorded(action), "NoSuchEntity", "{action}");
        assert!(races.shown().await.iter().all(|shown| shown.contains("NoSuchEntity")), "{action}");
    }
}

/// A change in between that leaves the permission costs nothing.
#[tokio::test]
async fn both_of_two_changes_at_one_moment_are_made() {
    let races = Races::new(&MANAGED_POLICY).await;
    let held = races.world.before_commit_of("thing");
    let first = async {
        races.world.iam("TagPolicy", &[ARN, ("Tags.member.1.Key", "first"), VALUE]).await;
    };
    let tag = races.ask(&races.user, "TagPolicy", &[ARN, TAGGING, VALUE]);
    let (seen, ()) = join!(tag, held.meanwhile(first));
    assert_eq!(seen.status, 200, "{}", seen.body);
    let tags = races.world.iam("ListPolicyTags", &[ARN]).await;
    assert_eq!(super::tag_values(&tags, "Key"), ["first", "k", "owner"]);
}
