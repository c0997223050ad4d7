//! Trust policies: `UpdateAssumeRolePolicy`, and what every trust policy is held to.

use crate::error::{Error, iam};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::ops::iam::entity::{self, Entity};
use crate::principals;
use crate::records::{Document, Role, Sight};
use crate::target::Targets;
use rolecall_policy::{Kind, Policy};
use rolecall_wire::iam::{UpdateAssumeRolePolicyRequest, op};
use rolecall_wire::operation::Nothing;

impl Serve for op::UpdateAssumeRolePolicy {
    type Seen = Sight<Role>;

    async fn targets(
        cx: &Cx<'_>,
        input: &UpdateAssumeRolePolicyRequest,
    ) -> Result<Targets<Sight<Role>>, Error> {
        entity::targets(cx, "iam:UpdateAssumeRolePolicy", &input.role_name).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: UpdateAssumeRolePolicyRequest,
        granted: Granted<Sight<Role>>,
    ) -> Result<Reply<Nothing>, Error> {
        entity::require(granted.seen(), &input.role_name)?.check_modifiable()?;
        let trust = checked(cx, input.policy_document).await?;
        entity::change(cx, &granted, &input.role_name, |role| {
            role.trust = trust;
            Ok(())
        })
        .await?;
        Ok(Nothing.into())
    }
}

/// A trust policy sent by a caller, its principals resolved as of now. One that is deleted before the
/// policy is stored leaves behind a unique id that nobody has, so this needs no transaction.
///
/// # Errors
/// When it is malformed, too large, or names a user or role that does not exist.
pub(in crate::ops::iam) async fn checked(cx: &Cx<'_>, text: String) -> Result<Document, Error> {
    let policy = Policy::parse(&text, Kind::Trust).map_err(|why| iam::malformed_document(why.message))?;
    if Policy::size(&text) > LARGEST {
        return Err(iam::quota("ACLSizePerRole", LARGEST));
    }
    let bound = principals::resolve(cx.system, &policy, iam::unknown_principal).await?;
    Ok(Document::with_principals(text, bound))
}

/// The largest trust policy, in characters that are not white space.
const LARGEST: usize = 2048;
