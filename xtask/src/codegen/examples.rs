//! Tests from the models' worked examples: each input is read from its form, each output written.

use super::names;
use super::service::{Kind, Service};
use crate::models::{Model, Operation};
use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;

type Examples = BTreeMap<String, Vec<BTreeMap<String, Value>>>;

/// The test file of a service.
pub(crate) fn file(name: &str, model: &Model) -> Result<String> {
    let service = Service::new(name, model)?;
    let path = super::root().join("models").join(format!("{name}-examples.json"));
    let examples: Examples = serde_json::from_str(&std::fs::read_to_string(path)?)?;
    let mut out = format!(
        "//! The worked examples of `{name}`.\n\nuse super::{name}::*; use crate::testing::{{reads, writes}};\n\n"
    );
    for (operation, cases) in &examples {
        let operation = model.operations.find(operation).with_context(|| operation.clone())?;
        for (n, case) in cases.iter().enumerate() {
            let test = names::snake(&operation.name);
            write!(
                out,
                "#[test] fn {test}_{}() {{ {} }}\n\n",
                n + 1,
                statements(&service, operation, case)?
            )?;
        }
    }
    Ok(out)
}

fn statements(service: &Service<'_>, o: &Operation, case: &BTreeMap<String, Value>) -> Result<String> {
    let mut out = String::new();
    let empty = Value::Object(serde_json::Map::new());
    if let Some(input) = &o.input {
        let value = case.get("input").unwrap_or(&empty);
        let mut form = Vec::new();
        parameters(service, &input.shape, value, "", &mut form)?;
        let expected = literal(service, &input.shape, value)?;
        write!(out, "reads::<op::{}>(&{form:?}, &{expected});", names::upper(&o.name))?;
    }
    if let Some(output) = &o.output {
        let value = case.get("output").unwrap_or(&empty);
        let mut leaves = Vec::new();
        elements(service, &output.shape, value, &mut leaves)?;
        let output = literal(service, &output.shape, value)?;
        write!(out, "writes::<op::{}>(&{output}, &{leaves:?});", names::upper(&o.name))?;
    }
    Ok(out)
}

/// An example's value as a Rust expression.
fn literal(service: &Service<'_>, shape: &str, value: &Value) -> Result<String> {
    Ok(match service.kind(shape)? {
        Kind::Text => format!("{:?}.to_owned()", scalar(value)?),
        Kind::Integer | Kind::Boolean => value.to_string(),
        Kind::Document => format!("{:?}.to_owned()", value.to_string()),
        Kind::Timestamp => seconds(value)?.to_string(),
        Kind::Blob => format!("{:?}.as_bytes().to_vec()", scalar(value)?),
        Kind::List => {
            let inner = &service.inner(shape)?.shape;
            let items: Result<Vec<_>> = array(value)?.iter().map(|v| literal(service, inner, v)).collect();
            format!("vec![{}]", items?.join(", "))
        }
        Kind::Map => {
            let inner = &service.inner(shape)?.shape;
            let entry = |(k, v): (&String, &Value)| {
                Ok(format!("({k:?}.to_owned(), {})", literal(service, inner, v)?))
            };
            let entries: Result<Vec<_>> = value.as_object().context("map")?.iter().map(entry).collect();
            format!("vec![{}]", entries?.join(", "))
        }
        Kind::Structure => structure(service, shape, value)?,
    })
}

fn structure(service: &Service<'_>, shape: &str, value: &Value) -> Result<String> {
    let name = names::upper(shape);
    let given = value.as_object().context("structure")?;
    let mut fields = String::new();
    let mut all = 0;
    for (member, r) in service.fields(shape)? {
        all += 1;
        let Some(v) = given.get(member) else { continue };
        let v = literal(service, &r.shape, v)?;
        let v = if service.is_option(shape, member, r)? { format!("Some({v})") } else { v };
        write!(fields, "{}: {v}, ", names::field(member))?;
    }
    let known = service.fields(shape)?.filter(|(m, _)| given.contains_key(m)).count();
    ensure!(known == given.len(), "an example of {shape} has unknown members");
    let rest = if known < all { "..Default::default()" } else { "" };
    Ok(format!("{name} {{ {fields}{rest} }}"))
}

/// An example's value as parameters of a form.
fn parameters(
    service: &Service<'_>,
    shape: &str,
    value: &Value,
    at: &str,
    out: &mut Vec<(String, String)>,
) -> Result<()> {
    let under = |name: &str| if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") };
    match service.kind(shape)? {
        Kind::Structure => {
            for (member, r) in service.fields(shape)? {
                if let Some(v) = value.get(member) {
                    parameters(service, &r.shape, v, &under(member), out)?;
                }
            }
        }
        Kind::List => {
            let inner = &service.inner(shape)?.shape;
            for (n, v) in array(value)?.iter().enumerate() {
                parameters(service, inner, v, &under(&format!("member.{}", n + 1)), out)?;
            }
            if array(value)?.is_empty() {
                out.push((at.to_owned(), String::new()));
            }
        }
        Kind::Map => bail!("{shape}: no example has had a map in its input"),
        Kind::Text => out.push((at.to_owned(), scalar(value)?)),
        _ => out.push((at.to_owned(), value.to_string())),
    }
    Ok(())
}

/// The leaf elements an answer must have: name and text, in the model's order.
fn elements(
    service: &Service<'_>,
    shape: &str,
    value: &Value,
    out: &mut Vec<(String, String)>,
) -> Result<()> {
    for (member, r) in service.fields(shape)? {
        if let Some(v) = value.get(member) {
            element(service, &r.shape, v, member, out)?;
        }
    }
    Ok(())
}

fn element(
    service: &Service<'_>,
    shape: &str,
    value: &Value,
    name: &str,
    out: &mut Vec<(String, String)>,
) -> Result<()> {
    match service.kind(shape)? {
        Kind::Structure => elements(service, shape, value, out)?,
        Kind::List => {
            let inner = &service.inner(shape)?.shape;
            array(value)?.iter().try_for_each(|v| element(service, inner, v, "member", out))?;
        }
        Kind::Map => {
            let inner = &service.inner(shape)?.shape;
            for (k, v) in value.as_object().context("map")? {
                out.push(("key".to_owned(), k.clone()));
                element(service, inner, v, "value", out)?;
            }
        }
        Kind::Timestamp => out.push((name.to_owned(), time(value)?)),
        Kind::Blob => out.push((name.to_owned(), base64(scalar(value)?.as_bytes()))),
        Kind::Text => out.push((name.to_owned(), scalar(value)?)),
        Kind::Integer | Kind::Boolean | Kind::Document => out.push((name.to_owned(), value.to_string())),
    }
    Ok(())
}

fn scalar(value: &Value) -> Result<String> {
    value.as_str().map(str::to_owned).with_context(|| format!("{value} is no text"))
}

fn array(value: &Value) -> Result<&Vec<Value>> {
    value.as_array().with_context(|| format!("{value} is no list"))
}

/// A time to the second as answers write it. Examples write `2011-07-15T23:28:33.359Z` and
/// `2013-06-04T18:27:59` alike.
fn time(value: &Value) -> Result<String> {
    Ok(format!("{}Z", scalar(value)?.get(..19).context("time")?))
}

fn seconds(value: &Value) -> Result<i64> {
    let text = scalar(value)?;
    let number = |from: usize, to: usize| -> Result<i64> { Ok(text.get(from..to).context("time")?.parse()?) };
    let days = days(number(0, 4)?, number(5, 7)?, number(8, 10)?);
    Ok(days * 86_400 + number(11, 13)? * 3600 + number(14, 16)? * 60 + number(17, 19)?)
}

/// Days from 1970-01-01 to a date of the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    // Years begin in March here, so that the leap day is the last.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 719_469
}

fn base64(bytes: &[u8]) -> String {
    let letter =
        |bits: u32| char::from(ALPHABET.as_bytes().get(bits as usize & 63).copied().unwrap_or_default());
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0, |w, b| w << 8 | u32::from(*b)) << (8 * (3 - chunk.len()));
        let letters = [18, 12, 6, 0].map(|shift| letter(word >> shift));
        out.extend(letters.iter().take(chunk.len() + 1));
        out.extend(std::iter::repeat_n('=', 3 - chunk.len()));
    }
    out
}

const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
