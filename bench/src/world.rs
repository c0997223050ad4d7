//! What the server is asked about: a user, a role that trusts them, a bucket and an object of 4 KiB.

use crate::rolecall::Rolecall;
use crate::signed::{Key, Sender, element};
use anyhow::{Result, anyhow};
use http::Method;
use std::net::SocketAddr;

/// What is asked, over and over.
#[derive(Debug, Clone, Copy)]
pub enum Ask {
    /// `AssumeRole` by the user, under different session names.
    AssumeRole,
    /// `GetCallerIdentity` by the user.
    CallerIdentity,
    /// `GetObject` by the user.
    Get,
    /// `GetObject` by the session.
    GetBySession,
    /// `PutObject` by the user, of different objects.
    Put,
}

/// The names and credentials to ask with.
#[derive(Debug)]
pub struct World {
    address: SocketAddr,
    user: Key,
    session: Key,
    role: String,
}

impl World {
    /// Creates everything, as the root user.
    ///
    /// # Errors
    /// When any answer is not 200.
    pub fn create(server: &Rolecall) -> Result<Self> {
        let iam = |action: &str, params: &[(&str, &str)]| {
            server.ask(&server.sender(&server.root).query("iam", action, params)?)
        };
        let created = iam("CreateUser", &[("UserName", "alice")])?;
        let arn = element(&created, "Arn").ok_or_else(|| anyhow!("no Arn in {created}"))?;
        let user = Key::from_xml(&iam("CreateAccessKey", &[("UserName", "alice")])?)?;
        let inline = [("UserName", "alice"), ("PolicyName", "bench"), ("PolicyDocument", USER_POLICY)];
        iam("PutUserPolicy", &inline)?;
        let trust = TRUST.replace("USER", arn);
        let created = iam("CreateRole", &[("RoleName", "reader"), ("AssumeRolePolicyDocument", &trust)])?;
        let role = element(&created, "Arn").ok_or_else(|| anyhow!("no Arn in {created}"))?.to_owned();
        let inline = [("RoleName", "reader"), ("PolicyName", "bench"), ("PolicyDocument", ROLE_POLICY)];
        iam("PutRolePolicy", &inline)?;
        server.ask(&server.sender(&server.root).s3(Method::PUT, "/bench", &[])?)?;
        server.ask(&server.sender(&user).s3(Method::PUT, OBJECT, &OBJECT_BYTES)?)?;
        let session = server.sender(&user).query("sts", "AssumeRole", &assume(&role, "setup"))?;
        let session = Key::from_xml(&server.ask(&session)?)?;
        Ok(Self { address: server.address, user, session, role })
    }

    /// The requests to ask with, signed now.
    ///
    /// # Errors
    /// When the credential cannot stand in a header.
    pub fn requests(&self, ask: Ask) -> Result<Vec<Vec<u8>>> {
        let user = Sender { address: self.address, key: &self.user };
        let session = Sender { address: self.address, key: &self.session };
        match ask {
            Ask::AssumeRole => assume_role_requests(user, &self.role),
            Ask::CallerIdentity => Ok(vec![user.query("sts", "GetCallerIdentity", &[])?]),
            Ask::Get => Ok(vec![user.s3(Method::GET, OBJECT, &[])?]),
            Ask::GetBySession => Ok(vec![session.s3(Method::GET, OBJECT, &[])?]),
            Ask::Put => put_requests(user),
        }
    }
}

impl World {
    /// A request of the user to assume the role, with these parameters besides.
    ///
    /// # Errors
    /// When the credential cannot stand in a header.
    pub fn assume_role(&self, params: &[(&str, &str)]) -> Result<Vec<u8>> {
        let user = Sender { address: self.address, key: &self.user };
        user.query("sts", "AssumeRole", &[&assume(&self.role, "sized"), params].concat())
    }
}

/// Requests to assume a role under different session names.
///
/// # Errors
/// When the credential cannot stand in a header.
pub fn assume_role_requests(sender: Sender<'_>, role: &str) -> Result<Vec<Vec<u8>>> {
    let name = |n| format!("session-{n:03}");
    (0..VARIANTS).map(|n| sender.query("sts", "AssumeRole", &assume(role, &name(n)))).collect()
}

fn put_requests(sender: Sender<'_>) -> Result<Vec<Vec<u8>>> {
    let path = |n| format!("/bench/written/{n:03}");
    (0..VARIANTS).map(|n| sender.s3(Method::PUT, &path(n), &OBJECT_BYTES)).collect()
}

fn assume<'a>(role: &'a str, session: &'a str) -> [(&'a str, &'a str); 2] {
    [("RoleArn", role), ("RoleSessionName", session)]
}

/// The path of the object.
pub const OBJECT: &str = "/bench/reports/object-4k";
/// Its bytes.
pub const OBJECT_BYTES: [u8; 4096] = [b'x'; 4096];

const VARIANTS: usize = 256;
const USER_POLICY: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Sid":"Assume","Effect":"Allow","Action":["sts:AssumeRole","sts:TagSession"],
     "Resource":"arn:aws:iam::*:role/*"},
    {"Sid":"Objects","Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],
     "Resource":"arn:aws:s3:::bench/*"}]}"#;
const ROLE_POLICY: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::bench/*"}]}"#;
const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Effect":"Allow","Principal":{"AWS":"USER"},"Action":["sts:AssumeRole","sts:TagSession"]}]}"#;
