//! Our own administration operations.

mod accounts;
mod advance_clock;
mod get_metrics;
mod get_server_info;

use crate::gate::Handler;
use rolecall_wire::rolecall::op;

pub(super) static HANDLERS: &[Handler] = &[
    Handler::of::<op::AdvanceClock>(),
    Handler::of::<op::CloseAccount>(),
    Handler::of::<op::CreateAccount>(),
    Handler::of::<op::DescribeAccount>(),
    Handler::of::<op::GetMetrics>(),
    Handler::of::<op::GetServerInfo>(),
    Handler::of::<op::ListAccounts>(),
];

#[cfg(test)]
mod tests;
