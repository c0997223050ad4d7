//! Our own administration operations.

mod accounts;
mod advance_clock;
mod explain_request;
mod get_metrics;
mod get_server_info;
mod keys;
mod list_refusals;
mod revoke_sessions;
mod sessions;
mod standing;

use crate::gate::Handler;
use rolecall_wire::rolecall::op;

pub(super) static HANDLERS: &[Handler] = &[
    Handler::of::<op::AdvanceClock>(),
    Handler::of::<op::CloseAccount>(),
    Handler::of::<op::CreateAccount>(),
    Handler::of::<op::DescribeAccount>(),
    Handler::of::<op::ExplainRequest>(),
    Handler::of::<op::GetMetrics>(),
    Handler::of::<op::GetServerInfo>(),
    Handler::of::<op::GetSession>(),
    Handler::of::<op::ListAccounts>(),
    Handler::of::<op::ListKeys>(),
    Handler::of::<op::ListRefusals>(),
    Handler::of::<op::ListSessions>(),
    Handler::of::<op::RemoveKey>(),
    Handler::of::<op::RevokeSessions>(),
    Handler::of::<op::RotateKeys>(),
];

#[cfg(test)]
mod refusal_tests;
#[cfg(test)]
mod session_tests;
#[cfg(test)]
mod tests;
