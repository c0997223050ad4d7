//! The rows of the attack catalogue that are decided here.

use super::*;
use crate::sigv4::scope::format_timestamp;

fn header_fault(value: &str) -> Result<(), AuthFault> {
    let request = request("GET", "/bucket/key", &[("host", "h"), ("authorization", value)]);
    Presented::find(&request).map(drop)
}

#[test]
fn sig_01_a_flipped_digit_is_refused() {
    let good = put();
    assert!(s3(&resend(&good), NOW).is_ok());
    let header = good.header("authorization").unwrap();
    let (head, signature) = header.rsplit_once('=').unwrap();
    for at in [0, 31, 63] {
        let mut digits = signature.as_bytes().to_vec();
        digits[at] = if digits[at] == b'0' { b'1' } else { b'0' };
        let mut bad = good.clone();
        set(&mut bad, "authorization", &format!("{head}={}", String::from_utf8(digits).unwrap()));
        assert_eq!(code(s3(&bad, NOW)).1, "SignatureDoesNotMatch");
    }
    for signature in [&signature[1..], &signature.to_uppercase(), "garbage", "0"] {
        let mut bad = good.clone();
        set(&mut bad, "authorization", &format!("{head}={signature}"));
        assert_eq!(code(s3(&bad, NOW)).0, 403);
    }
}

#[test]
fn sig_02_a_wrong_secret_is_told_what_was_computed() {
    let mut bad = request("PUT", "/bucket/key", &[("host", "s3.example")]);
    signer("s3", &SecretKey::new("wrong".to_owned())).sign(&mut bad, PayloadHash::Unsigned).unwrap();
    let error = s3(&bad, NOW).unwrap_err();
    let names: Vec<_> = error.fields.iter().map(|(name, _)| *name).collect();
    let expected = "AWSAccessKeyId StringToSign SignatureProvided StringToSignBytes CanonicalRequest CanonicalRequestBytes";
    assert_eq!(names.join(" "), expected);
    assert_eq!((error.code.status, error.code.code), (403, "SignatureDoesNotMatch"));
    assert_eq!(
        error.message,
        "The request signature we calculated does not match the signature you provided. Check your key and signing \
         method."
    );
    let field = |name| error.fields.iter().find(|(n, _)| *n == name).unwrap().1.as_str();
    assert!(field("StringToSign").starts_with("AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/s3/"));
    assert!(field("StringToSignBytes").starts_with("41 57 53 34 2d"));
    assert!(field("CanonicalRequest").starts_with("PUT\n/bucket/key\n\nhost:s3.example\n"));
}

#[test]
fn sig_02_a_wrong_secret_at_sts_gets_its_own_sentence() {
    let (mut bad, body) = call();
    assert!(sts(&bad, NOW, body).is_ok());
    signer("sts", &SecretKey::new("wrong".to_owned()))
        .sign(&mut bad, PayloadHash::Hex(sha256(body)))
        .unwrap();
    let text = "The request signature we calculated does not match the signature you provided. Check your AWS Secret \
                Access Key and signing method. Consult the service documentation for details.";
    assert_eq!(code(sts(&bad, NOW, body)), (403, "SignatureDoesNotMatch", text.to_owned()));
}

#[test]
fn sig_04_an_unsigned_streaming_body_does_not_excuse_the_signature() {
    let mut good = request("PUT", "/bucket/key", &[("host", "s3.example")]);
    signer("s3", &secret()).sign(&mut good, PayloadHash::StreamingUnsignedTrailer).unwrap();
    assert_eq!(s3(&good, NOW).unwrap().payload, PayloadHash::StreamingUnsignedTrailer);
    let header = good.header("authorization").unwrap();
    let garbage = format!("{}={}", header.rsplit_once('=').unwrap().0, "0".repeat(64));
    set(&mut good, "authorization", &garbage);
    assert_eq!(code(s3(&good, NOW)).1, "SignatureDoesNotMatch");
}

#[test]
fn sig_05_nor_in_the_query() {
    let payload = PayloadHash::StreamingUnsignedTrailer;
    let mut good = request(
        "PUT",
        "/bucket/key",
        &[("host", "s3.example"), ("x-amz-content-sha256", &payload.canonical())],
    );
    signer("s3", &secret()).presign(&mut good, 60, payload);
    assert_eq!(s3(&resend(&good), NOW).unwrap().payload, payload);
    good.query.last_mut().unwrap().1 = "0".repeat(64);
    assert_eq!(code(s3(&good, NOW)).1, "SignatureDoesNotMatch");
}

#[test]
fn sig_09_the_body_of_a_query_service_is_hashed_not_believed() {
    let (good, body) = call();
    assert!(sts(&good, NOW, body).is_ok());
    assert_eq!(code(sts(&good, NOW, b"Action=AssumeRoot")).1, "SignatureDoesNotMatch");
    let mut unsigned = request("POST", "/", &[("host", "h"), ("x-amz-content-sha256", "UNSIGNED-PAYLOAD")]);
    signer("sts", &secret()).sign(&mut unsigned, PayloadHash::Unsigned).unwrap();
    assert_eq!(code(sts(&unsigned, NOW, body)).1, "SignatureDoesNotMatch");
}

#[test]
fn sig_12_headers_added_after_signing_are_refused() {
    for (good, names) in [(put(), true), (presigned(), true)] {
        assert!(s3(&resend(&good), NOW).is_ok() && names);
        for name in ["x-amz-copy-source", "x-amz-tagging", "x-amz-acl", "x-amz-new-thing", "x-amz-meta-b"] {
            let mut bad = good.clone();
            set(&mut bad, name, "1");
            let error = s3(&bad, NOW).unwrap_err();
            assert_eq!((error.code.status, error.code.code), (403, "AccessDenied"), "{name}");
            assert_eq!(error.message, "There were headers present in the request which were not signed");
            assert_eq!(error.fields, [("HeadersNotSigned", name.to_owned())]);
        }
    }
    let mut bad = put();
    set(&mut bad, "x-amz-security-token", "other");
    assert_eq!(code(s3(&bad, NOW)).1, "AccessDenied");
}

#[test]
fn sig_12_a_changed_signed_header_is_refused() {
    let mut bad = put();
    set(&mut bad, "x-amz-meta-a", "2");
    assert_eq!(code(s3(&bad, NOW)).1, "SignatureDoesNotMatch");
    let mut unsigned_host = put();
    let header =
        unsigned_host.header("authorization").unwrap().replace("SignedHeaders=host;", "SignedHeaders=");
    set(&mut unsigned_host, "authorization", &header);
    assert_eq!(s3(&unsigned_host, NOW).unwrap_err().fields, [("HeadersNotSigned", "host".to_owned())]);
}

/// AWS signs nothing else; whoever writes them otherwise meant something that is not computed here. Every signature is
/// right for the list it comes with.
#[test]
fn signed_headers_are_named_once_in_order_and_in_small_letters_and_are_there() {
    let sent =
        [("host", "s3.example"), ("content-type", "a/b"), ("x-amz-content-sha256", "UNSIGNED-PAYLOAD")];
    let signed_over = |names: &str| {
        let mut request = request("PUT", "/bucket/key", &sent);
        set(&mut request, "x-amz-date", &format_timestamp(NOW));
        let list: Vec<String> = names.split(';').map(str::to_owned).collect();
        let (secret, payload) = (secret(), PayloadHash::Unsigned);
        let chain = signer("s3", &secret).chain(&request, &list, payload, format_timestamp(NOW));
        let header = format!(
            "AWS4-HMAC-SHA256 Credential={ID}/{}, SignedHeaders={names}, Signature={}",
            chain.scope, chain.seed
        );
        set(&mut request, "authorization", &header);
        s3(&request, NOW)
    };
    let good = "content-type;host;x-amz-content-sha256;x-amz-date";
    assert!(signed_over(good).is_ok());
    for (why, names) in [
        ("out of order", "host;content-type;x-amz-content-sha256;x-amz-date"),
        ("twice", "content-type;host;host;x-amz-content-sha256;x-amz-date"),
        ("in capitals", "Content-Type;host;x-amz-content-sha256;x-amz-date"),
        ("absent", "content-type;host;range;x-amz-content-sha256;x-amz-date"),
        ("empty", "content-type;host;x-amz-content-sha256;x-amz-date;"),
    ] {
        let refused = code(signed_over(names));
        assert_eq!((refused.0, refused.1), (403, "SignatureDoesNotMatch"), "{why}");
    }
}

#[test]
fn sig_19_s3_allows_fifteen_minutes() {
    for off in [-899, 0, 899] {
        assert!(s3(&put(), NOW + off).is_ok(), "{off}");
    }
    for off in [-901, 901] {
        let error = s3(&put(), NOW + off).unwrap_err();
        assert_eq!((error.code.status, error.code.code), (403, "RequestTimeTooSkewed"));
        assert_eq!(
            error.message,
            "The difference between the request time and the current time is too large."
        );
        let names: Vec<_> = error.fields.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["RequestTime", "ServerTime", "MaxAllowedSkewMilliseconds"]);
        assert_eq!(error.fields[2].1, "900000");
    }
}

#[test]
fn sig_19_sts_allows_five_minutes() {
    let (good, body) = call();
    assert!(sts(&good, NOW + 299, body).is_ok() && sts(&good, NOW - 299, body).is_ok());
    let late = code(sts(&good, NOW + 301, body));
    let text = "Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z (20150830T124101Z - 5 min.)";
    assert_eq!(late, (403, "SignatureDoesNotMatch", text.to_owned()));
    let early = code(sts(&good, NOW - 301, body));
    let text = "Signature not yet current: 20150830T123600Z is still later than 20150830T123559Z (20150830T123059Z + \
                5 min.)";
    assert_eq!(early, (403, "SignatureDoesNotMatch", text.to_owned()));
}

#[test]
fn sig_20_a_signature_is_good_for_its_service_only() {
    let body = b"";
    let mut to_sts = request("POST", "/", &[("host", "h")]);
    signer("s3", &secret()).sign(&mut to_sts, PayloadHash::Hex(sha256(body))).unwrap();
    let text = "Credential should be scoped to correct service: 'sts'. ";
    assert_eq!(code(sts(&to_sts, NOW, body)), (403, "SignatureDoesNotMatch", text.to_owned()));
    let (to_s3, _) = call();
    let text =
        "The authorization header is malformed; incorrect service \"sts\". This endpoint belongs to \"s3\".";
    assert_eq!(code(s3(&to_s3, NOW)), (400, "AuthorizationHeaderMalformed", text.to_owned()));
}

#[test]
fn sig_20_regions_dates_and_terminators_must_fit() {
    let rules = Rules::s3(NOW).in_regions(&["eu-west-1", "us-east-2"]);
    let error = verify(&put(), &rules).unwrap_err().to_error(Service::S3);
    assert_eq!(
        error.message,
        "The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-west-1'"
    );
    assert_eq!(
        (error.code.code, error.fields),
        ("AuthorizationHeaderMalformed", vec![("Region", "eu-west-1".into())])
    );
    assert!(verify(&put(), &Rules::s3(NOW).in_regions(&["eu-west-1", "us-east-1"])).is_ok());
    let (good, body) = call();
    let fault = verify(&good, &Rules::query("sts", NOW, sha256(body)).in_regions(&["x"])).unwrap_err();
    let text = "Credential should be scoped to a valid region, not 'us-east-1'. ";
    assert_eq!(fault.to_error(Service::Sts).message, text);
    for (from, to, text) in [
        (
            "/aws4_request",
            "/aws5",
            "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5'. ",
        ),
        (
            "/20150830/",
            "/20150829/",
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20150829' != \
             '20150830', from '20150830T123600Z'.",
        ),
    ] {
        let mut bad = good.clone();
        let header = bad.header("authorization").unwrap().replace(from, to);
        set(&mut bad, "authorization", &header);
        assert_eq!(code(sts(&bad, NOW, body)), (403, "SignatureDoesNotMatch", text.to_owned()));
    }
}

#[test]
fn sig_21_the_verified_path_is_the_served_path() {
    for path in
        ["/b/a%2Fb", "/b//a", "/b/./a", "/b/../c", "/b/%2e%2e/a", "/b/a+b", "/b/a%20b", "/b/%25%32", "/b/ä"]
    {
        let mut good = request("GET", path, &[("host", "h")]);
        signer("s3", &secret()).sign(&mut good, PayloadHash::Unsigned).unwrap();
        assert!(s3(&good, NOW).is_ok(), "{path}");
        good.raw_path.push('x');
        good.path.push('x');
        assert_eq!(code(s3(&good, NOW)).1, "SignatureDoesNotMatch", "{path}");
    }
}

#[test]
fn sig_26_what_is_presented_but_unusable_is_never_anonymous() {
    assert_eq!(Presented::find(&request("GET", "/b/k?x-id=1", &[("host", "h")])), Ok(None));
    for value in [
        "Bearer x",
        "Basic eDp5",
        "junk",
        "",
        "AWS AKID:c2ln",
        "AWS4-ECDSA-P256-SHA256 Credential=x",
        "AWS4-HMAC-SHA256x",
    ] {
        let error = header_fault(value).unwrap_err().to_error(Service::S3);
        assert_eq!((error.code.status, error.code.code), (400, "InvalidRequest"), "{value}");
        let text =
            "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.";
        assert_eq!(error.message, text);
    }
    for value in
        ["AWS4-HMAC-SHA256 ", "AWS4-HMAC-SHA256 Credential=x", "AWS4-HMAC-SHA256 a=b", "AWS4-HMAC-SHA256 ,,"]
    {
        assert!(matches!(header_fault(value), Err(AuthFault::MalformedHeader(_))), "{value}");
    }
    for target in
        ["/b?X-Amz-Signature=1", "/b?x-amz-credential=1", "/b?X-Amz-Expires=1", "/b?x-amz-signature="]
    {
        assert_eq!(
            Presented::find(&request("GET", target, &[("host", "h")])),
            Err(AuthFault::IncompleteQuery)
        );
    }
    for target in
        ["/b?Signature=1", "/b?AWSAccessKeyId=1", "/b?expires=1", "/b?AWSAccessKeyId=1&Signature=&Expires=1"]
    {
        assert_eq!(
            Presented::find(&request("GET", target, &[("host", "h")])),
            Err(AuthFault::IncompleteV2Query)
        );
    }
    let token = request("GET", "/b", &[("host", "h"), ("x-amz-security-token", "t")]);
    assert_eq!(Presented::find(&token), Err(AuthFault::UnsupportedMechanism));
    let token = request("GET", "/b?X-Amz-Security-Token=t", &[("host", "h")]);
    assert_eq!(Presented::find(&token), Err(AuthFault::UnsupportedMechanism));
}

#[test]
fn sig_26_two_credentials_are_one_too_many() {
    let mut both = presigned();
    set(&mut both, "authorization", "junk");
    let error = Presented::find(&both).unwrap_err().to_error(Service::S3);
    assert_eq!((error.code.status, error.code.code), (400, "InvalidArgument"));
    assert!(error.message.starts_with("Only one auth mechanism allowed"));
}

#[test]
fn malformed_headers_are_named() {
    let header = "AWS4-HMAC-SHA256 Credential=A/20150830/r/sts/aws4_request, SignedHeaders, Signature=1";
    let error = header_fault(header).unwrap_err().to_error(Service::Sts);
    assert_eq!((error.code.status, error.code.code), (400, "IncompleteSignature"));
    assert_eq!(
        error.message,
        format!(
            "'SignedHeaders' not a valid key=value pair (missing equal-sign) in Authorization header: '{header}'."
        )
    );
    let header = "AWS4-HMAC-SHA256 Credential=A/20150830/r, SignedHeaders=host, Signature=1";
    let error = header_fault(header).unwrap_err().to_error(Service::S3);
    assert_eq!((error.code.status, error.code.code), (400, "AuthorizationHeaderMalformed"));
    let text = "The authorization header is malformed; the Credential is mal-formed; expecting \
                \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".";
    assert_eq!(error.message, text);
}

#[test]
fn a_request_without_a_date_or_with_a_broken_one_is_refused() {
    for date in [None, Some("yesterday"), Some("20151330T000000Z")] {
        let mut bad = put();
        bad.headers.remove("x-amz-date");
        if let Some(date) = date {
            set(&mut bad, "x-amz-date", date);
        }
        assert_eq!(code(s3(&bad, NOW)).0, 403, "{date:?}");
    }
}

#[test]
fn s3_wants_a_payload_hash_in_the_header_form() {
    let mut bad = put();
    bad.headers.remove("x-amz-content-sha256");
    assert_eq!(code(s3(&bad, NOW)).1, "InvalidRequest");
    set(&mut bad, "x-amz-content-sha256", "nonsense");
    assert_eq!(code(s3(&bad, NOW)).1, "InvalidArgument");
    set(&mut bad, "x-amz-content-sha256", "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD");
    assert_eq!(code(s3(&bad, NOW)).0, 501);
}

#[test]
fn metadata_is_verified_as_the_bytes_it_is() {
    let latin1 = HeaderValue::from_bytes(b"caf\xe9").unwrap();
    let mut good = request("PUT", "/b/k", &[("host", "h")]);
    good.headers.insert("x-amz-meta-name", latin1);
    signer("s3", &secret()).sign(&mut good, PayloadHash::Unsigned).unwrap();
    assert!(s3(&resend(&good), NOW).is_ok());
    good.headers.insert("x-amz-meta-name", HeaderValue::from_bytes(b"caf\xe8").unwrap());
    assert_eq!(code(s3(&good, NOW)).1, "SignatureDoesNotMatch");
}

#[test]
fn a_session_token_is_read_and_signed() {
    let secret = secret();
    let signer = Signer { session_token: Some("to/ken+="), ..signer("s3", &secret) };
    let mut header = request("GET", "/b/k", &[("host", "h")]);
    signer.sign(&mut header, PayloadHash::Unsigned).unwrap();
    let mut url = request("GET", "/b/k", &[("host", "h")]);
    signer.presign(&mut url, 60, PayloadHash::Unsigned);
    for good in [resend(&header), resend(&url)] {
        assert!(s3(&good, NOW).is_ok());
        assert_eq!(Presented::find(&good).unwrap().unwrap().session_token, Some("to/ken+="));
    }
    url.query.retain(|(name, _)| name != "X-Amz-Security-Token");
    assert_eq!(code(s3(&url, NOW)).1, "SignatureDoesNotMatch");
}

#[test]
fn pre_01_a_url_lives_as_long_as_it_says() {
    assert!(s3(&resend(&presigned()), NOW + 3600).is_ok());
    let error = s3(&presigned(), NOW + 3601).unwrap_err();
    assert_eq!((error.code.status, error.code.code), (403, "AccessDenied"));
    assert_eq!(error.message, "Request has expired");
    let expected = [
        ("X-Amz-Expires", "3600".to_owned()),
        ("Expires", "2015-08-30T13:36:00Z".to_owned()),
        ("ServerTime", "2015-08-30T13:36:01Z".to_owned()),
    ];
    assert_eq!(error.fields, expected);
    assert!(s3(&presigned(), NOW - 899).is_ok());
    assert_eq!(
        code(s3(&presigned(), NOW - 901)),
        (403, "AccessDenied", "Request is not valid yet".to_owned())
    );
}

#[test]
fn pre_01_lifetimes_out_of_bounds_are_refused() {
    for expires in [1, 604_800] {
        let mut good = request("GET", "/b/k", &[("host", "h")]);
        signer("s3", &secret()).presign(&mut good, expires, PayloadHash::Unsigned);
        assert!(s3(&resend(&good), NOW).is_ok());
    }
    let week = "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less \
                than 604800 seconds";
    let number = "X-Amz-Expires should be a number";
    for (text, message) in [
        ("604801", week),
        ("99999999999999999999999", week),
        ("1e9", number),
        ("", number),
        ("-", number),
        ("+5", number),
        ("0", "X-Amz-Expires must be at least one second"),
        ("-1", "X-Amz-Expires must be at least one second"),
    ] {
        let mut bad = presigned();
        bad.query.iter_mut().find(|(name, _)| name == "X-Amz-Expires").unwrap().1 = text.to_owned();
        assert_eq!(
            code(s3(&bad, NOW)),
            (400, "AuthorizationQueryParametersError", message.to_owned()),
            "{text}"
        );
    }
}

#[test]
fn pre_01_every_parameter_is_needed() {
    let text = "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, \
                X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.";
    for at in 0..6 {
        let mut bad = presigned();
        bad.query.remove(at);
        assert_eq!(code(s3(&bad, NOW)), (400, "AuthorizationQueryParametersError", text.to_owned()));
    }
    let mut bad = presigned();
    bad.query[1].1 = "x".to_owned();
    let text = "Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; expecting \
                \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".";
    assert_eq!(code(s3(&bad, NOW)), (400, "AuthorizationQueryParametersError", text.to_owned()));
}

#[test]
fn pre_03_nothing_of_a_url_can_be_changed() {
    for name in ["versionId", "partNumber", "response-content-type", "x-id", "uploads", "X-Amz-Other"] {
        let mut bad = presigned();
        bad.query.push((name.to_owned(), "1".to_owned()));
        assert_eq!(code(s3(&bad, NOW)).0, 403, "{name}");
    }
    let mut other_key = presigned();
    other_key.path.push('2');
    let mut other_method = presigned();
    other_method.method = Method::DELETE;
    let mut other_host = presigned();
    other_host.host.push('2');
    for bad in [other_key, other_method, other_host] {
        assert_eq!(code(s3(&bad, NOW)).1, "SignatureDoesNotMatch");
    }
}

#[test]
fn pre_06_a_presigned_call_of_sts_is_exactly_what_was_signed() {
    let mut good = request(
        "GET",
        "/?Action=GetCallerIdentity&Version=2011-06-15",
        &[("host", "sts"), ("x-k8s-aws-id", "c")],
    );
    signer("sts", &secret()).presign(&mut good, 60, PayloadHash::Hex(sha256(b"")));
    assert!(sts(&resend(&good), NOW + 59, b"").is_ok());
    let text = "Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z (20150830T123701Z - 1 min.)";
    assert_eq!(code(sts(&good, NOW + 61, b"")), (403, "SignatureDoesNotMatch", text.to_owned()));
    let mut action = good.clone();
    action.query[0].1 = "AssumeRole".to_owned();
    let mut cluster = good.clone();
    set(&mut cluster, "x-k8s-aws-id", "d");
    let mut extra = good.clone();
    set(&mut extra, "x-amz-target", "d");
    for bad in [action, cluster, extra] {
        assert_eq!(code(sts(&bad, NOW, b"")).0, 403);
    }
    assert_eq!(code(sts(&good, NOW, b"Action=AssumeRole")).1, "SignatureDoesNotMatch");
    let mut long = request("GET", "/", &[("host", "sts")]);
    signer("sts", &secret()).presign(&mut long, 901, PayloadHash::Hex(sha256(b"")));
    assert_eq!(code(sts(&long, NOW, b"")).1, "IncompleteSignature");
    let mut endless = good;
    endless.query.retain(|(name, _)| name != "X-Amz-Expires");
    assert_eq!(code(sts(&endless, NOW, b"")).1, "IncompleteSignature");
}

#[test]
fn nothing_secret_is_printed() {
    let secret = secret();
    let signer = Signer { session_token: Some("tokentoken"), ..signer("s3", &secret) };
    let mut request = request("GET", "/b/k", &[("host", "h")]);
    signer.sign(&mut request, PayloadHash::Unsigned).unwrap();
    let presented = format!("{:?}", Presented::find(&request).unwrap().unwrap());
    set(&mut request, "host", "other");
    request.host = "other".to_owned();
    let fault = verify(&request, &Rules::s3(NOW)).unwrap_err();
    assert!(matches!(fault, AuthFault::SignatureMismatch(_)));
    let shown = format!("{presented} {fault:?} {signer:?} {}", format_timestamp(NOW));
    assert!(!shown.contains("tokentoken") && !shown.contains("wJalr") && shown.contains(ID));
}

proptest::proptest! {
    #[test]
    fn finding_and_verifying_never_panics(header in "\\PC*", query in "[A-Za-z0-9=&%/.-]*", now: i64) {
        let mut headers = HeaderMap::new();
        headers.insert("host", HeaderValue::from_static("h"));
        if let Ok(value) = HeaderValue::from_str(&format!("AWS4-HMAC-SHA256 {header}")) {
            headers.insert("authorization", value);
        }
        if let Ok(request) = Request::from_parts(Method::GET, "/", &query, headers, None)
            && let Ok(Some(presented)) = Presented::find(&request)
        {
            let _ = presented.verify(&request, &secret(), &SigningKeyCache::new(1), &Rules::s3(now));
        }
    }

    #[test]
    fn what_is_signed_verifies(path in "(/[a-z0-9 +%~.é-]{0,8}){1,4}", value in "[ -~]{0,20}", name in "[a-z+ &=é]{1,8}") {
        let raw = crate::sigv4::canonical::encode_path(&path);
        let encoded = crate::sigv4::canonical::encode(&name);
        let target = format!("{raw}?{encoded}={}", crate::sigv4::canonical::encode(&value));
        let mut good = request("GET", &target, &[("host", "h"), ("x-amz-meta-v", value.trim())]);
        let mut url = good.clone();
        signer("s3", &secret()).sign(&mut good, PayloadHash::Unsigned).unwrap();
        signer("s3", &secret()).presign(&mut url, 60, PayloadHash::Unsigned);
        assert!(s3(&resend(&good), NOW).is_ok());
        assert!(s3(&resend(&url), NOW).is_ok());
    }
}
