//! The operations of IAM.

mod encoded;
mod paging;

use crate::gate::Handler;

pub(super) static HANDLERS: &[Handler] = &[];
