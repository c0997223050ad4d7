//! `rolecall policy`: policies checked, asked, tested and compared by file, without a server.

mod check;
mod diff;
mod expectations;
mod junit;
mod known;
mod principal;
mod simulate;
mod subject;
mod test;

use anyhow::Result;
use clap::ValueEnum;
use rolecall_policy::Kind;
use std::process::ExitCode;

/// `rolecall policy`.
#[derive(Debug, clap::Subcommand)]
#[command(after_help = EXIT_CODES)]
pub(super) enum Policy {
    /// Tell what is wrong with policies, or could be better
    Check(check::Check),
    /// Ask what policies would decide
    Simulate(Box<simulate::Simulate>),
    /// Hold policies to a file of expectations: lines of `may` and `may-not`
    Test(test::Test),
    /// Show which access an edit of a policy adds and removes, each with a request that shows it
    Diff(diff::Diff),
}

/// What a policy is used as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum PolicyKind {
    /// Attached to a user, group or role.
    Identity,
    /// A permissions boundary.
    Boundary,
    /// Passed when a session is made.
    Session,
    /// A bucket's.
    Bucket,
    /// A role's trust policy.
    Trust,
    /// A service control policy.
    Scp,
    /// A resource control policy.
    Rcp,
}

impl Policy {
    pub(super) fn run(self) -> Result<ExitCode> {
        match self {
            Self::Check(check) => check.run(),
            Self::Simulate(simulate) => simulate.run(),
            Self::Test(test) => test.run(),
            Self::Diff(diff) => diff.run(),
        }
    }
}

impl From<PolicyKind> for Kind {
    fn from(kind: PolicyKind) -> Self {
        match kind {
            PolicyKind::Identity => Self::Identity,
            PolicyKind::Boundary => Self::Boundary,
            PolicyKind::Session => Self::Session,
            PolicyKind::Bucket => Self::Bucket,
            PolicyKind::Trust => Self::Trust,
            PolicyKind::Scp => Self::ServiceControl,
            PolicyKind::Rcp => Self::ResourceControl,
        }
    }
}

const EXIT_CODES: &str = "Exit codes: 0 the answer is yes, or there is nothing to tell; 3 it is no: a denial, a \
                          broken expectation, a difference, an error or security finding; 1 it failed, and \
                          stderr says why; 2 the arguments are wrong.";
