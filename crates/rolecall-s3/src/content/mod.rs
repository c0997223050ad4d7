//! The bytes of objects: how they come in, lie and go out.

pub(crate) mod intake;
pub(crate) mod outflow;
pub(crate) mod stored;
pub(crate) mod sweep;
