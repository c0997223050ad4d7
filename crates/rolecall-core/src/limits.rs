//! Limits, each in one place. Lengths are in bytes unless said otherwise.

use std::time::Duration;

/// The body of a query operation.
pub const QUERY_BODY: usize = 1 << 20;
/// The body of an S3 operation that is a message: a `DeleteObjects` of 1,000 long keys fits.
pub const MESSAGE_BODY: usize = 2 << 20;
/// How long a message, or the fields of an upload form, may take to arrive: they are read before anybody is
/// known to be allowed anything.
pub const MESSAGE_PATIENCE: Duration = Duration::from_secs(60);
/// The largest object or part that one request can bring: 5 GiB.
pub const UPLOAD: u64 = 5 << 30;
