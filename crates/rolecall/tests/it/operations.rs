//! Which operations are served, and how the others are refused.

use rolecall_core::testing::{Seen, World};
use rolecall_wire::{Row, Service, operation};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::PathBuf;

/// `spec/operations.txt` says of every operation of the models whether it is served. Served ones may only
/// become more; `BLESS=1` writes the list anew.
#[test]
fn the_list_of_operations_is_true_and_nothing_is_served_no_more() {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../spec/operations.txt");
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    let (now, before) = (list(), served(&committed));
    let lost: Vec<_> = before.difference(&served(&now)).cloned().collect();
    assert!(lost.is_empty(), "served once and no more: {lost:?}");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&file, &now).unwrap();
    } else {
        assert_eq!(committed, now, "run `cargo xtask bless` and read the diff");
    }
}

#[test]
fn every_handler_is_listed_once_and_under_its_own_service() {
    let names: Vec<_> = rolecall::operations::served().collect();
    let unique: BTreeSet<_> = names.iter().collect();
    assert_eq!(names.len(), unique.len());
    for handler in rolecall::operations::all() {
        let in_model = operation::find(handler.row.service, handler.row.name).is_some();
        assert!(in_model || OURS.contains(&handler.row.name), "{}", handler.row.name);
    }
}

/// Every operation that a model has and nobody serves is refused under AWS's code, by its name.
#[tokio::test]
async fn what_is_known_and_not_served_says_so_by_name() {
    let world = World::new().await.serving(rolecall_s3::HANDLERS);
    world.s3(Some(&world.root), "PUT", "/bucket", &[], "").await.ok();
    let served: BTreeSet<_> = rolecall::operations::served().collect();
    let mut refused = BTreeSet::new();
    for row in Service::ALL.into_iter().flat_map(operation::rows) {
        if served.contains(&(row.service.prefix(), row.name)) || ELSEWHERE.contains(&row.name) {
            continue;
        }
        let sentence = format!("Rolecall does not serve {}:{}.", row.service.prefix(), row.name);
        match row.service {
            Service::S3 => {
                let seen = not_served_by_s3(&world, row).await;
                seen.expect(501, "NotImplemented", &sentence);
                assert_eq!(seen.tag("Operation"), Some(row.name));
            }
            Service::Organizations => {
                let seen = world.organizations(&world.root, row.name, serde_json::json!({})).await;
                seen.expect_json("UnknownOperationException", &sentence);
                assert_eq!(seen.status, 400);
            }
            service => {
                world.ask(&world.root, service, row.name, &[]).await.expect(400, "InvalidAction", &sentence);
            }
        }
        refused.insert(row.service);
    }
    assert!([Service::Iam, Service::S3, Service::Organizations].iter().all(|one| refused.contains(one)));
}

#[tokio::test]
async fn what_no_model_knows_is_refused_in_awss_words() {
    let world = World::new().await;
    for service in [Service::Sts, Service::Iam] {
        let sentence = format!("Could not find operation CreateNothing for version {}", service.version());
        let seen = world.ask(&world.root, service, "CreateNothing", &[]).await;
        seen.expect(400, "InvalidAction", &sentence);
    }
    let seen = world.organizations(&world.root, "CreateNothing", serde_json::json!({})).await;
    let sentence = "Could not find operation CreateNothing for version 2016-11-28";
    seen.expect_json("UnknownOperationException", sentence);
}

/// The request that means the operation, and its answer.
async fn not_served_by_s3(world: &World, row: &Row) -> Seen {
    let query = |(name, value): &(&str, Option<&str>)| match value {
        Some(value) => format!("{name}={value}"),
        None => format!("{name}=1"),
    };
    let query: Vec<String> = row.query.iter().map(query).collect();
    let path = row.path.replace("{Bucket}", "bucket").replace("{Key+}", "k");
    let path = if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) };
    let headers: Vec<_> = row.header.iter().map(|name| (*name, "1")).collect();
    world.s3(Some(&world.root), row.method.as_str(), &path, &headers, "").await
}

/// What S3 has at addresses of its own, so that here the same request means something else.
const ELSEWHERE: [&str; 2] = ["ListDirectoryBuckets", "WriteGetObjectResponse"];

/// What no model has: a browser's form, and what EC2 does for its instances.
const OURS: [&str; 2] = ["AssumeRoleForInstance", "PostObject"];

fn list() -> String {
    let served: BTreeSet<_> = rolecall::operations::served().collect();
    let mut out = String::new();
    for service in Service::ALL {
        for row in operation::rows(service) {
            let is_served = served.contains(&(service.prefix(), row.name));
            let mark = if is_served { "served" } else { "not yet" };
            writeln!(out, "{:9} {:45} {mark}", service.prefix(), row.name).unwrap();
        }
    }
    out
}

fn served(list: &str) -> BTreeSet<String> {
    let lines = list.lines().filter(|line| line.ends_with(" served"));
    lines.map(|line| line.split_whitespace().take(2).collect::<Vec<_>>().join(" ")).collect()
}
