//! Inline policies of users, groups and roles: putting, showing, deleting, listing.

use crate::error::{Error, iam};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::ops::iam::document;
use crate::ops::iam::encoded::encoded;
use crate::ops::iam::entity::{self, Entity};
use crate::ops::paging::{Page, Paging};
use crate::records::{Document, Group, Role, Sight, User};
use crate::target::Targets;
use rolecall_policy::Policy;
use rolecall_wire::iam::{
    DeleteGroupPolicyRequest, DeleteRolePolicyRequest, DeleteUserPolicyRequest, GetGroupPolicyRequest,
    GetGroupPolicyResponse, GetRolePolicyRequest, GetRolePolicyResponse, GetUserPolicyRequest,
    GetUserPolicyResponse, ListGroupPoliciesRequest, ListGroupPoliciesResponse, ListRolePoliciesRequest,
    ListRolePoliciesResponse, ListUserPoliciesRequest, ListUserPoliciesResponse, PutGroupPolicyRequest,
    PutRolePolicyRequest, PutUserPolicyRequest, op,
};
use rolecall_wire::operation::Nothing;

/// The operations of one kind of entity. The kinds differ in names, and in nothing else.
macro_rules! operations {
    ($entity:ty, $name:ident, $put:ident($put_request:ty), $delete:ident($delete_request:ty),
     $get:ident($get_request:ty) -> $get_response:ident,
     $list:ident($list_request:ty) -> $list_response:ident) => {
        impl Serve for op::$put {
            type Seen = Sight<$entity>;

            async fn targets(cx: &Cx<'_>, input: &$put_request) -> Result<Targets<Sight<$entity>>, Error> {
                entity::bounded_targets(cx, concat!("iam:", stringify!($put)), &input.$name).await
            }

            async fn run(
                cx: &mut Cx<'_>,
                input: $put_request,
                granted: Granted<Sight<$entity>>,
            ) -> Result<Reply<Nothing>, Error> {
                put(cx, &granted, &input.$name, &input.policy_name, input.policy_document).await?;
                Ok(Nothing.into())
            }
        }

        impl Serve for op::$delete {
            type Seen = Sight<$entity>;

            async fn targets(cx: &Cx<'_>, input: &$delete_request) -> Result<Targets<Sight<$entity>>, Error> {
                entity::bounded_targets(cx, concat!("iam:", stringify!($delete)), &input.$name).await
            }

            async fn run(
                cx: &mut Cx<'_>,
                input: $delete_request,
                granted: Granted<Sight<$entity>>,
            ) -> Result<Reply<Nothing>, Error> {
                delete(cx, &granted, &input.$name, &input.policy_name).await?;
                Ok(Nothing.into())
            }
        }

        impl Serve for op::$get {
            type Seen = Sight<$entity>;

            async fn targets(cx: &Cx<'_>, input: &$get_request) -> Result<Targets<Sight<$entity>>, Error> {
                entity::targets(cx, concat!("iam:", stringify!($get)), &input.$name).await
            }

            async fn run(
                _: &mut Cx<'_>,
                input: $get_request,
                granted: Granted<Sight<$entity>>,
            ) -> Result<Reply<$get_response>, Error> {
                let policy_document = text(granted.seen(), &input.$name, &input.policy_name)?;
                let ($name, policy_name) = (input.$name, input.policy_name);
                Ok($get_response { $name, policy_name, policy_document }.into())
            }
        }

        impl Serve for op::$list {
            type Seen = Sight<$entity>;

            async fn targets(cx: &Cx<'_>, input: &$list_request) -> Result<Targets<Sight<$entity>>, Error> {
                entity::targets(cx, concat!("iam:", stringify!($list)), &input.$name).await
            }

            async fn run(
                _: &mut Cx<'_>,
                input: $list_request,
                granted: Granted<Sight<$entity>>,
            ) -> Result<Reply<$list_response>, Error> {
                let paging = Paging::of(input.marker.as_deref(), input.max_items)?;
                let entity = entity::require(granted.seen(), &input.$name)?;
                let names = entity.facts().inline.iter().map(|(name, _)| name.clone());
                let page = paging.list(names, String::clone);
                let is_truncated = page.is_truncated();
                let Page { items, marker } = page;
                Ok($list_response { policy_names: items, is_truncated, marker }.into())
            }
        }
    };
}

operations!(
    User, user_name,
    PutUserPolicy(PutUserPolicyRequest),
    DeleteUserPolicy(DeleteUserPolicyRequest),
    GetUserPolicy(GetUserPolicyRequest) -> GetUserPolicyResponse,
    ListUserPolicies(ListUserPoliciesRequest) -> ListUserPoliciesResponse
);
operations!(
    Group, group_name,
    PutGroupPolicy(PutGroupPolicyRequest),
    DeleteGroupPolicy(DeleteGroupPolicyRequest),
    GetGroupPolicy(GetGroupPolicyRequest) -> GetGroupPolicyResponse,
    ListGroupPolicies(ListGroupPoliciesRequest) -> ListGroupPoliciesResponse
);
operations!(
    Role, role_name,
    PutRolePolicy(PutRolePolicyRequest),
    DeleteRolePolicy(DeleteRolePolicyRequest),
    GetRolePolicy(GetRolePolicyRequest) -> GetRolePolicyResponse,
    ListRolePolicies(ListRolePoliciesRequest) -> ListRolePoliciesResponse
);

/// Creates a policy or replaces the one of that name.
async fn put<E: Entity>(
    cx: &Cx<'_>,
    granted: &Granted<Sight<E>>,
    name: &str,
    policy_name: &str,
    text: String,
) -> Result<(), Error> {
    entity::require(granted.seen(), name)?;
    let document = document::identity(text)?;
    entity::change(cx, granted, name, |entity| {
        let (_, inline) = entity.policies();
        replace(inline, policy_name, document);
        let size: usize = inline.iter().map(|(_, document)| Policy::size(&document.text)).sum();
        let most = E::KIND.inline_most;
        if size > most { Err(iam::inline_too_large(most, E::KIND.name, name)) } else { Ok(()) }
    })
    .await?;
    Ok(())
}

fn replace(inline: &mut Vec<(String, Document)>, name: &str, document: Document) {
    match inline.binary_search_by(|(held, _)| held.as_str().cmp(name)) {
        Ok(at) => inline.splice(at..=at, [(name.to_owned(), document)]).for_each(drop),
        Err(at) => inline.insert(at, (name.to_owned(), document)),
    }
}

async fn delete<E: Entity>(
    cx: &Cx<'_>,
    granted: &Granted<Sight<E>>,
    name: &str,
    policy_name: &str,
) -> Result<(), Error> {
    entity::change(cx, granted, name, |entity| {
        let (_, inline) = entity.policies();
        let at = inline.iter().position(|(held, _)| held == policy_name);
        inline.remove(at.ok_or_else(|| iam::no_such_inline_policy(E::KIND.name, policy_name))?);
        Ok(())
    })
    .await?;
    Ok(())
}

fn text<E: Entity>(seen: &Sight<E>, name: &str, policy_name: &str) -> Result<String, Error> {
    let entity = entity::require(seen, name)?;
    let found = entity.facts().inline.iter().find(|(held, _)| held == policy_name);
    let (_, document) = found.ok_or_else(|| iam::no_such_inline_policy(E::KIND.name, policy_name))?;
    Ok(encoded(&document.text))
}
