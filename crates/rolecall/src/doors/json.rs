//! The door of the services that speak JSON: a bounded body in, its members out.

use super::query;
use rolecall_core::body::BodyStream;
use rolecall_core::{Error, Message};
use rolecall_wire::{Request, Service, json, operation};

/// Reads the body.
pub(super) async fn message(
    request: &Request,
    service: Service,
    operation: String,
    body: BodyStream,
) -> Result<Message, Error> {
    let body = query::read(request, body).await?;
    Ok(Message::Json { service, operation, params: json::parameters(&body)?.into_iter().collect(), body })
}

/// The parameters of a path and its query; a path that no operation has leads to none.
pub(super) async fn rest_message(
    request: &Request,
    service: Service,
    body: BodyStream,
) -> Result<Message, Error> {
    let body = query::read(request, body).await?;
    let (operation, mut params) = match operation::of_path(service, &request.method, &request.path) {
        Some((row, params)) => (row.name.to_owned(), params),
        None => (request.path.clone(), Vec::new()),
    };
    // A query parameter must not pass for what the path says.
    let is_placed = |name: &str| params.iter().any(|(known, _)| known == name);
    let more: Vec<_> = request.query.iter().filter(|(name, _)| !is_placed(name)).cloned().collect();
    params.extend(more);
    Ok(Message::Json { service, operation, params: params.into_iter().collect(), body })
}
