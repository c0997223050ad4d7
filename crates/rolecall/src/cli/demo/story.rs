//! The story: a user without rights borrows a role's, and loses them every way there is.

use super::Expect::{Done, Refused};
use super::Request::{Query, S3};
use super::{Ask, Play};
use crate::client::{Credentials, Reply};
use anyhow::Result;
use http::Method;
use rolecall_wire::Service::{Iam, Rolecall, Sts};

/// Plays all of it.
pub(super) async fn tell(play: &mut Play) -> Result<()> {
    let user = create_user(play).await?;
    create_role(play).await?;
    let session = assume_role(play, &user).await?;
    use_role(play, &session).await?;
    external_id(play, &user).await?;
    tamper(play, &session).await?;
    expire(play, &session).await?;
    detach(play, &user).await
}

async fn create_user(play: &mut Play) -> Result<Credentials> {
    let chapter = "1. Create an IAM user with no permissions";
    let user = [("UserName", USER)];
    let bucket =
        Ask { command: "aws s3 mb s3://my-learnaws-test-bucket", request: S3(Method::PUT, BUCKET, "") };
    as_root(play, chapter, bucket).await?;
    let command = "aws s3 cp hello.txt s3://my-learnaws-test-bucket/";
    as_root(play, chapter, Ask { command, request: S3(Method::PUT, OBJECT, HELLO) }).await?;
    let command = "aws iam create-user --user-name learnaws-test-user";
    as_root(play, chapter, Ask { command, request: Query(Iam, "CreateUser", &user) }).await?;
    let command = "aws iam create-access-key --user-name learnaws-test-user";
    let key = as_root(play, chapter, Ask { command, request: Query(Iam, "CreateAccessKey", &user) }).await?;
    let user = key.credentials()?;
    play.step(chapter, (USER, &user), list(), Refused(403, "AccessDenied", USER_MAY_NOT_LIST)).await?;
    Ok(user)
}

async fn create_role(play: &mut Play) -> Result<()> {
    let chapter = "2. Create a role that the user can assume";
    let role = [("RoleName", ROLE), ("AssumeRolePolicyDocument", TRUST)];
    let command =
        "aws iam create-role --role-name learnaws-test-role --assume-role-policy-document file://trust.json";
    as_root(play, chapter, Ask { command, request: Query(Iam, "CreateRole", &role) }).await?;
    let command = "aws iam attach-role-policy --role-name learnaws-test-role \
                   --policy-arn arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess";
    as_root(play, chapter, Ask { command, request: Query(Iam, "AttachRolePolicy", &ATTACHED) }).await?;
    Ok(())
}

async fn assume_role(play: &mut Play, user: &Credentials) -> Result<Credentials> {
    let chapter = "3. Assume the role";
    let session = assume(play, chapter, user).await?;
    let ask = Ask { command: "aws sts get-caller-identity", request: Query(Sts, "GetCallerIdentity", &[]) };
    play.step(chapter, (SESSION, &session), ask, Done(SESSION_ARN)).await?;
    Ok(session)
}

async fn use_role(play: &mut Play, session: &Credentials) -> Result<()> {
    let chapter = "4. Use the role: reading works, writing does not";
    play.step(chapter, (SESSION, session), list(), Done(BUCKET_NAME)).await?;
    let command = "aws s3 cp s3://my-learnaws-test-bucket/hello.txt -";
    let ask = Ask { command, request: S3(Method::GET, OBJECT, "") };
    play.step(chapter, (SESSION, session), ask, Done(HELLO)).await?;
    let command = "aws s3 cp hello.txt s3://my-learnaws-test-bucket/";
    let ask = Ask { command, request: S3(Method::PUT, OBJECT, "other words") };
    play.step(chapter, (SESSION, session), ask, Refused(403, "AccessDenied", SESSION_MAY_NOT_PUT)).await?;
    Ok(())
}

async fn external_id(play: &mut Play, user: &Credentials) -> Result<()> {
    let chapter = "5. The role now asks for an external id";
    let trust = [("RoleName", ROLE), ("PolicyDocument", TRUST_WITH_EXTERNAL_ID)];
    let command = "aws iam update-assume-role-policy --role-name learnaws-test-role --policy-document file://trust2.json";
    as_root(play, chapter, Ask { command, request: Query(Iam, "UpdateAssumeRolePolicy", &trust) }).await?;
    let wrong = [("RoleArn", ROLE_ARN), ("RoleSessionName", SESSION), ("ExternalId", "wrong")];
    let command =
        "aws sts assume-role --role-arn $ROLE_ARN --role-session-name MySessionName --external-id wrong";
    let ask = Ask { command, request: Query(Sts, "AssumeRole", &wrong) };
    play.step(chapter, (USER, user), ask, Refused(403, "AccessDenied", USER_MAY_NOT_ASSUME)).await?;
    assume(play, chapter, user).await?;
    Ok(())
}

async fn tamper(play: &mut Play, session: &Credentials) -> Result<()> {
    let chapter = "6. A session token that somebody changed";
    let token = session.session_token.as_deref().map(altered);
    let forged = Credentials { session_token: token, ..session.clone() };
    let ask = Ask { command: "aws sts get-caller-identity", request: Query(Sts, "GetCallerIdentity", &[]) };
    let expect =
        Refused(403, "InvalidClientTokenId", "The security token included in the request is invalid.");
    play.step(chapter, (SESSION, &forged), ask, expect).await?;
    Ok(())
}

async fn expire(play: &mut Play, session: &Credentials) -> Result<()> {
    let chapter = "7. An hour and a second later";
    let step = [("Seconds", "3601")];
    let clock =
        Ask { command: "rolecall clock advance 3601", request: Query(Rolecall, "AdvanceClock", &step) };
    as_root(play, chapter, clock).await?;
    let ask = Ask { command: "aws sts get-caller-identity", request: Query(Sts, "GetCallerIdentity", &[]) };
    let expect = Refused(403, "ExpiredToken", "The security token included in the request is expired");
    play.step(chapter, (SESSION, session), ask, expect).await?;
    let expect = Refused(400, "ExpiredToken", "The provided token has expired.");
    play.step(chapter, (SESSION, session), list(), expect).await?;
    Ok(())
}

async fn detach(play: &mut Play, user: &Credentials) -> Result<()> {
    let chapter = "8. New credentials, until the role loses its policy";
    let session = assume(play, chapter, user).await?;
    play.step(chapter, (SESSION, &session), list(), Done(BUCKET_NAME)).await?;
    let command = "aws iam detach-role-policy --role-name learnaws-test-role \
                   --policy-arn arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess";
    as_root(play, chapter, Ask { command, request: Query(Iam, "DetachRolePolicy", &ATTACHED) }).await?;
    play.step(chapter, (SESSION, &session), list(), Refused(403, "AccessDenied", SESSION_MAY_NOT_LIST))
        .await?;
    Ok(())
}

async fn as_root(play: &mut Play, chapter: &'static str, ask: Ask<'_>) -> Result<Reply> {
    let root = play.root.clone();
    play.step(chapter, ("root", &root), ask, Done("")).await?.done()
}

async fn assume(play: &mut Play, chapter: &'static str, user: &Credentials) -> Result<Credentials> {
    let params = [("RoleArn", ROLE_ARN), ("RoleSessionName", SESSION), ("ExternalId", EXTERNAL_ID)];
    let command = "aws sts assume-role --role-arn $ROLE_ARN --role-session-name MySessionName --external-id learnaws-id";
    let ask = Ask { command, request: Query(Sts, "AssumeRole", &params) };
    play.step(chapter, (USER, user), ask, Done(SESSION_ARN)).await?.done()?.credentials()
}

fn list() -> Ask<'static> {
    Ask { command: "aws s3 ls", request: S3(Method::GET, "/", "") }
}

/// The token with one character in its middle exchanged.
fn altered(token: &str) -> String {
    let middle = token.len() / 2;
    let change = |(at, c)| {
        if at != middle {
            c
        } else if c == 'A' {
            'B'
        } else {
            'A'
        }
    };
    token.chars().enumerate().map(change).collect()
}

const USER: &str = "learnaws-test-user";
const ROLE: &str = "learnaws-test-role";
const ROLE_ARN: &str = "arn:aws:iam::123456789012:role/learnaws-test-role";
const SESSION: &str = "MySessionName";
const SESSION_ARN: &str = "arn:aws:sts::123456789012:assumed-role/learnaws-test-role/MySessionName";
const EXTERNAL_ID: &str = "learnaws-id";
const BUCKET: &str = "/my-learnaws-test-bucket";
const BUCKET_NAME: &str = "my-learnaws-test-bucket";
const OBJECT: &str = "/my-learnaws-test-bucket/hello.txt";
const HELLO: &str = "hello";
const ATTACHED: [(&str, &str); 2] =
    [("RoleName", ROLE), ("PolicyArn", "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess")];
const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:user/learnaws-test-user"},"Action":"sts:AssumeRole"}]}"#;
const TRUST_WITH_EXTERNAL_ID: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:user/learnaws-test-user"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"learnaws-id"}}}]}"#;
const USER_MAY_NOT_LIST: &str = "User: arn:aws:iam::123456789012:user/learnaws-test-user is not authorized to \
     perform: s3:ListAllMyBuckets because no identity-based policy allows the s3:ListAllMyBuckets action";
const USER_MAY_NOT_ASSUME: &str = "User: arn:aws:iam::123456789012:user/learnaws-test-user is not authorized to \
     perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role/learnaws-test-role";
const SESSION_MAY_NOT_PUT: &str = "User: arn:aws:sts::123456789012:assumed-role/learnaws-test-role/MySessionName \
     is not authorized to perform: s3:PutObject on resource: \"arn:aws:s3:::my-learnaws-test-bucket/hello.txt\" \
     because no identity-based policy allows the s3:PutObject action";
const SESSION_MAY_NOT_LIST: &str = "User: arn:aws:sts::123456789012:assumed-role/learnaws-test-role/MySessionName \
     is not authorized to perform: s3:ListAllMyBuckets because no identity-based policy allows the \
     s3:ListAllMyBuckets action";
