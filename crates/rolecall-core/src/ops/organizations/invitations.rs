//! How an account that stands alone comes into an organization: `InviteAccountToOrganization`,
//! `AcceptHandshake`, `DeclineHandshake`, `CancelHandshake`, `DescribeHandshake`,
//! `ListHandshakesForAccount`, `ListHandshakesForOrganization`.

use super::node::first_policies;
use super::standing::{self, SeenPlace};
use super::{page, tags};
use crate::error::{Error, organizations as sentence};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::id::AccountId;
use crate::organizations::{self, Place, random_id};
use crate::records::{self, Account, Invitation, Membership, Organization, Record, Sight, key};
use crate::system::System;
use crate::target::Targets;
use rolecall_store::Txn;
use rolecall_wire::organizations::{
    AcceptHandshakeRequest, AcceptHandshakeResponse, CancelHandshakeRequest, CancelHandshakeResponse,
    DeclineHandshakeRequest, DeclineHandshakeResponse, DescribeHandshakeRequest, DescribeHandshakeResponse,
    Handshake, HandshakeParty, HandshakeResource, InviteAccountToOrganizationRequest,
    InviteAccountToOrganizationResponse, ListHandshakesForAccountRequest, ListHandshakesForAccountResponse,
    ListHandshakesForOrganizationRequest, ListHandshakesForOrganizationResponse, op,
};
use std::sync::Arc;

impl Serve for op::InviteAccountToOrganization {
    type Seen = SeenPlace;

    async fn targets(
        cx: &Cx<'_>,
        input: &InviteAccountToOrganizationRequest,
    ) -> Result<Targets<SeenPlace>, Error> {
        let ids = [input.target.id.as_str()];
        let ids = if input.target.r#type == "ACCOUNT" { &ids[..] } else { &[] };
        tags::creation(cx, "organizations:InviteAccountToOrganization", ids, &input.tags).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: InviteAccountToOrganizationRequest,
        granted: Granted<SeenPlace>,
    ) -> Result<Reply<InviteAccountToOrganizationResponse>, Error> {
        let organization = granted.seen().managing()?;
        let mut txn = granted.begin(cx);
        let invitation = Invitation {
            id: random_id("h-", 10)?,
            organization: organization.id.clone(),
            management: organization.management.clone(),
            account: invited(&mut txn, &input.target).await?,
            sent: cx.now,
            notes: input.notes,
            state: "OPEN".to_owned(),
        };
        check_alone(&account(&mut txn, &invitation.account).await?)?;
        let others = all(&mut txn).await?;
        let is_open = |other: &Invitation| {
            state(other, cx.now) == "OPEN"
                && other.account == invitation.account
                && other.organization == invitation.organization
        };
        if others.iter().any(is_open) {
            return Err(sentence::duplicate_invitation());
        }
        records::write(&mut txn, key::invitation(&invitation.id), &invitation)?;
        txn.commit().await?;
        let handshake = Some(shown(cx.system, &invitation, cx.now).await?);
        Ok(InviteAccountToOrganizationResponse { handshake }.into())
    }
}

impl Serve for op::AcceptHandshake {
    type Seen = Sight<Invitation>;

    async fn targets(
        cx: &Cx<'_>,
        input: &AcceptHandshakeRequest,
    ) -> Result<Targets<Sight<Invitation>>, Error> {
        on(cx, "organizations:AcceptHandshake", &input.handshake_id).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        _input: AcceptHandshakeRequest,
        granted: Granted<Sight<Invitation>>,
    ) -> Result<Reply<AcceptHandshakeResponse>, Error> {
        let settled = settle(cx, &granted, Side::Invited, "ACCEPTED").await?;
        Ok(AcceptHandshakeResponse { handshake: Some(settled) }.into())
    }
}

impl Serve for op::DeclineHandshake {
    type Seen = Sight<Invitation>;

    async fn targets(
        cx: &Cx<'_>,
        input: &DeclineHandshakeRequest,
    ) -> Result<Targets<Sight<Invitation>>, Error> {
        on(cx, "organizations:DeclineHandshake", &input.handshake_id).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        _input: DeclineHandshakeRequest,
        granted: Granted<Sight<Invitation>>,
    ) -> Result<Reply<DeclineHandshakeResponse>, Error> {
        let settled = settle(cx, &granted, Side::Invited, "DECLINED").await?;
        Ok(DeclineHandshakeResponse { handshake: Some(settled) }.into())
    }
}

impl Serve for op::CancelHandshake {
    type Seen = Sight<Invitation>;

    async fn targets(
        cx: &Cx<'_>,
        input: &CancelHandshakeRequest,
    ) -> Result<Targets<Sight<Invitation>>, Error> {
        on(cx, "organizations:CancelHandshake", &input.handshake_id).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        _input: CancelHandshakeRequest,
        granted: Granted<Sight<Invitation>>,
    ) -> Result<Reply<CancelHandshakeResponse>, Error> {
        let settled = settle(cx, &granted, Side::Inviting, "CANCELED").await?;
        Ok(CancelHandshakeResponse { handshake: Some(settled) }.into())
    }
}

impl Serve for op::DescribeHandshake {
    type Seen = Sight<Invitation>;

    async fn targets(
        cx: &Cx<'_>,
        input: &DescribeHandshakeRequest,
    ) -> Result<Targets<Sight<Invitation>>, Error> {
        on(cx, "organizations:DescribeHandshake", &input.handshake_id).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        _input: DescribeHandshakeRequest,
        granted: Granted<Sight<Invitation>>,
    ) -> Result<Reply<DescribeHandshakeResponse>, Error> {
        let is_party = |i: &&Arc<Invitation>| [&i.account, &i.management].contains(&cx.account());
        let found = granted.seen().record().filter(is_party);
        let invitation = found.ok_or_else(sentence::no_such_handshake)?;
        let handshake = Some(shown(cx.system, invitation, cx.now).await?);
        Ok(DescribeHandshakeResponse { handshake }.into())
    }
}

impl Serve for op::ListHandshakesForAccount {
    type Seen = ();

    async fn targets(_cx: &Cx<'_>, _input: &ListHandshakesForAccountRequest) -> Result<Targets<()>, Error> {
        Ok(Targets::on("organizations:ListHandshakesForAccount", "*"))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: ListHandshakesForAccountRequest,
        granted: Granted<()>,
    ) -> Result<Reply<ListHandshakesForAccountResponse>, Error> {
        let account = cx.account().clone();
        let mine = list(cx, &mut granted.begin(cx), |invitation| invitation.account == account).await?;
        let page = page::list(input.next_token.as_deref(), input.max_results, mine, |one| &one.id)?;
        Ok(ListHandshakesForAccountResponse { handshakes: page.items, next_token: page.marker }.into())
    }
}

impl Serve for op::ListHandshakesForOrganization {
    type Seen = SeenPlace;

    async fn targets(
        cx: &Cx<'_>,
        _input: &ListHandshakesForOrganizationRequest,
    ) -> Result<Targets<SeenPlace>, Error> {
        standing::targets(cx, "organizations:ListHandshakesForOrganization", &[]).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: ListHandshakesForOrganizationRequest,
        granted: Granted<SeenPlace>,
    ) -> Result<Reply<ListHandshakesForOrganizationResponse>, Error> {
        let organization = granted.seen().observing()?;
        let ours =
            list(cx, &mut granted.begin(cx), |invitation| invitation.organization == organization.id).await?;
        let page = page::list(input.next_token.as_deref(), input.max_results, ours, |one| &one.id)?;
        Ok(ListHandshakesForOrganizationResponse { handshakes: page.items, next_token: page.marker }.into())
    }
}

/// Which party settles an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Invited,
    Inviting,
}

/// A handshake is the organization's, and so is asked about by either party under its ARN.
async fn on(cx: &Cx<'_>, action: &'static str, id: &str) -> Result<Targets<Sight<Invitation>>, Error> {
    let seen = Sight::of(&cx.system.store, key::invitation(id)).await?;
    let arn = seen.record().map_or_else(|| "*".to_owned(), |invitation| arn(invitation));
    Ok(Targets::on(action, arn).seeing(seen))
}

/// Settles an open invitation; accepting it is joining.
async fn settle(
    cx: &Cx<'_>,
    granted: &Granted<Sight<Invitation>>,
    side: Side,
    outcome: &str,
) -> Result<Handshake, Error> {
    let party = |i: &Invitation| if side == Side::Invited { i.account.clone() } else { i.management.clone() };
    let found = granted.seen().record().filter(|invitation| party(invitation) == *cx.account());
    let mut invitation = Invitation::clone(found.ok_or_else(sentence::no_such_handshake)?);
    match state(&invitation, cx.now) {
        "OPEN" => {}
        now if now == outcome => return Err(sentence::handshake_already(outcome)),
        _ => return Err(sentence::handshake_over()),
    }
    let mut txn = granted.begin(cx);
    if outcome == "ACCEPTED" {
        join(&mut txn, &invitation, cx.now).await?;
    }
    outcome.clone_into(&mut invitation.state);
    records::write(&mut txn, key::invitation(&invitation.id), &invitation)?;
    txn.commit().await?;
    shown(cx.system, &invitation, cx.now).await
}

async fn join(txn: &mut Txn<'_>, invitation: &Invitation, now: i64) -> Result<(), Error> {
    let mut account = account(txn, &invitation.account).await?;
    check_alone(&account)?;
    let found = records::read::<Organization>(txn, &key::organization(&invitation.organization)).await?;
    let (organization, _) = found.ok_or_else(sentence::handshake_over)?;
    account.membership = Some(Membership {
        organization: organization.id.clone(),
        parent: organization.root.clone(),
        joined: now,
        invited: true,
        policies: first_policies(&organization.policy_types),
    });
    txn.put(key::member_account(&organization.id, &account.id), Vec::new());
    records::write(txn, key::account(&account.id), &account)
}

async fn account(txn: &mut Txn<'_>, id: &AccountId) -> Result<Account, Error> {
    let found = records::read(txn, &key::account(id)).await?;
    found.map(|(account, _)| account).ok_or_else(sentence::invalid_party)
}

fn check_alone(account: &Account) -> Result<(), Error> {
    if account.membership.is_some() { Err(sentence::party_in_organization()) } else { Ok(()) }
}

/// The account that an invitation is for, by its id or its e-mail address.
async fn invited(txn: &mut Txn<'_>, party: &HandshakeParty) -> Result<AccountId, Error> {
    let id = match party.r#type.as_str() {
        "ACCOUNT" => Some(party.id.clone()),
        "EMAIL" => {
            let found = txn.get(&key::account_email(&party.id)).await?;
            found.and_then(|found| String::from_utf8(found.value.to_vec()).ok())
        }
        _ => None,
    };
    id.and_then(|id| id.parse().ok()).ok_or_else(sentence::invalid_party)
}

async fn all(txn: &mut Txn<'_>) -> Result<Vec<Invitation>, Error> {
    let stored = txn.scan(&key::invitations(), usize::MAX).await?;
    stored.iter().map(|(_, stored)| Ok(Invitation::decode(stored)?)).collect()
}

async fn list(
    cx: &Cx<'_>,
    txn: &mut Txn<'_>,
    keep: impl Fn(&Invitation) -> bool,
) -> Result<Vec<Handshake>, Error> {
    let mut handshakes = Vec::new();
    for invitation in all(txn).await?.iter().filter(|i| keep(i)) {
        handshakes.push(shown(cx.system, invitation, cx.now).await?);
    }
    Ok(handshakes)
}

/// What became of an invitation; one that nobody settles expires.
fn state(invitation: &Invitation, now: i64) -> &str {
    let is_over = invitation.state == "OPEN" && now >= invitation.sent + LIFETIME;
    if is_over { "EXPIRED" } else { &invitation.state }
}

fn arn(invitation: &Invitation) -> String {
    let Invitation { id, organization, management, .. } = invitation;
    format!("arn:aws:organizations::{management}:handshake/{organization}/invite/{id}")
}

async fn shown(system: &System, invitation: &Invitation, now: i64) -> Result<Handshake, Error> {
    let management = organizations::account(system, &invitation.management).await?;
    let features = Place::of(system, &invitation.management).await?;
    let features = features.is_none_or(|place| place.organization.all_features);
    let party = |id: &str, kind: &str| HandshakeParty { id: id.to_owned(), r#type: kind.to_owned() };
    let about = vec![
        resource("MASTER_EMAIL", &management.email),
        resource("MASTER_NAME", &management.name),
        resource("ORGANIZATION_FEATURE_SET", if features { "ALL" } else { "CONSOLIDATED_BILLING" }),
    ];
    let organization =
        HandshakeResource { resources: about, ..resource("ORGANIZATION", &invitation.organization) };
    let mut resources = vec![organization, resource("ACCOUNT", invitation.account.as_str())];
    resources.extend(invitation.notes.as_deref().map(|notes| resource("NOTES", notes)));
    let own = invitation.organization.trim_start_matches("o-");
    Ok(Handshake {
        id: Some(invitation.id.clone()),
        arn: Some(arn(invitation)),
        parties: vec![party(own, "ORGANIZATION"), party(invitation.account.as_str(), "ACCOUNT")],
        state: Some(state(invitation, now).to_owned()),
        requested_timestamp: Some(invitation.sent),
        expiration_timestamp: Some(invitation.sent + LIFETIME),
        action: Some("INVITE".to_owned()),
        resources,
    })
}

fn resource(kind: &str, value: &str) -> HandshakeResource {
    HandshakeResource { value: Some(value.to_owned()), r#type: Some(kind.to_owned()), resources: Vec::new() }
}

/// How long an invitation stays open, in seconds: 15 days.
const LIFETIME: i64 = 15 * 86_400;
