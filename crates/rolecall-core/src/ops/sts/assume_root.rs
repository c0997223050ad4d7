//! `AssumeRoot`: a short session as a member account's root user, for the management account or the
//! delegated administrator of IAM, and for one task only (IAM User Guide, Centrally manage root access for
//! member accounts).

use crate::caller::Who;
use crate::error::{Error, sts};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::id::AccountId;
use crate::organizations::{self, Place, TRUSTED};
use crate::session::{self, Session, SessionPolicy, Subject};
use crate::target::{Target, Targets};
use rolecall_wire::sts::{AssumeRootRequest, AssumeRootResponse, op};

impl Serve for op::AssumeRoot {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &AssumeRootRequest) -> Result<Targets, Error> {
        let account = target_account(&input.target_principal)?;
        let task = task(input)?;
        cx.identity()?;
        let target = Target::new("sts:AssumeRoot", account.root_arn()).with("sts:TaskPolicyArn", task);
        Ok(Targets::one(target))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: AssumeRootRequest,
        _: Granted<()>,
    ) -> Result<Reply<AssumeRootResponse>, Error> {
        let account = target_account(&input.target_principal)?;
        check_right(cx, &account).await?;
        let identity = cx.identity()?;
        let source_identity = identity.claims().and_then(|session| session.source_identity.clone());
        let session = Session {
            policies: vec![SessionPolicy::Managed(task(&input)?.to_owned())],
            source_identity: source_identity.clone(),
            ..session::begin(
                account.clone(),
                Subject::Root,
                cx.now,
                input.duration_seconds.unwrap_or(LONGEST).max(1),
            )?
        };
        let minted = cx.issue(session, input.minimum_session_token_size)?;
        cx.about_account(&account);
        Ok(AssumeRootResponse {
            session_token_size: minted.token_size(),
            session_token_utilization: minted.token_utilization(),
            credentials: Some(minted.into()),
            source_identity,
        }
        .into())
    }
}

/// The account, given by its id or by its root user's ARN.
fn target_account(text: &str) -> Result<AccountId, Error> {
    let of_arn = || text.strip_prefix("arn:aws:iam::")?.strip_suffix(":root");
    of_arn().unwrap_or(text).parse().map_err(|_| sts::invalid_arn(text))
}

/// The task asked for, which is one of AWS's.
fn task(input: &AssumeRootRequest) -> Result<&str, Error> {
    let arn = input.task_policy_arn.arn.as_deref().unwrap_or_default();
    let name = arn.strip_prefix("arn:aws:iam::aws:policy/root-task/");
    name.filter(|name| TASKS.contains(name)).map(|_| arn).ok_or_else(|| sts::invalid_arn(arn))
}

/// Root sessions are for organizations that have them enabled, over their members. Whatever is missing
/// sounds alike.
async fn check_right(cx: &Cx<'_>, account: &AccountId) -> Result<(), Error> {
    let identity = cx.identity()?;
    let refused = || sts::not_authorized_on(&identity.principal.arn, cx.row.name, &account.root_arn());
    let caller = Place::of(cx.system, &identity.account).await?;
    let caller = caller.ok_or_else(|| refused().because("The caller's account is in no organization."))?;
    let organization = &caller.organization;
    let may = caller.is_management() || organization.is_delegated(&identity.account, TRUSTED);
    let enabled = organization.features.iter().any(|feature| feature == organizations::ROOT_SESSIONS);
    let target = Place::of(cx.system, account).await?;
    let is_member = |place: &Place| {
        place.organization.id == organization.id && !place.is_management() && !place.account.is_closed()
    };
    let is_root = matches!(identity.who, Who::Root);
    let missing = [
        (is_root, "A root user cannot call AssumeRoot: call it as a user or role of the management account."),
        (!may, "The caller's account is neither the management account nor IAM's delegated administrator."),
        (!enabled, "Root sessions are not enabled: aws iam enable-organizations-root-sessions."),
        (
            !target.as_ref().is_some_and(is_member),
            "The account is no open member of the caller's organization.",
        ),
    ];
    match missing.iter().find(|(is_missing, _)| *is_missing) {
        None => Ok(()),
        Some((_, cause)) => Err(refused().because(*cause)),
    }
}

/// The tasks, by the names of their policies.
const TASKS: [&str; 5] = [
    "IAMAuditRootUserCredentials",
    "IAMCreateRootUserPassword",
    "IAMDeleteRootUserCredentials",
    "S3UnlockBucketPolicy",
    "SQSUnlockQueuePolicy",
];
/// The longest and usual duration, in seconds.
const LONGEST: i64 = 900;
