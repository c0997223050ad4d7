//! `PostObject`: a browser's form, which has become an ordinary request on its way here.

use crate::S3;
use crate::object::put_object::{self, write_targets};
use crate::place::{self, SeenBucket};
use crate::tag_set;
use http::{HeaderValue, header};
use rolecall_core::Error;
use rolecall_core::gate::{Cx, Granted, Reply, Serve};
use rolecall_core::target::Targets;
use rolecall_wire::operation::{Encode, Operation, Row};
use rolecall_wire::rest::POST_OBJECT;
use rolecall_wire::s3::{PutObjectOutput, PutObjectRequest};
use rolecall_wire::write::Writer;

/// The operation, which the model leaves out.
pub(crate) struct PostObject;

impl Operation for PostObject {
    const ROW: &'static Row = &POST_OBJECT;
    type Input = PutObjectRequest;
    type Output = PostResponse;
}

/// What a form's sender is told, in the body only when it asked for that.
pub(crate) struct PostResponse {
    location: String,
    bucket: String,
    key: String,
    stored: PutObjectOutput,
    in_body: bool,
}

impl Encode for PostResponse {
    fn body(&self, out: &mut dyn Writer) {
        out.text("Location", &self.location);
        out.text("Bucket", &self.bucket);
        out.text("Key", &self.key);
        out.text("ETag", self.stored.etag.as_deref().unwrap_or_default());
    }

    fn headers(&self, out: &mut http::HeaderMap) {
        self.stored.headers(out);
        if let Ok(location) = HeaderValue::from_str(&self.location) {
            out.insert(header::LOCATION, location);
        }
    }

    fn is_bodiless(&self) -> bool {
        !self.in_body
    }
}

impl Serve<S3> for PostObject {
    type Seen = SeenBucket;

    async fn targets(cx: &Cx<'_>, input: &PutObjectRequest) -> Result<Targets<SeenBucket>, Error> {
        let bucket = place::bucket(cx).await?;
        place::check_key(&input.key)?;
        let targets = write_targets(cx, &bucket, &input.key, &tag_set::of_header(&cx.request)?, true);
        let version = cx.request.query("signature-version").filter(|version| !version.is_empty());
        let kind = version.map(|_| "POST");
        let targets = targets
            .map(|target| target.with_some("s3:authType", kind).with_some("s3:signatureversion", version));
        Ok(targets.seeing(bucket))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: PutObjectRequest,
        granted: Granted<SeenBucket>,
    ) -> Result<Reply<PostResponse>, Error> {
        let (bucket, key) = (input.bucket.clone(), input.key.clone());
        let stored = put_object::store(cx, input, granted.seen()).await?;
        let asked = cx.request.query("success_action_status");
        let redirect = redirect(cx, &bucket, &key, &stored);
        let status = match (&redirect, asked) {
            (Some(_), _) => 303,
            (None, Some("200")) => 200,
            (None, Some("201")) => 201,
            (None, _) => 204,
        };
        let own = || format!("http://{}/{bucket}/{}", cx.request.host, escape(&key));
        let location = redirect.unwrap_or_else(own);
        let output = PostResponse { location, bucket, key, stored, in_body: status == 201 };
        Ok(Reply { status: Some(status), ..output.into() })
    }
}

/// Where the browser goes next, told what was stored.
fn redirect(cx: &Cx<'_>, bucket: &str, key: &str, stored: &PutObjectOutput) -> Option<String> {
    let target = cx.request.query("success_action_redirect")?;
    let is_page = target.starts_with("http://") || target.starts_with("https://");
    let separator = if target.contains('?') { '&' } else { '?' };
    let etag = escape(stored.etag.as_deref().unwrap_or_default());
    let told = format!("{target}{separator}bucket={bucket}&key={}&etag={etag}", escape(key));
    Some(told).filter(|_| is_page)
}

fn escape(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}
