//! `CreateSAMLProvider`, `GetSAMLProvider`, `ListSAMLProviders`, `UpdateSAMLProvider` and
//! `DeleteSAMLProvider`.

use crate::error::{Error, iam};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::ops::iam::providers::saml_providers::{
    add_key, id, listed, require, seal_key, set_encryption, set_metadata, shown, targets,
};
use crate::ops::iam::quota;
use crate::ops::iam::tags;
use crate::records::{self, AssertionEncryption, Record, SamlProvider, Sight, key, saml_provider};
use crate::target::{Target, Targets};
use rolecall_wire::iam::{
    CreateSAMLProviderRequest, CreateSAMLProviderResponse, DeleteSAMLProviderRequest, GetSAMLProviderRequest,
    GetSAMLProviderResponse, ListSAMLProvidersRequest, ListSAMLProvidersResponse, UpdateSAMLProviderRequest,
    UpdateSAMLProviderResponse, op,
};
use rolecall_wire::operation::Nothing;

impl Serve for op::CreateSAMLProvider {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &CreateSAMLProviderRequest) -> Result<Targets<()>, Error> {
        let create = Target::new("iam:CreateSAMLProvider", saml_provider::arn(cx.account(), &input.name));
        Ok(tags::creation(create, "iam:TagSAMLProvider", &tags::sent(&input.tags)?))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: CreateSAMLProviderRequest,
        granted: Granted<()>,
    ) -> Result<Reply<CreateSAMLProviderResponse>, Error> {
        let provider = created(cx, &input)?;
        quota::SAML_PROVIDERS.check(cx.system, &key::saml_providers(cx.account())).await?;
        let key = key::saml_provider(cx.account(), &provider.name);
        let mut txn = granted.begin(cx);
        if txn.get(&key).await?.is_some() {
            return Err(iam::saml_provider_exists(&provider.name));
        }
        records::write(&mut txn, key, &provider)?;
        txn.commit().await?;
        let saml_provider_arn = Some(provider.arn());
        let tags = Some(input.tags).filter(|tags| !tags.is_empty());
        Ok(CreateSAMLProviderResponse { saml_provider_arn, tags }.into())
    }
}

impl Serve for op::GetSAMLProvider {
    type Seen = Option<Sight<SamlProvider>>;

    async fn targets(
        cx: &Cx<'_>,
        input: &GetSAMLProviderRequest,
    ) -> Result<Targets<Option<Sight<SamlProvider>>>, Error> {
        targets(cx, "iam:GetSAMLProvider", &input.saml_provider_arn).await
    }

    async fn run(
        _: &mut Cx<'_>,
        input: GetSAMLProviderRequest,
        granted: Granted<Option<Sight<SamlProvider>>>,
    ) -> Result<Reply<GetSAMLProviderResponse>, Error> {
        Ok(shown(require(&granted, &input.saml_provider_arn)?).into())
    }
}

impl Serve for op::ListSAMLProviders {
    type Seen = ();

    async fn targets(_cx: &Cx<'_>, _input: &ListSAMLProvidersRequest) -> Result<Targets, Error> {
        Ok(Targets::on("iam:ListSAMLProviders", "*"))
    }

    async fn run(
        cx: &mut Cx<'_>,
        _input: ListSAMLProvidersRequest,
        _: Granted<()>,
    ) -> Result<Reply<ListSAMLProvidersResponse>, Error> {
        let entries =
            cx.system.store.scan(&key::saml_providers(cx.account()), quota::SAML_PROVIDERS.most()).await?;
        let mut saml_provider_list = Vec::with_capacity(entries.len());
        for (_, stored) in &entries {
            saml_provider_list.push(listed(&SamlProvider::decode(stored)?));
        }
        Ok(ListSAMLProvidersResponse { saml_provider_list }.into())
    }
}

impl Serve for op::UpdateSAMLProvider {
    type Seen = Option<Sight<SamlProvider>>;

    async fn targets(
        cx: &Cx<'_>,
        input: &UpdateSAMLProviderRequest,
    ) -> Result<Targets<Option<Sight<SamlProvider>>>, Error> {
        targets(cx, "iam:UpdateSAMLProvider", &input.saml_provider_arn).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: UpdateSAMLProviderRequest,
        granted: Granted<Option<Sight<SamlProvider>>>,
    ) -> Result<Reply<UpdateSAMLProviderResponse>, Error> {
        let changes = [
            &input.saml_metadata_document,
            &input.assertion_encryption_mode,
            &input.add_private_key,
            &input.remove_private_key,
        ];
        if changes.iter().all(|change| change.is_none()) {
            return Err(iam::nothing_to_update());
        }
        let added = input.add_private_key.as_deref().map(|pem| seal_key(cx, pem)).transpose()?;
        let missing = || iam::no_such_saml_provider(&input.saml_provider_arn);
        let update = |provider: &mut SamlProvider| {
            if let Some(document) = &input.saml_metadata_document {
                set_metadata(provider, document, cx.now)?;
            }
            remove_key(provider, input.remove_private_key.as_deref())?;
            add_key(provider, added)?;
            set_encryption(provider, input.assertion_encryption_mode.as_deref())
        };
        granted.change(cx, missing, update).await?;
        Ok(UpdateSAMLProviderResponse { saml_provider_arn: Some(input.saml_provider_arn) }.into())
    }
}

impl Serve for op::DeleteSAMLProvider {
    type Seen = Option<Sight<SamlProvider>>;

    async fn targets(
        cx: &Cx<'_>,
        input: &DeleteSAMLProviderRequest,
    ) -> Result<Targets<Option<Sight<SamlProvider>>>, Error> {
        targets(cx, "iam:DeleteSAMLProvider", &input.saml_provider_arn).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: DeleteSAMLProviderRequest,
        granted: Granted<Option<Sight<SamlProvider>>>,
    ) -> Result<Reply<Nothing>, Error> {
        let provider = require(&granted, &input.saml_provider_arn)?;
        let mut txn = granted.begin(cx);
        txn.delete(key::saml_provider(&provider.account, &provider.name));
        txn.commit().await?;
        Ok(Nothing.into())
    }
}

fn created(cx: &Cx<'_>, input: &CreateSAMLProviderRequest) -> Result<SamlProvider, Error> {
    let mut provider = SamlProvider {
        account: cx.account().clone(),
        name: input.name.clone(),
        uuid: id("SAMLSP")?,
        created: cx.now,
        valid_until: 0,
        metadata: String::new(),
        entity_id: String::new(),
        certificates: Vec::new(),
        encryption: AssertionEncryption::Allowed,
        private_keys: Vec::new(),
        tags: tags::sent(&input.tags)?,
    };
    set_metadata(&mut provider, &input.saml_metadata_document, cx.now)?;
    add_key(&mut provider, input.add_private_key.as_deref().map(|pem| seal_key(cx, pem)).transpose()?)?;
    set_encryption(&mut provider, input.assertion_encryption_mode.as_deref())?;
    Ok(provider)
}

fn remove_key(provider: &mut SamlProvider, id: Option<&str>) -> Result<(), Error> {
    let Some(id) = id else { return Ok(()) };
    let place = provider.private_keys.iter().position(|key| key.id == id);
    let place = place.ok_or_else(|| iam::no_such_private_key(id))?;
    provider.private_keys.remove(place);
    Ok(())
}
