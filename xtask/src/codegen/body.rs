//! How a structure is written: its members in the body, and for REST its headers and payload.

use super::service::{Kind, Service};
use super::{facts, names, rest};
use crate::models::Ref;
use anyhow::Result;
use std::fmt::Write as _;

/// `Encode` for a structure.
pub(crate) fn code(service: &Service<'_>, shape: &str) -> Result<String> {
    let mut lines = String::new();
    for (member, r) in service.fields(shape)? {
        if r.xml_attribute {
            lines.insert_str(0, &line(service, shape, member, r)?);
        } else if r.location.is_none() && (shape, member.as_str()) != facts::ROOT_CONTENT {
            lines.push_str(&line(service, shape, member, r)?);
        }
    }
    let more = if service.is_rest() && service.outputs.contains(shape) {
        rest::output(service, shape, lines.is_empty())?
    } else {
        rest::Output::default()
    };
    let lines = more.body.unwrap_or(lines);
    let out = if lines.is_empty() { "_out" } else { "out" };
    let name = names::upper(shape);
    let others = more.others;
    Ok(format!(
        "impl Encode for {name} {{ fn body(&self, {out}: &mut dyn Writer) {{ {lines} }} {others} }}\n\n"
    ))
}

fn line(service: &Service<'_>, shape: &str, member: &str, r: &Ref) -> Result<String> {
    let field = format!("self.{}", names::field(member));
    let wire = r.location_name.as_deref().unwrap_or(member);
    let mut out = String::new();
    match service.kind(&r.shape)? {
        Kind::List | Kind::Map if service.is_option(shape, member, r)? => {
            let write = collection(service, &r.shape, wire, false, "v")?.replace("&v", "v");
            write!(out, "if let Some(v) = &{field} {{ {write}; }}")?;
        }
        Kind::List | Kind::Map => {
            let flat = r.flattened || service.shape(&r.shape)?.flattened;
            let write = collection(service, &r.shape, wire, flat, &field)?;
            if flat || service.always_written(shape, member)? {
                write!(out, "{write};")?;
            } else {
                write!(out, "if !{field}.is_empty() {{ {write}; }}")?;
            }
        }
        _ if service.is_option(shape, member, r)? => {
            write!(out, "if let Some(v) = &{field} {{ {}; }}", single(service, r, wire, "v", true)?)?;
        }
        _ => write!(out, "{};", single(service, r, wire, &field, false)?)?,
    }
    Ok(out)
}

fn single(service: &Service<'_>, r: &Ref, wire: &str, value: &str, is_ref: bool) -> Result<String> {
    let (star, and) = if is_ref { ("*", "") } else { ("", "&") };
    Ok(match service.kind(&r.shape)? {
        Kind::Text if r.xml_attribute => format!("out.attribute({wire:?}, {and}{value})"),
        Kind::Text => format!("out.text({wire:?}, {and}{value})"),
        Kind::Integer => format!("out.integer({wire:?}, {star}{value})"),
        Kind::Boolean => format!("out.boolean({wire:?}, {star}{value})"),
        Kind::Timestamp => format!("out.timestamp({wire:?}, {star}{value})"),
        Kind::Blob => format!("out.blob({wire:?}, {and}{value})"),
        Kind::Document => format!("out.document({wire:?}, {and}{value})"),
        _ => format!("structure(out, {wire:?}, {and}{value})"),
    })
}

fn collection(service: &Service<'_>, shape: &str, wire: &str, flat: bool, field: &str) -> Result<String> {
    let inner = service.inner(shape)?;
    let each = each(service, &inner.shape)?;
    let member = inner.location_name.as_deref().unwrap_or("member");
    Ok(match service.kind(shape)? {
        Kind::Map => format!("map(out, {wire:?}, &{field}, {each})"),
        _ if flat => format!("flat_list(out, {wire:?}, &{field}, {each})"),
        _ => format!("list(out, {wire:?}, {member:?}, &{field}, {each})"),
    })
}

/// What writes one member of a collection.
fn each(service: &Service<'_>, shape: &str) -> Result<String> {
    Ok(match service.kind(shape)? {
        Kind::Text => "text".to_owned(),
        Kind::Integer => "integer".to_owned(),
        Kind::Structure => "structure".to_owned(),
        Kind::Document => "document".to_owned(),
        _ => format!(
            "|out, name, v| {}",
            collection(service, shape, "name", false, "v")?.replace("\"name\"", "name").replace("&v", "v")
        ),
    })
}
