use rolecall_wire::{Service, operation};
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
