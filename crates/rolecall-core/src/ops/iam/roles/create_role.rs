//! `CreateRole`.

use crate::error::Error;
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::id::{Prefix, unique_id};
use crate::ops::iam::encoded::encoded;
use crate::ops::iam::entity::{self, Entity};
use crate::ops::iam::path;
use crate::ops::iam::policies::boundary;
use crate::ops::iam::quota;
use crate::ops::iam::roles;
use crate::ops::iam::roles::role_trust;
use crate::ops::iam::tags;
use crate::records::{self, Role, key, role};
use crate::target::{Target, Targets};
use rolecall_wire::iam::{self, CreateRoleRequest, CreateRoleResponse, op};

impl Serve for op::CreateRole {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &CreateRoleRequest) -> Result<Targets, Error> {
        input.permissions_boundary.as_deref().map_or(Ok(()), boundary::check_form)?;
        let path = path::or_root(input.path.as_deref())?;
        let create = Target::new("iam:CreateRole", role::arn(cx.account(), &path, &input.role_name))
            .with_some("iam:PermissionsBoundary", input.permissions_boundary.as_deref());
        Ok(tags::creation(create, "iam:TagRole", &tags::sent(&input.tags)?))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: CreateRoleRequest,
        granted: Granted<()>,
    ) -> Result<Reply<CreateRoleResponse>, Error> {
        let (asked, sent) = (input.max_session_duration, encoded(&input.assume_role_policy_document));
        let role = created(cx, input).await?;
        quota::ROLES.check(cx.system, &key::roles(&role.account)).await?;
        let mut txn = granted.begin(cx);
        entity::check_free::<Role>(&mut txn, &role.account, &role.name).await?;
        if let Some(arn) = &role.boundary {
            boundary::check_exists(&mut txn, &role.account, arn).await?;
            boundary::mark(&mut txn, &role, None, Some(arn));
        }
        records::write(&mut txn, key::role(&role.account, &role.name), &role)?;
        txn.commit().await?;
        let shown = roles::shown(cx.system, &role).await?;
        // This answer has the trust policy as it was sent, every later one as it is kept; and no description.
        let role = iam::Role {
            description: None,
            max_session_duration: asked,
            role_last_used: None,
            assume_role_policy_document: Some(sent),
            ..shown
        };
        Ok(CreateRoleResponse { role }.into())
    }
}

/// The role asked for; the paths of AWS's own roles are refused as their roles are.
async fn created(cx: &Cx<'_>, input: CreateRoleRequest) -> Result<Role, Error> {
    let role = Role {
        account: cx.account().clone(),
        path: path::or_root(input.path.as_deref())?,
        name: input.role_name,
        id: unique_id(Prefix::Role)?,
        created: cx.now,
        description: input.description,
        max_session_duration: input.max_session_duration.unwrap_or(USUAL_DURATION),
        trust: role_trust::checked(cx, input.assume_role_policy_document).await?,
        tags: tags::sent(&input.tags)?,
        boundary: input.permissions_boundary,
        attached: Vec::new(),
        inline: Vec::new(),
    };
    role.check_modifiable()?;
    Ok(role)
}

/// The longest session of a role that does not say, in seconds.
const USUAL_DURATION: i64 = 3_600;
