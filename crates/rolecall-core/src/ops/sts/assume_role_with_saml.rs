//! `AssumeRoleWithSAML`: temporary credentials of a role, for whomever a SAML provider vouches for.

use super::federated::{self, Asked};
use crate::error::{Error, sts};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::id::AccountId;
use crate::keyring::Purpose;
use crate::records::saml_provider::parse_arn;
use crate::records::{AssertionEncryption, Record, Role, SamlProvider, Sight, key};
use crate::seal;
use crate::system::System;
use crate::target::Targets;
use rolecall_federation::Assertion;
use rolecall_federation::saml::{self, Expected, Refusal, Said, Trust};
use rolecall_wire::sts::{AssumeRoleWithSAMLRequest, AssumeRoleWithSAMLResponse, op};
use std::sync::Arc;
use zeroize::Zeroizing;

impl Serve for op::AssumeRoleWithSAML {
    type Seen = Sight<Role>;

    async fn vouched(
        cx: &Cx<'_>,
        input: &AssumeRoleWithSAMLRequest,
    ) -> Result<Option<(AccountId, Assertion)>, Error> {
        let (account, assertion) = vouched(cx, input).await?;
        Ok(Some((account, federated::admitted(cx, assertion)?)))
    }

    async fn targets(cx: &Cx<'_>, input: &AssumeRoleWithSAMLRequest) -> Result<Targets<Sight<Role>>, Error> {
        federated::targets(cx, &asked(input, &session_name(cx)?)).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: AssumeRoleWithSAMLRequest,
        granted: Granted<Sight<Role>>,
    ) -> Result<Reply<AssumeRoleWithSAMLResponse>, Error> {
        let name = session_name(cx)?;
        let minted = federated::mint(cx, &asked(&input, &name), &granted).await?;
        let assertion = minted.assertion;
        let fresh =
            assertion.once.as_ref().is_some_and(|mark| cx.system.federation.redeemed.redeem(mark, cx.now));
        if !fresh {
            return Err(sts::saml_redeemed());
        }
        let carried = |key: &str| assertion.carried.iter().find(|(k, _)| k == key).map(|(_, v)| v.clone());
        Ok(AssumeRoleWithSAMLResponse {
            session_token_size: minted.token_size,
            session_token_utilization: minted.token_utilization,
            credentials: Some(minted.credentials),
            assumed_role_user: Some(minted.user),
            packed_policy_size: minted.packed_policy_size,
            subject_type: carried("saml:sub_type"),
            name_qualifier: carried("saml:namequalifier"),
            subject: Some(assertion.subject),
            issuer: Some(assertion.issuer),
            audience: Some(assertion.audience),
            source_identity: assertion.source_identity,
        }
        .into())
    }
}

/// What a provider of the role's account says of somebody who may have the role.
async fn vouched(cx: &Cx<'_>, input: &AssumeRoleWithSAMLRequest) -> Result<(AccountId, Assertion), Error> {
    let provider = find_provider(cx, &input.principal_arn).await?;
    let (throttle, arn) = (&cx.system.throttle, provider.arn());
    if !throttle.admits_issuer(&arn) {
        return Err(sts::throttled());
    }
    let said = said(cx, &provider, &input.saml_assertion).inspect_err(|_| throttle.charge_issuer(&arn))?;
    check_role(&provider, &input.role_arn)?;
    Ok((provider.account.clone(), said.for_role(&input.role_arn)?))
}

/// The provider names the session.
fn session_name(cx: &Cx<'_>) -> Result<String, Error> {
    Ok(federated::assertion(cx)?.session_name.clone().unwrap_or_default())
}

fn asked<'a>(input: &'a AssumeRoleWithSAMLRequest, session_name: &'a str) -> Asked<'a> {
    Asked {
        action: "sts:AssumeRoleWithSAML",
        role_arn: &input.role_arn,
        session_name,
        policy: input.policy.as_deref(),
        policy_arns: &input.policy_arns,
        duration: input.duration_seconds,
        token_size: input.minimum_session_token_size,
    }
}

async fn find_provider(cx: &Cx<'_>, arn: &str) -> Result<Arc<SamlProvider>, Error> {
    let (account, name) = parse_arn(arn).ok_or_else(sts::saml_no_such_provider)?;
    let found = cx.system.store.cached(&key::saml_provider(&account, name), SamlProvider::decode).await?;
    let provider = found.map(|(provider, _)| provider).filter(|provider| provider.arn() == arn);
    provider.ok_or_else(sts::saml_no_such_provider)
}

/// What the response says, once it is verified. Why it is not goes to the log, not to the caller.
fn said(cx: &Cx<'_>, provider: &SamlProvider, response: &str) -> Result<Said, Error> {
    let private_keys = private_keys(cx.system, provider)?;
    let trust = Trust {
        certificates: if cx.now < provider.valid_until { &provider.certificates } else { &[] },
        private_keys: &private_keys,
        must_encrypt: provider.encryption == AssertionEncryption::Required,
        now: cx.now,
    };
    let said = saml::read(response, &trust, &expected(cx, provider, &provider.arn()));
    Ok(said.inspect_err(|refusal| {
        if let Refusal::Invalid(why) = refusal {
            let (provider, request_id) = (provider.arn(), &*cx.request_id);
            tracing::info!(why, provider, request_id, "a SAML response is refused");
        }
    })?)
}

fn expected<'a>(cx: &'a Cx<'_>, provider: &'a SamlProvider, arn: &'a str) -> Expected<'a> {
    Expected {
        provider: arn,
        account: provider.account.as_str(),
        name: &provider.name,
        uuid: &provider.uuid,
        entity_id: &provider.entity_id,
        sign_in_urls: &cx.system.settings.saml_sign_in_urls,
        now: cx.now,
    }
}

fn private_keys(system: &System, provider: &SamlProvider) -> Result<Vec<Zeroizing<Vec<u8>>>, Error> {
    let open = |key: &crate::records::SealedPrivateKey| {
        let plain = seal::open(&system.keys, Purpose::StoredSecret, key.id.as_bytes(), &key.sealed);
        plain.map(Zeroizing::new).ok_or_else(|| Error::internal("a stored private key cannot be unsealed"))
    };
    provider.private_keys.iter().map(open).collect()
}

/// A role of the provider's account, and none that is reserved for IAM Identity Center.
fn check_role(provider: &SamlProvider, role: &str) -> Result<(), Error> {
    let own = role.strip_prefix(&format!("arn:aws:iam::{}:role/", provider.account));
    let name = own.and_then(|path| path.rsplit('/').next()).unwrap_or_default();
    let fits = !name.is_empty() && !name.starts_with("AWSReservedSSO_");
    fits.then_some(()).ok_or_else(sts::saml_not_authorized)
}
