//! An object: its headers and where its bytes are.

use super::{Record, Tags};
use serde::{Deserialize, Serialize};

/// A stored object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Object {
    /// Its key.
    pub key: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its entity tag, without quotes: the MD5 of the bytes, or `md5-of-md5s-N` for N parts.
    pub etag: String,
    /// When it was written, in milliseconds since 1970.
    pub modified_ms: i64,
    /// What the client said of it.
    pub headers: ObjectHeaders,
    /// Its tags.
    pub tags: Tags,
    /// The checksum the client sent or asked for.
    pub checksum: Option<Checksum>,
    /// Where its bytes are, in order.
    pub content: Vec<Content>,
    /// The checksums of its parts, in order and by the algorithm of its own, when that is one of them together;
    /// else empty.
    pub part_checksums: Vec<String>,
}

/// As an object was stored before the checksums of its parts were kept.
#[derive(Deserialize)]
struct Format1 {
    key: String,
    size: u64,
    etag: String,
    modified_ms: i64,
    headers: ObjectHeaders,
    tags: Tags,
    checksum: Option<Checksum>,
    content: Vec<Content>,
}

/// The headers a client gave an object, returned with it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectHeaders {
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// `Cache-Control`.
    pub cache_control: Option<String>,
    /// `Content-Disposition`.
    pub content_disposition: Option<String>,
    /// `Content-Encoding`, without `aws-chunked`.
    pub content_encoding: Option<String>,
    /// `Content-Language`.
    pub content_language: Option<String>,
    /// `Expires`, as sent.
    pub expires: Option<String>,
    /// `x-amz-website-redirect-location`.
    pub website_redirect_location: Option<String>,
    /// `x-amz-storage-class`; `None` for `STANDARD`.
    pub storage_class: Option<String>,
    /// `x-amz-meta-*`: names without the prefix.
    pub metadata: Vec<(String, String)>,
}

/// A checksum of an object's bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checksum {
    /// `CRC32`, `CRC32C`, `CRC64NVME`, `SHA1` or `SHA256`.
    pub algorithm: String,
    /// The value in base64, with `-N` for a composite of N parts.
    pub value: String,
    /// `FULL_OBJECT` or `COMPOSITE`.
    pub kind: String,
}

/// A run of an object's bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Content {
    /// In the record itself: small objects are durable with one write.
    Inline(#[serde(with = "bytes_text")] bytes::Bytes),
    /// In a blob.
    Blob {
        /// The blob's id.
        id: String,
        /// How many bytes it holds.
        size: u64,
    },
}

impl Record for Object {
    const FORMAT: u8 = 2;

    fn older(format: u8, body: &[u8]) -> Option<Self> {
        let old: Format1 = (format == 1).then(|| postcard::from_bytes(body).ok())??;
        let Format1 { key, size, etag, modified_ms, headers, tags, checksum, content } = old;
        let part_checksums = Vec::new();
        Some(Self { key, size, etag, modified_ms, headers, tags, checksum, content, part_checksums })
    }
}

impl Object {
    /// Its entity tag as headers and messages have it.
    pub fn quoted_etag(&self) -> String {
        format!("\"{}\"", self.etag)
    }

    /// When it was written, in seconds since 1970.
    pub fn modified(&self) -> i64 {
        self.modified_ms.div_euclid(1000)
    }

    /// Its storage class.
    pub fn storage_class(&self) -> &str {
        self.headers.storage_class.as_deref().unwrap_or("STANDARD")
    }

    /// Of how many parts it was uploaded; `None` when it was not uploaded in parts.
    pub fn parts(&self) -> Option<i64> {
        self.etag.split_once('-').and_then(|(_, parts)| parts.parse().ok())
    }

    /// The checksum of one of its parts, counted from 1.
    pub fn part_checksum(&self, number: i64) -> Option<Checksum> {
        let at = usize::try_from(number.checked_sub(1)?).ok()?;
        let value = self.part_checksums.get(at)?.clone();
        Some(Checksum { value, ..self.checksum.clone()? })
    }

    /// Its checksum, when it is by this algorithm.
    pub fn checksum_of(&self, algorithm: &str) -> Option<String> {
        self.checksum.as_ref()?.of(algorithm)
    }
}

impl Checksum {
    /// Its value, when it is by this algorithm.
    pub fn of(&self, algorithm: &str) -> Option<String> {
        (self.algorithm == algorithm).then(|| self.value.clone())
    }
}

impl Content {
    /// How many bytes it holds.
    pub fn size(&self) -> u64 {
        match self {
            Self::Inline(bytes) => bytes.len() as u64,
            Self::Blob { size, .. } => *size,
        }
    }
}

mod bytes_text {
    use bytes::Bytes;
    use serde::de::{Deserializer, Visitor};
    use serde::ser::Serializer;

    pub(super) fn serialize<S: Serializer>(bytes: &Bytes, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_bytes(bytes)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Bytes, D::Error> {
        struct Raw;
        impl Visitor<'_> for Raw {
            type Value = Bytes;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("bytes")
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Bytes, E> {
                Ok(Bytes::copy_from_slice(bytes))
            }
        }
        d.deserialize_bytes(Raw)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rolecall_store::Versioned;

    #[test]
    fn an_object_of_before_is_read_without_the_checksums_of_its_parts() {
        let (key, size, etag) = ("k".to_owned(), 1_u64, "e-1".to_owned());
        let checksum =
            Checksum { algorithm: "CRC32".into(), value: "AAAAAA==-1".into(), kind: "COMPOSITE".into() };
        let content = vec![Content::Inline(bytes::Bytes::from_static(b"x"))];
        let tags: Tags = vec![("a".into(), "b".into())];
        let old = (&key, size, &etag, 7_i64, ObjectHeaders::default(), &tags, Some(&checksum), &content);
        let value = postcard::to_extend(&old, vec![1]).unwrap();
        let read = Object::decode(&Versioned { value: value.into(), version: Default::default() }).unwrap();
        let headers = ObjectHeaders::default();
        let part_checksums = Vec::new();
        let checksum = Some(checksum);
        assert_eq!(
            read,
            Object { key, size, etag, modified_ms: 7, headers, tags, checksum, content, part_checksums }
        );
        assert_eq!(read.part_checksum(1), None);
    }
}
