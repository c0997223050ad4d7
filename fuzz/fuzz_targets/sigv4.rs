//! Any head and query: finding and verifying a credential ends, and never accepts what nobody signed.
#![no_main]

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use libfuzzer_sys::fuzz_target;
use rolecall_wire::sigv4::{Presented, Rules, SecretKey, SigningKeyCache};
use rolecall_wire::{Request, Service};

fuzz_target!(|input: (&str, &str, Vec<(&str, &[u8])>)| {
    let (path, query, lines) = input;
    let mut headers = HeaderMap::new();
    headers.insert("host", HeaderValue::from_static("h"));
    for (name, value) in lines.into_iter().take(32) {
        if let (Ok(name), Ok(value)) =
            (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_bytes(value))
        {
            headers.append(name, value);
        }
    }
    let Ok(request) = Request::from_parts(Method::GET, path, query, headers, None) else { return };
    let presented = match Presented::find(&request) {
        Ok(Some(presented)) => presented,
        Ok(None) => return,
        Err(fault) => return drop((fault.to_error(Service::S3), fault.to_error(Service::Sts))),
    };
    let now = presented.timestamp.unwrap_or(0);
    for rules in [Rules::s3(now), Rules::query("sts", now, [0; 32])] {
        let secret = SecretKey::new("a secret nobody signed with".to_owned());
        let verdict = presented.verify(&request, &secret, &SigningKeyCache::new(1), &rules);
        let fault = verdict.expect_err("a signature nobody made was accepted");
        drop((fault.to_error(Service::S3), fault.to_error(Service::Sts)));
    }
});
