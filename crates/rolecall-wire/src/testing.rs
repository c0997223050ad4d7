//! What the generated tests of worked examples call.

use crate::operation::{Decode, Operation};
use crate::request::{Incoming, Request};
use crate::xml::{Node, parse, query_response};
use std::fmt::Debug;

/// Asserts that a form is read as this input.
pub(crate) fn reads<O: Operation>(form: &[(&str, &str)], expected: &O::Input)
where
    O::Input: Debug + PartialEq,
{
    let params = form.iter().copied().collect();
    let mut headers = http::HeaderMap::new();
    headers.insert("host", http::HeaderValue::from_static("localhost"));
    let request = Request::from_parts(http::Method::POST, "/", "", headers, None).unwrap();
    let incoming = Incoming { request: &request, params: &params, bucket: None, key: None, body: &[] };
    assert_eq!(O::Input::decode(&incoming).as_ref(), Ok(expected));
}

/// Asserts that an output is written as well-formed XML with exactly these leaves.
pub(crate) fn writes<O: Operation>(output: &O::Output, leaves: &[(&str, &str)]) {
    let xml = query_response(O::ROW, output, "id");
    let document =
        parse(&xml).unwrap_or_else(|| panic!("not well-formed: {}", String::from_utf8_lossy(&xml)));
    let result = O::ROW.result.and_then(|r| document.child(r)).unwrap();
    let mut found = Vec::new();
    collect(result, &mut found);
    found.retain(|(_, text)| !text.is_empty());
    let expected: Vec<(&str, &str)> = leaves.iter().copied().filter(|(_, text)| !text.is_empty()).collect();
    assert_eq!(found, expected);
}

fn collect<'a>(node: &'a Node, found: &mut Vec<(&'a str, &'a str)>) {
    for child in &node.children {
        if child.children.is_empty() {
            found.push((&child.name, &child.text));
        }
        collect(child, found);
    }
}
