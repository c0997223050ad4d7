//! Permission: an operation's targets against the policies that apply, and nothing else decides.

use super::cx::Cx;
use super::granted::Granted;
use crate::context;
use crate::decisions::{Asked, Recorded, authorization_id};
use crate::error::{Denial, Error, sts};
use crate::layers::{Applied, Gathered};
use crate::target::{Target, Targets};
use rolecall_policy::{Context, Key, Verdict, decide, explain};
use rolecall_wire::Service;
use std::cell::LazyCell;
use std::ops::Deref;

/// Decides every target. All of `all` must be allowed; the permission holds the outcomes of `each` and `aside`,
/// and what they were decided on.
///
/// # Errors
/// The refusal in AWS's words, or a failure to decide, which refuses as well.
pub(super) async fn authorize<Seen>(cx: &mut Cx<'_>, targets: Targets<Seen>) -> Result<Granted<Seen>, Error> {
    let (targets, seen) = targets.split();
    let Outcomes { each, aside } = outcomes(cx, targets).await?;
    Ok(Granted::new(seen, each, aside))
}

#[derive(Default)]
struct Outcomes {
    each: Vec<Outcome>,
    aside: Vec<bool>,
}

async fn outcomes(cx: &mut Cx<'_>, targets: Targets) -> Result<Outcomes, Error> {
    if targets.all.is_empty() && targets.each.is_empty() && targets.aside.is_empty() {
        return Ok(Outcomes::default());
    }
    let mut gathered = Gathered::of(cx.system, &cx.caller).await?;
    for target in targets.all.iter().chain(&targets.each).chain(&targets.aside) {
        gathered.owner(cx.system, &cx.caller, owner(cx, target)).await?;
    }
    let outcome = decided(cx, &gathered, &targets);
    if let (Ok(_), Service::S3, Some(target)) = (&outcome, cx.row.service, targets.all.first()) {
        cx.recipient = owner(cx, target).parse().ok();
    }
    if is_to_keep(cx, &outcome) {
        keep(cx, gathered, targets, outcome.is_ok());
    }
    outcome
}

/// What is told of `each` and `aside`, when all of `all` are allowed.
fn decided(cx: &Cx<'_>, gathered: &Gathered, targets: &Targets) -> Result<Outcomes, Error> {
    let global = LazyCell::new(|| global(cx, gathered));
    for target in &targets.all {
        permission(cx, gathered, &global, target)??;
    }
    let each = targets.each.iter().map(|target| permission(cx, gathered, &global, target));
    let each = each.collect::<Result<_, _>>()?;
    let aside = targets.aside.iter().map(|target| allows(cx, gathered, &global, target));
    Ok(Outcomes { each, aside: aside.collect::<Result<_, _>>()? })
}

type Outcome = Result<(), Error>;

fn is_to_keep(cx: &Cx<'_>, outcome: &Result<Outcomes, Error>) -> bool {
    match outcome {
        Err(Error::Internal(_)) => false,
        Err(_) => true,
        Ok(outcomes) => outcomes.each.iter().any(Result::is_err) || cx.system.settings.keeping.allowed,
    }
}

/// Keeps the decision to be explained: everything that was decided on, or on a refusal everything that
/// must be allowed.
fn keep(cx: &Cx<'_>, gathered: Gathered, targets: Targets, went_on: bool) {
    let global = global(cx, &gathered);
    let each = if went_on { targets.each } else { Vec::new() };
    let asked = targets.all.into_iter().chain(each).map(|target| {
        let context = context_of(cx, &gathered, &global, &target).detached();
        Asked { owner: owner(cx, &target).to_owned(), context, target }
    });
    let asked = asked.collect();
    let context = global.detached();
    let recorded = Recorded {
        request_id: cx.request_id,
        at: cx.now,
        service: cx.row.service,
        operation: cx.row.name,
        principal: cx.principal().clone(),
        asked,
        context,
        gathered,
    };
    cx.system.decisions.keep(&cx.system.settings.keeping, recorded);
}

/// Decides one target. The outer error is a failure to decide. Condition keys are gathered when a policy names
/// some, or a denial is explained.
fn permission<'a>(
    cx: &'a Cx<'_>,
    gathered: &'a Gathered,
    global: &impl Deref<Target = Context<'a>>,
    target: &Target,
) -> Result<Outcome, Error> {
    let layers = gathered.layers(target, owner(cx, target))?;
    if is_allowed(cx, gathered, &layers, global, target) {
        return Ok(Ok(()));
    }
    let keys = context_of(cx, gathered, global, target);
    let verdict = layers.ask(|layers| explain(&question(cx, target, &keys), layers));
    cx.system.metrics.denied(cx.row.service, verdict.because);
    Ok(Err(denial(cx, target, &verdict)))
}

/// Decides one target that nobody will ask about.
fn allows<'a>(
    cx: &'a Cx<'_>,
    gathered: &'a Gathered,
    global: &impl Deref<Target = Context<'a>>,
    target: &Target,
) -> Result<bool, Error> {
    Ok(is_allowed(cx, gathered, &gathered.layers(target, owner(cx, target))?, global, target))
}

fn is_allowed<'a>(
    cx: &'a Cx<'_>,
    gathered: &'a Gathered,
    layers: &Applied<'_>,
    global: &impl Deref<Target = Context<'a>>,
    target: &Target,
) -> bool {
    let keys = || context_of(cx, gathered, global, target);
    let context = if layers.ask(|layers| layers.read_keys()) { keys() } else { Context::new() };
    layers.ask(|layers| decide(&question(cx, target, &context), layers)).is_allowed()
}

fn question<'a>(
    cx: &'a Cx<'_>,
    target: &'a Target,
    context: &'a Context<'_>,
) -> rolecall_policy::Request<'a> {
    rolecall_policy::Request {
        principal: cx.principal(),
        action: target.action,
        resource: &target.resource,
        resource_account: owner(cx, target),
        context,
    }
}

/// The condition keys of the request.
fn global<'a>(cx: &'a Cx<'_>, gathered: &'a Gathered) -> Context<'a> {
    let mut global = match &cx.federated {
        Some(federated) => context::federated(&cx.connection(), federated, cx.now),
        None => context::global(&cx.connection(), &cx.caller, cx.now),
    };
    context::organization(&mut global, gathered.place.as_ref(), context::Side::Principal);
    global
}

/// The request's condition keys with those of one target.
fn context_of<'a>(
    cx: &'a Cx<'_>,
    gathered: &'a Gathered,
    global: &'a Context<'a>,
    target: &'a Target,
) -> Context<'a> {
    let owner = owner(cx, target);
    let mut context = Context::over(global);
    context.set(const { Key::new("aws:ResourceAccount") }, owner);
    let place = gathered.owned(owner).and_then(|owner| owner.place.as_ref());
    context::organization(&mut context, place, context::Side::Resource);
    if cx.row.service == Service::S3 {
        context::s3::fill(&mut context, &cx.request, cx.verified.as_ref(), owner);
    }
    context.extend(&target.keys);
    context
}

fn denial(cx: &Cx<'_>, target: &Target, verdict: &Verdict) -> Error {
    if cx.federated.is_some() {
        return sts::not_authorized(cx.row.name);
    }
    let denial = Denial {
        service: cx.row.service,
        principal: cx.principal(),
        action: target.action,
        resource: (!EVERYTHING.contains(&target.resource.as_str())).then_some(target.resource.as_str()),
        owner: owner(cx, target),
        verdict,
        authorization: cx.system.settings.keeping.in_messages.then(|| authorization_id(&cx.request_id)),
    };
    denial.error()
}

/// What is administered is the installation, and that is its own account's: nobody of another account has
/// a right to it, its root user included. Sessions are their account's.
fn owner<'a>(cx: &'a Cx<'_>, target: &'a Target) -> &'a str {
    match cx.row.service {
        _ if !target.owner.is_empty() => &target.owner,
        Service::Rolecall => cx.system.settings.account.as_str(),
        _ => cx.account().as_str(),
    }
}

/// Resources that messages leave out: the action has none.
const EVERYTHING: [&str; 2] = ["*", "arn:aws:s3:::*"];
