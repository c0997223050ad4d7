//! What hostile documents may cost before anybody is known.

use super::{Draft, document, ours, refused};
use std::time::{Duration, Instant};

/// A document of nearly the longest length, by what it is full of.
fn full() -> Vec<(&'static str, String)> {
    let fill = |unit: &dyn Fn(usize) -> String, most: usize| {
        let mut text = String::new();
        for n in 0.. {
            let next = unit(n);
            if text.len() + next.len() > most {
                break;
            }
            text.push_str(&next);
        }
        text
    };
    let good = document("assertion-signed.xml");
    let in_root = |more: &str| good.replacen(" Version=\"2.0\"", &format!("{more} Version=\"2.0\""), 1);
    let in_signature =
        |more: &str| good.replacen("<ds:DigestMethod ", &format!("{more}<ds:DigestMethod "), 1);
    let long = |length: usize| format!("urn:{}", "x".repeat(length));
    let before_status = |more: &str| good.replacen("<samlp:Status>", &format!("{more}<samlp:Status>"), 1);
    vec![
        ("attributes", in_root(&fill(&|n| format!(" a{n}=\"\""), 90_000))),
        ("namespaces", in_root(&fill(&|n| format!(" xmlns:n{n}=\"u\""), 90_000))),
        (
            "attributes in namespaces",
            in_root(&format!(" xmlns:p=\"u\"{}", fill(&|n| format!(" p:a{n}=\"\""), 90_000))),
        ),
        ("siblings", before_status(&"<a/>".repeat(22_000))),
        ("comments", before_status(&"<!---->".repeat(13_000))),
        ("one long name", before_status(&format!("<{}/>", "a".repeat(90_000)))),
        ("references", in_signature(&"<ds:Reference/>".repeat(6_000))),
        ("an assertion full of users of a long namespace", {
            let users = "<n:a/>".repeat(10_000);
            let opened = format!("<saml:Advice xmlns:n=\"{}\">", long(200));
            good.replacen("<saml:Conditions ", &format!("{opened}{users}</saml:Advice><saml:Conditions "), 1)
        }),
        ("a long namespace", before_status(&format!("<n:a xmlns:n=\"{}\"/>", long(50_000)))),
        ("character references", before_status(&format!("<a>{}</a>", "&#65;".repeat(17_000)))),
    ]
}

#[test]
fn sam_12_the_longest_documents_take_bounded_time() {
    let begun = Instant::now();
    ours(document("assertion-signed.xml")).unwrap();
    let usual = begun.elapsed();
    for (name, text) in full() {
        assert!(text.len() > 50_000 && text.len() < 100_000, "{name}: {}", text.len());
        let begun = Instant::now();
        let seen = ours(&text);
        let taken = begun.elapsed();
        println!("{name}: {taken:?} (usual {usual:?}) {}", seen.is_ok());
        assert!(taken < Duration::from_secs(2), "{name} took {taken:?}");
    }
}

#[test]
fn sam_12_what_is_too_large_or_too_deep_is_refused() {
    let good = Draft::good().signed();
    ours(&good).unwrap();
    let nested = |depth: usize| {
        let nested =
            format!("<samlp:Extensions>{}{}</samlp:Extensions>", "<a>".repeat(depth), "</a>".repeat(depth));
        good.replacen("<samlp:Status>", &format!("{nested}<samlp:Status>"), 1)
    };
    ours(&nested(20)).unwrap();
    for depth in [1_000, 12_000] {
        assert_eq!(refused(&nested(depth)), "the document is not well-formed XML", "{depth}");
    }
    let attributes: String = (0..1_000_000).map(|n| format!(" a{n}=\"\"")).collect();
    let namespaces: String = (0..1_000_000).map(|n| format!(" xmlns:n{n}=\"u\"")).collect();
    let nested = "<a>".repeat(100_000);
    let huge = " ".repeat(100 << 20);
    for more in [attributes, namespaces, nested, huge] {
        let begun = Instant::now();
        let text = good.replacen(" Version=\"2.0\"", &format!("{more} Version=\"2.0\""), 1);
        assert_eq!(refused(&text), "the document is too long");
        assert!(begun.elapsed() < Duration::from_secs(5));
    }
}
