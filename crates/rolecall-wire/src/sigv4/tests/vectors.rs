//! `spec/sigv4/vectors.json`: each case verified and reproduced, in header and in query form.

use super::*;
use crate::sigv4::Mechanism;
use crate::sigv4::canonical::{Parts, canonical_request, string_to_sign};
use crate::sigv4::fault::AuthFault;
use crate::sigv4::scope::Scope;
use crate::sigv4::verify::Body;
use data_encoding::HEXLOWER;
use serde_json::Value;

struct Case<'a>(&'a Value);

impl Case<'_> {
    fn text(&self, name: &str) -> &str {
        self.0[name].as_str().unwrap()
    }

    fn context(&self, name: &str) -> &Value {
        &self.0["context"][name]
    }

    fn token(&self) -> Option<&str> {
        self.context("credentials")["token"].as_str()
    }

    fn omits_token(&self) -> bool {
        self.context("omit_session_token").as_bool().unwrap_or(false)
    }

    fn path(&self) -> PathRule {
        if self.context("normalize").as_bool().unwrap() { PathRule::Normalised } else { PathRule::Twice }
    }

    fn rules(&self, body: &[u8]) -> Rules<'static> {
        let rules = Rules::query("service", NOW, sha256(body));
        Rules { path: self.path(), longest_url: 3600, body: Body::Sha256(sha256(body)), ..rules }
    }

    fn signer<'a>(&'a self, secret: &'a SecretKey) -> Signer<'a> {
        let session_token = self.token().filter(|_| !self.omits_token());
        Signer { session_token, path: self.path(), ..signer("service", secret) }
    }
}

/// Reads a request in the vectors' notation: head, empty line, body; folded lines become one, as
/// RFC 9112 §5.2 has it done before anybody reads them.
fn read(text: &str) -> (Request, Vec<u8>) {
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let unfolded = head.replace("\n ", " ");
    let mut lines = unfolded.lines();
    let line = lines.next().unwrap();
    let (method, rest) = line.split_once(' ').unwrap();
    let target = rest.strip_suffix(" HTTP/1.1").unwrap();
    let headers: Vec<_> = lines.filter_map(|l| l.split_once(':')).map(|(n, v)| (n, v.trim())).collect();
    (request(method, target, &headers), body.as_bytes().to_vec())
}

fn canonical(case: &Case<'_>, request: &Request, body: &[u8]) -> (String, String) {
    let presented = Presented::find(request).unwrap().unwrap();
    let payload = HEXLOWER.encode(&sha256(body));
    let parts = Parts { signed_headers: &presented.signed_headers, path: case.path(), payload: &payload };
    let bytes = canonical_request(request, &parts);
    let scope = Scope::new("20150830", "us-east-1", "service");
    let text = string_to_sign("20150830T123600Z", &scope, &bytes);
    (String::from_utf8(bytes).unwrap(), text)
}

fn check_header(case: &Case<'_>) {
    let (mut sent, body) = read(case.text("header-signed-request"));
    if case.omits_token() {
        let unsigned = vec!["x-amz-security-token".to_owned()];
        assert_eq!(verify(&sent, &case.rules(&body)).unwrap_err(), AuthFault::HeadersNotSigned(unsigned));
        sent.headers.remove("x-amz-security-token");
    }
    let (canonical, text) = canonical(case, &sent, &body);
    assert_eq!(canonical, case.text("header-canonical-request"));
    assert_eq!(text, case.text("header-string-to-sign"));
    let verified = verify(&sent, &case.rules(&body)).unwrap();
    assert_eq!(verified.mechanism, Mechanism::Header);
    assert_eq!(Presented::find(&sent).unwrap().unwrap().signature, case.text("header-signature"));
}

fn check_query(case: &Case<'_>) {
    let (mut sent, body) = read(case.text("query-signed-request"));
    if case.omits_token() {
        assert!(matches!(verify(&sent, &case.rules(&body)), Err(AuthFault::SignatureMismatch(_))));
        sent.query.retain(|(name, _)| name != "X-Amz-Security-Token");
    }
    let (canonical, text) = canonical(case, &sent, &body);
    assert_eq!(canonical, case.text("query-canonical-request"));
    assert_eq!(text, case.text("query-string-to-sign"));
    let verified = verify(&sent, &case.rules(&body)).unwrap();
    assert!(matches!(verified.mechanism, Mechanism::Query { .. }));
    assert_eq!(Presented::find(&sent).unwrap().unwrap().signature, case.text("query-signature"));
}

fn check_signing(case: &Case<'_>) {
    let secret = secret();
    let (mut request, body) = read(case.text("request"));
    let payload = PayloadHash::Hex(sha256(&body));
    let mut url = request.clone();
    case.signer(&secret).presign(&mut url, 3600, payload);
    assert_eq!(url.query("X-Amz-Signature"), Some(case.text("query-signature")));
    if case.context("sign_body").as_bool().unwrap() {
        set(&mut request, "x-amz-content-sha256", &payload.canonical());
    }
    case.signer(&secret).sign(&mut request, payload).unwrap();
    let (expected, _) = read(case.text("header-signed-request"));
    assert_eq!(request.header("authorization"), expected.header("authorization"));
}

#[test]
fn every_vector_verifies_and_is_reproduced() {
    let suite: Value = serde_json::from_str(include_str!("../../../../../spec/sigv4/vectors.json")).unwrap();
    let cases = suite["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 38);
    for case in cases.iter().map(Case) {
        println!("{}", case.text("name"));
        check_header(&case);
        check_query(&case);
        check_signing(&case);
    }
}
