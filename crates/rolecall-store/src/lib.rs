//! Bytes at rest: ordered, versioned keys behind three methods, and blobs by id.
pub mod backend;
pub mod backends;
pub mod blob;
mod cache;
pub mod store;
pub mod txn;

pub use backend::{Backend, Key, Range, Read, StoreError, Version, Versioned, Write};
pub use blob::{BlobId, BlobReader, BlobWriter, Blobs};
pub use store::Store;
pub use txn::Txn;
