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
/// How long a request waits for its record to be in the audit log, or for the log to show that it works.
pub const AUDIT_PATIENCE: Duration = Duration::from_secs(5);
/// How long ago the audit log may have shown that it works, for something to be done that must have a record.
pub const AUDIT_PROVED: Duration = Duration::from_millis(250);
/// Room that the audit log has on the disk beyond what is kept for the requests in hand: it takes what comes until
/// more is asked for.
pub const AUDIT_ROOM: u64 = 16 << 20;
/// Room for what a record says besides what was asked: who, what for, what was answered or refused.
pub const AUDIT_RECORD: u64 = 16 << 10;
