//! REST-XML as S3 speaks it: which operation a request means, how members are read from headers,
//! query and body, and how an answer is put together.

mod read;
mod response;
mod route;

pub use read::{Found, body_text, bucket, header, key, payload, prefixed, query, required};
pub use response::{Response, put_boolean, put_date, put_integer, put_iso, put_prefixed, put_text, response};
pub use route::{POST_OBJECT, refusal, route};

#[cfg(test)]
mod tests;
