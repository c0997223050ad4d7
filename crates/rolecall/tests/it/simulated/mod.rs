//! The simulator and the explanation against the gate: random policies of every layer that a simulation
//! knows, random requests, and one decision.
//!
//! One world serves a round of many requests. A request is decided by the gate's own `authorize` for the
//! targets that its operation names, and simulated by the operation itself with the condition keys that it
//! had; only signatures, and the messages there and back, are left out ([`door`] has them).

mod door;

use bytes::Bytes;
use rolecall_core::body::BodyStream;
use rolecall_core::decisions::Keeping;
use rolecall_core::gate::testing::{Decided, Known};
use rolecall_core::gate::{Call, Core, Gate, Message, Serve};
use rolecall_core::id::RequestId;
use rolecall_core::testing::{Credential, World, head};
use rolecall_policy::{Decision, Value};
use rolecall_s3::S3;
use rolecall_wire::iam::{ContextEntry, SimulatePrincipalPolicyRequest};
use rolecall_wire::operation::Operation;
use rolecall_wire::{Request, Service, iam, s3};
use serde_json::json;
use std::collections::BTreeMap;

/// POL-22: the gate, the explanation and the simulator decide alike. As many cases as `ROLECALL_CASES` says.
#[tokio::test]
async fn pol_22_gate_explanation_and_simulator_decide_alike() {
    let cases = std::env::var("ROLECALL_CASES").ok().map_or(2_000, |text| text.parse().unwrap());
    let stage = Stage::new().await;
    let mut dice = Dice(20_261_122);
    let mut tally: BTreeMap<String, u64> = BTreeMap::new();
    let begun = std::time::Instant::now();
    let (mut done, mut round) = (0, 0_u64);
    while done < cases {
        let scene = stage.set(&mut dice).await;
        for _ in 0..REQUESTS {
            *tally.entry(stage.case(&scene, &mut dice).await).or_default() += 1;
            done += 1;
        }
        round += 1;
    }
    println!("{done} cases in {round} rounds in {:?}: {tally:?}", begun.elapsed());
    for kind in ["user", "role"] {
        for decision in ["allowed", "explicitDeny", "implicitDeny"] {
            let count = tally.get(&format!("{kind} {decision}")).copied().unwrap_or_default();
            assert!(count * 50 > done, "{kind} {decision} is too rare: {tally:?}");
        }
    }
}

/// A member account of an organization with a bucket, a user in a group and a role.
struct Stage {
    world: World,
    member: Credential,
    user: Credential,
    session: Credential,
    control: String,
}

/// What one round of requests meets.
struct Scene {
    user: Known,
    session: Known,
    root: Known,
    bucket_policy: Option<String>,
}

impl Stage {
    async fn new() -> Self {
        let keeping = Keeping { most: 1, allowed: true, in_messages: false, ..Keeping::default() };
        let world = World::keeping("us-east-1", keeping).await.serving(rolecall_s3::HANDLERS);
        let member = world.account(MEMBER).await;
        let control = organization(&world, &member).await;
        world.s3(Some(&member), "PUT", "/bucket", &[], "").await.ok();
        world.s3(Some(&member), "DELETE", "/bucket?publicAccessBlock", &[], "").await.ok();
        for path in PATHS {
            world.s3(Some(&member), "PUT", path, &[], "content").await.ok();
        }
        let iam = Iam { world: &world, who: &member };
        for name in ["u", "helper"] {
            iam.ask("CreateUser", &[("UserName", name)]).await;
        }
        iam.ask("CreateGroup", &[("GroupName", "g")]).await;
        iam.ask("AddUserToGroup", &[("GroupName", "g"), ("UserName", "u")]).await;
        let trust = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user/helper"},"Action":"sts:AssumeRole"}}"#;
        iam.ask("CreateRole", &[("RoleName", "r"), ("AssumeRolePolicyDocument", trust)]).await;
        let team = [("Tags.member.1.Key", "team"), ("Tags.member.1.Value", "a")];
        iam.ask("TagUser", &[&[("UserName", "u")], &team[..]].concat()).await;
        iam.ask("TagRole", &[&[("RoleName", "r")], &team[..]].concat()).await;
        let mut dice = Dice(1);
        for (n, name) in (0..).zip(BOUNDARIES) {
            let text = if n == 0 { EVERYTHING.to_owned() } else { dice.policy("") };
            iam.ask("CreatePolicy", &[("PolicyName", name), ("PolicyDocument", &text)]).await;
        }
        let user = iam.ask("CreateAccessKey", &[("UserName", "u")]).await.credential();
        let helper = iam.ask("CreateAccessKey", &[("UserName", "helper")]).await.credential();
        let assume = [("RoleArn", ROLE), ("RoleSessionName", "session")];
        let session = world.ask(&helper, Service::Sts, "AssumeRole", &assume).await.ok().credential();
        Self { world, member, user, session, control }
    }

    /// Policies for a round.
    async fn set(&self, dice: &mut Dice) -> Scene {
        // The member's root user, too, is under the control policy.
        self.control(EVERYTHING).await;
        let iam = Iam { world: &self.world, who: &self.member };
        let texts = [dice.policy(""), dice.policy(""), dice.policy("")];
        for (action, holder, text) in [
            ("PutUserPolicy", ("UserName", "u"), &texts[0]),
            ("PutGroupPolicy", ("GroupName", "g"), &texts[1]),
            ("PutRolePolicy", ("RoleName", "r"), &texts[2]),
        ] {
            iam.ask(action, &[holder, ("PolicyName", "p"), ("PolicyDocument", text)]).await;
        }
        for (kind, holder) in [("User", ("UserName", "u")), ("Role", ("RoleName", "r"))] {
            let arn = format!("arn:aws:iam::{MEMBER}:policy/{}", dice.pick(&BOUNDARIES));
            let boundary = [holder, ("PermissionsBoundary", arn.as_str())];
            iam.ask(&format!("Put{kind}PermissionsBoundary"), &boundary).await;
            if dice.one_in(2) {
                iam.ask(&format!("Delete{kind}PermissionsBoundary"), &[holder]).await;
            }
        }
        let bucket_policy = dice.one_in(2).then(|| dice.bucket_policy());
        let owner = Some(&self.member);
        match &bucket_policy {
            Some(text) => self.world.s3(owner, "PUT", "/bucket?policy", &[], text.clone()).await.ok(),
            None => self.world.s3(owner, "DELETE", "/bucket?policy", &[], "").await.ok(),
        };
        let control = dice.one_in(3).then(|| dice.policy(""));
        self.control(control.as_deref().unwrap_or(EVERYTHING)).await;
        Scene {
            user: self.authenticated(&self.user).await,
            session: self.authenticated(&self.session).await,
            root: self.authenticated(&self.member).await,
            bucket_policy,
        }
    }

    async fn control(&self, text: &str) {
        let update = json!({ "PolicyId": self.control, "Content": text });
        self.world.organizations(&self.world.root, "UpdatePolicy", update).await.ok();
    }

    async fn authenticated(&self, who: &Credential) -> Known {
        let mut request = head("GET", PATHS[0], &[]);
        self.world.sign(who, Service::S3, &mut request, rolecall_wire::sigv4::PayloadHash::Unsigned);
        let call = call(
            request,
            Message::Rest {
                bucket: Some("bucket".into()),
                key: Some("b/x".into()),
                virtual_host: false,
                body: BodyStream::of(Bytes::new()),
            },
        );
        Known::admit(self.gate(), s3::op::GetObject::ROW, call).await.unwrap()
    }

    fn gate(&self) -> &Gate {
        &self.world.gate
    }

    /// One request, decided in all three ways; what came out.
    async fn case(&self, scene: &Scene, dice: &mut Dice) -> String {
        let is_user = dice.one_in(2);
        let (kind, source, who) =
            if is_user { ("user", USER, &scene.user) } else { ("role", ROLE, &scene.session) };
        let (recorded, passed) = self.decided(who, dice).await;
        let verdict = recorded.verdict().unwrap();
        let simulated = self.simulated(scene, source, &recorded).await;
        let decision = match verdict.decision {
            Decision::Allow => "allowed",
            Decision::ExplicitDeny => "explicitDeny",
            Decision::ImplicitDeny => "implicitDeny",
        };
        let what = || format!("{:#}", recorded.explanation().unwrap());
        assert_eq!(passed, verdict.is_allowed(), "the gate and the explanation: {}", what());
        // A role cannot be simulated with the resource's policy.
        let known = is_user || scene.bucket_policy.is_none() || recorded.action().starts_with("iam:");
        if known {
            assert_eq!(simulated, decision, "the simulator and the gate: {}", what());
        }
        if !passed && dice.one_in(EXPLAINED) {
            let told = recorded.explanation().unwrap();
            let edits = told["evaluations"][0]["edits"].as_array().unwrap();
            assert!(!edits.is_empty(), "no edit that allows it: {}", what());
        }
        format!("{kind} {decision}")
    }

    /// What the gate decides about a random request, with everything it went by.
    async fn decided(&self, who: &Known, dice: &mut Dice) -> (Decided, bool) {
        let path = dice.pick(&PATHS);
        let agent = ("user-agent", dice.pick(&["test", "other/1.0"]));
        let rest = |method: &str, path: &str| {
            let (bucket, key) = path[1..].split_once('/').unwrap_or((&path[1..], ""));
            let key = Some(key).filter(|key| !key.is_empty()).map(str::to_owned);
            let message = Message::Rest {
                bucket: bucket.split('?').next().map(str::to_owned),
                key,
                virtual_host: false,
                body: BodyStream::of(Bytes::new()),
            };
            call(head(method, path, &[agent]), message)
        };
        let form = |action: &str, params: &[(&str, &str)]| {
            let params = [&[("Action", action)], params].concat();
            let params = params.into_iter().collect();
            let message = Message::Query { service: Some(Service::Iam), params, body: Bytes::new() };
            call(head("POST", "/", &[agent]), message)
        };
        let list = format!("/bucket?list-type=2&prefix={}", dice.pick(&["u/", "b/", ""]));
        match dice.below(6) {
            0 | 1 => self.asks::<S3, s3::op::GetObject>(who, rest("GET", path), dice).await,
            2 => self.asks::<S3, s3::op::DeleteObject>(who, rest("DELETE", path), dice).await,
            3 => self.asks::<S3, s3::op::ListObjectsV2>(who, rest("GET", &list), dice).await,
            4 => {
                let name = ("UserName", dice.pick(&["u", "helper"]));
                self.asks::<Core, iam::op::GetUser>(who, form("GetUser", &[name]), dice).await
            }
            _ => {
                let tag = [("Tags.member.1.Key", "team"), ("Tags.member.1.Value", dice.pick(&["a", "b"]))];
                let form = form("CreateUser", &[&[("UserName", "new")], &tag[..]].concat());
                self.asks::<Core, iam::op::CreateUser>(who, form, dice).await
            }
        }
    }

    async fn asks<By, O: Serve<By>>(&self, who: &Known, call: Call, dice: &Dice) -> (Decided, bool) {
        let id = RequestId::from(&dice.0.to_string()).unwrap();
        let call = Call { request_id: id, ..call };
        let passed = who.is_allowed::<By, O>(self.gate(), call).await.unwrap();
        (Decided::find(self.gate().system(), &id).unwrap(), passed)
    }

    async fn simulated(&self, scene: &Scene, source: &str, recorded: &Decided) -> String {
        let params = rolecall_wire::Params::default();
        let message = Message::Query { service: Some(Service::Iam), params, body: Bytes::new() };
        let call = call(head("POST", "/", &[]), message);
        let input = question(source, scene, recorded);
        let reply = scene.root.run::<Core, iam::op::SimulatePrincipalPolicy>(self.gate(), call, input);
        reply.await.unwrap().output.evaluation_results[0].eval_decision.clone()
    }
}

/// An administrator.
struct Iam<'w> {
    world: &'w World,
    who: &'w Credential,
}

impl Iam<'_> {
    async fn ask(&self, action: &str, params: &[(&str, &str)]) -> rolecall_core::testing::Seen {
        self.world.ask(self.who, Service::Iam, action, params).await.ok()
    }
}

fn call(request: Request, message: Message) -> Call {
    Call { request, message, peer: [127, 0, 0, 1].into(), secure: false, request_id: "r".try_into().unwrap() }
}

/// The same question for the simulator, with every condition key that the request had.
fn question(source: &str, scene: &Scene, recorded: &Decided) -> SimulatePrincipalPolicyRequest {
    let context = recorded.context();
    let entries = context.iter().map(|(key, value)| ContextEntry {
        context_key_name: Some(key.to_string()),
        context_key_values: value.all().iter().map(ToString::to_string).collect(),
        context_key_type: Some(if matches!(value, Value::One(_)) { "string" } else { "stringList" }.into()),
    });
    let with_policy = source == USER && recorded.action().starts_with("s3:");
    SimulatePrincipalPolicyRequest {
        policy_source_arn: source.into(),
        action_names: vec![recorded.action().into()],
        resource_arns: vec![recorded.resource().to_owned()],
        resource_policy: scene.bucket_policy.clone().filter(|_| with_policy),
        caller_arn: Some(source.into()),
        context_entries: entries.collect(),
        ..SimulatePrincipalPolicyRequest::default()
    }
}

/// An organization whose member the account becomes, with a control policy on it; the policy's id.
async fn organization(world: &World, member: &Credential) -> String {
    let ask = async |action: &str, body| world.organizations(&world.root, action, body).await.ok().json();
    ask("CreateOrganization", json!({})).await;
    let root = ask("ListRoots", json!({})).await["Roots"][0]["Id"].clone();
    let target = json!({ "Target": { "Type": "ACCOUNT", "Id": MEMBER } });
    let invitation = ask("InviteAccountToOrganization", target).await["Handshake"]["Id"].clone();
    world.organizations(member, "AcceptHandshake", json!({ "HandshakeId": invitation })).await.ok();
    let kind = "SERVICE_CONTROL_POLICY";
    ask("EnablePolicyType", json!({ "RootId": root, "PolicyType": kind })).await;
    let policy = json!({ "Name": "c", "Description": "", "Type": kind, "Content": EVERYTHING });
    let id = ask("CreatePolicy", policy).await["Policy"]["PolicySummary"]["Id"].clone();
    ask("AttachPolicy", json!({ "PolicyId": id, "TargetId": MEMBER })).await;
    ask("DetachPolicy", json!({ "PolicyId": "p-FullAWSAccess", "TargetId": MEMBER })).await;
    id.as_str().unwrap().to_owned()
}

/// Random numbers that repeat (Knuth's linear congruential generator).
struct Dice(u64);

impl Dice {
    fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % count
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    fn pick<T: Copy>(&mut self, among: &[T]) -> T {
        among[self.below(among.len())]
    }

    /// A policy of few words; `principal` is the element of a resource's.
    fn policy(&mut self, principal: &str) -> String {
        let count = 1 + self.below(3);
        let statements: Vec<String> = (0..count).map(|_| self.statement(principal)).collect();
        format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","))
    }

    fn statement(&mut self, principal: &str) -> String {
        let of_bucket = !principal.is_empty();
        let effect = self.pick(&["Allow", "Allow", "Allow", "Deny"]);
        let not = self.pick(&["", "", "", "Not"]);
        let action = match of_bucket {
            true => r#""Action":"s3:*""#.to_owned(),
            false => format!(r#""{not}Action":"{}""#, self.pick(&ACTIONS)),
        };
        let not = self.pick(&["", "", "", "Not"]);
        let resource = self.pick(if of_bucket { &RESOURCES[3..] } else { &RESOURCES });
        let condition = match self.below(3) {
            0 => format!(r#","Condition":{{{}}}"#, self.pick(&CONDITIONS)),
            _ => String::new(),
        };
        format!(r#"{{"Effect":"{effect}",{principal}{action},"{not}Resource":{resource}{condition}}}"#)
    }

    fn bucket_policy(&mut self) -> String {
        let who = self.pick(&[
            r#""*""#,
            r#"{"AWS":"111122223333"}"#,
            r#"{"AWS":"arn:aws:iam::111122223333:user/u"}"#,
        ]);
        self.policy(&format!(r#""Principal":{who},"#))
    }
}

/// For one in how many denials the edits that would allow it are looked for, too.
const EXPLAINED: usize = 32;
/// How many requests meet one round of policies.
const REQUESTS: usize = 128;
const MEMBER: &str = "111122223333";
const USER: &str = "arn:aws:iam::111122223333:user/u";
const ROLE: &str = "arn:aws:iam::111122223333:role/r";
const PATHS: [&str; 2] = ["/bucket/b/x", "/bucket/u/x"];
const BOUNDARIES: [&str; 4] = ["b0", "b1", "b2", "b3"];
const EVERYTHING: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
const ACTIONS: [&str; 8] =
    ["*", "s3:*", "s3:GetObject", "s3:Get*", "s3:List*", "iam:*", "iam:GetUser", "s3:DeleteObject"];
const RESOURCES: [&str; 8] = [
    r#""*""#,
    r#"["arn:aws:iam::111122223333:user/*","arn:aws:s3:::bucket/*"]"#,
    r#""arn:aws:s3:::bucket*""#,
    r#"["arn:aws:s3:::bucket","arn:aws:s3:::bucket/*"]"#,
    r#""arn:aws:s3:::bucket/*""#,
    r#""arn:aws:s3:::bucket/${aws:username}/*""#,
    r#""arn:aws:s3:::bucket/${aws:PrincipalTag/team, 'b'}/x""#,
    r#""arn:aws:s3:::bucket/b/?""#,
];
const CONDITIONS: [&str; 14] = [
    r#""StringLike":{"aws:UserAgent":"te*"}"#,
    r#""IpAddress":{"aws:SourceIp":"127.0.0.0/8"}"#,
    r#""NotIpAddress":{"aws:SourceIp":"127.0.0.0/8"}"#,
    r#""Bool":{"aws:SecureTransport":"true"}"#,
    r#""BoolIfExists":{"aws:MultiFactorAuthPresent":"true"}"#,
    r#""StringEquals":{"aws:PrincipalTag/team":"a"}"#,
    r#""StringEquals":{"aws:PrincipalTag/team":"${aws:RequestTag/team}"}"#,
    r#""ForAllValues:StringEquals":{"aws:TagKeys":["team","cost"]}"#,
    r#""ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-*"}"#,
    r#""DateGreaterThan":{"aws:CurrentTime":"2001-01-01T00:00:00Z"}"#,
    r#""StringNotEquals":{"s3:authType":"REST-HEADER"}"#,
    r#""StringEqualsIfExists":{"s3:prefix":["u/","${aws:username}/"]}"#,
    r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/*"}"#,
    r#""Null":{"aws:TokenIssueTime":"true"}"#,
];
