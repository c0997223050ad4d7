//! The catalogue's file: a line a fact, compressed (written by `cargo xtask catalogue`).

use super::{Access, Action, Key, KeyKind, ResourceType, Service};
use flate2::read::ZlibDecoder;
use std::io::Read;
use std::sync::LazyLock;

/// Every service. The file is part of the program, so a line that cannot be read is one that nobody needs.
pub(super) fn services() -> Vec<Service> {
    let mut services: Vec<Service> = Vec::new();
    for line in TEXT.lines() {
        let Some((kind, rest)) = line.split_once(' ') else { continue };
        if kind == "S" {
            let (actions, resource_types, keys) = (Vec::new(), Vec::new(), Vec::new());
            services.push(Service { prefix: rest, actions, resource_types, keys });
        } else if let Some(service) = services.last_mut() {
            add(service, kind, rest);
        }
    }
    services
}

fn add(service: &mut Service, kind: &str, rest: &'static str) {
    match (kind, rest.split_once(' ')) {
        ("K", Some((name, kind))) => service.keys.push(key(name, kind)),
        ("R", Some((name, arn))) => service.resource_types.push(ResourceType { name, arn }),
        ("A", Some((name, lists))) => service.actions.extend(action(name, lists)),
        _ => {}
    }
}

fn key(name: &'static str, kind: &str) -> Key {
    let (many, kind) = kind.strip_prefix("ArrayOf").map_or((false, kind), |kind| (true, kind));
    let kind = match kind {
        "Numeric" => KeyKind::Number,
        "Date" => KeyKind::Date,
        "Bool" => KeyKind::Bool,
        "IPAddress" => KeyKind::Address,
        "ARN" => KeyKind::Arn,
        _ => KeyKind::Text,
    };
    Key { name, kind, many }
}

fn action(name: &'static str, lists: &str) -> Option<Action> {
    let access = match name.as_bytes().first()? {
        b'L' => Access::List,
        b'R' => Access::Read,
        b'T' => Access::Tagging,
        b'P' => Access::Permissions,
        _ => Access::Write,
    };
    let (resource_types, keys) = lists.split_once(' ')?;
    Some(Action {
        name: name.get(1..)?,
        access,
        resource_types: numbers(resource_types),
        keys: numbers(keys),
    })
}

fn numbers(list: &str) -> Vec<usize> {
    list.split(',').filter_map(|number| number.parse().ok()).collect()
}

static TEXT: LazyLock<String> = LazyLock::new(|| {
    let mut text = String::new();
    let read = ZlibDecoder::new(PACKED).read_to_string(&mut text);
    read.map_or_else(|_| String::new(), |_| text)
});

const PACKED: &[u8] = include_bytes!("../../data/catalogue.z");
