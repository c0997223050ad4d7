//! `ListPolicies`: AWS's and the account's own, by their ARNs.

use crate::error::Error;
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::managed;
use crate::ops::iam::path;
use crate::ops::iam::policies::{Counts, Managed};
use crate::ops::paging::Paging;
use crate::records::{ManagedPolicy, Record, key};
use crate::target::Targets;
use rolecall_wire::iam::{ListPoliciesRequest, ListPoliciesResponse, op};
use std::sync::Arc;

impl Serve for op::ListPolicies {
    type Seen = ();

    async fn targets(_cx: &Cx<'_>, _input: &ListPoliciesRequest) -> Result<Targets, Error> {
        Ok(Targets::on("iam:ListPolicies", "*"))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: ListPoliciesRequest,
        _: Granted<()>,
    ) -> Result<Reply<ListPoliciesResponse>, Error> {
        let paging = Paging::of(input.marker.as_deref(), input.max_items)?;
        let counts = Counts::all(cx.system, cx.account()).await?;
        let scope = input.scope.as_deref().unwrap_or("All");
        let mut all = if scope == "AWS" { Vec::new() } else { own(cx).await? };
        if scope != "Local" {
            all.extend(managed::all().iter().map(Managed::Aws));
        }
        all.retain(|policy| keeps(&input, policy, &counts));
        let page = paging.list(all, Managed::arn);
        let is_truncated = page.is_truncated();
        let policies = page.items.iter().map(|policy| policy.listed(&counts)).collect();
        Ok(ListPoliciesResponse { policies, is_truncated, marker: page.marker }.into())
    }
}

async fn own(cx: &Cx<'_>) -> Result<Vec<Managed>, Error> {
    let stored = cx.system.store.scan(&key::policies(cx.account()), usize::MAX).await?;
    let read = |(_, stored)| Ok(Managed::Own(Arc::new(ManagedPolicy::decode(&stored)?)));
    stored.into_iter().map(read).collect()
}

fn keeps(input: &ListPoliciesRequest, policy: &Managed, counts: &Counts) -> bool {
    let (attached, boundary) = (counts.attached(&policy.arn()), counts.boundary(&policy.arn()));
    let used = match input.policy_usage_filter.as_deref() {
        Some("PermissionsPolicy") => attached > 0,
        Some("PermissionsBoundary") => boundary > 0,
        _ => attached + boundary > 0,
    };
    let wants_used = input.only_attached == Some(true) || input.policy_usage_filter.is_some();
    path::has_prefix(policy.path(), input.path_prefix.as_deref()) && (used || !wants_used)
}
