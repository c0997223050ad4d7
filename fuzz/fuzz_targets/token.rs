//! Any text as a session token: nothing that this installation did not seal opens.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rolecall_core::keyring::KeyRing;
use rolecall_core::session::open;
use std::sync::LazyLock;

static RING: LazyLock<KeyRing> = LazyLock::new(|| KeyRing::generate().expect("random bytes"));

fuzz_target!(|token: &str| {
    assert!(open(&RING, "ASIAQNZGKIQY56JQ7WML", token).is_none());
});
