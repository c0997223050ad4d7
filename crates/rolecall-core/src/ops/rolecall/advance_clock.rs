//! `AdvanceClock`: moves a test clock forward. A server on the machine's clock refuses.

use crate::error::Error;
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::target::Targets;
use rolecall_wire::error::common::INVALID_PARAMETER_COMBINATION;
use rolecall_wire::rolecall::{AdvanceClockRequest, AdvanceClockResponse, op};

impl Serve for op::AdvanceClock {
    type Seen = ();

    async fn targets(_cx: &Cx<'_>, _input: &AdvanceClockRequest) -> Result<Targets, Error> {
        Ok(Targets::on("rolecall:AdvanceClock", "*"))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: AdvanceClockRequest,
        _: Granted<()>,
    ) -> Result<Reply<AdvanceClockResponse>, Error> {
        if !cx.system.clock.advance(input.seconds) {
            return Err(Error::api(
                INVALID_PARAMETER_COMBINATION,
                "This server runs on the machine's clock; only `rolecall dev --test-clock` can advance it.",
            ));
        }
        Ok(AdvanceClockResponse { now: cx.system.clock.now() }.into())
    }
}
