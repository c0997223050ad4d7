//! `GetMetrics`: the server's counters in the OpenMetrics text format.

use crate::error::Error;
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::target::Targets;
use rolecall_wire::operation::Nothing;
use rolecall_wire::rolecall::{GetMetricsResponse, op};

impl Serve for op::GetMetrics {
    type Seen = ();

    async fn targets(_cx: &Cx<'_>, _input: &Nothing) -> Result<Targets, Error> {
        Ok(Targets::on("rolecall:GetMetrics", "*"))
    }

    async fn run(
        cx: &mut Cx<'_>,
        _input: Nothing,
        _: Granted<()>,
    ) -> Result<Reply<GetMetricsResponse>, Error> {
        Ok(GetMetricsResponse { text: crate::metrics::text(cx.system) }.into())
    }
}
