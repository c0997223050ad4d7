//! Signature wrapping (Somorovsky et al., On Breaking SAML, 2012) and what else makes two readers disagree
//! about what is signed.

use super::document;

/// Where the assertion is, and its signature.
struct Pieces {
    before: String,
    assertion: String,
    after: String,
    signature: String,
}

impl Pieces {
    fn of(text: &str) -> Self {
        let start = text.find("<saml:Assertion").unwrap();
        let end = text.find("</saml:Assertion>").unwrap() + "</saml:Assertion>".len();
        let signature = text.find("<ds:Signature").unwrap();
        let signature_end = text.find("</ds:Signature>").unwrap() + "</ds:Signature>".len();
        Self {
            before: text[..start].into(),
            assertion: text[start..end].into(),
            after: text[end..].into(),
            signature: text[signature..signature_end].into(),
        }
    }

    fn with(&self, assertion: &str) -> String {
        format!("{}{assertion}{}", self.before, self.after)
    }

    /// The assertion of somebody else, not signed, under an id of its own.
    fn evil(&self) -> String {
        let evil = self.assertion.replace(&self.signature, "").replace(">alice<", ">admin<");
        evil.replacen("ID=\"_", "ID=\"_e", 1)
    }

    /// The same under the id that is signed.
    fn evil_namesake(&self) -> String {
        self.assertion.replace(&self.signature, "").replace(">alice<", ">admin<")
    }

    /// The signed assertion without its signature.
    fn stripped(&self) -> String {
        self.assertion.replace(&self.signature, "")
    }
}

/// The eight wrappings, by number.
pub fn wrappings() -> Vec<(&'static str, String)> {
    let (whole, p) = (document("response-signed.xml"), Pieces::of(document("assertion-signed.xml")));
    let r = Pieces::of(whole);
    let (open, sealed) = (p.signature.replace("</ds:Signature>", ""), &p.signature);
    let evil_response =
        whole.replace(&r.signature, "").replace(">alice<", ">admin<").replacen("ID=\"_", "ID=\"_e", 1);
    let original = whole.replace(&r.signature, "");
    let holding = |inner: &str| r.signature.replace("</ds:Signature>", &format!("{inner}</ds:Signature>"));
    let after_issuer =
        |text: &str, more: &str| text.replacen("</saml:Issuer>", &format!("</saml:Issuer>{more}"), 1);
    let object = |inner: &str| format!("<ds:Object>{inner}</ds:Object>");
    let evil = p.evil();
    vec![
        ("XSW1", after_issuer(&evil_response, &holding(&object(&original)))),
        ("XSW2", after_issuer(&evil_response, &format!("{original}{}", r.signature))),
        ("XSW3", p.with(&format!("{evil}{}", p.assertion))),
        ("XSW4", p.with(&evil.replace("</saml:Assertion>", &format!("{}</saml:Assertion>", p.assertion)))),
        (
            "XSW5",
            p.with(&format!(
                "{}{}",
                p.assertion.replace(">alice<", ">admin<").replacen("ID=\"_", "ID=\"_e", 1),
                p.stripped()
            )),
        ),
        ("XSW6", p.with(&after_issuer(&evil, &format!("{open}{}</ds:Signature>", p.stripped())))),
        (
            "XSW7",
            p.with(&p.assertion).replacen(
                "<samlp:Status>",
                &format!("<samlp:Extensions>{evil}</samlp:Extensions><samlp:Status>"),
                1,
            ),
        ),
        (
            "XSW8",
            p.with(&after_issuer(
                &evil,
                &sealed.replace("</ds:Signature>", &format!("{}</ds:Signature>", object(&p.stripped()))),
            )),
        ),
    ]
}

/// Ways to have more than one of what there is one of.
pub fn doubles() -> Vec<(&'static str, String)> {
    let p = Pieces::of(document("assertion-signed.xml"));
    let reference = &p.signature
        [p.signature.find("<ds:Reference").unwrap()..p.signature.find("</ds:SignedInfo>").unwrap()];
    let outside = p.with(&format!("{}{}", p.signature, p.stripped()));
    let second = p.assertion.replace(reference, &format!("{reference}{reference}"));
    let foreign = Pieces::of(document("refused-other-key.xml"));
    vec![
        ("two assertions, the first signed", p.with(&format!("{}{}", p.assertion, p.evil()))),
        ("two assertions of one id", p.with(&format!("{}{}", p.assertion, p.evil_namesake()))),
        ("two assertions, both signed", p.with(&format!("{}{}", p.assertion, foreign.assertion))),
        ("a signature beside the assertion", outside),
        ("two references", p.with(&second)),
        (
            "two signatures in the assertion",
            p.with(&p.assertion.replace(&p.signature, &p.signature.repeat(2))),
        ),
        ("the signature of another document", p.with(&p.assertion.replace(&p.signature, &foreign.signature))),
        ("no signature", p.with(&p.stripped())),
        (
            "an id that repeats elsewhere",
            p.with(
                &p.assertion.replace("<saml:Conditions ", &format!("<saml:Conditions ID=\"{}\" ", id(&p))),
            ),
        ),
        (
            "a reference to everything",
            p.with(&p.assertion.replace(&format!("URI=\"#{}\"", id(&p)), "URI=\"\"")),
        ),
        ("a reference to nothing", p.with(&p.assertion.replace(&format!(" URI=\"#{}\"", id(&p)), ""))),
        (
            "a reference to a file",
            p.with(&p.assertion.replace(&format!("URI=\"#{}\"", id(&p)), "URI=\"file:///etc/passwd\"")),
        ),
        ("the assertion as the root", p.assertion.clone()),
        ("a response within a response", p.with(&p.with(&p.assertion))),
    ]
}

fn id(p: &Pieces) -> &str {
    let start = p.assertion.find("ID=\"").unwrap() + 4;
    p.assertion[start..].split('"').next().unwrap()
}
