//! An edit as the commands that make it, ready to be pasted into a shell.

use super::Edit;
use super::draft::{Change, Draft};
use crate::layers::RESTRICTION;
use crate::target::ResourcePolicy;
use rolecall_policy::{Layer, PrincipalKind};

/// The commands that make an edit; none for what the caller changes, and for a session's own policies, which are
/// sent when it is made.
pub(super) fn of(draft: &Draft<'_>, edit: &Edit) -> Vec<String> {
    match &edit.change {
        Change::Keys(_) => Vec::new(),
        Change::Text { layer: Layer::Session, .. } | Change::New { layer: Layer::Session, .. } => Vec::new(),
        Change::Text { layer, uri, text: Some(text) } => rewritten(draft, *layer, uri, text),
        Change::Text { layer, uri, text: None } => removed(draft, *layer, uri),
        Change::New { layer, level, text } => added(draft, *layer, *level, text).into_iter().collect(),
    }
}

/// A policy gets another text.
fn rewritten(draft: &Draft<'_>, layer: Layer, uri: &str, text: &str) -> Vec<String> {
    let document = quoted(text);
    if let Some(own) = Inline::of(uri) {
        return vec![own.put(&document)];
    }
    if matches!(layer, Layer::ServiceControl | Layer::ResourceControl) {
        return vec![format!(
            "aws organizations update-policy --policy-id {} --content {document}",
            last(uri)
        )];
    }
    if !uri.starts_with(OF_AWS) {
        let version = "aws iam create-policy-version --set-as-default --policy-arn";
        return vec![format!("{version} {uri} --policy-document {document}")];
    }
    // AWS's own policies cannot be edited: a copy takes their place.
    let (name, account) = (format!("{}-edited", last(uri)), &draft.recorded.principal.account);
    let created = format!("aws iam create-policy --policy-name {name} --policy-document {document}");
    let arn = format!("arn:aws:iam::{account}:policy/{name}");
    let holders = holders(draft, layer, uri);
    let taken = holders.iter().flat_map(|holder| match layer {
        Layer::Boundary => {
            vec![holder.command("put", "permissions-boundary", &format!("--permissions-boundary {arn}"))]
        }
        _ => vec![
            holder.command("attach", "policy", &format!("--policy-arn {arn}")),
            holder.command("detach", "policy", &format!("--policy-arn {uri}")),
        ],
    });
    std::iter::once(created).chain(taken).collect()
}

/// A policy, or the last statement of one, is taken away.
fn removed(draft: &Draft<'_>, layer: Layer, uri: &str) -> Vec<String> {
    if let Some(own) = Inline::of(uri) {
        return own.delete().into_iter().collect();
    }
    if uri == RESTRICTION {
        return unrestricted(draft).into_iter().collect();
    }
    if matches!(layer, Layer::ServiceControl | Layer::ResourceControl) {
        let policy = draft.policies.iter().find(|policy| policy.uri == uri && policy.layer == layer);
        let detach = |target: &String| {
            format!("aws organizations detach-policy --policy-id {} --target-id {target}", last(uri))
        };
        return policy.map(|policy| policy.attached.iter().map(detach).collect()).unwrap_or_default();
    }
    let of = |holder: &Holder<'_>| match layer {
        Layer::Boundary => holder.command("delete", "permissions-boundary", ""),
        _ => holder.command("detach", "policy", &format!("--policy-arn {uri}")),
    };
    holders(draft, layer, uri).iter().map(of).collect()
}

/// The bucket's settings as they are, but for the restriction of public policies.
fn unrestricted(draft: &Draft<'_>) -> Option<String> {
    let ResourcePolicy::Bucket(bucket) = &draft.asked.target.policy else { return None };
    let set = bucket.public_access;
    Some(format!(
        "aws s3api put-public-access-block --bucket {} --public-access-block-configuration \
         BlockPublicAcls={},IgnorePublicAcls={},BlockPublicPolicy={},RestrictPublicBuckets=false",
        bucket_name(draft),
        set.block_acls,
        set.ignore_acls,
        set.block_policy
    ))
}

/// The bucket that the resource is, or is in.
fn bucket_name<'a>(draft: &Draft<'a>) -> &'a str {
    let name = draft.asked.target.resource.strip_prefix("arn:aws:s3:::").unwrap_or_default();
    name.split_once('/').map_or(name, |(bucket, _)| bucket)
}

/// A policy that was not there.
fn added(draft: &Draft<'_>, layer: Layer, level: usize, text: &str) -> Option<String> {
    let (document, target) = (quoted(text), &draft.asked.target);
    let name = format!("allow-{}", target.action.replace([':', '*'], "-"));
    match layer {
        Layer::Identity => {
            let arn = match &draft.recorded.principal.kind {
                PrincipalKind::RoleSession { role_arn, .. } => role_arn,
                PrincipalKind::FederatedUser { user_arn, .. } => user_arn,
                _ => &draft.recorded.principal.arn,
            };
            let arguments = format!("--policy-name {name} --policy-document {document}");
            Some(Holder::of(arn)?.command("put", "policy", &arguments))
        }
        Layer::Resource => match &target.policy {
            ResourcePolicy::Bucket(_) => {
                Some(Inline { kind: "bucket", holder: bucket_name(draft), name: "" }.put(&document))
            }
            ResourcePolicy::None | ResourcePolicy::Trust(_) => None,
        },
        Layer::ServiceControl => {
            let place = draft.place(layer, level);
            Some(format!(
                "aws organizations attach-policy --target-id {place} --policy-id \"$(aws organizations create-policy \
                 --type SERVICE_CONTROL_POLICY --name {name} --description {name} --content {document} --query \
                 Policy.PolicySummary.Id --output text)\""
            ))
        }
        Layer::ResourceControl => {
            let place = draft.place(layer, level);
            Some(format!(
                "aws organizations attach-policy --policy-id p-RCPFullAWSAccess --target-id {place}"
            ))
        }
        Layer::Boundary | Layer::Session | Layer::Trust => None,
    }
}

/// A policy that is part of what it is attached to, as the decision names it.
struct Inline<'a> {
    kind: &'a str,
    holder: &'a str,
    name: &'a str,
}

impl<'a> Inline<'a> {
    fn of(uri: &'a str) -> Option<Self> {
        let (kind, rest) = uri.strip_prefix("inline/")?.split_once('/')?;
        let (holder, name) = rest.split_once('/').unwrap_or((rest, ""));
        Some(Self { kind, holder, name })
    }

    fn put(&self, document: &str) -> String {
        let Self { kind, holder, name } = self;
        match *kind {
            "bucket" => format!("aws s3api put-bucket-policy --bucket {holder} --policy {document}"),
            "trust" => {
                format!("aws iam update-assume-role-policy --role-name {holder} --policy-document {document}")
            }
            _ => format!(
                "aws iam put-{kind}-policy --{kind}-name {holder} --policy-name {name} --policy-document {document}"
            ),
        }
    }

    /// A trust policy cannot be taken away.
    fn delete(&self) -> Option<String> {
        let Self { kind, holder, name } = self;
        match *kind {
            "bucket" => Some(format!("aws s3api delete-bucket-policy --bucket {holder}")),
            "trust" => None,
            _ => Some(format!("aws iam delete-{kind}-policy --{kind}-name {holder} --policy-name {name}")),
        }
    }
}

/// A user, group or role that has a policy.
struct Holder<'a> {
    kind: &'a str,
    name: &'a str,
}

impl<'a> Holder<'a> {
    fn of(arn: &'a str) -> Option<Self> {
        let (kind, path) = arn.splitn(6, ':').nth(5)?.split_once('/')?;
        ["user", "group", "role"].contains(&kind).then(|| Self { kind, name: last(path) })
    }

    fn command(&self, verb: &str, what: &str, arguments: &str) -> String {
        let Self { kind, name } = self;
        format!("aws iam {verb}-{kind}-{what} --{kind}-name {name} {arguments}").trim_end().to_owned()
    }
}

fn holders<'a>(draft: &'a Draft<'_>, layer: Layer, uri: &str) -> Vec<Holder<'a>> {
    let of = draft.policies.iter().filter(|policy| policy.uri == uri && policy.layer == layer);
    of.flat_map(|policy| policy.attached.iter().filter_map(|arn| Holder::of(arn))).collect()
}

fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// A document as one word of a POSIX shell, on one line.
fn quoted(text: &str) -> String {
    let compact = serde_json::from_str::<serde_json::Value>(text).map(|document| document.to_string());
    format!("'{}'", compact.unwrap_or_else(|_| text.to_owned()).replace('\'', "'\\''"))
}

const OF_AWS: &str = "arn:aws:iam::aws:";
