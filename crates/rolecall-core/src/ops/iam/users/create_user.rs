//! `CreateUser`.

use crate::error::Error;
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::id::{Prefix, unique_id};
use crate::ops::iam::entity::{self, Entity};
use crate::ops::iam::path;
use crate::ops::iam::policies::boundary;
use crate::ops::iam::quota;
use crate::ops::iam::tags;
use crate::ops::iam::users;
use crate::records::{self, User, key, user};
use crate::target::{Target, Targets};
use rolecall_wire::iam::{CreateUserRequest, CreateUserResponse, op};

impl Serve for op::CreateUser {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &CreateUserRequest) -> Result<Targets, Error> {
        let path = path::or_root(input.path.as_deref())?;
        let sent = tags::sent(&input.tags)?;
        input.permissions_boundary.as_deref().map_or(Ok(()), boundary::check_form)?;
        let create = Target::new("iam:CreateUser", user::arn(cx.account(), &path, &input.user_name))
            .with_some("iam:PermissionsBoundary", input.permissions_boundary.as_deref());
        Ok(tags::creation(create, "iam:TagUser", &sent))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: CreateUserRequest,
        granted: Granted<()>,
    ) -> Result<Reply<CreateUserResponse>, Error> {
        let user = new_user(cx, input)?;
        let account = cx.account();
        quota::USERS.check(cx.system, &key::users(account)).await?;
        let mut txn = granted.begin(cx);
        entity::check_free::<User>(&mut txn, account, &user.name).await?;
        if let Some(arn) = &user.boundary {
            boundary::check_exists(&mut txn, account, arn).await?;
            boundary::mark(&mut txn, &user, None, Some(arn));
        }
        records::write(&mut txn, User::key(account, &user.name), &user)?;
        txn.commit().await?;
        Ok(CreateUserResponse { user: Some(users::shown(&user)) }.into())
    }
}

fn new_user(cx: &Cx<'_>, input: CreateUserRequest) -> Result<User, Error> {
    let mut held = Vec::new();
    tags::add(&mut held, tags::sent(&input.tags)?)?;
    Ok(User {
        account: cx.account().clone(),
        path: path::or_root(input.path.as_deref())?,
        name: input.user_name,
        id: unique_id(Prefix::User)?,
        created: cx.now,
        tags: held,
        boundary: input.permissions_boundary,
        attached: Vec::new(),
        inline: Vec::new(),
        groups: Vec::new(),
        access_keys: Vec::new(),
    })
}
