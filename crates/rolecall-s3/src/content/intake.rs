//! Bytes coming in: small ones stay in memory for the record, larger ones go to a blob as they come.

use crate::limits::INLINE_OBJECT;
use crate::records::{Checksum, Content};
use bytes::{Bytes, BytesMut};
use data_encoding::HEXLOWER;
use md5::{Digest, Md5};
use rolecall_core::Error;
use rolecall_core::gate::Payload;
use rolecall_store::{BlobWriter, Blobs};
use rolecall_wire::sigv4::checksum::{Algorithm, Hasher};

/// Bytes on their way in. Dropped before [`Intake::finish`], it leaves nothing.
pub(crate) struct Intake {
    blobs: Blobs,
    md5: Md5,
    hasher: Option<(Algorithm, Hasher)>,
    small: BytesMut,
    writer: Option<BlobWriter>,
    size: u64,
}

/// Bytes that came in whole and are durable, or will be with the record.
pub(crate) struct Received {
    pub content: Content,
    pub size: u64,
    /// Their MD5 in hex.
    pub etag: String,
    pub checksum: Option<Checksum>,
}

impl Intake {
    /// Starts; `algorithm` is that of a checksum to compute along the way.
    pub(crate) fn new(blobs: &Blobs, algorithm: Option<Algorithm>) -> Self {
        Self {
            blobs: blobs.clone(),
            md5: Md5::new(),
            hasher: algorithm.map(|algorithm| (algorithm, Hasher::new(algorithm))),
            small: BytesMut::new(),
            writer: None,
            size: 0,
        }
    }

    /// Takes the next bytes.
    pub(crate) async fn write(&mut self, piece: Bytes) -> Result<(), Error> {
        self.size += piece.len() as u64;
        self.md5.update(&piece);
        if let Some((_, hasher)) = &mut self.hasher {
            hasher.update(&piece);
        }
        match &mut self.writer {
            Some(writer) => writer.write(piece).await?,
            None if self.small.len() + piece.len() <= INLINE_OBJECT => self.small.extend_from_slice(&piece),
            None => self.spill(piece).await?,
        }
        Ok(())
    }

    /// All bytes have come and everything declared of them holds.
    pub(crate) async fn finish(self) -> Result<Received, Error> {
        let content = match self.writer {
            Some(writer) => Content::Blob { id: writer.finish().await?.to_string(), size: self.size },
            None => {
                self.blobs.check_room(self.size)?;
                Content::Inline(self.small.freeze())
            }
        };
        let checksum = self.hasher.map(|(algorithm, hasher)| full_object(algorithm, hasher.finish()));
        Ok(Received { content, size: self.size, etag: HEXLOWER.encode(&self.md5.finalize()), checksum })
    }

    async fn spill(&mut self, piece: Bytes) -> Result<(), Error> {
        let mut writer = self.blobs.create().await?;
        writer.write(std::mem::take(&mut self.small).freeze()).await?;
        writer.write(piece).await?;
        self.writer = Some(writer);
        Ok(())
    }
}

/// Takes in a request's body. Nothing remains of one that breaks off or is not what was declared. A
/// checksum by `algorithm` is computed where the client sends none by it.
pub(crate) async fn receive(
    blobs: &Blobs,
    mut payload: Payload,
    algorithm: Option<Algorithm>,
) -> Result<Received, Error> {
    let mut intake = Intake::new(blobs, algorithm);
    while let Some(piece) = payload.next().await? {
        intake.write(piece).await?;
    }
    let mut received = intake.finish().await?;
    let declared = payload.digests().checksum.clone();
    let declared = declared.map(|(algorithm, value)| full_object(algorithm, value));
    received.checksum = received.checksum.or(declared);
    Ok(received)
}

fn full_object(algorithm: Algorithm, value: String) -> Checksum {
    Checksum { algorithm: algorithm.name().to_owned(), value, kind: "FULL_OBJECT".to_owned() }
}
