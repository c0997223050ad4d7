//! `GetRequestAuthorizationDetails`: the question of a denied request, and what each policy said to it.

use super::{decision, words};
use crate::decisions::{Asked, Recorded};
use crate::error::{Error, toolbox};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::target::Targets;
use rolecall_wire::iam_toolbox::{
    Check, Evaluation, GetRequestAuthorizationDetailsInput, GetRequestAuthorizationDetailsOutput, op,
};

impl Serve for op::GetRequestAuthorizationDetails {
    type Seen = ();

    async fn targets(_cx: &Cx<'_>, _input: &GetRequestAuthorizationDetailsInput) -> Result<Targets, Error> {
        Ok(Targets::on("iam:GetRequestAuthorizationDetails", "*"))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: GetRequestAuthorizationDetailsInput,
        _: Granted<()>,
    ) -> Result<Reply<GetRequestAuthorizationDetailsOutput>, Error> {
        let recorded = decision(cx, &input.authorization_id).await?;
        let from = match input.next_token.as_deref() {
            None => 0,
            Some(token) => token.parse::<usize>().map_err(|_| toolbox::invalid_token())?,
        };
        let page = recorded.asked.iter().skip(from).take(PAGE);
        let more = recorded.asked.len() > from.saturating_add(PAGE);
        let output = GetRequestAuthorizationDetailsOutput {
            request_context: words::context(&recorded.context),
            evaluations: page.map(|asked| evaluation(&recorded, asked)).collect::<Result<_, _>>()?,
            policies: recorded.policies().iter().map(words::policy).collect(),
            next_token: more.then(|| from.saturating_add(PAGE).to_string()),
        };
        Ok(output.into())
    }
}

fn evaluation(recorded: &Recorded, asked: &Asked) -> Result<Evaluation, Error> {
    let verdict = recorded.verdict(asked)?;
    let checks = recorded.checks(asked, &verdict).into_iter().map(|found| {
        let of_layer = || verdict.matched.iter().filter(|m| m.layer == found.layer);
        Check {
            check_type: words::check_type(found.layer).to_owned(),
            evaluated_effect: words::effect(found.effect).to_owned(),
            target_arn: None,
            relevant_policy_types: vec![words::policy_type(found.layer).to_owned()],
            matched_policies: words::matched(recorded, asked, of_layer()),
        }
    });
    Ok(Evaluation {
        action: asked.target.action.to_owned(),
        resource: asked.target.resource.clone(),
        context: words::context(&asked.context),
        evaluated_effect: Some(words::decision(verdict.decision).to_owned()),
        matched_policies: words::matched(recorded, asked, verdict.matched.iter()),
        checks: checks.collect(),
    })
}

/// Evaluations on a page.
const PAGE: usize = 100;
