//! `GetAccessKeyLastUsed`.

use crate::error::{Error, iam};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::ops::iam::users::Whose;
use crate::records::{AccessKey, LastUse, Owner, Record, key};
use crate::target::Targets;
use rolecall_wire::iam::{AccessKeyLastUsed, GetAccessKeyLastUsedRequest, GetAccessKeyLastUsedResponse, op};
use std::sync::Arc;

impl Serve for op::GetAccessKeyLastUsed {
    type Seen = Arc<AccessKey>;

    async fn targets(
        cx: &Cx<'_>,
        input: &GetAccessKeyLastUsedRequest,
    ) -> Result<Targets<Arc<AccessKey>>, Error> {
        let key = find(cx, &input.access_key_id).await?;
        let targets = owner(&key).targets(cx, "iam:GetAccessKeyLastUsed").await?;
        Ok(targets.seen_as(|_| key))
    }

    async fn run(
        cx: &mut Cx<'_>,
        _: GetAccessKeyLastUsedRequest,
        granted: Granted<Arc<AccessKey>>,
    ) -> Result<Reply<GetAccessKeyLastUsedResponse>, Error> {
        let key = granted.into_seen();
        let used = cx.system.store.cached(&key::access_key_use(&key.id), LastUse::decode).await?;
        let user_name = match &key.owner {
            Owner::Root => None,
            Owner::User { name, .. } => Some(name.clone()),
        };
        let access_key_last_used = Some(shown(used.as_ref().map(|(used, _)| used.as_ref())));
        Ok(GetAccessKeyLastUsedResponse { user_name, access_key_last_used }.into())
    }
}

/// The key of an id, when it is the account's.
async fn find(cx: &Cx<'_>, id: &str) -> Result<Arc<AccessKey>, Error> {
    let found = cx.system.store.cached(&key::access_key(id), AccessKey::decode).await?;
    let key = found.map(|(key, _)| key).filter(|key| key.account == *cx.account());
    key.ok_or_else(|| iam::unknown_key_last_used(&cx.caller.principal().arn, id))
}

fn owner(key: &AccessKey) -> Whose {
    match &key.owner {
        Owner::Root => Whose::Root,
        Owner::User { name, .. } => Whose::User(name.clone()),
    }
}

fn shown(used: Option<&LastUse>) -> AccessKeyLastUsed {
    AccessKeyLastUsed {
        last_used_date: used.map(|used| used.at),
        service_name: used.map_or(NEVER, |used| &used.service).to_owned(),
        region: used.map_or(NEVER, |used| &used.region).to_owned(),
    }
}

const NEVER: &str = "N/A";
