//! Which documents are refused, and with which sentence of AWS, check by check in AWS's order.

use super::condition::Operator;
use super::document::Json;
use super::text::{Facts, expand, fits};
use super::value::Date;
use rolecall_policy::Kind;

type Checked = Result<(), String>;

/// The document, if everything about it is right.
pub(crate) fn checked(text: &str, kind: Kind) -> Result<Json, String> {
    let json = parsed(text, kind).map_err(|offence| sentence(&offence, kind))?;
    shape(&json).and_then(|()| content(&json, kind)).map_err(|offence| sentence(&offence, kind))?;
    Ok(json)
}

fn parsed(text: &str, kind: Kind) -> Result<Json, String> {
    let characters = text.chars().all(|c| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{ff}'));
    let json: Json = serde_json::from_str(text).map_err(|_| "JSON")?;
    let legal = characters && json.unambiguous() && (kind != Kind::Bucket || text.starts_with('{'));
    if legal { Ok(json) } else { Err("JSON".to_owned()) }
}

impl Json {
    /// No member twice, no NUL.
    fn unambiguous(&self) -> bool {
        match self {
            Self::Text(text) => !text.contains('\0'),
            Self::List(items) => items.iter().all(Self::unambiguous),
            Self::Map(members) => members.iter().enumerate().all(|(n, (name, value))| {
                let earlier = members.iter().take(n).any(|(other, _)| other == name);
                !earlier && !name.contains('\0') && value.unambiguous()
            }),
            Self::Null | Self::Scalar(_) => true,
        }
    }

    fn statements(&self) -> &[Self] {
        self.member("Statement").map(Self::items).unwrap_or_default()
    }

    fn either(&self, name: &str, not: &str) -> Option<&Self> {
        self.member(name).or_else(|| self.member(not))
    }
}

fn syntax<T>() -> Result<T, String> {
    Err("SYNTAX".to_owned())
}

/// Step 1: names and types of elements.
fn shape(json: &Json) -> Checked {
    known(json, &["Version", "Id", "Statement"])?;
    match json.member("Version").map(Json::text) {
        None | Some(Some("2008-10-17" | "2012-10-17")) => {}
        _ => return syntax(),
    }
    if json.member("Id").is_some_and(|id| id.text().is_none()) {
        return syntax();
    }
    if json.member("Statement").is_none() {
        return Err("MISSING Statement".to_owned());
    }
    json.statements().iter().try_for_each(statement)?;
    if json.statements().is_empty() { syntax() } else { Ok(()) }
}

fn known(json: &Json, names: &[&str]) -> Checked {
    let Some(members) = json.map() else { return syntax() };
    match members.iter().find(|(name, _)| !names.contains(&name.as_str())) {
        None => Ok(()),
        Some((name, _)) => Err(format!("UNKNOWN {name}")),
    }
}

fn statement(json: &Json) -> Checked {
    let pairs = [("Principal", "NotPrincipal"), ("Action", "NotAction"), ("Resource", "NotResource")];
    let names = ["Sid", "Effect", "Condition"];
    known(json, &pairs.iter().flat_map(|(a, b)| [*a, *b]).chain(names).collect::<Vec<_>>())?;
    if json.member("Sid").is_some_and(|sid| sid.text().is_none()) {
        return syntax();
    }
    let Some(effect) = json.member("Effect") else { return Err("MISSING Effect".to_owned()) };
    if !effect.text().is_some_and(|text| ["allow", "deny"].contains(&text.to_ascii_lowercase().as_str())) {
        return syntax();
    }
    let texts = |list: &Json| list.items().iter().all(|item| item.text().is_some());
    for (name, not) in pairs {
        let both = json.member(name).is_some() && json.member(not).is_some();
        let list = name == "Principal" || json.either(name, not).is_none_or(texts);
        if both || !list {
            return syntax();
        }
    }
    json.member("Condition").map_or(Ok(()), conditions)
}

fn conditions(json: &Json) -> Checked {
    let Some(operators) = json.map() else { return syntax() };
    for (name, keys) in operators {
        let Some(keys) = keys.map() else { return syntax() };
        if !keys.is_empty() && Operator::parse(name).is_none() {
            return syntax();
        }
        let value = |item: &Json| matches!(item, Json::Text(_) | Json::Scalar(_));
        if !keys.iter().all(|(_, values)| values.items().iter().all(value)) {
            return syntax();
        }
    }
    Ok(())
}

/// The steps after the first.
fn content(json: &Json, kind: Kind) -> Checked {
    let all = |check: &dyn Fn(&Json) -> Checked| json.statements().iter().try_for_each(check);
    match kind {
        Kind::Identity | Kind::Boundary | Kind::Session => {
            if json.member("Version").and_then(Json::text) != Some("2012-10-17") {
                return Err("VERSION".to_owned());
            }
            all(&without_principal)?;
            let resource = all(&|statement| resources(statement, false));
            if resource.is_err() && resource != Err("LEGACY".to_owned()) {
                all(&effect)?;
            } else {
                all(&legacy)?;
                resource.clone()?;
            }
            sids(json)?;
            all(&|statement| filled(statement, "Action", "NotAction", "NO ACTIONS"))?;
            resource?;
            all(&actions)?;
            all(&|statement| filled(statement, "Resource", "NotResource", "NO RESOURCES"))
        }
        Kind::Trust => {
            all(&legacy)?;
            all(&without_resource)?;
            all(&|statement| principal(statement, kind))?;
            sids(json)?;
            all(&|statement| filled(statement, "Action", "NotAction", "NO ACTIONS"))?;
            all(&actions)?;
            all(&assumes)?;
            all(&tenants)
        }
        Kind::Bucket => {
            all(&legacy)?;
            all(&|statement| principal(statement, kind))?;
            all(&|statement| filled(statement, "Action", "NotAction", "NO ACTIONS"))?;
            all(&|statement| filled(statement, "Resource", "NotResource", "NO RESOURCES"))?;
            all(&actions_of_s3)?;
            all(&buckets_and_objects)?;
            all(&combination)
        }
        Kind::ServiceControl | Kind::ResourceControl => {
            match kind {
                Kind::ServiceControl => all(&without_principal)?,
                _ => all(&|statement| match statement.member("Principal").and_then(Json::text) {
                    Some("*") => Ok(()),
                    _ => syntax(),
                })?,
            }
            all(&legacy)?;
            sids(json)?;
            all(&|statement| filled(statement, "Action", "NotAction", "NO ACTIONS"))?;
            all(&actions)?;
            all(&|statement| filled(statement, "Resource", "NotResource", "NO RESOURCES"))?;
            all(&|statement| resources(statement, kind == Kind::ServiceControl))
        }
    }
}

fn without_principal(statement: &Json) -> Checked {
    match statement.either("Principal", "NotPrincipal") {
        None => Ok(()),
        Some(_) => Err("PRINCIPAL FORBIDDEN".to_owned()),
    }
}

fn without_resource(statement: &Json) -> Checked {
    for name in ["Resource", "NotResource"] {
        if statement.member(name).is_some() {
            return Err(format!("PROHIBITED {name}"));
        }
    }
    Ok(())
}

/// Step 3, but for resources.
fn legacy(statement: &Json) -> Checked {
    effect(statement)?;
    for (name, keys) in statement.member("Condition").and_then(Json::map).unwrap_or_default() {
        let dates = Operator::parse(name).is_some_and(|operator| operator.is_date());
        let values = keys.map().unwrap_or_default().iter().flat_map(|(_, values)| values.texts());
        if dates && values.into_iter().any(|value| Date::parse(&value).is_none()) {
            return Err("LEGACY".to_owned());
        }
    }
    Ok(())
}

fn effect(statement: &Json) -> Checked {
    match statement.member("Effect").and_then(Json::text) {
        Some("Allow" | "Deny") => Ok(()),
        _ => Err("LEGACY".to_owned()),
    }
}

fn sids(json: &Json) -> Checked {
    let sids: Vec<&str> = json.statements().iter().filter_map(|s| s.member("Sid")?.text()).collect();
    for (n, sid) in sids.iter().enumerate() {
        if !sid.chars().all(|c| c.is_ascii_alphanumeric()) {
            return Err("SID".to_owned());
        }
        if !sid.is_empty() && sids[..n].contains(sid) {
            return Err("SID TWICE".to_owned());
        }
    }
    Ok(())
}

fn filled(statement: &Json, name: &str, not: &str, offence: &str) -> Checked {
    match statement.either(name, not) {
        Some(list) if !list.items().is_empty() => Ok(()),
        _ => Err(offence.to_owned()),
    }
}

/// Step 7.
fn actions(statement: &Json) -> Checked {
    for action in statement.either("Action", "NotAction").map(Json::texts).unwrap_or_default() {
        let vendor = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-';
        match action.split(':').collect::<Vec<_>>().as_slice() {
            [all] if !all.is_empty() && all.chars().all(|c| c == '*') => {}
            [_] => return Err(format!("ACTION {NO_VENDOR}")),
            [_, _, _, ..] => return Err("ACTION Actions/Condition can contain only one colon.".to_owned()),
            [name, ..] if name.is_empty() || !name.chars().all(vendor) => {
                return Err(format!("ACTION Vendor {name} is not valid"));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Step 6. Control policies may cut an ARN short with a star.
fn resources(statement: &Json, short: bool) -> Checked {
    for text in statement.either("Resource", "NotResource").map(Json::texts).unwrap_or_default() {
        let cut_short = short && text.ends_with('*') && (text.starts_with("arn:") || text == "*");
        if text != "*" && !cut_short {
            resource(&text)?;
        }
    }
    Ok(())
}

fn resource(text: &str) -> Checked {
    let refused = |sentence: String| Err(format!("RESOURCE {sentence}"));
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let part = |n: usize| parts.get(n).copied().unwrap_or("*");
    if parts.len() == 1 {
        return refused(format!("Resource {text} must be in ARN format or \"*\"."));
    }
    if parts[0] != "arn" || !is_partition(parts[1]) {
        let arn = ["arn", parts[1], part(2), part(3), part(4), part(5)].join(":");
        return refused(format!("Partition \"{}\" is not valid for resource \"{arn}\".", parts[1]));
    }
    let vendor = parts.get(2).copied().unwrap_or_default();
    if vendor.is_empty() || vendor.contains(['*', '?']) {
        return refused("Resource vendor must be fully qualified and cannot contain regexes.".to_owned());
    }
    let region = parts.get(3).copied().unwrap_or_default();
    let of_s3 = ["accesspoint/", "job/", "storage-lens/", "storage-lens-group/", "access-grants/"];
    let regional = parts.get(5).is_some_and(|path| of_s3.iter().any(|start| path.starts_with(start)));
    if !region.is_empty() && vendor == "iam" {
        return refused(format!("IAM resource {text} cannot contain region information."));
    }
    if !region.is_empty() && vendor == "s3" && !regional {
        return refused(format!("Resource {text} can not contain region information."));
    }
    if parts.len() < 6 {
        return Err("LEGACY".to_owned());
    }
    let path = parts[5];
    let starts = IAM_PATHS.split(", ").chain(["role-template/"]);
    if vendor == "iam"
        && !["*", "root"].contains(&path)
        && !starts.into_iter().any(|start| path.starts_with(start))
    {
        let sentence = format!("IAM resource path must either be \"*\", root, or start with {IAM_PATHS}.");
        return refused(sentence);
    }
    Ok(())
}

fn is_partition(text: &str) -> bool {
    let known = "aws aws-cn aws-us-gov aws-iso aws-iso-b aws-iso-e aws-iso-f aws-eusc";
    let tokens = expand(text, true, false, &Facts::new()).unwrap_or_default();
    known.split(' ').any(|partition| fits(&tokens, partition))
}

fn principal(statement: &Json, kind: Kind) -> Checked {
    if kind == Kind::Trust
        && statement.member("Principal").is_none()
        && statement.member("NotPrincipal").is_some()
    {
        return Err("PROHIBITED NotPrincipal".to_owned());
    }
    let Some(who) = statement.either("Principal", "NotPrincipal") else {
        return Err("MISSING Principal".to_owned());
    };
    let kinds = match who {
        Json::Text(text) if text == "*" && kind == Kind::Bucket => return Ok(()),
        Json::Text(text) => return Err(format!("WHO STAR {text}")),
        Json::Map(kinds) => kinds,
        _ => return syntax(),
    };
    if !kinds.iter().all(|(_, values)| values.items().iter().all(|value| value.text().is_some())) {
        return syntax();
    }
    let named: Vec<(&str, String)> =
        kinds.iter().flat_map(|(name, list)| list.texts().into_iter().map(|v| (name.as_str(), v))).collect();
    if named.is_empty() {
        return Err("NOBODY".to_owned());
    }
    for (name, value) in named {
        if !is_principal(name, &value, kind) {
            let shown = match name {
                "Service" | "Federated" | "CanonicalUser" => name.to_uppercase(),
                other => other.to_owned(),
            };
            return Err(format!("WHO {shown} {value}"));
        }
    }
    Ok(())
}

fn is_principal(name: &str, value: &str, kind: Kind) -> bool {
    let account = |text: &str| text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit());
    let parts: Vec<&str> = value.splitn(6, ':').collect();
    let arn = |service: &str| {
        parts.len() == 6
            && parts[0] == "arn"
            && !parts[1].contains(['*', '?'])
            && is_partition(parts[1])
            && parts[2] == service
            && parts[3].is_empty()
    };
    let path = parts.get(5).copied().unwrap_or_default();
    let exact = !path.contains(['*', '?']);
    match name {
        "AWS" => {
            let id = ["AIDA", "AROA"].iter().any(|start| value.starts_with(start))
                && value.len() >= 16
                && value.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
            let after = |start: &str| path.strip_prefix(start).filter(|rest| !rest.is_empty());
            let iam = arn("iam") && (account(parts[4]) || parts[4] == "cloudfront") && exact;
            let entity = after("user/").or(after("role/")).is_some_and(|name| !name.ends_with('/'));
            let sts = arn("sts") && account(parts[4]) && exact;
            let session = after("assumed-role/")
                .and_then(|rest| rest.split_once('/'))
                .is_some_and(|(role, session)| !role.is_empty() && !session.is_empty());
            let named = (iam && (path == "root" || entity))
                || (sts && (session || after("federated-user/").is_some()));
            value == "*" || account(value) || id || named
        }
        "Service" => {
            let name = value.strip_suffix(".cn").unwrap_or(value);
            let name = name.strip_suffix(".amazonaws.com").or(value.strip_suffix(".aws.internal"));
            let label = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
            name.is_some_and(|name| name.split('.').all(|part| !part.is_empty() && part.chars().all(label)))
        }
        "Federated" => {
            let provider = ["oidc-provider/", "saml-provider/"]
                .iter()
                .any(|start| path.strip_prefix(start).is_some_and(|rest| !rest.is_empty()));
            WELL_KNOWN.contains(&value) || (arn("iam") && account(parts[4]) && exact && provider)
        }
        "CanonicalUser" => {
            kind == Kind::Bucket && value.len() == 64 && value.bytes().all(|b| b.is_ascii_hexdigit())
        }
        _ => false,
    }
}

/// Trust policies hold only what assumes roles.
fn assumes(statement: &Json) -> Checked {
    let known =
        "assumerole assumerolewithsaml assumerolewithwebidentity tagsession setsourceidentity setcontext";
    let one = |action: &String| {
        let action = action.to_ascii_lowercase();
        let name = action.strip_prefix("sts:").and_then(|name| expand(name, true, false, &Facts::new()));
        name.is_some_and(|tokens| known.split(' ').any(|known| fits(&tokens, known)))
    };
    let actions = statement.member("Action").map(Json::texts).unwrap_or_default();
    let good = statement.member("NotAction").is_none() && actions.iter().all(one);
    if good { Ok(()) } else { Err("TRUST".to_owned()) }
}

/// Whoever trusts an issuer that many organizations share says which of them is meant.
fn tenants(statement: &Json) -> Checked {
    let actions = statement.member("Action").map(Json::texts).unwrap_or_default();
    let web = |action: &String| {
        let tokens = expand(&action.to_ascii_lowercase(), true, false, &Facts::new()).unwrap_or_default();
        fits(&tokens, "sts:assumerolewithwebidentity")
    };
    if statement.member("Effect").and_then(Json::text) != Some("Allow") || !actions.iter().any(web) {
        return Ok(());
    }
    let providers = statement.member("Principal").and_then(|who| who.member("Federated"));
    for provider in providers.map(Json::texts).unwrap_or_default() {
        let issuer = provider.split_once(":oidc-provider/").map_or(provider.as_str(), |(_, issuer)| issuer);
        let Some((_, claims)) =
            SHARED.iter().find(|(name, _)| issuer == *name || issuer.starts_with(&format!("{name}/")))
        else {
            continue;
        };
        let keys: Vec<String> = claims.split(' ').map(|claim| format!("{issuer}:{claim}")).collect();
        if !keys.iter().any(|key| is_told(statement, key)) {
            return Err(format!("TENANT {provider} {}", keys.join(" or ")));
        }
    }
    Ok(())
}

/// A comparison of the key with texts, none of them everything.
fn is_told(statement: &Json, key: &str) -> bool {
    let operators = statement.member("Condition").and_then(Json::map).unwrap_or_default();
    operators.iter().any(|(operator, keys)| {
        let name = operator.to_ascii_lowercase();
        let name = name.strip_prefix("foranyvalue:").unwrap_or(&name);
        let compares = ["stringequals", "stringequalsignorecase", "stringlike"].contains(&name);
        compares
            && keys.map().unwrap_or_default().iter().any(|(name, values)| {
                let values = values.texts();
                let narrow = |value: &String| !value.chars().all(|c| c == '*' || c == '?');
                name.eq_ignore_ascii_case(key) && !values.is_empty() && values.iter().all(narrow)
            })
    })
}

/// A bucket's policy speaks of S3.
fn actions_of_s3(statement: &Json) -> Checked {
    actions(statement)?;
    for action in statement.either("Action", "NotAction").map(Json::texts).unwrap_or_default() {
        if action.contains(':') && !action.to_ascii_lowercase().starts_with("s3:") {
            return Err("ACTION".to_owned());
        }
    }
    Ok(())
}

fn buckets_and_objects(statement: &Json) -> Checked {
    for text in statement.either("Resource", "NotResource").map(Json::texts).unwrap_or_default() {
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        let bucket = parts.len() == 6
            && parts[0] == "arn"
            && is_partition(parts[1])
            && parts[2] == "s3"
            && !parts[5].is_empty()
            && ((parts[3].is_empty() && parts[4].is_empty()) || parts[5].starts_with("accesspoint/"));
        if text != "*" && !bucket {
            return Err("RESOURCE".to_owned());
        }
    }
    Ok(())
}

/// An action of objects beside buckets only, or the reverse, would never apply.
fn combination(statement: &Json) -> Checked {
    let (Some(actions), Some(resources)) = (statement.member("Action"), statement.member("Resource")) else {
        return Ok(());
    };
    let resources = resources.texts();
    let objects = resources.iter().any(|text| text.contains(['/', '*', '?', '$']));
    let before_wildcard = |text: &str| text.find(['*', '$']).map_or(text.len(), |at| at);
    let buckets = resources
        .iter()
        .any(|text| !text[..before_wildcard(text)].contains('/') || text.contains("accesspoint/"));
    for action in actions.texts() {
        let name =
            action.to_ascii_lowercase().split_once(':').map(|(_, name)| name.to_owned()).unwrap_or_default();
        let of_object = OF_OBJECTS.to_ascii_lowercase().split(' ').any(|known| known == name);
        let of_bucket = OF_BUCKETS.to_ascii_lowercase().split(' ').any(|known| known == name);
        if (of_object && !objects) || (of_bucket && !buckets) {
            return Err("COMBINATION".to_owned());
        }
    }
    Ok(())
}

/// What AWS says to an offence; it depends on what the document is for.
fn sentence(offence: &str, kind: Kind) -> String {
    let (word, rest) = offence.split_once(' ').unwrap_or((offence, ""));
    match kind {
        Kind::ServiceControl | Kind::ResourceControl => ORGANIZATION.to_owned(),
        Kind::Bucket => match (word, offence) {
            ("JSON", _) => "Policies must be valid JSON and the first byte must be '{'".to_owned(),
            ("UNKNOWN", _) => format!("Unknown field {rest}"),
            ("MISSING", _) => format!("Missing required field {rest}"),
            (_, "NO ACTIONS") => "Missing required field Action".to_owned(),
            (_, "NO RESOURCES") => "Missing required field Resource".to_owned(),
            ("ACTION", _) => "Policy has invalid action".to_owned(),
            ("RESOURCE", _) => "Policy has invalid resource".to_owned(),
            ("COMBINATION", _) => "Action does not apply to any resource(s) in statement".to_owned(),
            ("WHO" | "NOBODY", _) => "Invalid principal in policy".to_owned(),
            _ => "Invalid policy syntax.".to_owned(),
        },
        Kind::Trust => match (word, offence) {
            ("JSON", _) => "This policy contains invalid Json".to_owned(),
            (_, "MISSING Principal") => "Missing required field Principal".to_owned(),
            ("PROHIBITED", _) => format!("Has prohibited field {rest}"),
            ("TRUST", _) => "AssumeRole policy may only specify STS AssumeRole actions.".to_owned(),
            ("NOBODY", _) => NO_PRINCIPALS.to_owned(),
            ("TENANT", _) => {
                let (provider, keys) = rest.split_once(' ').unwrap_or((rest, ""));
                format!(
                    "Trust policy with trusted principal {provider} must evaluate, using StringEquals, StringLike or StringEqualsIgnoreCase, {keys} which is not scoped to all."
                )
            }
            ("WHO", _) => match rest.split_once(' ').unwrap_or((rest, "")) {
                ("STAR", value) => {
                    format!("AssumeRolepolicy contained an invalid principal: \"STAR\":\"{value}\".")
                }
                (kind, value) => format!("Invalid principal in policy: \"{kind}\":\"{value}\""),
            },
            _ => iam(word, offence, rest),
        },
        Kind::Identity | Kind::Boundary | Kind::Session => iam(word, offence, rest),
    }
}

fn iam(word: &str, offence: &str, rest: &str) -> String {
    let sentence = match (word, offence) {
        ("VERSION", _) => "Policy document must be version 2012-10-17 or greater.",
        ("LEGACY", _) => "The policy failed legacy parsing",
        (_, "SID TWICE") => "Statement IDs (SID) in a single policy must be unique.",
        ("SID", _) => SID,
        (_, "NO ACTIONS") => "Policy statement must contain actions.",
        (_, "NO RESOURCES") => "Policy statement must contain resources.",
        (_, "PRINCIPAL FORBIDDEN") => "Policy document should not specify a principal.",
        ("RESOURCE" | "ACTION", _) => rest,
        _ => "Syntax errors in policy.",
    };
    sentence.to_owned()
}

const NO_VENDOR: &str = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";
const SID: &str = "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*";
const NO_PRINCIPALS: &str = "Invalid principal in policy: com.amazon.balsa.error.InvalidPolicyException: The passed in policy has a statement with no principals!";
const ORGANIZATION: &str =
    "The provided policy document does not meet the requirements of the specified policy type.";
const IAM_PATHS: &str = "user/, federated-user/, role/, group/, instance-profile/, mfa/, server-certificate/, policy/, sms-mfa/, saml-provider/, oidc-provider/, report/, access-report/";
const WELL_KNOWN: [&str; 4] =
    ["accounts.google.com", "www.amazon.com", "graph.facebook.com", "cognito-identity.amazonaws.com"];
/// Shared issuers and the claims that tell their customers apart.
const SHARED: [(&str, &str); 15] = [
    ("token.actions.githubusercontent.com", "sub job_workflow_ref"),
    ("vstoken.actions.githubusercontent.com", "sub"),
    ("oidc-configuration.audit-log.githubusercontent.com", "sub"),
    ("gitlab.com", "sub"),
    ("app.terraform.io", "sub"),
    ("agent.buildkite.com", "sub"),
    ("oidc.codefresh.io", "sub"),
    ("studio.datachain.ai/api", "sub"),
    ("scalr.io", "sub"),
    ("tokens.cloud.shisho.dev", "sub"),
    ("proidc.upbound.io", "sub"),
    ("api.pulumi.com/oidc", "aud"),
    ("sandboxes.cloud", "aud"),
    ("oidc.vercel.com", "aud"),
    ("cognito-identity.amazonaws.com", "aud"),
];
const OF_OBJECTS: &str = "GetObject GetObjectVersion PutObject DeleteObject DeleteObjectVersion GetObjectAcl PutObjectAcl GetObjectTagging PutObjectTagging DeleteObjectTagging AbortMultipartUpload ListMultipartUploadParts RestoreObject PutObjectRetention PutObjectLegalHold";
const OF_BUCKETS: &str = "ListBucket ListBucketVersions ListBucketMultipartUploads CreateBucket DeleteBucket GetBucketLocation GetBucketPolicy PutBucketPolicy DeleteBucketPolicy GetBucketAcl PutBucketAcl GetBucketVersioning PutBucketVersioning GetBucketTagging";
