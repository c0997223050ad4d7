//! The truth tables in `spec/policy`, read and held against the engine.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::{
    Context, Element, Examined, Kind, Layer, Layers, Named, Outcome, Policies, Policy, Principal,
    PrincipalKind, Request, Tested, Value, Verdict, decide, explain,
};

/// Cases that share a source.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Group<T> {
    about: String,
    source: String,
    cases: Vec<T>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Values {
    One(String),
    Many(Vec<String>),
}

impl Values {
    fn value(self) -> Value<'static> {
        match self {
            Self::One(value) => Value::One(value.into()),
            Self::Many(values) => Value::Many(values.into_iter().map(Into::into).collect()),
        }
    }
}

fn table<T: DeserializeOwned>(name: &str, least: usize, check: impl Fn(T, &str)) {
    let path = format!("{}/../../spec/policy/{name}.yaml", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let groups: Vec<Group<T>> = serde_norway::from_str(&text).unwrap();
    let mut count = 0;
    for group in groups {
        assert!(!group.source.trim().is_empty(), "{name}: {} has no source", group.about);
        for (index, case) in group.cases.into_iter().enumerate() {
            check(case, &format!("{name}: {} #{}", group.about, index + 1));
            count += 1;
        }
    }
    assert!(count >= least, "{name} has only {count} cases");
}

fn context(entries: BTreeMap<String, Values>) -> Context<'static> {
    let mut context = Context::new();
    for (key, values) in entries {
        match values.value() {
            Value::One(value) => context.set(key, value),
            Value::Many(values) => context.set_many(key, values),
        }
    }
    context
}

fn user() -> Principal {
    principal("user")
}

fn principal(name: &str) -> Principal {
    let (kind, account, arn) = match name {
        "user" => (
            PrincipalKind::User { id: "AIDAUSERUSERUSERUSER1".into() },
            OWN,
            "arn:aws:iam::111122223333:user/ann".to_owned(),
        ),
        "session" => {
            let kind = PrincipalKind::RoleSession {
                role_arn: "arn:aws:iam::111122223333:role/team/app".into(),
                role_id: "AROAROLEROLEROLEROLE1".into(),
            };
            (kind, OWN, "arn:aws:sts::111122223333:assumed-role/app/s1".to_owned())
        }
        "federated-user" => {
            let kind = PrincipalKind::FederatedUser {
                user_arn: "arn:aws:iam::111122223333:user/ann".into(),
                user_id: "AIDAUSERUSERUSERUSER1".into(),
            };
            (kind, OWN, "arn:aws:sts::111122223333:federated-user/bob".to_owned())
        }
        "root" => (PrincipalKind::Root, OWN, "arn:aws:iam::111122223333:root".to_owned()),
        "anonymous" => (PrincipalKind::Anonymous, "", String::new()),
        "service" => (PrincipalKind::Service { name: "ec2.amazonaws.com".into() }, "", String::new()),
        "web-identity" => {
            let provider = "arn:aws:iam::111122223333:oidc-provider/id.example".to_owned();
            (PrincipalKind::Federated { provider }, "", String::new())
        }
        other => panic!("no principal {other}"),
    };
    Principal { kind, account: account.into(), arn }
}

const OWN: &str = "111122223333";
const ALL: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;

fn named(policy: &Policy) -> Named<'static> {
    Named::new("p", policy.clone())
}

/// Decides in both ways, which must agree.
fn judge(request: &Request<'_>, layers: &Layers<'_>) -> Verdict {
    let verdict = explain(request, layers);
    assert_eq!(decide(request, layers), verdict.ruling());
    verdict
}

/// Whether an identity policy with this one statement allows the request.
fn allows(document: &str, action: &str, resource: &str, context: &Context<'_>) -> bool {
    let policy = Policy::parse(document, Kind::Identity).unwrap_or_else(|e| panic!("{e} in {document}"));
    let user = user();
    let request = Request { principal: &user, action, resource, resource_account: OWN, context };
    let named = named(&policy);
    judge(&request, &Layers { identity: (&named).into(), ..Layers::default() }).is_allowed()
}

fn json(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn json_list(texts: &[String]) -> String {
    format!("[{}]", texts.iter().map(|text| json(text)).collect::<Vec<_>>().join(","))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConditionCase {
    op: String,
    policy: Vec<String>,
    request: Option<Values>,
    #[serde(default)]
    context: BTreeMap<String, Values>,
    holds: bool,
}

#[test]
fn conditions() {
    table("conditions", 90, |case: ConditionCase, name| {
        let mut context = context(case.context);
        match case.request.map(Values::value) {
            Some(Value::One(value)) => context.set("x:Key", value),
            Some(Value::Many(values)) => context.set_many("x:Key", values),
            None => {}
        }
        let document = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{{{}:{{"x:key":{}}}}}}}}}"#,
            json(&case.op),
            json_list(&case.policy)
        );
        assert_eq!(allows(&document, "s3:GetObject", "*", &context), case.holds, "{name}");
    });
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MatchingCase {
    element: String,
    policy: Vec<String>,
    request: String,
    #[serde(default)]
    context: BTreeMap<String, Values>,
    applies: bool,
}

#[test]
fn matching() {
    table("matching", 40, |case: MatchingCase, name| {
        let of_action = case.element.ends_with("Action");
        let other = if of_action { r#""Resource":"*""# } else { r#""Action":"*""# };
        let document = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow",{other},{}:{}}}}}"#,
            json(&case.element),
            json_list(&case.policy)
        );
        let (action, resource) = match of_action {
            true => (case.request.as_str(), "*"),
            false => ("s3:GetObject", case.request.as_str()),
        };
        assert_eq!(allows(&document, action, resource, &context(case.context)), case.applies, "{name}");
    });
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DecisionCase {
    who: String,
    #[serde(default)]
    other_account: bool,
    action: Option<String>,
    identity: Option<String>,
    boundary: Option<String>,
    session: Option<String>,
    resource: Option<Vec<String>>,
    trust: Option<Vec<String>>,
    #[serde(default)]
    scp: Vec<String>,
    #[serde(default)]
    rcp: Vec<String>,
    decision: String,
    because: Option<String>,
}

/// `allow`, `deny`, `both` or `none` as a policy without principal.
fn plain(word: &str, kind: Kind) -> Vec<Named<'static>> {
    let who = if kind == Kind::ResourceControl { r#""Principal":"*","# } else { "" };
    let statement = |effect| format!(r#"{{"Effect":"{effect}",{who}"Action":"*","Resource":"*"}}"#);
    let statements = match word {
        "allow" => statement("Allow"),
        "deny" => statement("Deny"),
        "both" => [statement("Allow"), statement("Deny")].join(","),
        "none" => return Vec::new(),
        other => panic!("{other}"),
    };
    let document = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
    vec![named(&Policy::parse(&document, kind).unwrap())]
}

/// `Allow "*"`, `Deny not {"AWS":"…"}`: effect and principal element.
fn owned(statements: &[String], kind: Kind) -> Vec<Named<'static>> {
    let body = if kind == Kind::Trust { r#""Action":"sts:*""# } else { r#""Action":"s3:*","Resource":"*""# };
    let statement = |text: &String| {
        let (effect, who) = text.split_once(' ').unwrap();
        let (element, who) = who.strip_prefix("not ").map_or(("Principal", who), |who| ("NotPrincipal", who));
        format!(r#"{{"Effect":"{effect}","{element}":{who},{body}}}"#)
    };
    let statements: Vec<_> = statements.iter().map(statement).collect();
    if statements.is_empty() {
        return Vec::new();
    }
    let document = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","));
    vec![named(&Policy::parse(&document, kind).unwrap_or_else(|e| panic!("{e} in {document}")))]
}

#[test]
fn decisions() {
    table("decisions", 90, |case: DecisionCase, name| {
        let identity = case.identity.map(|word| plain(&word, Kind::Identity)).unwrap_or_default();
        let boundary = case.boundary.map(|word| plain(&word, Kind::Boundary));
        let session = case.session.map(|word| plain(&word, Kind::Session));
        let resource = case.resource.map(|list| owned(&list, Kind::Bucket));
        let trust = case.trust.map(|list| owned(&list, Kind::Trust));
        let scp: Vec<_> = case.scp.iter().map(|word| plain(word, Kind::ServiceControl)).collect();
        let rcp: Vec<_> = case.rcp.iter().map(|word| plain(word, Kind::ResourceControl)).collect();
        let layers = Layers {
            identity: (&identity).into(),
            boundary: boundary.as_ref().map(Policies::from),
            session: session.as_ref().map(Policies::from),
            resource: resource.as_ref().map(Policies::from),
            trust: trust.as_ref().map(Policies::from),
            service_control: &scp.iter().map(Policies::from).collect::<Vec<_>>(),
            resource_control: &rcp.iter().map(Policies::from).collect::<Vec<_>>(),
        };
        let principal = principal(&case.who);
        let action = match (&case.action, &layers.trust) {
            (Some(action), _) => action.as_str(),
            (None, Some(_)) => "sts:AssumeRole",
            (None, None) => "s3:GetObject",
        };
        let (resource, owner) = match (&layers.trust, case.other_account) {
            (Some(_), false) => ("arn:aws:iam::111122223333:role/target", OWN),
            (Some(_), true) => ("arn:aws:iam::444455556666:role/target", "444455556666"),
            (None, false) => ("arn:aws:s3:::b/k", OWN),
            (None, true) => ("arn:aws:s3:::b/k", "444455556666"),
        };
        let context = Context::new();
        let request =
            Request { principal: &principal, action, resource, resource_account: owner, context: &context };
        let verdict = judge(&request, &layers);
        assert_eq!(format!("{:?}", verdict.decision), case.decision, "{name}: {verdict:?}");
        assert_eq!(verdict.because.map(|layer| format!("{layer:?}")), case.because, "{name}");
        assert_eq!(verdict.reason(action).is_none(), verdict.is_allowed(), "{name}");
    });
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DocumentCase {
    kind: String,
    document: String,
    /// AWS's sentence; none when the document is accepted.
    message: Option<String>,
    /// Line and column.
    at: Option<(usize, usize)>,
}

#[test]
fn pol_02_documents() {
    table("documents", 80, |case: DocumentCase, name| {
        let kind = match case.kind.as_str() {
            "identity" => Kind::Identity,
            "session" => Kind::Session,
            "bucket" => Kind::Bucket,
            "trust" => Kind::Trust,
            "scp" => Kind::ServiceControl,
            "rcp" => Kind::ResourceControl,
            other => panic!("{other}"),
        };
        let outcome = Policy::parse(&case.document, kind).err();
        assert_eq!(outcome.as_ref().map(|e| e.message.clone()), case.message, "{name}: {}", case.document);
        if let Some(invalid) = outcome {
            assert!(
                invalid.line > 0 && invalid.column > 0 && !invalid.detail.is_empty(),
                "{name}: {invalid}"
            );
            assert!(case.at.is_none_or(|at| at == (invalid.line, invalid.column)), "{name}: {invalid}");
        }
    });
}

#[test]
fn bound_principals_match_by_id_only() {
    let document = r#"{"Statement":{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:user/ann","444455556666"]},"Action":"sts:AssumeRole"}}"#;
    let policy = Policy::parse(document, Kind::Trust).unwrap();
    let allowed = |policy: &Policy, id: &str| {
        let principal = Principal { kind: PrincipalKind::User { id: id.into() }, ..user() };
        let context = Context::new();
        let request = Request {
            principal: &principal,
            action: "sts:AssumeRole",
            resource: "*",
            resource_account: OWN,
            context: &context,
        };
        let named = named(policy);
        judge(&request, &Layers { trust: Some((&named).into()), ..Layers::default() }).is_allowed()
    };
    let bound = policy.bind(&|arn| arn.ends_with("user/ann").then(|| "AIDAUSERUSERUSERUSER1".to_owned()));
    assert_eq!(bound.principals(), [("AWS", "AIDAUSERUSERUSERUSER1"), ("AWS", "444455556666")]);
    assert!(allowed(&policy, "AIDANEWNEWNEWNEWNEW12"));
    assert!(allowed(&bound, "AIDAUSERUSERUSERUSER1"));
    assert!(!allowed(&bound, "AIDANEWNEWNEWNEWNEW12"), "a namesake made later is somebody else");
}

#[test]
fn lists_what_a_policy_names() {
    let document = r#"{"Version":"2012-10-17","Statement":[
      {"Sid":"One","Effect":"Allow","Action":["s3:Get*","s3:Put*"],"NotResource":"arn:aws:s3:::b/${aws:username}/*",
       "Condition":{"StringLike":{"aws:PrincipalTag/t":"${s3:prefix}"},"Null":{"aws:USERNAME":"false"}}}]}"#;
    let policy = Policy::parse(document, Kind::Identity).unwrap();
    assert_eq!(policy.actions(), ["s3:Get*", "s3:Put*"]);
    assert_eq!(policy.resources(), [("arn:aws:s3:::b/${aws:username}/*", true)]);
    assert_eq!(policy.context_keys(), ["aws:username", "aws:PrincipalTag/t", "s3:prefix"]);
    assert_eq!(Policy::size("{ \"a\" :\n\t1 }"), 7);
}

#[test]
fn the_verdict_tells_what_decided() {
    let document = "{\"Version\":\"2012-10-17\",\"Statement\":[\n {\"Sid\":\"S\",\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\",\n  \"Condition\":{\"StringEquals\":{\"aws:PrincipalTag/t\":\"x\"}}}]}";
    let policy = Policy::parse(document, Kind::Identity).unwrap();
    let all = Policy::parse(ALL, Kind::Boundary).unwrap();
    let principal = user();
    let verdict = |context: &Context<'_>| {
        let request = Request {
            principal: &principal,
            action: "s3:GetObject",
            resource: "*",
            resource_account: OWN,
            context,
        };
        let (identity, boundary) = (named(&policy), named(&all));
        let layers =
            Layers { identity: (&identity).into(), boundary: Some((&boundary).into()), ..Layers::default() };
        judge(&request, &layers)
    };
    let mut context = Context::new();
    let denied = verdict(&context);
    assert_eq!(denied.missing, ["aws:PrincipalTag/t"]);
    assert_eq!(
        denied.reason("s3:GetObject").as_deref(),
        Some("because no identity-based policy allows the s3:GetObject action")
    );
    context.set("aws:PrincipalTag/T", "x");
    let allowed = verdict(&context);
    assert!(allowed.is_allowed() && allowed.missing.is_empty());
    let places: Vec<_> =
        allowed.matched.iter().map(|m| (m.layer, m.sid.as_deref(), m.position, m.end)).collect();
    assert_eq!(places[1], (Layer::Identity, Some("S"), (2, 2), (3, 59)));
    let outcomes: Vec<_> = allowed.layers.iter().map(|l| (l.layer, l.outcome, l.levels.len())).collect();
    assert_eq!(outcomes, [(Layer::Boundary, Outcome::Allows, 1), (Layer::Identity, Outcome::Allows, 1)]);
    let tested = |verdict: &Verdict| {
        let of = |list: &[Examined]| list.iter().flat_map(|m| m.conditions.clone()).collect::<Vec<_>>();
        (of(&verdict.matched), of(&verdict.unmet))
    };
    let condition = |actual: Option<&str>, holds| Tested {
        operator: "StringEquals".into(),
        key: "aws:PrincipalTag/t".into(),
        expected: vec!["x".into()],
        actual: actual.map(|value| vec![value.into()]),
        holds,
    };
    assert_eq!(tested(&denied), (vec![], vec![condition(None, false)]));
    assert_eq!(tested(&allowed), (vec![condition(Some("x"), true)], vec![]));
    let near: Vec<_> = denied.near.iter().map(|n| (&n.element, &n.expected, n.negated)).collect();
    assert_eq!(near, [(&Element::Condition(0), &vec!["x".to_owned()], false)]);
}
