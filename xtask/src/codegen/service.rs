//! One service's file: the order of its parts, and which shapes it needs.

use super::pattern::Patterns;
use super::{body, facts, names, query, rest, rows, structs};
use crate::models::{Model, Operation, Ref, Shape};
use anyhow::{Result, bail};
use std::collections::BTreeSet;

/// A service model with what is needed of it.
pub(crate) struct Service<'a> {
    pub(crate) name: &'a str,
    pub(crate) model: &'a Model,
    /// Operations whose messages are read and written.
    pub(crate) served: Vec<&'a Operation>,
    /// Top-level input and output structures.
    pub(crate) inputs: BTreeSet<String>,
    pub(crate) outputs: BTreeSet<String>,
    /// Everything those reach.
    pub(crate) read: BTreeSet<String>,
    pub(crate) written: BTreeSet<String>,
}

/// What a Rust field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Integer,
    Boolean,
    Timestamp,
    Blob,
    Structure,
    /// Any JSON, as text.
    Document,
    List,
    Map,
}

/// The text of a service's generated file.
pub(crate) fn file(name: &str, model: &Model, patterns: &mut Patterns) -> Result<String> {
    let service = Service::new(name, model)?;
    let mut out = String::new();
    out.push_str(&rows::code(&service)?);
    for shape in service.read.union(&service.written) {
        if service.kind(shape)? == Kind::Structure {
            out.push_str(&structs::code(&service, shape)?);
            out.push_str(&messages(&service, shape)?);
        }
    }
    if service.is_rest() {
        out.push_str(&rest::limits(&service)?);
    } else {
        out.push_str(&query::limits(&service, patterns)?);
    }
    Ok(out)
}

fn messages(service: &Service<'_>, shape: &str) -> Result<String> {
    let mut out = String::new();
    if service.read.contains(shape) {
        out.push_str(&if service.is_rest() {
            rest::read(service, shape)?
        } else {
            query::read(service, shape)?
        });
    }
    if service.written.contains(shape) {
        out.push_str(&body::code(service, shape)?);
    }
    Ok(out)
}

impl<'a> Service<'a> {
    pub(crate) fn new(name: &'a str, model: &'a Model) -> Result<Self> {
        let is_served = |o: &&Operation| name != "s3" || crate::models::SERVED_S3.contains(&o.name.as_str());
        let served: Vec<&Operation> = model.operations.values().filter(is_served).collect();
        let names = |refs: Vec<&Option<Ref>>| refs.into_iter().flatten().map(|r| r.shape.clone()).collect();
        let inputs: BTreeSet<String> = names(served.iter().map(|o| &o.input).collect());
        let outputs: BTreeSet<String> = names(served.iter().map(|o| &o.output).collect());
        let read = model.reachable(inputs.clone())?;
        let written = model.reachable(outputs.clone())?;
        Ok(Self { name, model, served, inputs, outputs, read, written })
    }

    pub(crate) fn is_rest(&self) -> bool {
        self.model.metadata.protocol == "rest-xml"
    }

    pub(crate) fn shape(&self, name: &str) -> Result<&'a Shape> {
        self.model.shape(name)
    }

    pub(crate) fn kind(&self, name: &str) -> Result<Kind> {
        Ok(match self.shape(name)?.kind.as_str() {
            "string" => Kind::Text,
            "integer" | "long" => Kind::Integer,
            "boolean" => Kind::Boolean,
            "timestamp" => Kind::Timestamp,
            "blob" => Kind::Blob,
            "structure" if self.shape(name)?.document => Kind::Document,
            "structure" => Kind::Structure,
            "list" => Kind::List,
            "map" => Kind::Map,
            other => bail!("{name} is a {other}"),
        })
    }

    /// The shape of a list's members or a map's values.
    pub(crate) fn inner(&self, name: &str) -> Result<&'a Ref> {
        let shape = self.shape(name)?;
        shape.member.as_ref().or(shape.value.as_ref()).ok_or_else(|| anyhow::anyhow!("{name} holds nothing"))
    }

    /// The Rust type of a shape.
    pub(crate) fn rust(&self, name: &str) -> Result<String> {
        Ok(match self.kind(name)? {
            Kind::Text | Kind::Document => "String".to_owned(),
            Kind::Integer | Kind::Timestamp => "i64".to_owned(),
            Kind::Boolean => "bool".to_owned(),
            Kind::Blob => "Vec<u8>".to_owned(),
            Kind::Structure => names::upper(name),
            Kind::List => format!("Vec<{}>", self.rust(&self.inner(name)?.shape)?),
            Kind::Map => format!("Vec<(String, {})>", self.rust(&self.inner(name)?.shape)?),
        })
    }

    /// A structure's members with a field: all but streamed payloads.
    pub(crate) fn fields(&self, shape: &str) -> Result<impl Iterator<Item = &'a (String, Ref)> + use<'a>> {
        let shape = self.shape(shape)?;
        Ok(shape.fields().iter().filter(|(_, r)| !r.streaming))
    }

    /// True when a field is an `Option`: optional, and not a collection, whose absence is emptiness.
    pub(crate) fn is_option(&self, shape: &str, member: &str, r: &Ref) -> Result<bool> {
        let collection = matches!(self.kind(&r.shape)?, Kind::List | Kind::Map);
        let is_told = !collection || facts::EMPTY_OR_ABSENT.contains(&(shape, member));
        let is_required = self.shape(shape)?.requires(member);
        Ok(is_told && (!is_required || facts::NOT_ALWAYS_THERE.contains(&(shape, member))))
    }

    /// True when a list or map is written even when empty.
    pub(crate) fn always_written(&self, shape: &str, member: &str) -> Result<bool> {
        let demanded = self.outputs.contains(shape) || self.shape(shape)?.requires(member);
        Ok(demanded || facts::ALWAYS_WRITTEN.contains(&(shape, member)))
    }
}
