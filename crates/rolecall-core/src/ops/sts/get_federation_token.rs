//! `GetFederationToken`: temporary credentials under a name of the caller's choosing, with at most what the
//! calling user may do. Only long-term credentials can ask.

use super::get_session_token::{ROOT_MOST, USER_DEFAULT, long_term_user};
use super::session_policy;
use super::session_tags::SessionTags;
use crate::caller::federated_user_arn;
use crate::error::Error;
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::session::{self, Issuer, Session, Subject};
use crate::target::{Target, Targets};
use rolecall_wire::sts::{FederatedUser, GetFederationTokenRequest, GetFederationTokenResponse, op};

impl Serve for op::GetFederationToken {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &GetFederationTokenRequest) -> Result<Targets, Error> {
        let identity = cx.identity()?;
        long_term_user(identity, cx.row.name)?;
        let tags = SessionTags::plain(&input.tags)?;
        let arn = federated_user_arn(&identity.account, &input.name);
        let base = Target::new("sts:GetFederationToken", arn).with_request_tags(&tags.sent);
        let tagging = Target { action: "sts:TagSession", ..base.clone() };
        let targets = Targets::one(base);
        Ok(if tags.sent.is_empty() { targets } else { targets.and(tagging) })
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: GetFederationTokenRequest,
        _: Granted<()>,
    ) -> Result<Reply<GetFederationTokenResponse>, Error> {
        let identity = cx.identity()?;
        let account = identity.account.clone();
        let tags = SessionTags::plain(&input.tags)?;
        let policies =
            session_policy::read(cx.system, &account, input.policy.as_deref(), &input.policy_arns).await?;
        let packed_policy_size = session_policy::packed_size(&policies, &tags)?.or(Some(0));
        let (issuer, duration) = match long_term_user(identity, cx.row.name)? {
            Some(user) => {
                let issuer = Issuer::User { name: user.name.clone(), id: user.id.clone() };
                (issuer, input.duration_seconds.unwrap_or(USER_DEFAULT))
            }
            None => (Issuer::Root, input.duration_seconds.unwrap_or(ROOT_MOST).min(ROOT_MOST)),
        };
        let subject = Subject::FederatedUser { name: input.name.clone(), issuer };
        let fresh = session::begin(account, subject, cx.now, duration)?;
        let session = Session { tags: tags.all, policies, ..fresh };
        let minted = cx.issue(session, input.minimum_session_token_size)?;
        Ok(GetFederationTokenResponse {
            session_token_size: minted.token_size(),
            session_token_utilization: minted.token_utilization(),
            credentials: Some(minted.into()),
            federated_user: Some(FederatedUser {
                federated_user_id: format!("{}:{}", cx.account(), input.name),
                arn: federated_user_arn(cx.account(), &input.name),
            }),
            packed_policy_size,
        }
        .into())
    }
}
