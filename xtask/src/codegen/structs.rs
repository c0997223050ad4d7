//! A structure's Rust type.

use super::names;
use super::service::{Kind, Service};
use anyhow::Result;
use std::fmt::Write as _;

/// The type of a structure, with a `Debug` that hides secrets when it holds any.
pub(crate) fn code(service: &Service<'_>, shape: &str) -> Result<String> {
    let mut fields = String::new();
    let mut shown = String::new();
    let mut secrets = false;
    for (name, r) in service.fields(shape)? {
        let rust = service.rust(&r.shape)?;
        let rust = if service.is_option(shape, name, r)? { format!("Option<{rust}>") } else { rust };
        let field = names::field(name);
        writeln!(fields, "pub {field}: {rust},")?;
        let secret = is_secret(service, &r.shape)?;
        secrets |= secret;
        let value = if secret { "&\"***\"".to_owned() } else { format!("&self.{field}") };
        write!(shown, ".field({:?}, {value})", names::snake(name))?;
    }
    let name = names::upper(shape);
    let debug = if secrets { "" } else { "Debug, " };
    let mut out = format!("#[derive({debug}Clone, PartialEq, Default)] pub struct {name} {{ {fields} }}\n\n");
    if secrets {
        write!(
            out,
            "impl std::fmt::Debug for {name} {{ \
             fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {{ \
             f.debug_struct({name:?}){shown}.finish() }} }}\n\n"
        )?;
    }
    Ok(out)
}

/// True when a value of this shape must not be shown. (A structure hides its own secrets.)
pub(crate) fn is_secret(service: &Service<'_>, shape: &str) -> Result<bool> {
    let inner = match service.kind(shape)? {
        Kind::List | Kind::Map => is_secret(service, &service.inner(shape)?.shape)?,
        _ => false,
    };
    Ok(inner || service.shape(shape)?.sensitive)
}
