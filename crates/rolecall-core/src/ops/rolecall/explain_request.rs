//! `ExplainRequest`: how a request was decided or why it was refused before that, by its request id or
//! authorization id. It is for whoever runs the installation, so it tells of requests of all accounts.

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
        let (decisions, keeping) = (&cx.system.decisions, &cx.system.settings.keeping);
        let decided = decisions.find(keeping, &input.request_id, cx.now);
        let refused = decisions.refusal(keeping, &input.request_id, cx.now);
        let (mut explanation, encoded_message) = match (&decided, &refused) {
            (Some(recorded), _) => (recorded.explanation()?, recorded.encoded(&cx.system.keys)?),
            (None, Some(refusal)) => (refusal.explanation(), None),
            (None, None) => return Err(rolecall::no_such_decision(&input.request_id)),
        };
        if let (Some(refusal), Some(members)) = (refused, explanation.as_object_mut()) {
            members.insert("refusal".to_owned(), refusal.told());
        }
        Ok(ExplainRequestResponse { explanation: explanation.to_string(), encoded_message }.into())
    }
}
