//! Permission: an operation's targets against the policies that apply, and nothing else decides.

use super::cx::Cx;
use crate::context;
use crate::error::{Denial, Error, sts};
use crate::layers::Gathered;
use crate::target::{Target, Targets};
use rolecall_policy::{Context, Value, Verdict, decide};
use rolecall_wire::Service;

/// Decides every target. All of `all` must be allowed; the outcomes of `each` are left in `granted`.
///
/// # Errors
/// The refusal in AWS's words, or a failure to decide, which refuses as well.
pub(super) async fn authorize(cx: &mut Cx<'_>, targets: Targets) -> Result<(), Error> {
    if targets.all.is_empty() && targets.each.is_empty() {
        return Ok(());
    }
    let gathered = Gathered::of(cx.system, &cx.caller).await?;
    let global = match cx.federated.get() {
        Some(federated) => context::federated(&cx.connection(), federated, cx.now),
        None => context::global(&cx.connection(), &cx.caller, cx.now),
    };
    for target in &targets.all {
        let verdict = verdict(cx, &gathered, &global, target)?;
        if !verdict.is_allowed() {
            return Err(denial(cx, target, &verdict));
        }
    }
    for target in &targets.each {
        let verdict = verdict(cx, &gathered, &global, target)?;
        let outcome = if verdict.is_allowed() { Ok(()) } else { Err(denial(cx, target, &verdict)) };
        cx.granted.push(outcome);
    }
    Ok(())
}

fn verdict(cx: &Cx<'_>, gathered: &Gathered, global: &Context, target: &Target) -> Result<Verdict, Error> {
    let owner = owner(cx, target);
    let mut context = global.clone();
    context.set("aws:ResourceAccount", owner);
    if cx.row.service == Service::S3 {
        context::s3::fill(&mut context, &cx.request, cx.verified.as_ref(), owner);
    }
    for (key, value) in target.keys.iter() {
        match value {
            Value::One(one) => context.set(key, one.as_str()),
            Value::Many(many) => context.set_many(key, many.clone()),
        }
    }
    let layers = gathered.layers(&target.policy)?;
    let question = rolecall_policy::Request {
        principal: cx.principal(),
        action: target.action,
        resource: &target.resource,
        resource_account: owner,
        context: &context,
    };
    Ok(decide(&question, &layers))
}

fn denial(cx: &Cx<'_>, target: &Target, verdict: &Verdict) -> Error {
    if cx.federated.get().is_some() {
        return sts::not_authorized(cx.row.name);
    }
    let denial = Denial {
        service: cx.row.service,
        principal: cx.principal(),
        action: target.action,
        resource: (!EVERYTHING.contains(&target.resource.as_str())).then_some(target.resource.as_str()),
        owner: owner(cx, target),
        verdict,
    };
    denial.error()
}

fn owner<'a>(cx: &'a Cx<'_>, target: &'a Target) -> &'a str {
    if target.owner.is_empty() { cx.account().as_str() } else { &target.owner }
}

/// Resources that messages leave out: the action has none.
const EVERYTHING: [&str; 2] = ["*", "arn:aws:s3:::*"];
