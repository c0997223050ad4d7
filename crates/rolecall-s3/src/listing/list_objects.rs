//! `ListObjectsV2` and `ListObjects`.

use crate::S3;
use crate::error as s3;
use crate::listing::pages::{self as listing, After, Asked, Encoding, Entry};
use crate::place::{self, SeenBucket};
use crate::records::{Bucket, Object};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rolecall_core::Error;
use rolecall_core::gate::{Cx, Granted, Reply, Serve};
use rolecall_core::target::Targets;
use rolecall_wire::s3::{
    self as shape, CommonPrefix, ListObjectsOutput, ListObjectsRequest, ListObjectsV2Output,
    ListObjectsV2Request, Owner, op,
};

impl Serve<S3> for op::ListObjectsV2 {
    type Seen = SeenBucket;

    async fn targets(cx: &Cx<'_>, _input: &ListObjectsV2Request) -> Result<Targets<SeenBucket>, Error> {
        targets(cx, "s3:ListBucket").await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: ListObjectsV2Request,
        granted: Granted<SeenBucket>,
    ) -> Result<Reply<ListObjectsV2Output>, Error> {
        let bucket = granted.seen();
        let token = input.continuation_token.as_deref().map(Token::read).transpose()?;
        let after = match (&token, &input.start_after) {
            (Some(token), _) => token.after(),
            (None, Some(key)) => After::Key(key),
            (None, None) => After::Nothing,
        };
        let most = most(input.max_keys)?;
        let asked = Asked { after, most, ..asked(input.prefix.as_ref(), input.delimiter.as_ref()) };
        let page = listing::objects(&cx.system.store, &bucket.name, &asked).await?;
        let encoding = Encoding::of(input.encoding_type.as_deref());
        let owner = (input.fetch_owner == Some(true)).then(|| owner(bucket));
        let next = page.last().map(Token::write);
        let key_count = i64::try_from(page.entries.len()).ok();
        let show = |object: &Object| shown_object(object, encoding, owner.as_ref());
        let (contents, common_prefixes) = shown(&page.entries, encoding, show);
        Ok(ListObjectsV2Output {
            is_truncated: Some(next.is_some()),
            contents,
            name: Some(input.bucket),
            prefix: Some(encoding.name(&input.prefix.unwrap_or_default())),
            delimiter: input.delimiter.map(|text| encoding.name(&text)),
            max_keys: i64::try_from(most).ok(),
            common_prefixes,
            encoding_type: input.encoding_type,
            key_count,
            continuation_token: input.continuation_token,
            next_continuation_token: next,
            start_after: input.start_after.map(|text| encoding.name(&text)),
            ..Default::default()
        }
        .into())
    }
}

impl Serve<S3> for op::ListObjects {
    type Seen = SeenBucket;

    async fn targets(cx: &Cx<'_>, _input: &ListObjectsRequest) -> Result<Targets<SeenBucket>, Error> {
        targets(cx, "s3:ListBucket").await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: ListObjectsRequest,
        granted: Granted<SeenBucket>,
    ) -> Result<Reply<ListObjectsOutput>, Error> {
        let bucket = granted.seen();
        let most = most(input.max_keys)?;
        let plain = asked(input.prefix.as_ref(), input.delimiter.as_ref());
        let after = behind_marker(input.marker.as_deref(), &plain);
        let asked = Asked { after, most, ..plain };
        let page = listing::objects(&cx.system.store, &bucket.name, &asked).await?;
        let encoding = Encoding::of(input.encoding_type.as_deref());
        let next = page.last().map(|last| encoding.name(last.name()));
        let owner = owner(bucket);
        let show = |object: &Object| shown_object(object, encoding, Some(&owner));
        let (contents, common_prefixes) = shown(&page.entries, encoding, show);
        Ok(ListObjectsOutput {
            is_truncated: Some(next.is_some()),
            marker: Some(encoding.name(&input.marker.unwrap_or_default())),
            next_marker: next.filter(|_| input.delimiter.is_some()),
            contents,
            name: Some(input.bucket),
            prefix: Some(encoding.name(&input.prefix.unwrap_or_default())),
            delimiter: input.delimiter.map(|text| encoding.name(&text)),
            max_keys: i64::try_from(most).ok(),
            common_prefixes,
            encoding_type: input.encoding_type,
            ..Default::default()
        }
        .into())
    }
}

/// What a listing needs. The keys exist when the parameters were sent, an empty one too.
pub(crate) async fn targets(cx: &Cx<'_>, action: &'static str) -> Result<Targets<SeenBucket>, Error> {
    let bucket = place::bucket(cx).await?;
    let target = place::on_bucket(action, &bucket)
        .with_some("s3:prefix", cx.request.query("prefix"))
        .with_some("s3:delimiter", cx.request.query("delimiter"))
        .with_some("s3:max-keys", cx.request.query("max-keys"));
    Ok(Targets::one(target).seeing(bucket))
}

pub(crate) fn asked<'a>(prefix: Option<&'a String>, delimiter: Option<&'a String>) -> Asked<'a> {
    let text = |text: Option<&'a String>| text.map(String::as_str).unwrap_or_default();
    Asked { prefix: text(prefix), delimiter: text(delimiter), ..Asked::default() }
}

/// How many entries a page may have.
pub(crate) fn most(asked: Option<i64>) -> Result<usize, Error> {
    let asked = asked.unwrap_or(PAGE);
    usize::try_from(asked.min(PAGE)).map_err(|_| s3::negative("maxKeys", "maxKeys", asked))
}

/// A marker that is a common prefix, as `NextMarker` can be, stands for all keys under it.
pub(crate) fn behind_marker<'a>(marker: Option<&'a str>, asked: &Asked<'_>) -> After<'a> {
    let Some(marker) = marker.filter(|marker| !marker.is_empty()) else { return After::Nothing };
    let rest = marker.strip_prefix(asked.prefix).filter(|_| !asked.delimiter.is_empty());
    let inner = rest.and_then(|rest| rest.strip_suffix(asked.delimiter));
    match inner {
        Some(inner) if !inner.contains(asked.delimiter) => After::Prefix(marker),
        _ => After::Key(marker),
    }
}

/// Where the next page begins, in a form that only the server reads.
struct Token {
    kind: char,
    name: String,
}

impl Token {
    fn write<T>(last: &Entry<T>) -> String {
        let kind = if matches!(last, Entry::Prefix(_)) { 'p' } else { 'k' };
        URL_SAFE_NO_PAD.encode(format!("1{kind}{}", last.name()))
    }

    fn read(text: &str) -> Result<Self, Error> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| s3::continuation_token())?;
        let text = String::from_utf8(bytes).map_err(|_| s3::continuation_token())?;
        let mut chars = text.chars();
        match (chars.next(), chars.next()) {
            (Some('1'), Some(kind @ ('k' | 'p'))) => Ok(Self { kind, name: chars.as_str().to_owned() }),
            _ => Err(s3::continuation_token()),
        }
    }

    fn after(&self) -> After<'_> {
        if self.kind == 'p' { After::Prefix(&self.name) } else { After::Key(&self.name) }
    }
}

/// A page's objects, each as it is shown, and its common prefixes.
pub(crate) fn shown<T>(
    entries: &[Entry<Object>],
    encoding: Encoding,
    show: impl Fn(&Object) -> T,
) -> (Vec<T>, Vec<CommonPrefix>) {
    let mut objects = Vec::new();
    let mut prefixes = Vec::new();
    for entry in entries {
        match entry {
            Entry::Prefix(prefix) => prefixes.push(CommonPrefix { prefix: Some(encoding.name(prefix)) }),
            Entry::One(_, object) => objects.push(show(object)),
        }
    }
    (objects, prefixes)
}

fn shown_object(object: &Object, encoding: Encoding, owner: Option<&Owner>) -> shape::Object {
    let checksum = object.checksum.as_ref();
    shape::Object {
        key: Some(encoding.name(&object.key)),
        last_modified: Some(object.modified()),
        etag: Some(object.quoted_etag()),
        checksum_algorithm: checksum.map(|c| c.algorithm.clone()).into_iter().collect(),
        checksum_type: checksum.map(|c| c.kind.clone()),
        size: i64::try_from(object.size).ok(),
        storage_class: Some(object.storage_class().to_owned()),
        owner: owner.cloned(),
        restore_status: None,
    }
}

/// The bucket's owner owns its objects.
pub(crate) fn owner(bucket: &Bucket) -> Owner {
    Owner { id: Some(bucket.owner.canonical_id()), ..Owner::default() }
}

/// Entries a page has at most.
const PAGE: i64 = 1_000;
