//! The door of the services that speak JSON: a bounded body in, its members out.

use super::query;
use rolecall_core::body::BodyStream;
use rolecall_core::{Error, Message};
use rolecall_wire::{Request, Service, json};

/// Reads the body.
pub(super) async fn message(
    request: &Request,
    service: Service,
    operation: String,
    body: BodyStream,
) -> Result<Message, Error> {
    let body = query::read(request, body).await?;
    Ok(Message::Json { service, operation, params: json::parameters(&body)?, body })
}
