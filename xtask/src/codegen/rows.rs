//! The operation table, the operations' types and the error codes of a service.

use super::service::{Kind, Service};
use super::{facts, names};
use crate::models::{Operation, Ref};
use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Imports, `ROWS`, `op`, `error`.
pub(crate) fn code(service: &Service<'_>) -> Result<String> {
    let mut operations: Vec<&Operation> = service.model.operations.values().collect();
    operations.sort_by(|a, b| a.name.cmp(&b.name));
    let mut out = format!("//! `{}`: messages, operations, errors.\n\n", service.name);
    out.push_str(IMPORTS);
    out.push_str(if service.is_rest() { REST_IMPORTS } else { QUERY_IMPORTS });
    let list: Vec<String> =
        operations.iter().map(|o| format!("&row::{}", names::constant(&o.name))).collect();
    write!(
        out,
        "/// Every operation, sorted by name.\npub static ROWS: &[&Row] = &[{}];\n\n",
        list.join(", ")
    )?;
    out.push_str("pub mod row { use crate::operation::{Effect, Proof, Row, Service}; use http::Method;\n");
    for operation in &operations {
        out.push_str(&row(service, operation)?);
    }
    out.push_str(
        "}\n\n/// The operations as types.\npub mod op { use crate::operation::{Nothing, Operation, Row};\n",
    );
    for operation in &service.served {
        out.push_str(&operation_type(operation));
    }
    out.push_str("}\n\n");
    out.push_str(&errors(service)?);
    Ok(out)
}

fn row(service: &Service<'_>, o: &Operation) -> Result<String> {
    let (path, query) = o.http.request_uri.split_once('?').unwrap_or((&o.http.request_uri, ""));
    let mut demanded: Vec<String> = query.split('&').filter(|q| !q.is_empty()).map(demand).collect();
    let mut accepted = Vec::new();
    for (member, r) in query_members(service, o)? {
        let name = r.location_name.as_deref().unwrap_or(member);
        if service.shape(&o.input.as_ref().context("input")?.shape)?.requires(member) {
            demanded.push(format!("({name:?}, None)"));
        } else {
            accepted.push(format!("{name:?}"));
        }
    }
    if let (Some(input), "query" | "json") = (&o.input, service.model.metadata.protocol.as_str()) {
        parameters(service, &input.shape, "", &mut accepted)?;
    }
    Ok(format!(
        "pub static {}: Row = Row {{ service: Service::{}, name: {:?}, method: Method::{}, path: {path:?}, \
         query: &[{}], accepts: &[{}], header: {:?}, effect: Effect::{}, proof: Proof::{}, streams_in: {}, streams_out: {}, \
         result: {:?}, status: {} }};\n",
        names::constant(&o.name),
        names::upper(service.name),
        o.name,
        o.http.method,
        demanded.join(", "),
        accepted.join(", "),
        header(service, o)?,
        effect(&o.name),
        proof(service, o),
        streams(service, o.input.as_ref())?,
        streams(service, o.output.as_ref())?,
        result(service, o)?,
        o.http.response_code.unwrap_or(200),
    ))
}

/// The names that the parts of a message have as parameters, with `*` for the number of a list's member.
fn parameters(service: &Service<'_>, shape: &str, place: &str, names: &mut Vec<String>) -> Result<()> {
    let at = |name: &str| if place.is_empty() { name.to_owned() } else { format!("{place}.{name}") };
    match service.kind(shape)? {
        Kind::Structure => {
            for (member, r) in service.fields(shape)? {
                parameters(service, &r.shape, &at(member), names)?;
            }
        }
        Kind::List => parameters(service, &service.inner(shape)?.shape, &at("member.*"), names)?,
        Kind::Map => {
            names.push(format!("{:?}", at("entry.*.key")));
            parameters(service, &service.inner(shape)?.shape, &at("entry.*.value"), names)?;
        }
        _ => names.push(format!("{place:?}")),
    }
    Ok(())
}

/// Names of operations begin with what they do, but for the few that [`facts::EFFECTS`] lists.
fn effect(name: &str) -> &'static str {
    let known = facts::EFFECTS.iter().find(|(listed, _)| *listed == name).map(|(_, effect)| *effect);
    let reads = || facts::READS.iter().any(|verb| name.starts_with(verb));
    known.unwrap_or_else(|| if reads() { "Reads" } else { "Writes" })
}

fn proof(service: &Service<'_>, o: &Operation) -> &'static str {
    match (o.authtype.as_deref(), service.name) {
        (Some("none"), _) => "Provider",
        (_, "s3") => "SignatureIfAny",
        _ => "Signature",
    }
}

fn demand(part: &str) -> String {
    match part.split_once('=') {
        Some((name, value)) => format!("({name:?}, Some({value:?}))"),
        None => format!("({part:?}, None)"),
    }
}

fn query_members<'a>(service: &Service<'a>, o: &Operation) -> Result<Vec<&'a (String, Ref)>> {
    let Some(input) = &o.input else { return Ok(Vec::new()) };
    let members = service.shape(&input.shape)?.fields().iter();
    Ok(members.filter(|(_, r)| r.location.as_deref() == Some("querystring")).collect())
}

/// Copies differ from uploads by the header that names their source.
fn header(service: &Service<'_>, o: &Operation) -> Result<Option<&'static str>> {
    let Some(input) = &o.input else { return Ok(None) };
    let copies = service.shape(&input.shape)?.requires("CopySource");
    Ok(copies.then_some("x-amz-copy-source"))
}

fn streams(service: &Service<'_>, message: Option<&Ref>) -> Result<bool> {
    let Some(message) = message else { return Ok(false) };
    Ok(service.shape(&message.shape)?.fields().iter().any(|(_, r)| r.streaming))
}

fn result(service: &Service<'_>, o: &Operation) -> Result<Option<String>> {
    let Some(output) = &o.output else { return Ok(None) };
    if !service.is_rest() {
        return Ok(output.result_wrapper.clone());
    }
    let shape = service.shape(&output.shape)?;
    let payload = shape.payload.as_ref().and_then(|p| shape.members.as_ref()?.find(p).map(|r| (p, r)));
    let root = facts::ROOTS.iter().find(|(name, _)| *name == o.name).map(|(_, root)| (*root).to_owned());
    let Some((name, r)) = payload else { return Ok(root) };
    let is_xml = service.kind(&r.shape)? == Kind::Structure;
    Ok(root.or_else(|| is_xml.then(|| r.location_name.clone().unwrap_or_else(|| name.clone()))))
}

fn operation_type(o: &Operation) -> String {
    let message = |r: &Option<Ref>| {
        r.as_ref().map_or("Nothing".to_owned(), |r| format!("super::{}", names::upper(&r.shape)))
    };
    let name = names::upper(&o.name);
    format!(
        "#[derive(Debug, Clone, Copy)] pub struct {name};\n\
         impl Operation for {name} {{ const ROW: &'static Row = &super::row::{}; type Input = {}; type Output = {}; }}\n",
        names::constant(&o.name),
        message(&o.input),
        message(&o.output),
    )
}

fn errors(service: &Service<'_>) -> Result<String> {
    let mut codes = BTreeMap::new();
    for r in service.model.operations.values().flat_map(|o| &o.errors) {
        let facts = service.shape(&r.shape)?.error.as_ref();
        let code = facts.and_then(|f| f.code.clone()).unwrap_or_else(|| r.shape.clone());
        let status = facts.map_or(400, |f| f.http_status_code);
        codes.insert(code, status);
    }
    if codes.is_empty() {
        return Ok(String::new());
    }
    let mut out =
        String::from("/// The errors of the operations.\npub mod error { use crate::error::ErrorCode;\n");
    for (code, status) in codes {
        let fault = if status >= 500 { "receiver" } else { "sender" };
        let name = names::constant(code.strip_suffix("Exception").unwrap_or(&code));
        writeln!(out, "pub const {name}: ErrorCode = ErrorCode::{fault}({code:?}, {status});")?;
    }
    out.push_str("}\n\n");
    Ok(out)
}

const IMPORTS: &str = "use crate::error::ApiError; use crate::operation::{Decode, Encode, Row}; \
                       use crate::request::Incoming; ";
const QUERY_IMPORTS: &str = "use crate::limits::{Number, Size, Style, Text}; use crate::query::{self, Node, Reader}; \
                             use crate::write::{Writer, document, integer, list, map, structure, text};\n\n";
const REST_IMPORTS: &str = "use crate::rest; use crate::xml::Node; use http::HeaderMap; \
                            use crate::write::{Writer, flat_list, list, structure, text};\n\n";
