//! How a query service's messages are read, and the limits they are held to.

use super::names;
use super::pattern::Patterns;
use super::service::{Kind, Service};
use super::{facts, structs};
use anyhow::{Result, bail, ensure};
use std::fmt::Write as _;

/// `read` for a structure, and `Decode` when it is an operation's input.
pub(crate) fn read(service: &Service<'_>, shape: &str) -> Result<String> {
    let name = names::upper(shape);
    let mut fields = String::new();
    for (member, r) in service.fields(shape)? {
        let required = service.shape(shape)?.requires(member);
        let how = if required { "required" } else { "optional" };
        let reader = reader(service, &r.shape)?;
        let collection = matches!(service.kind(&r.shape)?, Kind::List | Kind::Map);
        let absent = if collection && !required { ".unwrap_or_default()" } else { "" };
        writeln!(fields, "{}: r.{how}(at, {member:?}, {reader})?{absent},", names::field(member))?;
    }
    let (r, at) = if fields.is_empty() { ("_r", "_at") } else { ("r", "at") };
    let mut out = format!(
        "impl {name} {{ fn read({r}: &mut Reader, {at}: &Node<'_>) -> Result<Self, ApiError> {{ \
         Ok(Self {{ {fields} }}) }} }}\n\n"
    );
    if service.inputs.contains(shape) {
        write!(
            out,
            "impl Decode for {name} {{ fn decode(incoming: &Incoming<'_>) -> Result<Self, ApiError> {{ \
             query::decode(incoming, Style::{}, Self::read) }} }}\n\n",
            if service.name == "iam" { "Silent" } else { "Echo" }
        )?;
    }
    Ok(out)
}

/// The `limit` module: what each shape that is read must satisfy.
pub(crate) fn limits(service: &Service<'_>, patterns: &mut Patterns) -> Result<String> {
    let mut out = String::from("mod limit { use crate::limits::{Number, Size, Text};\n");
    for name in &service.read {
        if !is_limited(service, name)? {
            continue;
        }
        let (kind, value) = limit(service, name, patterns)?;
        writeln!(out, "pub(super) static {}: {kind} = {kind} {{ {value} }};", names::constant(name))?;
    }
    out.push('}');
    Ok(out.replace("{ use crate::limits::{Number, Size, Text};", &format!("{{ {}", imports(&out))))
}

fn imports(code: &str) -> String {
    let used: Vec<&str> =
        ["Number", "Size", "Text"].into_iter().filter(|k| code.contains(&format!(": {k} ="))).collect();
    if used.is_empty() { String::new() } else { format!("use crate::limits::{{{}}};", used.join(", ")) }
}

fn reader(service: &Service<'_>, shape: &str) -> Result<String> {
    let rule = rule(service, shape)?;
    Ok(match service.kind(shape)? {
        Kind::Text => format!("|r, n| r.text(n, {rule})"),
        Kind::Integer => format!("|r, n| r.integer(n, {rule})"),
        Kind::Boolean => "Reader::boolean".to_owned(),
        Kind::Timestamp => "Reader::timestamp".to_owned(),
        Kind::Blob => "Reader::blob".to_owned(),
        Kind::Structure => format!("{}::read", names::upper(shape)),
        Kind::Document => bail!("{shape} is a document in a request"),
        Kind::List => list_reader(service, shape, &rule)?,
        Kind::Map => {
            let key = service
                .shape(shape)?
                .key
                .as_ref()
                .map_or(Ok("&Text::ANY".to_owned()), |k| self::rule(service, &k.shape))?;
            let value = reader(service, &service.inner(shape)?.shape)?;
            format!("|r, n| r.map(n, {rule}, {key}, {value})")
        }
    })
}

fn list_reader(service: &Service<'_>, shape: &str, rule: &str) -> Result<String> {
    let inner = service.inner(shape)?;
    ensure!(inner.location_name.is_none() && !service.shape(shape)?.flattened, "{shape} is no plain list");
    Ok(match service.kind(&inner.shape)? {
        Kind::Text => format!("|r, n| r.texts(n, {rule}, {})", self::rule(service, &inner.shape)?),
        Kind::Structure => format!("|r, n| r.list(n, {rule}, {})", reader(service, &inner.shape)?),
        other => bail!("{shape} is a list of {other:?}"),
    })
}

/// The path of a shape's limits.
fn rule(service: &Service<'_>, shape: &str) -> Result<String> {
    if is_limited(service, shape)? {
        return Ok(format!("&limit::{}", names::constant(shape)));
    }
    Ok(match service.kind(shape)? {
        Kind::Text => "&Text::ANY".to_owned(),
        Kind::Integer => "&Number::ANY".to_owned(),
        _ => "&Size::ANY".to_owned(),
    })
}

fn is_limited(service: &Service<'_>, name: &str) -> Result<bool> {
    let shape = service.shape(name)?;
    let bounded = shape.min.is_some() || shape.max.is_some();
    Ok(match service.kind(name)? {
        Kind::Text => bounded || shape.pattern.is_some() || !shape.values.is_empty() || shape.sensitive,
        Kind::Integer | Kind::List | Kind::Map => bounded,
        _ => false,
    })
}

fn limit(service: &Service<'_>, name: &str, patterns: &mut Patterns) -> Result<(&'static str, String)> {
    let shape = service.shape(name)?;
    let min = shape.min.filter(|_| !facts::NO_LEAST_LENGTH.contains(&name));
    let bounds = format!("min: {min:?}, max: {:?}", shape.max);
    Ok(match service.kind(name)? {
        Kind::Integer => ("Number", format!("{bounds}, between: {}", facts::BETWEEN.contains(&name))),
        Kind::Text => {
            let pattern = match &shape.pattern {
                Some(text) => format!("Some(&{})", patterns.constant(text)?),
                None => "None".to_owned(),
            };
            let secret = structs::is_secret(service, name)?;
            let values = &shape.values;
            ("Text", format!("{bounds}, pattern: {pattern}, values: &{values:?}, secret: {secret}"))
        }
        _ => ("Size", bounds),
    })
}
