//! `GetAccountPasswordPolicy`, `UpdateAccountPasswordPolicy` and `DeleteAccountPasswordPolicy`. Nobody has a
//! password here; the policy is kept as it was set, for clients that manage it.

use crate::error::{Error, iam};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::records::{self, PasswordPolicy, Record, key};
use crate::target::Targets;
use rolecall_wire::iam::{
    GetAccountPasswordPolicyResponse, PasswordPolicy as Shown, UpdateAccountPasswordPolicyRequest, op,
};
use rolecall_wire::operation::Nothing;

impl Serve for op::GetAccountPasswordPolicy {
    type Seen = ();

    async fn targets(_cx: &Cx<'_>, _input: &Nothing) -> Result<Targets, Error> {
        Ok(Targets::on("iam:GetAccountPasswordPolicy", "*"))
    }

    async fn run(
        cx: &mut Cx<'_>,
        _input: Nothing,
        _: Granted<()>,
    ) -> Result<Reply<GetAccountPasswordPolicyResponse>, Error> {
        let key = key::password_policy(cx.account());
        let found = cx.system.store.cached(&key, PasswordPolicy::decode).await?;
        let (policy, _) = found.ok_or_else(|| iam::no_password_policy(cx.account()))?;
        Ok(GetAccountPasswordPolicyResponse { password_policy: shown(&policy) }.into())
    }
}

impl Serve for op::UpdateAccountPasswordPolicy {
    type Seen = ();

    async fn targets(
        _cx: &Cx<'_>,
        _input: &UpdateAccountPasswordPolicyRequest,
    ) -> Result<Targets<()>, Error> {
        Ok(Targets::on("iam:UpdateAccountPasswordPolicy", "*"))
    }

    /// What is left out goes back to its default (IAM API Reference, UpdateAccountPasswordPolicy).
    async fn run(
        cx: &mut Cx<'_>,
        input: UpdateAccountPasswordPolicyRequest,
        granted: Granted<()>,
    ) -> Result<Reply<Nothing>, Error> {
        let policy = PasswordPolicy {
            minimum_length: input.minimum_password_length.unwrap_or(LEAST_LENGTH),
            symbols: input.require_symbols.unwrap_or(false),
            numbers: input.require_numbers.unwrap_or(false),
            uppercase: input.require_uppercase_characters.unwrap_or(false),
            lowercase: input.require_lowercase_characters.unwrap_or(false),
            users_may_change: input.allow_users_to_change_password.unwrap_or(false),
            max_age: input.max_password_age,
            reuse_prevention: input.password_reuse_prevention,
            hard_expiry: input.hard_expiry,
        };
        let mut txn = granted.begin(cx);
        records::write(&mut txn, key::password_policy(cx.account()), &policy)?;
        txn.commit().await?;
        Ok(Nothing.into())
    }
}

impl Serve for op::DeleteAccountPasswordPolicy {
    type Seen = ();

    async fn targets(_cx: &Cx<'_>, _input: &Nothing) -> Result<Targets<()>, Error> {
        Ok(Targets::on("iam:DeleteAccountPasswordPolicy", "*"))
    }

    async fn run(cx: &mut Cx<'_>, _input: Nothing, granted: Granted<()>) -> Result<Reply<Nothing>, Error> {
        let key = key::password_policy(cx.account());
        let mut txn = granted.begin(cx);
        if txn.get(&key).await?.is_none() {
            return Err(iam::no_account_policy());
        }
        txn.delete(key);
        txn.commit().await?;
        Ok(Nothing.into())
    }
}

fn shown(policy: &PasswordPolicy) -> Shown {
    Shown {
        minimum_password_length: Some(policy.minimum_length),
        require_symbols: Some(policy.symbols),
        require_numbers: Some(policy.numbers),
        require_uppercase_characters: Some(policy.uppercase),
        require_lowercase_characters: Some(policy.lowercase),
        allow_users_to_change_password: Some(policy.users_may_change),
        expire_passwords: Some(policy.max_age.is_some()),
        max_password_age: policy.max_age,
        password_reuse_prevention: policy.reuse_prevention,
        hard_expiry: policy.hard_expiry,
    }
}

/// The least length unless set, in characters.
const LEAST_LENGTH: i64 = 6;
