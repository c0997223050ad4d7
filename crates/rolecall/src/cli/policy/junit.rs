//! Test results in JUnit's XML, which CI systems show.

use std::fmt::Write;

/// One test: its name and, when it failed, why.
pub(super) struct Case {
    /// What was expected.
    pub name: String,
    /// Why it is not so.
    pub failure: Option<String>,
}

/// A suite of tests.
pub(super) fn suite(name: &str, cases: &[Case]) -> String {
    let failures = cases.iter().filter(|case| case.failure.is_some()).count();
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let (name, count) = (escaped(name), cases.len());
    let _ = writeln!(out, "<testsuite name=\"{name}\" tests=\"{count}\" failures=\"{failures}\">");
    for case in cases {
        let case_name = escaped(&case.name);
        let _ = match &case.failure {
            None => writeln!(out, "  <testcase classname=\"{name}\" name=\"{case_name}\"/>"),
            Some(why) => writeln!(
                out,
                "  <testcase classname=\"{name}\" name=\"{case_name}\"><failure>{}</failure></testcase>",
                escaped(why)
            ),
        };
    }
    out + "</testsuite>"
}

/// What XML 1.0 cannot hold is left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() && c != '\n' => {}
            c => out.push(c),
        }
    }
    out
}
