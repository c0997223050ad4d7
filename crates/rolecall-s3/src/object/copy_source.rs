//! Where a copy comes from: the `x-amz-copy-source` header, the object it names, and its conditions.

use crate::error as s3;
use crate::object::read_conditions::{Outcome, ReadConditions};
use crate::place::{self, Action, SeenBucket, SeenObject};
use crate::records::Object;
use rolecall_core::Error;
use rolecall_core::gate::{Cx, Granted};
use rolecall_core::target::Targets;
use std::sync::Arc;

/// The two ends of a copy as permission was decided on them.
#[derive(Debug)]
pub struct Copying {
    /// The bucket copied into.
    pub into: SeenBucket,
    /// What is copied.
    pub from: SeenObject,
}

/// The source of a copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CopySource {
    pub bucket: String,
    pub key: String,
    pub version: Option<String>,
}

impl CopySource {
    /// Reads the header: `bucket/key`, percent-encoded, with or without a slash before it, and
    /// `?versionId=` behind it. A question mark of the key itself is encoded.
    pub(crate) fn parse(header: &str) -> Result<Self, Error> {
        let refused = || s3::copy_source(header);
        let (path, query) =
            header.split_once('?').map_or((header, None), |(path, query)| (path, Some(query)));
        let version = match query {
            None => None,
            Some(query) => Some(query.strip_prefix("versionId=").ok_or_else(refused)?),
        };
        let path = decoded(path).ok_or_else(refused)?;
        let (bucket, key) = path.strip_prefix('/').unwrap_or(&path).split_once('/').ok_or_else(refused)?;
        if bucket.is_empty() || key.is_empty() {
            return Err(refused());
        }
        let version = version.map(|text| decoded(text).ok_or_else(refused)).transpose()?;
        Ok(Self { bucket: bucket.to_owned(), key: key.to_owned(), version })
    }

    /// The bucket that the source is in.
    async fn bucket(&self, cx: &Cx<'_>) -> Result<SeenBucket, Error> {
        let bucket = place::find_bucket(cx, &self.bucket).await?;
        place::check_owner(&bucket, cx.request.header("x-amz-source-expected-bucket-owner"))?;
        Ok(bucket)
    }

    /// What reading the source needs.
    pub(crate) async fn targets(&self, cx: &Cx<'_>) -> Result<Targets<SeenObject>, Error> {
        let bucket = self.bucket(cx).await?;
        place::object_targets(cx, bucket, &self.key, &[READ], self.version.as_deref()).await
    }

    /// The object that permission was decided on, when the conditions on it hold.
    pub(crate) fn object(
        &self,
        granted: &mut Granted<Copying>,
        conditions: &ReadConditions<'_>,
        now: i64,
    ) -> Result<Arc<Object>, Error> {
        let may_learn = granted.each().pop();
        let object = granted.seen().from.found(may_learn, self.version.as_deref())?;
        match conditions.check(&object, now)? {
            Outcome::Give => Ok(object),
            Outcome::NotModified => Err(s3::precondition_failed("x-amz-copy-source-If-None-Match")),
        }
    }
}

fn decoded(text: &str) -> Option<String> {
    percent_encoding::percent_decode_str(text).decode_utf8().ok().map(|text| text.into_owned())
}

const READ: Action = Action("s3:GetObject", "s3:GetObjectVersion");

#[cfg(test)]
mod tests {
    use super::CopySource;

    #[test]
    fn obj_02_one_reading_of_the_header() {
        for (header, key, version) in [
            ("b/k", "k", None),
            ("/b/k", "k", None),
            ("b/a%2Fb", "a/b", None),
            ("b/k?versionId=null", "k", Some("null")),
            ("b/k%3FversionId=null", "k?versionId=null", None),
            ("b/k%3FversionId%3Dx?versionId=y", "k?versionId=x", Some("y")),
            ("b/a+b", "a+b", None),
            ("b/../c", "../c", None),
        ] {
            let source = CopySource::parse(header).unwrap();
            let found = (source.bucket.as_str(), source.key.as_str(), source.version.as_deref());
            assert_eq!(found, ("b", key, version), "{header}");
        }
        for header in ["", "b", "b/", "/b", "//k", "b/k?x=1", "b/%ff"] {
            assert!(CopySource::parse(header).is_err(), "{header}");
        }
    }
}
