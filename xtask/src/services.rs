//! The names that requests to AWS's services are signed for, with the protocols that the services speak: facts of
//! the public models, so that a server that lacks a service knows that there is one.

use crate::models::{folder, gunzip};
use anyhow::{Context, Result};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Protocols by name.
pub(crate) type Services = BTreeMap<String, BTreeSet<String>>;

#[derive(Deserialize)]
struct Model {
    metadata: Metadata,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    endpoint_prefix: String,
    signing_name: Option<String>,
    protocol: String,
}

/// Writes `models/services.json` from all models under `data`, of every version.
///
/// # Errors
/// When a model is not of the form expected.
pub(crate) fn prune(data: &Path) -> Result<()> {
    let mut services = Services::new();
    for file in models(data)? {
        let model: Model =
            serde_json::from_slice(&gunzip(&file)?).with_context(|| file.display().to_string())?;
        let Metadata { endpoint_prefix, signing_name, protocol } = model.metadata;
        services.entry(signing_name.unwrap_or(endpoint_prefix)).or_default().insert(protocol);
    }
    let line = |(name, protocols)| Ok(format!("{name:?}:{}", serde_json::to_string(protocols)?));
    let lines: Result<Vec<String>> = services.iter().map(line).collect();
    Ok(std::fs::write(file(), format!("{{\n{}\n}}\n", lines?.join(",\n")))?)
}

fn models(data: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for service in std::fs::read_dir(data)? {
        let service = service?.path();
        if service.is_dir() {
            let versions = std::fs::read_dir(service)?.collect::<std::io::Result<Vec<_>>>()?;
            files.extend(versions.into_iter().map(|version| version.path().join("service-2.json.gz")));
        }
    }
    files.retain(|file| file.exists());
    Ok(files)
}

/// The generated file: what each speaks to those who name no operation in a header or form.
///
/// # Errors
/// When `models/services.json` cannot be read.
pub(crate) fn generated() -> Result<String> {
    let text = std::fs::read_to_string(file()).context("models/services.json")?;
    let services: Services = serde_json::from_str(&text)?;
    let mut out = String::from(
        "//! The names that requests to AWS's services are signed for.\n\nuse crate::operation::Protocol;\n\n\
         /// The names in their order, with what each service speaks to those who name no operation in a form or a \
         header.\npub(crate) static SERVICES: &[(&str, Protocol)] = &[\n",
    );
    for (name, protocols) in &services {
        writeln!(out, "({name:?}, Protocol::{}),", spoken(protocols))?;
    }
    out.push_str("];\n");
    Ok(out)
}

fn spoken(protocols: &BTreeSet<String>) -> &'static str {
    let speaks = |name| protocols.contains(name);
    if speaks("rest-json") {
        "RestJson"
    } else if speaks("rest-xml") {
        "RestXml"
    } else if speaks("query") || speaks("ec2") {
        "Query"
    } else {
        "Json"
    }
}

fn file() -> PathBuf {
    folder().join("services.json")
}
