//! Bytes going out: the runs of an object's content that a range touches, one after another.

use crate::records::Content;
use bytes::Bytes;
use rolecall_core::Error;
use rolecall_core::body::BodyStream;
use rolecall_store::{BlobReader, Blobs};
use std::collections::VecDeque;
use std::io;
use std::ops::Range;

/// Stored bytes being read.
pub(crate) struct Outflow {
    blobs: Blobs,
    runs: VecDeque<(Content, Range<u64>)>,
    reader: Option<BlobReader>,
}

impl Outflow {
    /// The bytes of `range`. What comes first is opened at once, so that a failure is an error and not
    /// a broken answer.
    pub(crate) async fn open(blobs: &Blobs, content: &[Content], range: Range<u64>) -> Result<Self, Error> {
        let mut flow = Self { blobs: blobs.clone(), runs: runs(content, &range), reader: None };
        flow.open_next().await?;
        Ok(flow)
    }

    /// The next bytes; `None` at the end.
    pub(crate) async fn next(&mut self) -> io::Result<Option<Bytes>> {
        loop {
            if let Some(reader) = &mut self.reader {
                match reader.next().await? {
                    Some(piece) => return Ok(Some(piece)),
                    None => self.reader = None,
                }
            }
            match self.runs.pop_front() {
                None => return Ok(None),
                Some((Content::Inline(bytes), part)) => return Ok(Some(slice(&bytes, &part))),
                Some(blob) => {
                    self.runs.push_front(blob);
                    self.open_next().await?;
                }
            }
        }
    }

    /// As the body of an answer.
    pub(crate) fn into_body(self) -> BodyStream {
        BodyStream::new(futures_util::stream::try_unfold(self, |mut flow| async move {
            Ok(flow.next().await?.map(|piece| (piece, flow)))
        }))
    }

    async fn open_next(&mut self) -> io::Result<()> {
        if let Some((Content::Blob { id, .. }, part)) = self.runs.front() {
            let id = id.parse().map_err(io::Error::other)?;
            self.reader = Some(self.blobs.open_range(&id, part.start, part.end - part.start).await?);
            self.runs.pop_front();
        }
        Ok(())
    }
}

/// The pieces of the content within a range, each with the part of it that is asked.
fn runs(content: &[Content], range: &Range<u64>) -> VecDeque<(Content, Range<u64>)> {
    let mut at = 0;
    let mut found = VecDeque::new();
    for piece in content {
        let (start, end) = (range.start.max(at), range.end.min(at + piece.size()));
        if start < end {
            found.push_back((piece.clone(), start - at..end - at));
        }
        at += piece.size();
    }
    found
}

fn slice(bytes: &Bytes, part: &Range<u64>) -> Bytes {
    let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len());
    bytes.slice(place(part.start)..place(part.end))
}
