//! `ExplainRequest`: how a request was decided, by its request id or authorization id. It is for whoever
//! runs the installation, so it tells of requests of all accounts.

use crate::error::{Error, rolecall};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::target::Targets;
use rolecall_wire::rolecall::{ExplainRequestRequest, ExplainRequestResponse, op};

impl Serve for op::ExplainRequest {
    type Seen = ();

    async fn targets(_cx: &Cx<'_>, _input: &ExplainRequestRequest) -> Result<Targets, Error> {
        Ok(Targets::on("rolecall:ExplainRequest", "*"))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: ExplainRequestRequest,
        _: Granted<()>,
    ) -> Result<Reply<ExplainRequestResponse>, Error> {
        let found = cx.system.decisions.find(&cx.system.settings.keeping, &input.request_id, cx.now);
        let recorded = found.ok_or_else(|| rolecall::no_such_decision(&input.request_id))?;
        let response = ExplainRequestResponse {
            explanation: recorded.explanation()?.to_string(),
            encoded_message: recorded.encoded(&cx.system.keys)?,
        };
        Ok(response.into())
    }
}
