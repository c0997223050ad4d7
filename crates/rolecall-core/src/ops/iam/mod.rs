//! The operations of IAM.

mod paging;

use crate::gate::Handler;

pub(super) static HANDLERS: &[Handler] = &[];
