//! `GetAccessKeyInfo`: the account that an access key id encodes. It does not say whether the key exists.

use crate::error::{Error, sts::not_a_key_id};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::id::account_of_access_key;
use crate::target::Targets;
use rolecall_wire::sts::{GetAccessKeyInfoRequest, GetAccessKeyInfoResponse, op};

impl Serve for op::GetAccessKeyInfo {
    type Seen = ();

    async fn targets(_cx: &Cx<'_>, _input: &GetAccessKeyInfoRequest) -> Result<Targets, Error> {
        Ok(Targets::on("sts:GetAccessKeyInfo", "*"))
    }

    async fn run(
        _cx: &mut Cx<'_>,
        input: GetAccessKeyInfoRequest,
        _: Granted<()>,
    ) -> Result<Reply<GetAccessKeyInfoResponse>, Error> {
        let account = account_of_access_key(&input.access_key_id);
        let account = account.ok_or_else(|| not_a_key_id(&input.access_key_id))?;
        Ok(GetAccessKeyInfoResponse { account: Some(account.to_string()) }.into())
    }
}
