//! Any POST form and any policy: reading ends, and a form nobody signed is never granted anything.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rolecall_wire::sigv4::multipart::FormReader;
use rolecall_wire::sigv4::post_policy::{PostPolicy, PresentedForm};
use rolecall_wire::sigv4::{Rules, SecretKey, SigningKeyCache};

fuzz_target!(|input: (&str, u16, &[u8])| {
    let (policy, cut, body) = input;
    let _ = PostPolicy::parse(policy);
    let Some(mut reader) = FormReader::new("multipart/form-data; boundary=B") else { return };
    let mut file = Vec::new();
    let (head, tail) = body.split_at(usize::from(cut).min(body.len()));
    if reader.push(head, &mut file).is_err() || reader.push(tail, &mut file).is_err() {
        return;
    }
    assert!(file.len() <= body.len());
    let Ok(form) = reader.finish() else { return };
    let Ok(Some(presented)) = PresentedForm::find(&form) else { return };
    let secret = SecretKey::new("a secret nobody signed with".to_owned());
    let grant = presented.verify(&form, "bucket", &secret, &SigningKeyCache::new(1), &Rules::s3(0));
    assert!(grant.is_err());
});
