use super::*;
use crate::error::{common, s3};
use crate::{iam, sts};
use proptest::prelude::*;

fn text(xml: Vec<u8>) -> String {
    String::from_utf8(xml).unwrap()
}

#[test]
fn answers_have_the_services_envelope() {
    let role = sts::AssumedRoleUser { assumed_role_id: "AROA1:s".to_owned(), arn: "a&b".to_owned() };
    let output = sts::AssumeRoleResponse { assumed_role_user: Some(role), ..Default::default() };
    insta::assert_snapshot!(text(query_response(&sts::row::ASSUME_ROLE, &output, "id")));
    let user = iam::User {
        path: Some("/".to_owned()),
        user_name: Some("Bob".to_owned()),
        user_id: "AIDA1".to_owned(),
        arn: "arn:aws:iam::123456789012:user/Bob".to_owned(),
        create_date: 1_767_225_600,
        ..Default::default()
    };
    let output = iam::ListUsersResponse { users: vec![user], is_truncated: Some(false), marker: None };
    insta::assert_snapshot!(text(query_response(&iam::row::LIST_USERS, &output, "id")));
    let output = iam::GetAccountSummaryResponse { summary_map: vec![("Users".to_owned(), 5)] };
    insta::assert_snapshot!(text(query_response(&iam::row::GET_ACCOUNT_SUMMARY, &output, "id")));
    insta::assert_snapshot!(text(query_response(&iam::row::DELETE_USER, &crate::operation::Nothing, "id")));
}

#[test]
fn empty_lists_of_an_answer_are_there() {
    let output = iam::ListAttachedUserPoliciesResponse::default();
    let xml = text(query_response(&iam::row::LIST_ATTACHED_USER_POLICIES, &output, "id"));
    assert!(xml.contains("<AttachedPolicies></AttachedPolicies>"), "{xml}");
}

#[test]
fn errors_have_each_services_form() {
    let error = ApiError::new(common::ACCESS_DENIED, "User: <x> is not authorized");
    insta::assert_snapshot!(text(query_error(Service::Sts, &error, "id")));
    let error = ApiError::new(s3::NO_SUCH_KEY, "The specified key does not exist.").with("Key", "a<b");
    insta::assert_snapshot!(text(s3_error(&error, "id", "host")));
}

#[test]
fn the_reader_takes_what_s3_clients_send() {
    let node = parse(
        b"<?xml version=\"1.0\"?>\n<s:Delete xmlns:s=\"http://s3.amazonaws.com/doc/2006-03-01/\"><!-- c --><s:Object>\
          <s:Key>a&amp;b&#x20;<![CDATA[<c>]]></s:Key></s:Object><s:Quiet/></s:Delete>\n",
    )
    .unwrap();
    assert_eq!(node.name, "Delete");
    assert_eq!(node.child("Object").and_then(|o| o.child("Key")).map(|k| k.text.as_str()), Some("a&b <c>"));
    assert_eq!(node.children.len(), 2);
}

#[test]
fn the_reader_refuses_what_is_not_plain_xml() {
    let deep = |n: usize| format!("{}{}", "<a>".repeat(n), "</a>".repeat(n));
    assert!(parse(deep(MAX_NESTING).as_bytes()).is_some());
    let wide = |n: usize| format!("<a>{}</a>", "<b/>".repeat(n));
    assert!(parse(wide(MAX_ELEMENTS - 1).as_bytes()).is_some());
    let attributes = format!("<a {}/>", (0..1000).map(|i| format!("x{i}=''")).collect::<Vec<_>>().join(" "));
    let cases = [
        deep(MAX_NESTING + 1),
        wide(MAX_ELEMENTS),
        attributes,
        "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>".to_owned(),
        "<a>&nbsp;</a>".to_owned(),
        "<a>".to_owned(),
        "<a></b>".to_owned(),
        "<a/><b/>".to_owned(),
        "x<a/>".to_owned(),
        String::new(),
        "<?x y?><a/>".to_owned(),
    ];
    for case in cases {
        assert!(parse(case.as_bytes()).is_none(), "{:.80}", case);
    }
    assert!(parse(b"<a>\xff</a>").is_none());
}

proptest! {
    #[test]
    fn whatever_a_text_holds_the_document_is_read_back(value in any::<String>()) {
        let error = ApiError::new(common::ACCESS_DENIED, value.clone());
        let node = parse(&query_error(Service::Iam, &error, "id")).unwrap();
        let message = node.child("Error").and_then(|e| e.child("Message")).map(|m| m.text.clone());
        let lost = |c: char| (c < ' ' && !matches!(c, '\t' | '\n' | '\r')) || matches!(c, '\u{FFFE}' | '\u{FFFF}');
        prop_assert_eq!(message, Some(value.replace(lost, "\u{FFFD}")));
    }

    #[test]
    fn any_bytes_are_read_or_refused(body in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = parse(&body);
    }

    #[test]
    fn any_markup_is_read_or_refused(body in "(<[a-c]( x='1')?/?>|</[a-c]>|&[a-z#0-9]{1,4};|<!|]]>|[ a-z]){0,30}") {
        let _ = parse(body.as_bytes());
    }
}
