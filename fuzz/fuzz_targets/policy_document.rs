//! Any text as a policy of any kind: parsing ends with a policy or a reason.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rolecall_policy::Policy;
use rolecall_policy::document::Kind;

fuzz_target!(|text: &str| {
    use Kind::{Boundary, Bucket, Identity, ResourceControl, ServiceControl, Session, Trust};
    for kind in [Identity, Boundary, Session, Bucket, Trust, ServiceControl, ResourceControl] {
        let _ = Policy::parse(text, kind);
    }
});
