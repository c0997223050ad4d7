//! Replays requests, signed as it starts, and fails when any answer is not 200.

use anyhow::{Context, Result, bail};
use http::Method;
use rolecall_bench::load::Load;
use rolecall_bench::signed::{Key, Sender};
use rolecall_bench::world::assume_role_requests;
use std::env;

fn main() -> Result<()> {
    let args: Vec<String> = env::args().skip(1).collect();
    let [address, count, connections, what @ ..] = args.as_slice() else { bail!(USAGE) };
    let address = address.trim_start_matches("http://").parse().context("ADDRESS")?;
    let requests = requests(Sender { address, key: &key() }, what)?;
    let (count, connections) = (count.parse().context("COUNT")?, connections.parse().context("CONNECTIONS")?);
    let outcome = Load { address, requests: &requests, connections, count, rate: None }.run()?;
    println!(
        "{} requests, {:.2} s, {:.0}/s, p50 {:.2} ms, p99 {:.2} ms",
        outcome.requests(),
        outcome.wall.as_secs_f64(),
        outcome.per_second(),
        outcome.percentile(0.5),
        outcome.percentile(0.99)
    );
    println!("{}", outcome.json());
    Ok(())
}

fn requests(sender: Sender<'_>, what: &[String]) -> Result<Vec<Vec<u8>>> {
    let what: Vec<&str> = what.iter().map(String::as_str).collect();
    Ok(match what.as_slice() {
        ["caller-identity"] => vec![sender.query("sts", "GetCallerIdentity", &[])?],
        ["assume-role", role] => assume_role_requests(sender, role)?,
        ["get", path] => vec![sender.s3(Method::GET, path, &[])?],
        ["put", path, size] => {
            vec![sender.s3(Method::PUT, path, &vec![b'x'; size.parse().context("SIZE")?])?]
        }
        _ => bail!(USAGE),
    })
}

/// The credential of the environment; a server that checks none takes any.
fn key() -> Key {
    let var = |name| env::var(name).ok();
    let id = var("AWS_ACCESS_KEY_ID").unwrap_or_else(|| "AKIAIOSFODNN7EXAMPLE".to_owned());
    let mut key = Key::new(&id, &var("AWS_SECRET_ACCESS_KEY").unwrap_or_else(|| "none".to_owned()));
    key.token = var("AWS_SESSION_TOKEN");
    key
}

const USAGE: &str = "usage: load ADDRESS COUNT CONNECTIONS \
    (caller-identity | assume-role ROLE_ARN | get /BUCKET/KEY | put /BUCKET/KEY SIZE)";
