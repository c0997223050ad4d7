//! What is said of an object's bytes when they came in parts: its entity tag and its checksum.

use crate::error as s3;
use crate::multipart::uploads;
use crate::records::{Checksum, Part, Upload};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use data_encoding::HEXLOWER;
use md5::{Digest, Md5};
use rolecall_core::Error;
use rolecall_wire::s3::{CompleteMultipartUploadRequest, CompletedPart};
use rolecall_wire::sigv4::checksum::{Algorithm, Hasher};

/// The MD5 of the parts' MD5s, and how many there are.
pub(crate) fn etag(parts: &[Part]) -> Result<String, Error> {
    let mut md5 = Md5::new();
    for part in parts {
        let digest = HEXLOWER
            .decode(part.etag.as_bytes())
            .map_err(|_| Error::internal("a part's entity tag is damaged"))?;
        md5.update(digest);
    }
    Ok(format!("{}-{}", HEXLOWER.encode(&md5.finalize()), parts.len()))
}

/// The checksum of the kind that the upload asked for.
pub(crate) fn checksum(upload: &Upload, parts: &[Part]) -> Result<Option<Checksum>, Error> {
    let Some(algorithm) = uploads::algorithm(upload.checksum_algorithm.as_deref())? else { return Ok(None) };
    let damaged = || Error::internal("a part's checksum is missing or damaged");
    let values = parts.iter().map(|part| Some((part.checksum.as_ref()?.of(algorithm.name())?, part.size)));
    let values: Vec<(String, u64)> = values.collect::<Option<_>>().ok_or_else(damaged)?;
    let kind = upload.checksum_type.clone().unwrap_or_default();
    let value = if kind == "FULL_OBJECT" { full(algorithm, &values) } else { composite(algorithm, &values) };
    Ok(Some(Checksum { algorithm: algorithm.name().to_owned(), value: value.ok_or_else(damaged)?, kind }))
}

/// The checksums of the parts, in order; those of an upload whose parts have some.
pub(crate) fn part_checksums(parts: &[Part]) -> Vec<String> {
    parts.iter().filter_map(|part| Some(part.checksum.as_ref()?.value.clone())).collect()
}

/// Holds what the request says of checksums to how the upload was created.
pub(crate) fn check_declared(upload: &Upload, input: &CompleteMultipartUploadRequest) -> Result<(), Error> {
    let kind = upload.checksum_type.as_deref();
    if input.checksum_type.is_some() && input.checksum_type.as_deref() != kind {
        return Err(s3::checksum_mode(kind.unwrap_or("null")));
    }
    let is_value = |(algorithm, value): &(Algorithm, &str)| {
        let (plain, parts) = value.split_once('-').unwrap_or((value, "1"));
        algorithm.is_value(plain) && parts.parse::<u16>().is_ok()
    };
    match of_object(input).into_iter().find(|declared| !is_value(declared)) {
        Some((algorithm, _)) => Err(s3::checksum_header(algorithm.header())),
        None => Ok(()),
    }
}

/// A checksum of checksums needs that of every part in the request, by the upload's algorithm.
pub(crate) fn check_part(upload: &Upload, part: &CompletedPart) -> Result<(), Error> {
    let sent = of_part(part);
    if let Some((algorithm, value)) = sent.iter().find(|(algorithm, value)| !algorithm.is_value(value)) {
        return Err(s3::part_checksum_invalid(algorithm.name(), value));
    }
    let Some(expected) = upload.checksum_algorithm.as_deref().filter(|_| upload.is_composite()) else {
        return Ok(());
    };
    let number = part.part_number.unwrap_or_default();
    match sent.first() {
        None => Err(s3::part_without_checksum(expected, number)),
        Some((other, _)) if other.name() != expected => Err(s3::part_digest(other.name(), number)),
        Some(_) => Ok(()),
    }
}

/// The checksums that the request declares of the object.
fn of_object(input: &CompleteMultipartUploadRequest) -> Vec<(Algorithm, &str)> {
    present([
        (Algorithm::Crc32, input.checksum_crc32.as_deref()),
        (Algorithm::Crc32c, input.checksum_crc32c.as_deref()),
        (Algorithm::Crc64Nvme, input.checksum_crc64nvme.as_deref()),
        (Algorithm::Sha1, input.checksum_sha1.as_deref()),
        (Algorithm::Sha256, input.checksum_sha256.as_deref()),
    ])
}

/// The checksums that the request has of a part.
pub(crate) fn of_part(part: &CompletedPart) -> Vec<(Algorithm, &str)> {
    present([
        (Algorithm::Crc32, part.checksum_crc32.as_deref()),
        (Algorithm::Crc32c, part.checksum_crc32c.as_deref()),
        (Algorithm::Crc64Nvme, part.checksum_crc64nvme.as_deref()),
        (Algorithm::Sha1, part.checksum_sha1.as_deref()),
        (Algorithm::Sha256, part.checksum_sha256.as_deref()),
    ])
}

fn present<const N: usize>(all: [(Algorithm, Option<&str>); N]) -> Vec<(Algorithm, &str)> {
    all.into_iter().filter_map(|(algorithm, value)| Some((algorithm, value?))).collect()
}

/// Holds the object to the checksum that the client declares of it.
pub(crate) fn check(
    computed: Option<&Checksum>,
    input: &CompleteMultipartUploadRequest,
) -> Result<(), Error> {
    for (algorithm, value) in of_object(input) {
        let same = computed.and_then(|checksum| checksum.of(algorithm.name())).is_some_and(|known| {
            known == value || known.split_once('-').is_some_and(|(plain, _)| plain == value)
        });
        if !same {
            return Err(s3::bad_digest(&algorithm.name().to_lowercase()));
        }
    }
    Ok(())
}

/// The checksum of the parts' checksums.
fn composite(algorithm: Algorithm, values: &[(String, u64)]) -> Option<String> {
    let mut hasher = Hasher::new(algorithm);
    for (value, _) in values {
        hasher.update(&STANDARD.decode(value).ok()?);
    }
    Some(format!("{}-{}", hasher.finish(), values.len()))
}

/// The checksum of all bytes, from those of the parts.
fn full(algorithm: Algorithm, values: &[(String, u64)]) -> Option<String> {
    let mut values = values.iter();
    let (first, _) = values.next()?;
    values.try_fold(first.clone(), |whole, (value, size)| algorithm.joined(&whole, value, *size))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(algorithm: Algorithm, bytes: &[u8]) -> String {
        let mut hasher = Hasher::new(algorithm);
        hasher.update(bytes);
        hasher.finish()
    }

    #[test]
    fn the_checksum_of_all_bytes_follows_from_those_of_the_parts() {
        for algorithm in [Algorithm::Crc32, Algorithm::Crc32c, Algorithm::Crc64Nvme] {
            let parts: [&[u8]; 3] = [b"one", b"", b"three and more"];
            let values: Vec<_> = parts.iter().map(|p| (hash(algorithm, p), p.len() as u64)).collect();
            assert_eq!(full(algorithm, &values), Some(hash(algorithm, &parts.concat())), "{algorithm:?}");
        }
        assert_eq!(full(Algorithm::Sha1, &[("a".into(), 1), ("b".into(), 1)]), None);
    }
}
