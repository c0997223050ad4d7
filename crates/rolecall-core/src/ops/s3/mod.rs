//! The operations of S3.

use crate::gate::Handler;

pub(super) static HANDLERS: &[Handler] = &[];
