//! How S3's messages are read from and written to headers, query and XML bodies.

use super::service::{Kind, Service};
use super::{facts, names};
use crate::models::Ref;
use anyhow::{Context, Result, bail};
use std::fmt::Write as _;

/// What an operation's output has besides the members of its body.
#[derive(Default)]
pub(crate) struct Output {
    /// The statements of `body` when they are not those of the members.
    pub(crate) body: Option<String>,
    /// The other methods of `Encode`.
    pub(crate) others: String,
}

/// `Decode` for an operation's input, `read` for a structure in a body.
pub(crate) fn read(service: &Service<'_>, shape: &str) -> Result<String> {
    let name = names::upper(shape);
    let input = service.inputs.contains(shape);
    let mut fields = String::new();
    for (member, r) in service.fields(shape)? {
        let value = if input { top(service, shape, member, r)? } else { nested(service, shape, member, r)? };
        writeln!(fields, "{}: {value},", names::field(member))?;
    }
    Ok(if input {
        format!(
            "impl Decode for {name} {{ fn decode(i: &Incoming<'_>) -> Result<Self, ApiError> {{ \
             Ok(Self {{ {fields} }}) }} }}\n\n"
        )
    } else {
        format!(
            "impl {name} {{ fn read(n: &Node) -> Result<Self, ApiError> {{ Ok(Self {{ {fields} }}) }} }}\n\n"
        )
    })
}

/// The `values` module: the enums that requests are held to.
pub(crate) fn limits(service: &Service<'_>) -> Result<String> {
    let mut out = String::from("mod values {\n");
    for name in &service.read {
        if is_enum(service, name)? {
            let values = &service.shape(name)?.values;
            writeln!(out, "pub(super) static {}: &[&str] = &{values:?};", names::constant(name))?;
        }
    }
    out.push('}');
    Ok(out)
}

/// Headers, payload and bodilessness of an operation's output.
pub(crate) fn output(service: &Service<'_>, shape: &str, empty: bool) -> Result<Output> {
    let mut headers = String::new();
    for (member, r) in service.fields(shape)? {
        if r.location.is_some() {
            writeln!(headers, "{};", put(service, shape, member, r)?)?;
        }
    }
    let mut output = Output::default();
    if !headers.is_empty() {
        write!(output.others, "fn headers(&self, out: &mut HeaderMap) {{ {headers} }} ")?;
    }
    match (&service.shape(shape)?.payload, facts::ROOT_CONTENT) {
        (Some(member), _) => payload(service, shape, member, &mut output)?,
        (None, (odd, member)) if odd == shape => {
            let field = names::field(member);
            output.body = Some(format!("if let Some(v) = &self.{field} {{ out.content(v); }}"));
        }
        _ if empty => output.others.push_str(BODILESS),
        _ => {}
    }
    Ok(output)
}

fn payload(service: &Service<'_>, shape: &str, member: &str, output: &mut Output) -> Result<()> {
    let r = service.shape(shape)?.members.as_ref().and_then(|m| m.find(member)).context("payload")?;
    let field = names::field(member);
    match service.kind(&r.shape)? {
        Kind::Structure => {
            output.body = Some(format!("if let Some(v) = &self.{field} {{ v.body(out); }}"));
        }
        Kind::Text => {
            output.body = Some(String::new());
            write!(
                output.others,
                "fn payload(&self) -> Option<&[u8]> {{ self.{field}.as_deref().map(str::as_bytes) }} {BODILESS}"
            )?;
        }
        _ if r.streaming => output.others.push_str(BODILESS),
        other => bail!("{shape} has a payload that is a {other:?}"),
    }
    Ok(())
}

/// A member of an input, wherever the model puts it.
fn top(service: &Service<'_>, shape: &str, member: &str, r: &Ref) -> Result<String> {
    let wire = r.location_name.as_deref().unwrap_or(member);
    let found = match r.location.as_deref() {
        Some("uri") => return Ok(format!("rest::{}(i)?", names::snake(member))),
        Some("headers") => return Ok(format!("rest::prefixed(i, {wire:?})?")),
        Some("header") => format!("rest::header(i, {wire:?})?"),
        Some("querystring") => format!("rest::query(i, {wire:?})"),
        None => return body(service, shape, member, wire, r),
        Some(other) => bail!("{shape}.{member} is in {other}"),
    };
    let value = match service.kind(&r.shape)? {
        Kind::Text if is_enum(service, &r.shape)? => format!("{found}.one_of({})?", values(&r.shape)),
        Kind::Text => format!("{found}.text()"),
        Kind::Integer => format!("{found}.integer()?"),
        Kind::Boolean => format!("{found}.boolean()?"),
        Kind::Timestamp => format!("{found}.timestamp()?"),
        Kind::List => return Ok(format!("{found}.list_of({})?", values(&service.inner(&r.shape)?.shape))),
        other => bail!("{shape}.{member} is a {other:?}"),
    };
    let needed = service.shape(shape)?.requires(member);
    Ok(if needed { format!("rest::required({wire:?}, {value})?") } else { value })
}

fn body(service: &Service<'_>, shape: &str, member: &str, wire: &str, r: &Ref) -> Result<String> {
    let value = match service.kind(&r.shape)? {
        Kind::Structure => format!("rest::payload(i, {wire:?}, {}::read)?", names::upper(&r.shape)),
        Kind::Text => "rest::body_text(i)?".to_owned(),
        other => bail!("{shape}.{member} is a {other:?} in the body"),
    };
    let needed = service.shape(shape)?.requires(member);
    Ok(if needed { format!("rest::required(\"\", {value})?") } else { value })
}

/// A member of a structure in an XML body.
fn nested(service: &Service<'_>, shape: &str, member: &str, r: &Ref) -> Result<String> {
    let wire = r.location_name.as_deref().unwrap_or(member);
    let structure = |name: &str| format!("{}::read", names::upper(name));
    let value = match service.kind(&r.shape)? {
        Kind::Text if r.xml_attribute => {
            let (_, name) = wire.split_once(':').unwrap_or(("", wire));
            format!("n.attribute_one_of({name:?}, {})?", values(&r.shape))
        }
        Kind::Text if is_enum(service, &r.shape)? => format!("n.one_of({wire:?}, {})?", values(&r.shape)),
        Kind::Text => format!("n.text({wire:?})?"),
        Kind::Integer => format!("n.integer({wire:?})?"),
        Kind::Boolean => format!("n.boolean({wire:?})?"),
        Kind::Timestamp => format!("n.timestamp({wire:?})?"),
        Kind::Structure => format!("n.structure({wire:?}, {})?", structure(&r.shape)),
        Kind::List => {
            let inner = service.inner(&r.shape)?;
            let each = structure(&inner.shape);
            let wrapped = inner.location_name.as_deref().unwrap_or("member");
            let flat = r.flattened || service.shape(&r.shape)?.flattened;
            if flat {
                format!("n.flat_list({wire:?}, {each})?")
            } else {
                format!("n.list({wire:?}, {wrapped:?}, {each})?")
            }
        }
        other => bail!("{shape}.{member} is a {other:?}"),
    };
    let list = service.kind(&r.shape)? == Kind::List;
    Ok(match (service.shape(shape)?.requires(member), list) {
        (true, _) => format!("Node::required({value})?"),
        (false, true) => format!("{value}.unwrap_or_default()"),
        (false, false) => value,
    })
}

/// The statement that sets an output's header.
fn put(service: &Service<'_>, shape: &str, member: &str, r: &Ref) -> Result<String> {
    let wire = r.location_name.as_deref().unwrap_or(member);
    let name = wire.to_ascii_lowercase();
    let field = format!("self.{}", names::field(member));
    let option = service.is_option(shape, member, r)?;
    let value = if option { field.clone() } else { format!("Some({field})") };
    Ok(match service.kind(&r.shape)? {
        Kind::Text if option => format!("rest::put_text(out, {name:?}, {field}.as_deref())"),
        Kind::Text => format!("rest::put_text(out, {name:?}, Some(&{field}))"),
        Kind::Integer => format!("rest::put_integer(out, {name:?}, {value})"),
        Kind::Boolean => format!("rest::put_boolean(out, {name:?}, {value})"),
        Kind::Timestamp if service.shape(&r.shape)?.timestamp_format.as_deref() == Some("iso8601") => {
            format!("rest::put_iso(out, {name:?}, {value})")
        }
        Kind::Timestamp => format!("rest::put_date(out, {name:?}, {value})"),
        Kind::Map => format!("rest::put_prefixed(out, {name:?}, &{field})"),
        other => bail!("{shape}.{member} is a {other:?}"),
    })
}

fn values(shape: &str) -> String {
    format!("values::{}", names::constant(shape))
}

fn is_enum(service: &Service<'_>, shape: &str) -> Result<bool> {
    Ok(!service.shape(shape)?.values.is_empty() && !facts::OPEN_ENUMS.contains(&shape))
}

const BODILESS: &str = "fn is_bodiless(&self) -> bool { true }";
