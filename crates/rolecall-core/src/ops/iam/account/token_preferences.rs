//! `SetSecurityTokenServicePreferences`: which tokens the global endpoint gives. On AWS those of version 1 do not
//! work in regions that an account has to opt in to; here every token works whatever region a request is signed
//! for, so the preference is kept and shown, and changes no token.

use crate::error::Error;
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::records::key;
use crate::target::Targets;
use rolecall_wire::iam::{SetSecurityTokenServicePreferencesRequest, op};
use rolecall_wire::operation::Nothing;

impl Serve for op::SetSecurityTokenServicePreferences {
    type Seen = ();

    async fn targets(
        _cx: &Cx<'_>,
        _input: &SetSecurityTokenServicePreferencesRequest,
    ) -> Result<Targets<()>, Error> {
        Ok(Targets::on("iam:SetSecurityTokenServicePreferences", "*"))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: SetSecurityTokenServicePreferencesRequest,
        granted: Granted<()>,
    ) -> Result<Reply<Nothing>, Error> {
        let key = key::version_two_tokens(cx.account());
        let mut txn = granted.begin(cx);
        match input.global_endpoint_token_version.as_str() {
            "v2Token" => txn.put(key, vec![1]),
            _ => txn.delete(key),
        }
        txn.commit().await?;
        Ok(Nothing.into())
    }
}

/// 1 or 2, as `GetAccountSummary` shows it.
///
/// # Errors
/// When the store fails.
pub(in crate::ops::iam) async fn global_endpoint_token_version(cx: &Cx<'_>) -> Result<i64, Error> {
    let is_two = cx.system.store.get(&key::version_two_tokens(cx.account())).await?.is_some();
    Ok(if is_two { 2 } else { 1 })
}
