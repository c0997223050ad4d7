//! Any form body and any query string: parsing ends, and what was parsed can be read as a tree.
#![no_main]

use http::{HeaderMap, HeaderValue, Method};
use libfuzzer_sys::fuzz_target;
use rolecall_wire::Request;
use rolecall_wire::query::{Node, parse_form};

fuzz_target!(|input: &[u8]| {
    if let Ok(params) = parse_form(input) {
        let _ = Node::tree(&params);
    }
    if let Ok(text) = std::str::from_utf8(input) {
        let mut headers = HeaderMap::new();
        headers.insert("host", HeaderValue::from_static("h"));
        let _ = Request::from_parts(Method::GET, "/", text, headers, None);
    }
});
