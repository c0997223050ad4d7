//! `DeleteRole`: only of a role without policies. Its sessions end with it.

use super::boundary;
use super::entity::{self, Entity};
use crate::error::{Error, iam};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::records::{Role, key};
use crate::target::Targets;
use rolecall_store::Retry;
use rolecall_wire::iam::{DeleteRoleRequest, op};
use rolecall_wire::operation::Nothing;

impl Serve for op::DeleteRole {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &DeleteRoleRequest) -> Result<Targets, Error> {
        Ok(Targets::one(entity::target::<Role>(cx, "iam:DeleteRole", &input.role_name).await?))
    }

    async fn run(cx: &mut Cx<'_>, input: DeleteRoleRequest, _: Granted<()>) -> Result<Reply<Nothing>, Error> {
        let (account, name) = (cx.account(), &input.role_name);
        let mut retry = Retry::default();
        loop {
            let mut txn = cx.system.store.begin();
            let role: Role = entity::read(&mut txn, account, name).await?;
            check_deletable(&role)?;
            if !txn.scan(&key::profiles_of_role(account, name), 1).await?.is_empty() {
                return Err(iam::must_leave_instance_profiles());
            }
            boundary::mark::<Role>(&mut txn, account, name, role.boundary.as_deref(), None);
            txn.delete(key::role_use(&role.id));
            txn.delete(key::role(account, name));
            if retry.commit(txn).await? {
                return Ok(Nothing.into());
            }
        }
    }
}

fn check_deletable(role: &Role) -> Result<(), Error> {
    role.check_modifiable()?;
    if !role.attached.is_empty() {
        return Err(iam::must_detach_policies());
    }
    if role.inline.is_empty() { Ok(()) } else { Err(iam::must_delete_policies()) }
}
