//! `CreateBucket`.

use crate::S3;
use crate::bucket::bucket_name;
use crate::context::with_write_headers;
use crate::error as s3;
use crate::limits::BUCKETS;
use crate::records::{self, Bucket, PublicAccess, Tags, key};
use crate::tag_set;
use crate::unsupported_headers;
use rolecall_core::Error;
use rolecall_core::gate::{Cx, Granted, Reply, Serve};
use rolecall_core::target::{Target, Targets};
use rolecall_wire::s3::{CreateBucketOutput, CreateBucketRequest, Tagging, op};

impl Serve<S3> for op::CreateBucket {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &CreateBucketRequest) -> Result<Targets, Error> {
        if cx.caller.identity().is_none() {
            return Err(s3::access_denied());
        }
        bucket_name::check(&input.bucket)?;
        check_ownership(input)?;
        unsupported_headers::refuse(&cx.request)?;
        let tags = tags(input)?;
        let target = |action| Target::new(action, records::bucket_arn(&input.bucket));
        let create = with_write_headers(target("s3:CreateBucket"), &cx.request, true)
            .with_some("s3:locationconstraint", constraint(input))
            .with_request_tags(&tags);
        let mut targets = Targets::one(create.clone());
        if input.acl.is_some() {
            targets = targets.and(Target { action: "s3:PutBucketAcl", ..create.clone() });
        }
        if input.object_ownership.is_some() {
            targets = targets.and(Target { action: "s3:PutBucketOwnershipControls", ..create.clone() });
        }
        if !tags.is_empty() {
            targets = targets.and(Target { action: "s3:TagResource", ..create });
        }
        Ok(targets)
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: CreateBucketRequest,
        granted: Granted<()>,
    ) -> Result<Reply<CreateBucketOutput>, Error> {
        let region = region(&cx.region, constraint(&input))?;
        let bucket = Bucket {
            name: input.bucket.clone(),
            owner: cx.account().clone(),
            region,
            created_ms: cx.now_ms,
            policy: None,
            policy_is_public: false,
            tags: tags(&input)?,
            public_access: Some(PublicAccess::BLOCKED),
        };
        create(cx, &granted, &bucket).await?;
        let output = CreateBucketOutput {
            location: Some(format!("/{}", bucket.name)),
            bucket_arn: Some(bucket.arn()),
        };
        Ok(output.into())
    }
}

async fn create(cx: &Cx<'_>, granted: &Granted<()>, bucket: &Bucket) -> Result<(), Error> {
    let mut txn = granted.begin(cx);
    let place = key::bucket(&bucket.name);
    if let Some((there, _)) = records::read::<Bucket>(&mut txn, &place).await? {
        return taken(&there, bucket, &cx.region);
    }
    let owned = txn.scan(&key::owned_buckets(&bucket.owner), BUCKETS).await?;
    if owned.len() >= BUCKETS {
        return Err(s3::too_many_buckets());
    }
    records::write(&mut txn, place, bucket)?;
    txn.put(key::owned_bucket(&bucket.owner, &bucket.name), Vec::new());
    txn.commit().await?;
    Ok(())
}

/// Making one's own bucket again succeeds in us-east-1, and changes nothing.
fn taken(there: &Bucket, asked: &Bucket, endpoint: &str) -> Result<(), Error> {
    match there.owner == asked.owner {
        false => Err(s3::bucket_already_exists(&asked.name)),
        true if endpoint == DEFAULT_REGION && there.region == asked.region => Ok(()),
        true => Err(s3::bucket_already_owned(&asked.name)),
    }
}

/// Access control lists are always off.
fn check_ownership(input: &CreateBucketRequest) -> Result<(), Error> {
    match input.object_ownership.as_deref() {
        None | Some("BucketOwnerEnforced") => Ok(()),
        Some(_) => Err(s3::not_implemented("x-amz-object-ownership")),
    }
}

fn constraint(input: &CreateBucketRequest) -> Option<&str> {
    let configuration = input.create_bucket_configuration.as_ref()?;
    configuration.location_constraint.as_deref().filter(|constraint| !constraint.is_empty())
}

fn tags(input: &CreateBucketRequest) -> Result<Tags, Error> {
    let tags = input.create_bucket_configuration.as_ref().map(|c| c.tags.clone()).unwrap_or_default();
    tag_set::of(&Tagging { tag_set: tags }, tag_set::On::Bucket)
}

/// The region of a bucket made at an endpoint: elsewhere than in us-east-1 it must be named, and the
/// endpoint's own.
fn region(endpoint: &str, constraint: Option<&str>) -> Result<String, Error> {
    let constraint = constraint.map(|named| if named == "EU" { "eu-west-1" } else { named });
    match constraint {
        None if endpoint == DEFAULT_REGION => Ok(endpoint.to_owned()),
        None => Err(s3::illegal_location_constraint(None)),
        Some(DEFAULT_REGION) if endpoint == DEFAULT_REGION => {
            Err(s3::invalid_location_constraint(DEFAULT_REGION))
        }
        Some(named) if !is_region(named) => Err(s3::invalid_location_constraint(named)),
        Some(named) if named == endpoint || endpoint == DEFAULT_REGION => Ok(named.to_owned()),
        Some(named) => Err(s3::illegal_location_constraint(Some(named))),
    }
}

/// `aa-bbbb-1`, with further parts for some partitions.
fn is_region(name: &str) -> bool {
    let parts: Vec<&str> = name.split('-').collect();
    let number = parts.last().is_some_and(|last| last.len() == 1 && last.bytes().all(|b| b.is_ascii_digit()));
    let words =
        parts.iter().rev().skip(1).all(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_lowercase()));
    parts.len() >= 3 && number && words
}

const DEFAULT_REGION: &str = "us-east-1";
