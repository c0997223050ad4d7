//! How many entities an account may hold (IAM User Guide, IAM quotas).

use crate::error::{Error, iam};
use crate::system::System;
use rolecall_store::Range;

/// What is counted, and the most there may be of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Quota {
    name: &'static str,
    most: usize,
}

pub(super) const USERS: Quota = Quota { name: "UsersPerAccount", most: 5000 };
pub(super) const ROLES: Quota = Quota { name: "RolesPerAccount", most: 1000 };
pub(super) const POLICIES: Quota = Quota { name: "PoliciesPerAccount", most: 1500 };
pub(super) const INSTANCE_PROFILES: Quota = Quota { name: "InstanceProfilesPerAccount", most: 1000 };
pub(super) const OIDC_PROVIDERS: Quota = Quota { name: "OpenIdConnectProvidersPerAccount", most: 100 };
pub(super) const SAML_PROVIDERS: Quota = Quota { name: "SAMLProvidersPerAccount", most: 100 };

impl Quota {
    /// The most there may be.
    pub(super) const fn most(self) -> usize {
        self.most
    }

    /// Refuses one more when `range` is full. Counted before the transaction, whose commit would otherwise
    /// depend on every entity of the account: creations at the same moment can pass the limit by a few.
    ///
    /// # Errors
    /// `LimitExceeded` when the quota is used up, or when the store fails.
    pub(super) async fn check(self, system: &System, range: &Range) -> Result<(), Error> {
        let held = system.store.scan(range, self.most).await?.len();
        if held >= self.most { Err(iam::quota(self.name, self.most)) } else { Ok(()) }
    }
}
