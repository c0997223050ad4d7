//! The policy simulator: `SimulateCustomPolicy`, `SimulatePrincipalPolicy`, and the condition keys that
//! policies name (IAM API Reference). It asks the engine that decides about requests.

mod answer;
mod caller;
mod engine;
mod entries;
mod exclusion;
mod handling;
mod sources;

use crate::error::{Error, iam};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::target::Targets;
use caller::Acting;
use engine::{Run, Simulation};
use rolecall_wire::iam::{
    GetContextKeysForCustomPolicyRequest, GetContextKeysForPolicyResponse,
    GetContextKeysForPrincipalPolicyRequest, SimulateCustomPolicyRequest, SimulatePolicyResponse,
    SimulatePrincipalPolicyRequest, op,
};
use sources::{Source, Sources};

impl Serve for op::SimulateCustomPolicy {
    type Seen = ();

    async fn targets(_cx: &Cx<'_>, _input: &SimulateCustomPolicyRequest) -> Result<Targets, Error> {
        Ok(Targets::on("iam:SimulateCustomPolicy", "*"))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: SimulateCustomPolicyRequest,
        _: Granted<()>,
    ) -> Result<Reply<SimulatePolicyResponse>, Error> {
        let acting = Acting::named(cx, input.caller_arn.as_deref(), input.resource_policy.is_some()).await?;
        let mut sources = Sources::default();
        sources.input_policies(&input.policy_input_list)?;
        sources.boundary_input(&input.permissions_boundary_policy_input_list)?;
        sources.organization_input(&input.ordered_organization_policy_input_list)?;
        sources.resource_input(input.resource_policy.as_deref())?;
        let run = Run {
            actions: &input.action_names,
            resources: &input.resource_arns,
            owner: input.resource_owner.as_deref(),
            entries: &input.context_entries,
            handling: input.resource_handling_option.as_deref(),
        };
        let simulation = Simulation::new(acting, sources, &run)?;
        answer::page(&simulation, &run, input.marker.as_deref(), input.max_items).map(Reply::from)
    }
}

impl Serve for op::SimulatePrincipalPolicy {
    type Seen = ();

    async fn targets(_cx: &Cx<'_>, input: &SimulatePrincipalPolicyRequest) -> Result<Targets, Error> {
        Ok(Targets::on("iam:SimulatePrincipalPolicy", input.policy_source_arn.as_str()))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: SimulatePrincipalPolicyRequest,
        _: Granted<()>,
    ) -> Result<Reply<SimulatePolicyResponse>, Error> {
        let source = Source::load(cx, &input.policy_source_arn).await?;
        let acting = source.acting(cx, input.caller_arn.as_deref(), input.resource_policy.is_some()).await?;
        let mut gathered = source.gathered(cx).await?;
        exclusion::apply(&mut gathered, &input.policy_exclusion_list)?;
        let mut sources = Sources::default();
        sources.gathered(&gathered)?;
        sources.input_policies(&input.policy_input_list)?;
        sources.boundary_input(&input.permissions_boundary_policy_input_list)?;
        sources.resource_input(input.resource_policy.as_deref())?;
        let run = Run {
            actions: &input.action_names,
            resources: &input.resource_arns,
            owner: input.resource_owner.as_deref(),
            entries: &input.context_entries,
            handling: input.resource_handling_option.as_deref(),
        };
        let simulation = Simulation::new(acting, sources, &run)?;
        answer::page(&simulation, &run, input.marker.as_deref(), input.max_items).map(Reply::from)
    }
}

impl Serve for op::GetContextKeysForCustomPolicy {
    type Seen = ();

    async fn targets(_cx: &Cx<'_>, _input: &GetContextKeysForCustomPolicyRequest) -> Result<Targets, Error> {
        Ok(Targets::on("iam:GetContextKeysForCustomPolicy", "*"))
    }

    async fn run(
        _cx: &mut Cx<'_>,
        input: GetContextKeysForCustomPolicyRequest,
        _: Granted<()>,
    ) -> Result<Reply<GetContextKeysForPolicyResponse>, Error> {
        let mut sources = Sources::default();
        sources.input_policies(&input.policy_input_list)?;
        Ok(GetContextKeysForPolicyResponse { context_key_names: sources.context_keys() }.into())
    }
}

impl Serve for op::GetContextKeysForPrincipalPolicy {
    type Seen = ();

    async fn targets(
        _cx: &Cx<'_>,
        input: &GetContextKeysForPrincipalPolicyRequest,
    ) -> Result<Targets, Error> {
        Ok(Targets::on("iam:GetContextKeysForPrincipalPolicy", input.policy_source_arn.as_str()))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: GetContextKeysForPrincipalPolicyRequest,
        _: Granted<()>,
    ) -> Result<Reply<GetContextKeysForPolicyResponse>, Error> {
        let mut sources = Sources::default();
        sources.gathered(&Source::load(cx, &input.policy_source_arn).await?.gathered(cx).await?)?;
        sources.input_policies(&input.policy_input_list)?;
        Ok(GetContextKeysForPolicyResponse { context_key_names: sources.context_keys() }.into())
    }
}

/// An input that is not what it should be.
fn invalid(why: impl Into<String>) -> Error {
    iam::invalid_simulation(why.into())
}

#[cfg(test)]
mod tests;
