//! Machines that get their role from where they run: what an instance metadata service says (EC2 User Guide,
//! Instance metadata and user data). A machine has an instance profile; the role in it is assumed for the
//! machine by `ec2.amazonaws.com`, through the gate like every role (`ops/sts/assume_role_for_instance.rs`).

mod token;

pub use token::{LONGEST_LIFE, Tokens};

use crate::error::Error;
use crate::id::AccountId;
use crate::records::{InstanceProfile, Record, Role, key};
use crate::revoked::has_been_revoked;
use crate::session;
use crate::system::System;
use http::Method;
use rolecall_federation::{Assertion, Voucher};
use rolecall_policy::Value;
use rolecall_wire::{Effect, Proof, Row, Service};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use zeroize::Zeroizing;

/// A machine whose metadata is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// Its id, such as `i-0123456789abcdef0`; its sessions bear it as their name.
    pub id: String,
    /// The account it belongs to.
    pub account: AccountId,
    /// The name of its instance profile.
    pub profile: String,
    /// Whether metadata is told without a token as well (version 1 of the service).
    pub tokens: Demand,
}

/// Whether a request for metadata must bring a token (EC2 API Reference, `HttpTokens`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Demand {
    /// Version 2 only.
    #[default]
    Required,
    /// Version 1 as well: whoever can make the machine fetch a URL can read its credentials.
    Optional,
}

/// A request that may read an instance's metadata. Only [`Metadata::admit`] makes one.
#[derive(Debug, Clone)]
pub struct Admitted {
    instance: Arc<Instance>,
    /// The version of the service that was spoken: the value of `ec2:RoleDelivery`.
    delivery: &'static str,
    /// What the request has been given, if anything.
    minted: Arc<OnceLock<Arc<Held>>>,
}

/// What a running system knows of instances.
#[derive(Default)]
pub struct Metadata {
    tokens: Tokens,
    /// The credentials that each instance was given last: read field by field, they must belong together. Those
    /// of one version of the service are never given by the other: policies tell them apart.
    held: Mutex<HashMap<(String, &'static str), Arc<Held>>>,
}

/// Credentials of an instance.
pub struct Held {
    /// The unique id of the role they are of.
    pub role_id: String,
    /// `ASIA…`.
    pub access_key_id: String,
    /// The secret access key.
    pub secret_access_key: Zeroizing<String>,
    /// The session token.
    pub session_token: String,
    /// When they were issued, in seconds since 1970.
    pub issued: i64,
    /// When they end, in seconds since 1970.
    pub expires: i64,
}

impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Held").field("access_key_id", &self.access_key_id).finish_non_exhaustive()
    }
}

/// An instance's profile as it is now, and the role in it.
pub struct Profile {
    /// The profile.
    pub record: Arc<InstanceProfile>,
    /// Its role, if it has one that exists.
    pub role: Option<Arc<Role>>,
}

impl Metadata {
    /// A token for the instance that is good for so many seconds. `None` when the random generator failed.
    pub fn token(&self, instance: &Instance, life: i64, now: i64) -> Option<String> {
        self.tokens.issue(&instance.id, now.saturating_add(life))
    }

    /// Admits a request to an instance's metadata by the token it brings. `None`: it may learn nothing.
    pub fn admit(&self, instance: &Arc<Instance>, token: Option<&str>, now: i64) -> Option<Admitted> {
        let delivery = match token {
            Some(token) => self.tokens.holds(&instance.id, token, now).then_some("2.0"),
            None => (instance.tokens == Demand::Optional).then_some("1.0"),
        };
        Some(Admitted { instance: Arc::clone(instance), delivery: delivery?, minted: Arc::default() })
    }

    /// Keeps what a request was given, to be given again. To be called once the request is answered: what has no
    /// audit record is given to nobody.
    pub fn keep(&self, admitted: &Admitted) -> Option<Arc<Held>> {
        let minted = admitted.minted.get()?;
        let mut all = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(admitted.place(), Arc::clone(minted));
        Some(Arc::clone(minted))
    }

    fn last(&self, admitted: &Admitted) -> Option<Arc<Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).get(&admitted.place()).cloned()
    }
}

impl Admitted {
    /// The instance.
    pub fn instance(&self) -> &Instance {
        &self.instance
    }

    /// The instance's profile; `None` when there is none of its name.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn profile(&self, system: &System) -> Result<Option<Profile>, Error> {
        let Instance { account, profile, .. } = self.instance();
        let place = key::instance_profile(account, profile);
        let Some((record, _)) = system.store.cached(&place, InstanceProfile::decode).await? else {
            return Ok(None);
        };
        let role = match &record.role {
            Some(name) => system.store.cached(&key::role(account, name), Role::decode).await?,
            None => None,
        };
        Ok(Some(Profile { record, role: role.map(|(role, _)| role) }))
    }

    /// The credentials that the instance has of a role, while they are fresh and in force.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn credentials(&self, system: &System, role: &Role) -> Result<Option<Arc<Held>>, Error> {
        let now = system.clock.now();
        let held = system.metadata.last(self).filter(|held| {
            held.role_id == role.id && held.issued <= now && now < held.issued.saturating_add(FRESH)
        });
        let Some(held) = held else { return Ok(None) };
        let open = session::open(&system.keys, &held.access_key_id, &held.session_token);
        let Some(open) = open else { return Ok(None) };
        let revoked = has_been_revoked(&system.store, &(&open.session).into()).await?;
        Ok((!revoked).then_some(held))
    }

    fn place(&self) -> (String, &'static str) {
        (self.instance.id.clone(), self.delivery)
    }

    pub(crate) fn give(&self, held: Held) {
        // Set once: a request is served once.
        let _ = self.minted.set(Arc::new(held));
    }

    /// What EC2 says of the instance when it assumes the role for it.
    pub(crate) fn assertion(&self, region: &str) -> Assertion {
        let Instance { id, account, .. } = self.instance();
        let arn = format!("arn:aws:ec2:{region}:{account}:instance/{id}");
        let carried =
            [("ec2:SourceInstanceARN", arn.clone()), ("ec2:RoleDelivery", self.delivery.to_owned())];
        let keys = [
            ("aws:PrincipalIsAWSService", Value::from("true")),
            ("aws:PrincipalServiceName", Value::from(EC2)),
            ("aws:PrincipalServiceNamesList", Value::from(vec![EC2.to_owned()])),
        ];
        Assertion {
            from: Voucher::Service,
            provider: EC2.to_owned(),
            subject: arn,
            keys: keys.map(|(key, value)| (key.into(), value)).to_vec(),
            carried: carried.map(|(key, value)| (key.to_owned(), value)).to_vec(),
            ..Assertion::default()
        }
    }
}

/// The row of the operation that EC2 does for an instance. No model has it and nobody can ask for it: it is
/// what a [`crate::Message::Instance`] means.
pub(crate) static ASSUME_ROLE_FOR_INSTANCE: Row = Row {
    service: Service::Sts,
    name: "AssumeRoleForInstance",
    method: Method::POST,
    path: "/",
    query: &[],
    accepts: &[],
    header: None,
    effect: Effect::Mints,
    proof: Proof::Instance,
    streams_in: false,
    streams_out: false,
    result: Some("AssumeRoleForInstanceResult"),
    status: 200,
};

/// The service principal that trust policies name.
const EC2: &str = "ec2.amazonaws.com";
/// How long credentials of an instance last, in seconds: about what EC2's do.
pub(crate) const LIFE: i64 = 6 * 3_600;
/// For how long an instance is given the same credentials again, in seconds. Those given last are good for
/// five hours more, so no client is ever left with none.
const FRESH: i64 = 3_600;

#[cfg(test)]
mod tests;
