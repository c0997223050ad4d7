//! `DecodeAuthorizationMessage`: what an encoded denial says (STS API Reference).

use crate::decisions::message;
use crate::error::{Error, sts};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::target::Targets;
use rolecall_wire::sts::{DecodeAuthorizationMessageRequest, DecodeAuthorizationMessageResponse, op};

impl Serve for op::DecodeAuthorizationMessage {
    type Seen = ();

    async fn targets(_cx: &Cx<'_>, _input: &DecodeAuthorizationMessageRequest) -> Result<Targets, Error> {
        Ok(Targets::on("sts:DecodeAuthorizationMessage", "*"))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: DecodeAuthorizationMessageRequest,
        _: Granted<()>,
    ) -> Result<Reply<DecodeAuthorizationMessageResponse>, Error> {
        let account = cx.account().as_str();
        let decoded = message::decode(&cx.system.keys, &input.encoded_message, account, cx.now);
        let text = decoded.ok_or_else(sts::invalid_authorization_message)?;
        Ok(DecodeAuthorizationMessageResponse { decoded_message: Some(text) }.into())
    }
}
