//! `ListBuckets`: the buckets of the caller's account.

use crate::S3;
use crate::error as s3;
use crate::records::{Bucket, Record, key};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rolecall_core::Error;
use rolecall_core::gate::{Cx, Granted, Reply, Serve};
use rolecall_core::target::Targets;
use rolecall_wire::s3::{self as shape, ListBucketsOutput, ListBucketsRequest, Owner, op};
use std::sync::Arc;

impl Serve<S3> for op::ListBuckets {
    type Seen = ();

    /// The resource is all buckets; policies that name it by ARN mean the same.
    async fn targets(cx: &Cx<'_>, _input: &ListBucketsRequest) -> Result<Targets, Error> {
        if cx.caller.identity().is_none() {
            return Err(s3::access_denied());
        }
        Ok(Targets::on("s3:ListAllMyBuckets", "arn:aws:s3:::*"))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: ListBucketsRequest,
        _: Granted<()>,
    ) -> Result<Reply<ListBucketsOutput>, Error> {
        let most = most(input.max_buckets)?;
        let after = input.continuation_token.as_deref().map(last_shown).transpose()?;
        let mut found = owned(cx, &input, after.as_deref(), most + 1).await?;
        let more = found.len() > most;
        found.truncate(most);
        let last = found.last().filter(|_| more);
        let continuation_token = last.map(|bucket| URL_SAFE_NO_PAD.encode(&bucket.name));
        let with_region = has_parameters(&input);
        Ok(ListBucketsOutput {
            buckets: found.iter().map(|bucket| shown(bucket, with_region)).collect(),
            owner: Some(Owner { id: Some(cx.account().canonical_id()), ..Owner::default() }),
            continuation_token,
            prefix: input.prefix,
        }
        .into())
    }
}

fn has_parameters(input: &ListBucketsRequest) -> bool {
    let texts = [&input.prefix, &input.continuation_token, &input.bucket_region];
    input.max_buckets.is_some() || texts.iter().any(|text| text.is_some())
}

fn most(asked: Option<i64>) -> Result<usize, Error> {
    let asked = asked.unwrap_or(PAGE);
    let valid = usize::try_from(asked).ok().filter(|_| (1..=PAGE).contains(&asked));
    valid.ok_or_else(|| {
        let message = "Argument max-buckets must be an integer between 1 and 10000";
        s3::invalid_argument(message, "max-buckets", &asked.to_string())
    })
}

fn last_shown(token: &str) -> Result<String, Error> {
    let name = URL_SAFE_NO_PAD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    name.ok_or_else(s3::continuation_token)
}

async fn owned(
    cx: &Cx<'_>,
    input: &ListBucketsRequest,
    after: Option<&str>,
    most: usize,
) -> Result<Vec<Arc<Bucket>>, Error> {
    let prefix = input.prefix.as_deref().unwrap_or_default();
    let mut range = key::owned_buckets(cx.account());
    if let Some(after) = after {
        range.start = key::owned_bucket(cx.account(), after);
        range.start.push(0);
    }
    let marks = cx.system.store.scan(&range, ALL).await?;
    let mut found = Vec::new();
    for (mark, _) in marks {
        let name = key::last_part(&mark);
        if !name.starts_with(prefix) || found.len() == most {
            continue;
        }
        let bucket = cx.system.store.cached(&key::bucket(name), Bucket::decode).await?;
        let asked = |bucket: &Arc<Bucket>| input.bucket_region.as_ref().is_none_or(|r| *r == bucket.region);
        found.extend(bucket.map(|(bucket, _)| bucket).filter(asked));
    }
    Ok(found)
}

/// The region is told to those that ask with any parameter (S3 API Reference, Bucket).
fn shown(bucket: &Bucket, with_region: bool) -> shape::Bucket {
    shape::Bucket {
        name: Some(bucket.name.clone()),
        creation_date: Some(bucket.created_ms.div_euclid(1000)),
        bucket_region: with_region.then(|| bucket.region.clone()),
        bucket_arn: Some(bucket.arn()),
    }
}

/// Buckets a page has at most.
const PAGE: i64 = 10_000;
/// Buckets that are looked at; an account has no more.
const ALL: usize = crate::limits::BUCKETS + 1;
