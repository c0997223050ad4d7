//! `DeleteRole`: only of a role without policies. Its sessions end with it.

use crate::error::{Error, iam};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::ops::iam::entity;
use crate::ops::iam::policies::boundary;
use crate::records::{Role, Sight, key};
use crate::target::Targets;
use rolecall_wire::iam::{DeleteRoleRequest, op};
use rolecall_wire::operation::Nothing;

impl Serve for op::DeleteRole {
    type Seen = Sight<Role>;

    async fn targets(cx: &Cx<'_>, input: &DeleteRoleRequest) -> Result<Targets<Sight<Role>>, Error> {
        entity::targets(cx, "iam:DeleteRole", &input.role_name).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: DeleteRoleRequest,
        granted: Granted<Sight<Role>>,
    ) -> Result<Reply<Nothing>, Error> {
        let role = entity::modifiable(granted.seen(), &input.role_name)?;
        entity::check_bare(&role)?;
        let mut txn = granted.begin(cx);
        if !txn.scan(&key::profiles_of_role(&role.account, &role.name), 1).await?.is_empty() {
            return Err(iam::must_leave_instance_profiles());
        }
        boundary::mark(&mut txn, &role, role.boundary.as_deref(), None);
        txn.delete(key::role_use(&role.id));
        txn.delete(key::role(&role.account, &role.name));
        txn.commit().await?;
        Ok(Nothing.into())
    }
}
