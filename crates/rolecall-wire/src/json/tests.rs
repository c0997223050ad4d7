use crate::error::{ApiError, common};
use crate::sts;

#[test]
fn an_answer_is_nested_like_the_xml() {
    let credentials = sts::Credentials {
        access_key_id: "ASIAEXAMPLE".to_owned(),
        secret_access_key: "s\"e".to_owned(),
        session_token: "t".to_owned(),
        expiration: 1_700_000_000,
    };
    let output = sts::AssumeRoleResponse {
        credentials: Some(credentials),
        packed_policy_size: Some(6),
        ..Default::default()
    };
    let json = super::query_response(&sts::row::ASSUME_ROLE, &output, "id");
    assert_eq!(
        String::from_utf8(json).unwrap(),
        r#"{"AssumeRoleResponse":{"AssumeRoleResult":{"Credentials":{"AccessKeyId":"ASIAEXAMPLE","SecretAccessKey":"s\"e","SessionToken":"t","Expiration":1700000000},"PackedPolicySize":6},"ResponseMetadata":{"RequestId":"id"}}}"#
    );
}

#[test]
fn lists_are_arrays() {
    let output = crate::iam::ListAccountAliasesResponse {
        account_aliases: vec!["a".to_owned(), "b".to_owned()],
        is_truncated: Some(false),
        ..Default::default()
    };
    let json = super::query_response(&crate::iam::row::LIST_ACCOUNT_ALIASES, &output, "id");
    let value: serde_json::Value = serde_json::from_slice(&json).unwrap();
    let result = &value["ListAccountAliasesResponse"]["ListAccountAliasesResult"];
    assert_eq!(*result, serde_json::json!({"AccountAliases": ["a", "b"], "IsTruncated": false}));
}

#[test]
fn an_error_has_its_own_form() {
    let error = ApiError::new(common::ACCESS_DENIED, "no\u{1}");
    assert_eq!(
        String::from_utf8(super::query_error(&error, "id")).unwrap(),
        r#"{"Error":{"Code":"AccessDenied","Message":"no\u0001","Type":"Sender"},"RequestId":"id"}"#
    );
}
