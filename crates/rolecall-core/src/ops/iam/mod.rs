//! The operations of IAM.

use crate::gate::Handler;

pub(super) static HANDLERS: &[Handler] = &[];
