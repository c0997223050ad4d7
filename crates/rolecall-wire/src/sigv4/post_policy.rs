//! Browser uploads: the signed policy of a POST form and whether the form keeps to it
//! (S3 API Reference, "POST Policy").

use super::canonical::ALGORITHM;
use super::fault::{AuthFault, Mismatch};
use super::key::{SecretKey, SigningKeyCache, hmac_sha1, is_same};
use super::multipart::Form;
use super::scope::{Credential, Scope, parse_timestamp};
use super::verify::{Rules, check_scope_elements};
use crate::error::{ApiError, ErrorCode};
use crate::operation::Service;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use jiff::Timestamp;
use serde_json::Value;

/// The credential a form presents, not yet believed.
#[derive(Clone, PartialEq, Eq)]
pub struct PresentedForm {
    /// The access key id.
    pub access_key_id: String,
    /// The scope and the signing time; `None` for Signature Version 2.
    pub scope: Option<(Scope<'static>, i64)>,
    /// The session token of a temporary credential.
    pub session_token: Option<String>,
    policy: String,
    signature: String,
}

/// A policy whose signature holds and whose conditions the form meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FormGrant {
    /// The smallest and largest length of the file that the policy allows, in bytes.
    pub length: (u64, u64),
}

impl PresentedForm {
    /// Finds the credential of a form. `None` when it presents nothing at all.
    ///
    /// # Errors
    /// 400 when part of a credential is presented.
    pub fn find(form: &Form) -> Result<Option<Self>, ApiError> {
        let any = |names: &[&str]| names.iter().any(|name| form.field(name).is_some());
        match (any(&V4_FIELDS), any(&V2_FIELDS)) {
            (true, true) => Err(AuthFault::SeveralMechanisms.to_error(Service::S3)),
            (true, false) => v4(form).map(Some),
            (false, true) => v2(form).map(Some),
            (false, false) if any(&["policy", TOKEN]) => Err(missing("AWSAccessKeyId")),
            (false, false) => Ok(None),
        }
    }

    /// Verifies the policy's signature and holds the form to the policy. `bucket` is the bucket the
    /// request addresses.
    ///
    /// # Errors
    /// 403 when the signature does not hold or the form is not what was signed; nothing may be stored.
    pub fn verify(
        &self,
        form: &Form,
        bucket: &str,
        secret: &SecretKey,
        keys: &SigningKeyCache,
        rules: &Rules<'_>,
    ) -> Result<FormGrant, ApiError> {
        let computed = self.signature(secret, keys, rules).map_err(|fault| fault.to_error(Service::S3))?;
        if !is_same(&computed, &self.signature) {
            return Err(self.mismatch().to_error(Service::S3));
        }
        PostPolicy::parse(&self.policy)?.admit(form, bucket, rules.now)
    }

    fn signature(
        &self,
        secret: &SecretKey,
        keys: &SigningKeyCache,
        rules: &Rules<'_>,
    ) -> Result<String, AuthFault> {
        let Some((scope, signed_at)) = &self.scope else {
            return Ok(BASE64_STANDARD.encode(hmac_sha1(secret.expose().as_bytes(), self.policy.as_bytes())));
        };
        check_scope_elements(scope, *signed_at, rules, true)?;
        if signed_at.saturating_sub(rules.now) > rules.skew {
            return Err(AuthFault::NotYetValid {
                signed_at: *signed_at,
                now: rules.now,
                allowed: rules.skew,
            });
        }
        Ok(keys.signing_key(&self.access_key_id, secret, scope).sign(&self.policy))
    }

    fn mismatch(&self) -> AuthFault {
        AuthFault::SignatureMismatch(Box::new(Mismatch {
            access_key_id: self.access_key_id.clone(),
            provided: self.signature.clone(),
            string_to_sign: self.policy.clone(),
            canonical_request: Vec::new(),
        }))
    }
}

/// Shows neither the session token nor the signature.
impl std::fmt::Debug for PresentedForm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PresentedForm")
            .field("access_key_id", &self.access_key_id)
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}

/// A parsed policy document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostPolicy {
    expires: i64,
    conditions: Vec<Condition>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Condition {
    Equals { field: String, value: String },
    StartsWith { field: String, prefix: String },
    Length { least: u64, most: u64 },
}

impl PostPolicy {
    /// Reads a policy in base64.
    ///
    /// # Errors
    /// 400 `InvalidPolicyDocument` when it is not the JSON that the S3 API Reference describes.
    pub fn parse(base64: &str) -> Result<Self, ApiError> {
        let invalid = |why: &'static str| invalid_policy(format!("Invalid Policy: {why}"));
        let bytes = BASE64_STANDARD.decode(base64).map_err(|_| invalid("Invalid Base64."))?;
        let json: Value = serde_json::from_slice(&bytes).map_err(|_| invalid("Invalid JSON."))?;
        let expiration = json.get("expiration").and_then(Value::as_str);
        let expiration = expiration.ok_or_else(|| invalid("Policy missing expiration."))?;
        let expires: Timestamp = expiration.parse().map_err(|_| invalid("Invalid 'expiration' value"))?;
        let list = json.get("conditions").and_then(Value::as_array);
        let list = list.ok_or_else(|| invalid("Policy missing conditions."))?;
        let mut conditions = Vec::new();
        for item in list {
            read_condition(item, &mut conditions).ok_or_else(|| invalid("Invalid Condition."))?;
        }
        Ok(Self { expires: expires.as_second(), conditions })
    }

    /// Holds a form to the policy.
    ///
    /// # Errors
    /// 403 when the policy expired, a condition fails, or a field is not covered by any.
    pub fn admit(&self, form: &Form, bucket: &str, now: i64) -> Result<FormGrant, ApiError> {
        if now > self.expires {
            return Err(denied("Policy expired."));
        }
        if form.field("key").is_none_or(str::is_empty) {
            return Err(missing("key"));
        }
        if form.field("bucket").is_some_and(|named| named != bucket) {
            return Err(denied(format!("Policy Condition failed: [\"eq\", \"$bucket\", \"{bucket}\"]")));
        }
        if let Some(failed) = self.conditions.iter().find(|condition| !condition.holds(form, bucket)) {
            return Err(denied(format!("Policy Condition failed: {failed}")));
        }
        self.refuse_uncovered(form)?;
        let ranges = self.conditions.iter().filter_map(Condition::length);
        Ok(FormGrant { length: ranges.fold((0, u64::MAX), |a, b| (a.0.max(b.0), a.1.min(b.1))) })
    }

    /// Every field sent must be named by a condition, and so must the bucket, sent or not.
    fn refuse_uncovered(&self, form: &Form) -> Result<(), ApiError> {
        let sent = form.fields.iter().map(|(name, _)| name.as_str());
        let bucket = form.field("bucket").is_none().then_some("bucket");
        let extra: Vec<_> = sent.chain(bucket).filter(|name| !self.covers(name)).collect();
        if extra.is_empty() {
            Ok(())
        } else {
            Err(denied(format!("Extra input fields: {}", extra.join(", "))))
        }
    }

    fn covers(&self, name: &str) -> bool {
        let free = |known: &&str| known.eq_ignore_ascii_case(name);
        let ignored = name.get(..9).is_some_and(|start| start.eq_ignore_ascii_case("x-ignore-"));
        let named = |c: &Condition| c.field().is_some_and(|field| field.eq_ignore_ascii_case(name));
        ignored || FREE_FIELDS.iter().any(free) || self.conditions.iter().any(named)
    }
}

impl FormGrant {
    /// Holds the length of the file to the policy's `content-length-range`. May be called while the
    /// file still streams, with `complete` false, to stop one that is already too long.
    ///
    /// # Errors
    /// 400 `EntityTooLarge` or `EntityTooSmall`.
    pub fn check_length(&self, length: u64, complete: bool) -> Result<(), ApiError> {
        let (least, most) = self.length;
        let proposed = length.to_string();
        if length > most {
            return Err(error(
                "EntityTooLarge",
                400,
                "Your proposed upload exceeds the maximum allowed size",
            )
            .with("ProposedSize", proposed)
            .with("MaxSizeAllowed", most.to_string()));
        }
        if complete && length < least {
            return Err(error(
                "EntityTooSmall",
                400,
                "Your proposed upload is smaller than the minimum allowed size",
            )
            .with("ProposedSize", proposed)
            .with("MinSizeAllowed", least.to_string()));
        }
        Ok(())
    }
}

impl Condition {
    fn holds(&self, form: &Form, bucket: &str) -> bool {
        match self {
            Self::Equals { field, value } => value_of(form, field, bucket) == *value,
            Self::StartsWith { field, prefix } => starts_with(&value_of(form, field, bucket), field, prefix),
            Self::Length { .. } => true,
        }
    }

    fn field(&self) -> Option<&str> {
        match self {
            Self::Equals { field, .. } | Self::StartsWith { field, .. } => Some(field),
            Self::Length { .. } => None,
        }
    }

    fn length(&self) -> Option<(u64, u64)> {
        match self {
            Self::Length { least, most } => Some((*least, *most)),
            Self::Equals { .. } | Self::StartsWith { .. } => None,
        }
    }
}

impl std::fmt::Display for Condition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Equals { field, value } => write!(f, "[\"eq\", \"${field}\", \"{value}\"]"),
            Self::StartsWith { field, prefix } => write!(f, "[\"starts-with\", \"${field}\", \"{prefix}\"]"),
            Self::Length { least, most } => write!(f, "[\"content-length-range\", {least}, {most}]"),
        }
    }
}

/// The key is judged as it will be stored, the bucket as it is addressed.
fn value_of(form: &Form, field: &str, bucket: &str) -> String {
    match field.to_ascii_lowercase().as_str() {
        "bucket" => bucket.to_owned(),
        "key" => form.key().unwrap_or_default(),
        _ => form.field(field).unwrap_or_default().to_owned(),
    }
}

/// `Content-Type` may be a list, of which every member must begin with the prefix.
fn starts_with(value: &str, field: &str, prefix: &str) -> bool {
    if field.eq_ignore_ascii_case("content-type") {
        return value.split(',').all(|one| one.trim_start().starts_with(prefix));
    }
    value.starts_with(prefix)
}

fn read_condition(item: &Value, out: &mut Vec<Condition>) -> Option<()> {
    if let Value::Object(pairs) = item {
        for (field, value) in pairs {
            out.push(Condition::Equals { field: field.clone(), value: value.as_str()?.to_owned() });
        }
        return (!pairs.is_empty()).then_some(());
    }
    let [operator, first, second] = item.as_array()?.as_slice() else { return None };
    let operator = operator.as_str()?.to_ascii_lowercase();
    if operator == "content-length-range" {
        out.push(Condition::Length { least: number(first)?, most: number(second)? });
        return Some(());
    }
    let field = first.as_str()?.strip_prefix('$')?.to_owned();
    let value = second.as_str()?.to_owned();
    out.push(match operator.as_str() {
        "eq" => Condition::Equals { field, value },
        "starts-with" => Condition::StartsWith { field, prefix: value },
        _ => return None,
    });
    Some(())
}

fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

fn v4(form: &Form) -> Result<PresentedForm, ApiError> {
    let given = |name| form.field(name).ok_or_else(|| missing(name));
    let signature = given("X-Amz-Signature")?;
    let (algorithm, credential) = (given("X-Amz-Algorithm")?, given("X-Amz-Credential")?);
    let (date, policy) = (given("X-Amz-Date")?, given("policy")?);
    let unusable =
        |name| error("InvalidArgument", 400, format!("{name} is not valid.")).with("ArgumentName", name);
    if algorithm != ALGORITHM {
        return Err(AuthFault::UnsupportedMechanism.to_error(Service::S3));
    }
    let credential = Credential::parse(credential).ok_or_else(|| unusable("X-Amz-Credential"))?;
    let signed_at = parse_timestamp(date).ok_or_else(|| unusable("X-Amz-Date"))?;
    Ok(PresentedForm {
        access_key_id: credential.access_key_id.to_owned(),
        scope: Some((credential.scope.into_owned(), signed_at)),
        session_token: form.field(TOKEN).map(str::to_owned),
        policy: policy.to_owned(),
        signature: signature.to_owned(),
    })
}

fn v2(form: &Form) -> Result<PresentedForm, ApiError> {
    let given = |name| form.field(name).ok_or_else(|| missing(name));
    Ok(PresentedForm {
        access_key_id: given("AWSAccessKeyId")?.to_owned(),
        scope: None,
        session_token: form.field(TOKEN).map(str::to_owned),
        policy: given("policy")?.to_owned(),
        signature: given("signature")?.to_owned(),
    })
}

fn missing(name: &'static str) -> ApiError {
    let text = format!(
        "Bucket POST must contain a field named '{name}'.  If it is specified, please check the order of the fields."
    );
    error("InvalidArgument", 400, text).with("ArgumentName", name).with("ArgumentValue", "")
}

fn denied(why: impl std::fmt::Display) -> ApiError {
    error("AccessDenied", 403, format!("Invalid according to Policy: {why}"))
}

fn invalid_policy(text: String) -> ApiError {
    error("InvalidPolicyDocument", 400, text)
}

fn error(code: &'static str, status: u16, message: impl Into<std::borrow::Cow<'static, str>>) -> ApiError {
    ApiError::new(ErrorCode::sender(code, status), message)
}

const TOKEN: &str = "x-amz-security-token";
const V4_FIELDS: [&str; 4] = ["x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-signature"];
const V2_FIELDS: [&str; 2] = ["AWSAccessKeyId", "signature"];

/// Fields that no condition need mention.
const FREE_FIELDS: [&str; 5] = ["file", "policy", "x-amz-signature", "signature", "AWSAccessKeyId"];

#[cfg(test)]
mod tests {
    use super::super::tests::{NOW, secret};
    use super::*;
    use proptest::prelude::*;

    /// 2026-11-22T06:00:02Z, when the SDK made the forms below, good for a minute.
    const MADE: i64 = 1_795_327_202;

    const POLICY_V2: &str = "eyJleHBpcmF0aW9uIjogIjIwMjYtMTEtMjJUMDY6MDE6MDJaIiwgImNvbmRpdGlvbnMiOiBbeyJhY2wiOiAicHJpdmF0ZSJ9LCBbImNvbnRlbnQtbGVuZ3RoLXJhbmdlIiwgMSwgMTBdLCB7ImJ1Y2tldCI6ICJidWNrZXQifSwgWyJzdGFydHMtd2l0aCIsICIka2V5IiwgInUvIl0sIHsieC1hbXotc2VjdXJpdHktdG9rZW4iOiAidG8vaytlbj0ifV19";
    const POLICY_V4: &str = "eyJleHBpcmF0aW9uIjogIjIwMjYtMTEtMjJUMDY6MDE6MDJaIiwgImNvbmRpdGlvbnMiOiBbeyJidWNrZXQiOiAiYnVja2V0In0sIFsic3RhcnRzLXdpdGgiLCAiJGtleSIsICJ1LyJdLCB7IngtYW16LWFsZ29yaXRobSI6ICJBV1M0LUhNQUMtU0hBMjU2In0sIHsieC1hbXotY3JlZGVudGlhbCI6ICJBU0lBRVhBTVBMRS8yMDI2MTEyMi91cy1lYXN0LTEvczMvYXdzNF9yZXF1ZXN0In0sIHsieC1hbXotZGF0ZSI6ICIyMDI2MTEyMlQwNjAwMDJaIn0sIHsieC1hbXotc2VjdXJpdHktdG9rZW4iOiAidG8vaytlbj0ifV19";

    fn form(fields: &[(&str, &str)]) -> Form {
        let fields = fields.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        Form { fields, file_name: "f.txt".to_owned(), file_type: None }
    }

    /// As boto3's `generate_presigned_post` makes it by default.
    fn sdk_v2() -> Form {
        form(&[
            ("acl", "private"),
            ("key", "u/${filename}"),
            ("AWSAccessKeyId", "ASIAEXAMPLE"),
            ("x-amz-security-token", "to/k+en="),
            ("policy", POLICY_V2),
            ("signature", "FfcMSPReSkqVrEokTbpbrvxxbok="),
        ])
    }

    /// As boto3 makes it with Signature Version 4.
    fn sdk_v4() -> Form {
        form(&[
            ("key", "u/${filename}"),
            ("x-amz-algorithm", "AWS4-HMAC-SHA256"),
            ("x-amz-credential", "ASIAEXAMPLE/20261122/us-east-1/s3/aws4_request"),
            ("x-amz-date", "20261122T060002Z"),
            ("x-amz-security-token", "to/k+en="),
            ("policy", POLICY_V4),
            ("x-amz-signature", "fc3d28fb4f4761d0d89fc6c2d10979beef1b2b94121b3e911211f3787a7b656e"),
        ])
    }

    fn verify(form: &Form, bucket: &str, now: i64) -> Result<FormGrant, ApiError> {
        let presented = PresentedForm::find(form)?.expect("a credential is presented");
        presented.verify(form, bucket, &secret(), &SigningKeyCache::new(1), &Rules::s3(now))
    }

    fn refused(form: &Form, bucket: &str, now: i64) -> (u16, &'static str, String) {
        let error = verify(form, bucket, now).unwrap_err();
        (error.code.status, error.code.code, error.message.into_owned())
    }

    fn changed(mut form: Form, name: &str, value: &str) -> Form {
        form.fields.retain(|(n, _)| n != name);
        form.fields.push((name.to_owned(), value.to_owned()));
        form
    }

    fn policy(conditions: &str, fields: &[(&str, &str)]) -> Result<FormGrant, String> {
        let json = format!(
            r#"{{"expiration":"2015-08-30T13:00:00.000Z","conditions":[{{"bucket":"b"}},{conditions}]}}"#
        );
        let policy = PostPolicy::parse(&BASE64_STANDARD.encode(json)).unwrap();
        policy.admit(&form(fields), "b", NOW).map_err(|error| error.message.into_owned())
    }

    #[test]
    fn pre_07_the_forms_of_the_sdk_pass_and_no_others() {
        assert_eq!(verify(&sdk_v2(), "bucket", MADE).unwrap().length, (1, 10));
        assert_eq!(verify(&sdk_v4(), "bucket", MADE + 59).unwrap().length, (0, u64::MAX));
        let token = PresentedForm::find(&sdk_v4()).unwrap().unwrap().session_token;
        assert_eq!(token.as_deref(), Some("to/k+en="));
        for form in [sdk_v2(), sdk_v4()] {
            let expired = "Invalid according to Policy: Policy expired.".to_owned();
            assert_eq!(refused(&form, "bucket", MADE + 61), (403, "AccessDenied", expired));
            let other =
                "Invalid according to Policy: Policy Condition failed: [\"starts-with\", \"$key\", \"u/\"]";
            let key = changed(form.clone(), "key", "v/x");
            assert_eq!(refused(&key, "bucket", MADE), (403, "AccessDenied", other.to_owned()));
            let extra = "Invalid according to Policy: Extra input fields: tagging".to_owned();
            let tagged = changed(form.clone(), "tagging", "x");
            assert_eq!(refused(&tagged, "bucket", MADE), (403, "AccessDenied", extra));
            assert!(verify(&changed(form.clone(), "x-ignore-me", "x"), "bucket", MADE).is_ok());
            let forged = changed(form, "policy", &BASE64_STANDARD.encode("{}"));
            assert_eq!(refused(&forged, "bucket", MADE).1, "SignatureDoesNotMatch");
        }
    }

    #[test]
    fn pre_08_the_bucket_written_is_the_bucket_signed() {
        for form in [sdk_v2(), sdk_v4()] {
            let text =
                "Invalid according to Policy: Policy Condition failed: [\"eq\", \"$bucket\", \"bucket\"]";
            assert_eq!(refused(&form, "other", MADE), (403, "AccessDenied", text.to_owned()));
            assert!(verify(&changed(form.clone(), "bucket", "bucket"), "bucket", MADE).is_ok());
            let named = changed(form.clone(), "bucket", "other");
            assert_eq!(refused(&named, "bucket", MADE).0, 403);
            assert_eq!(refused(&changed(form, "bucket", "bucket"), "other", MADE).0, 403);
        }
    }

    #[test]
    fn pre_07_a_policy_that_names_no_bucket_is_good_for_none() {
        let json = r#"{"expiration":"2015-08-30T13:00:00Z","conditions":[["eq","$key","k"]]}"#;
        let policy = PostPolicy::parse(&BASE64_STANDARD.encode(json)).unwrap();
        let error = policy.admit(&form(&[("key", "k")]), "b", NOW).unwrap_err();
        assert_eq!(error.message, "Invalid according to Policy: Extra input fields: bucket");
    }

    #[test]
    fn pre_07_half_a_credential_is_not_anonymous() {
        assert_eq!(PresentedForm::find(&form(&[("key", "k")])), Ok(None));
        let text = "Bucket POST must contain a field named 'X-Amz-Signature'.  If it is specified, please check the \
                    order of the fields.";
        let mut unsigned = sdk_v4();
        unsigned.fields.pop();
        let error = PresentedForm::find(&unsigned).unwrap_err();
        assert_eq!(
            (error.code.status, error.code.code, error.message.as_ref()),
            (400, "InvalidArgument", text)
        );
        assert_eq!(error.fields.first(), Some(&("ArgumentName", "X-Amz-Signature".to_owned())));
        for name in ["policy", "x-amz-date", "AWSAccessKeyId", "signature", "x-amz-security-token"] {
            assert!(PresentedForm::find(&form(&[("key", "k"), (name, "x")])).is_err(), "{name}");
        }
    }

    #[test]
    fn pre_07_conditions_hold_exactly() {
        let key = ("key", "k");
        let keyed = |more: &str| format!(r#"["eq","$key","k"],{more}"#);
        assert!(policy(&keyed(r#"{"acl":"private"}"#), &[key, ("ACL", "private")]).is_ok());
        let failed = policy(&keyed(r#"{"acl":"private"}"#), &[key, ("acl", "public-read")]).unwrap_err();
        assert_eq!(
            failed,
            r#"Invalid according to Policy: Policy Condition failed: ["eq", "$acl", "private"]"#
        );
        assert!(policy(&keyed(r#"{"acl":"private"}"#), &[key]).is_err());
        let images = keyed(r#"["starts-with","$Content-Type","image/"]"#);
        assert!(policy(&images, &[key, ("content-type", "image/png, image/gif")]).is_ok());
        assert!(policy(&images, &[key, ("content-type", "image/png,text/html")]).is_err());
        assert!(policy(&keyed(r#"["starts-with","$acl",""]"#), &[key, ("acl", "x")]).is_ok());
        assert!(policy(r#"["eq","$key","u/f.txt"]"#, &[("key", "u/${filename}")]).is_ok());
        assert!(policy(r#"["eq","$key",""]"#, &[]).unwrap_err().contains("a field named 'key'"));
    }

    #[test]
    fn pre_07_lengths_are_held() {
        let grant = policy(r#"["eq","$key","k"],["content-length-range",2,"10"]"#, &[("key", "k")]).unwrap();
        assert!(grant.check_length(2, true).is_ok() && grant.check_length(10, true).is_ok());
        assert!(grant.check_length(0, false).is_ok());
        let small = grant.check_length(1, true).unwrap_err();
        assert_eq!(small.message, "Your proposed upload is smaller than the minimum allowed size");
        assert_eq!(small.fields, [("ProposedSize", "1".to_owned()), ("MinSizeAllowed", "2".to_owned())]);
        let large = grant.check_length(11, false).unwrap_err();
        assert_eq!((large.code.code, large.code.status), ("EntityTooLarge", 400));
        assert_eq!(large.message, "Your proposed upload exceeds the maximum allowed size");
        assert_eq!(large.fields, [("ProposedSize", "11".to_owned()), ("MaxSizeAllowed", "10".to_owned())]);
    }

    #[test]
    fn documents_that_are_no_policies_are_refused() {
        let when = r#""expiration":"2015-08-30T13:00:00Z""#;
        for json in [
            "[]".to_owned(),
            "{".to_owned(),
            "{\"conditions\":[]}".to_owned(),
            format!("{{{when}}}"),
            format!("{{{when},\"conditions\":[[\"ne\",\"$a\",\"b\"]]}}"),
            format!("{{{when},\"conditions\":[[\"eq\",\"a\",\"b\"]]}}"),
            format!("{{{when},\"conditions\":[{{}}]}}"),
            format!("{{{when},\"conditions\":[1]}}"),
        ] {
            let error = PostPolicy::parse(&BASE64_STANDARD.encode(&json)).unwrap_err();
            assert_eq!((error.code.code, error.code.status), ("InvalidPolicyDocument", 400), "{json}");
        }
        assert!(PostPolicy::parse("*").is_err());
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC*", name in "[a-zA-Z-]{1,20}") {
            let _ = PostPolicy::parse(&text);
            let _ = PostPolicy::parse(&BASE64_STANDARD.encode(&text));
            let _ = PresentedForm::find(&form(&[(&name, &text)]));
        }
    }
}
