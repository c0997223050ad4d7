//! `ListRefusals`: the requests that were refused of late, of all accounts: it is for whoever runs the installation.

use crate::decisions;
use crate::error::Error;
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::target::Targets;
use rolecall_wire::rolecall::{ListRefusalsRequest, ListRefusalsResponse, Refusal, op};

impl Serve for op::ListRefusals {
    type Seen = ();

    async fn targets(_cx: &Cx<'_>, _input: &ListRefusalsRequest) -> Result<Targets, Error> {
        Ok(Targets::on("rolecall:ListRefusals", "*"))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: ListRefusalsRequest,
        _: Granted<()>,
    ) -> Result<Reply<ListRefusalsResponse>, Error> {
        let number = |n: i64| usize::try_from(n).ok();
        let most = input.max_items.and_then(number).unwrap_or(PAGE);
        let wanted = decisions::Wanted {
            after: input.after.and_then(|n| u64::try_from(n).ok()).unwrap_or_default(),
            since: input.since,
            caller: input.user_name.as_deref(),
            operation: input.operation.as_deref(),
            all: input.all.unwrap_or(false),
            last: input.last.and_then(number),
            most,
        };
        let system = cx.system;
        let (found, next) = system.decisions.refusals(&system.settings.keeping, &wanted, cx.now);
        let is_truncated = Some(found.len() == most);
        let refusals = found.iter().map(|refusal| told(refusal)).collect();
        Ok(ListRefusalsResponse { refusals, next: signed(next), is_truncated }.into())
    }
}

fn told(refusal: &decisions::Refusal) -> Refusal {
    Refusal {
        sequence: signed(refusal.sequence),
        request_id: refusal.request_id.to_string(),
        time: refusal.at,
        operation: refusal.asked(),
        status_code: refusal.status.into(),
        code: refusal.code.to_owned(),
        message: refusal.message.clone(),
        stage: refusal.stage.words().to_owned(),
        cause: refusal.cause.clone(),
        caller: refusal.caller.clone(),
        access_key_id: refusal.access_key_id.clone(),
        address: refusal.address.clone(),
    }
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

const PAGE: usize = 100;
