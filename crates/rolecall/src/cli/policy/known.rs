//! Questions that cannot be meant as they are written are refused, with what was probably meant.

use super::subject::Keys;
use anyhow::{Result, bail};
use rolecall_policy::catalogue::{closest, spelling};
use rolecall_wire::{Service, operation};

/// How far a question may go beyond what is known of AWS.
#[derive(Debug, Clone, Copy, Default, clap::Args)]
pub(super) struct Known {
    /// Take actions and condition keys that no list of AWS's has: new ones, or a system's own
    #[arg(long)]
    pub allow_unknown: bool,
}

impl Known {
    /// Refuses an action that is misspelt, and a resource that is none.
    ///
    /// # Errors
    /// What is wrong, and what was probably meant.
    pub(super) fn check(self, action: &str, resource: &str) -> Result<()> {
        if let Some(doubt) = self.doubt(action) {
            bail!("{doubt}{HINT}");
        }
        if resource != "*" && rolecall_policy::Arn::parse(resource).is_none() {
            bail!("'{resource}' is no resource: give an ARN, or * for actions that have none");
        }
        Ok(())
    }

    /// Refuses condition keys that are misspelt, and values that they cannot have.
    ///
    /// # Errors
    /// As [`Known::check`].
    pub(super) fn check_keys(self, keys: &Keys) -> Result<()> {
        for (key, values) in keys {
            if let Some(doubt) = spelling::doubt_key(key).filter(|_| !self.allow_unknown) {
                bail!("{doubt}{HINT}");
            }
            if let Some(doubt) = spelling::doubt_values(key, values) {
                bail!("{doubt}");
            }
        }
        Ok(())
    }

    fn doubt(self, action: &str) -> Option<String> {
        match action.split_once(':') {
            _ if self.allow_unknown => None,
            // Our own actions are in no list of AWS's.
            Some((prefix, name)) if prefix.eq_ignore_ascii_case(Service::Rolecall.prefix()) => own(name),
            _ => spelling::doubt_action(action),
        }
    }
}

fn own(name: &str) -> Option<String> {
    let mut names = operation::rows(Service::Rolecall).iter().map(|row| row.name);
    if names.clone().any(|known| known.eq_ignore_ascii_case(name)) {
        return None;
    }
    let meant = names.by_ref();
    let meant = closest(name, meant).map(|known| format!(" Did you mean rolecall:{known}?"));
    Some(format!("no action 'rolecall:{name}' is known.{}", meant.unwrap_or_default()))
}

const HINT: &str = " If it is right, say --allow-unknown.";
