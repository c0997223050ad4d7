//! Asks a server and a floor what servers are asked, while what runs in them is counted: the requests that
//! are measured, and beside them the rest of a server's day, so that nothing common is taken for rare.

use anyhow::{Context, Result};
use http::Method;
use rolecall_bench::connection::Connection;
use rolecall_bench::federation::Issuer;
use rolecall_bench::floor::{Floor, Sample};
use rolecall_bench::load::Load;
use rolecall_bench::rolecall::Rolecall;
use rolecall_bench::rounds::CONNECTIONS;
use rolecall_bench::signed::Key;
use rolecall_bench::world::{Ask, World};
use std::env;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

fn main() -> Result<()> {
    let mut words = env::args().skip(1).map(PathBuf::from);
    let (binary, floor) =
        words.next().zip(words.next()).context("usage: train ROLECALL_BINARY FLOOR_BINARY")?;
    let folder = tempfile::tempdir()?;
    let server = Rolecall::start(&binary, &folder.path().join("data"))?;
    let world = World::create(&server)?;
    for (ask, count) in ASKED {
        send(server.address, &world.requests(ask)?, count)?;
    }
    federated(&server)?;
    refused(&server, &world)?;
    administered(&server)?;
    floors_alike(&floor, &server, &world, folder.path())
}

fn send(address: SocketAddr, requests: &[Vec<u8>], count: usize) -> Result<()> {
    Load { address, requests, connections: CONNECTIONS, count, rate: None }.run().map(drop)
}

fn federated(server: &Rolecall) -> Result<()> {
    let issuer = Issuer::start(server)?;
    send(server.address, &issuer.requests(server.address, FEDERATED)?, FEDERATED)?;
    whatever_is_answered(server.address, &issuer.forged(server.address, 16)?)
}

/// Requests that no policy allows, and requests whose signature is wrong.
fn refused(server: &Rolecall, world: &World) -> Result<()> {
    let nobody = Key::new(&server.root.id, "not the secret");
    let nobody = server.sender(&nobody);
    let elsewhere = nobody.s3(Method::GET, "/bench/reports/object-4k", &[])?;
    let forbidden = world.assume_role(&[("SourceIdentity", "somebody")])?;
    whatever_is_answered(
        server.address,
        &[forbidden, nobody.query("sts", "GetCallerIdentity", &[])?, elsewhere],
    )
}

fn whatever_is_answered(address: SocketAddr, requests: &[Vec<u8>]) -> Result<()> {
    let mut connection = Connection::open(address)?;
    for request in requests.iter().cycle().take(REFUSED) {
        connection.exchange(request)?;
    }
    Ok(())
}

/// Users, roles and policies come, are listed, and go.
fn administered(server: &Rolecall) -> Result<()> {
    let root = server.sender(&server.root);
    for n in 0..ADMINISTERED {
        let name = format!("user-{n}");
        let user = ("UserName", name.as_str());
        let inline = [user, ("PolicyName", "p"), ("PolicyDocument", POLICY)];
        for (action, parameters) in [
            ("CreateUser", &[user] as &[_]),
            ("PutUserPolicy", &inline),
            ("ListUsers", &[]),
            ("GetUser", &[user]),
            ("DeleteUserPolicy", &inline[..2]),
            ("DeleteUser", &[user]),
        ] {
            server.ask(&root.query("iam", action, parameters)?)?;
        }
        server.ask(&root.s3(Method::GET, "/bench", &[])?)?;
    }
    Ok(())
}

/// The floors get their counts, too: they are built with the same flags as the server.
fn floors_alike(program: &Path, server: &Rolecall, world: &World, folder: &Path) -> Result<()> {
    let requests = world.requests(Ask::AssumeRole)?;
    let sample = Sample::take(server, requests.first().context("no request")?, folder)?;
    for floor in Floor::both(program, &sample)? {
        send(floor.address, &requests, FLOOR)?;
    }
    Ok(())
}

/// What is asked, and how often.
const ASKED: [(Ask, usize); 5] = [
    (Ask::AssumeRole, 20_000),
    (Ask::CallerIdentity, 20_000),
    (Ask::Get, 20_000),
    (Ask::GetBySession, 20_000),
    (Ask::Put, 500),
];
const FEDERATED: usize = 4_000;
const REFUSED: usize = 500;
const ADMINISTERED: usize = 50;
const FLOOR: usize = 30_000;
const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::*","Condition":{"Bool":{"aws:SecureTransport":"true"}}},
    {"Effect":"Deny","NotAction":["s3:*","sts:*"],"Resource":"*"}]}"#;
