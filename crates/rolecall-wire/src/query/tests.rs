use super::*;
use crate::operation::{Decode, Operation};
use crate::request::Request;
use crate::{iam, sts};
use proptest::prelude::*;

fn request() -> Request {
    let mut headers = http::HeaderMap::new();
    headers.insert("host", "localhost".parse().unwrap());
    Request::from_parts(http::Method::POST, "/", "", headers, None).unwrap()
}

pub(crate) fn read<O: Operation>(form: &str) -> Result<O::Input, ApiError> {
    let params = parse_form(form.as_bytes())?;
    let request = request();
    O::Input::decode(&Incoming { request: &request, params: &params, bucket: None, key: None, body: &[] })
}

fn refusal<O: Operation>(form: &str) -> (&'static str, String) {
    let error = read::<O>(form).err().unwrap_or_else(|| panic!("{form} is accepted"));
    assert_eq!(error.code.status, 400);
    (error.code.code, error.message.into_owned())
}

const ROLE: &str = "RoleArn=arn:aws:iam::123456789012:role/demo&RoleSessionName=one";

#[test]
fn scalars_lists_and_structures_are_read() {
    let form = format!(
        "{ROLE}&DurationSeconds=900&Tags.member.1.Key=a&Tags.member.1.Value=b%2B+c&Tags.member.2.Key=d\
         &Tags.member.2.Value=&TransitiveTagKeys.member.1=a&PolicyArns.member.1.arn=arn:aws:iam::aws:policy/X&Foo=1"
    );
    let input = read::<sts::op::AssumeRole>(&form).unwrap();
    assert_eq!(input.role_arn, "arn:aws:iam::123456789012:role/demo");
    assert_eq!(input.duration_seconds, Some(900));
    let tag = |key: &str, value: &str| sts::Tag { key: key.to_owned(), value: value.to_owned() };
    assert_eq!(input.tags, [tag("a", "b+ c"), tag("d", "")]);
    assert_eq!(input.transitive_tag_keys, ["a"]);
    assert_eq!(input.policy_arns[0].arn.as_deref(), Some("arn:aws:iam::aws:policy/X"));
    assert_eq!(input.external_id, None);
}

#[test]
fn an_absent_list_and_an_empty_one_are_alike() {
    assert!(read::<sts::op::AssumeRole>(ROLE).unwrap().tags.is_empty());
    assert!(read::<sts::op::AssumeRole>(&format!("{ROLE}&Tags=")).unwrap().tags.is_empty());
}

#[test]
fn more_than_nine_members_stay_in_order() {
    let keys: Vec<String> = (1..=12).map(|n| format!("TransitiveTagKeys.member.{n}=k{n}")).collect();
    let input = read::<sts::op::AssumeRole>(&format!("{ROLE}&{}", keys.join("&"))).unwrap();
    assert_eq!(input.transitive_tag_keys.last().map(String::as_str), Some("k12"));
    assert_eq!(input.transitive_tag_keys.get(1).map(String::as_str), Some("k2"));
}

#[test]
fn maps_are_read() {
    let form = "TemplateArn=arn:aws:iam::aws:template/abc&ReplacementValues.entry.1.key=k\
                &ReplacementValues.entry.1.value.Values.member.1=v";
    let input = read::<iam::op::AcquireRole>(form);
    assert_eq!(input.map(|i| i.replacement_values.len()), Ok(1));
}

#[test]
fn what_cannot_be_read_is_refused() {
    let cases = [
        ("RoleArn=a&RoleArn=b".to_owned(), "MalformedQueryString"),
        (format!("{ROLE}&Tags.member.2.Key=a"), "InvalidParameterValue"),
        (format!("{ROLE}&Tags.member.01.Key=a"), "InvalidParameterValue"),
        (format!("{ROLE}&Tags.member.x.Key=a"), "InvalidParameterValue"),
        (format!("{ROLE}&Tags=x"), "InvalidParameterValue"),
        (format!("{ROLE}&Tags=&Tags.member.1.Key=a"), "InvalidParameterValue"),
        (format!("{ROLE}&DurationSeconds=1e3"), "InvalidParameterValue"),
        (format!("{ROLE}&DurationSeconds=99999999999999999999"), "InvalidParameterValue"),
        (format!("{ROLE}&RoleArn.x=1"), "InvalidParameterValue"),
        (format!("{ROLE}&ExternalId=%zz"), "MalformedQueryString"),
        (format!("{ROLE}&ExternalId=%ff"), "MalformedQueryString"),
        (format!("{ROLE}&{}=1", vec!["a"; MAX_DEPTH + 1].join(".")), "MalformedQueryString"),
    ];
    for (form, code) in cases {
        assert_eq!(refusal::<sts::op::AssumeRole>(&form).0, code, "{form}");
    }
    assert!(read::<sts::op::AssumeRole>(&format!("{ROLE}&{}=1", vec!["a"; MAX_DEPTH].join("."))).is_ok());
}

#[test]
fn the_count_of_parameters_is_limited() {
    let form = |n: usize| (0..n).map(|i| format!("p{i}=")).collect::<Vec<_>>().join("&");
    assert_eq!(parse_form(form(MAX_PARAMETERS).as_bytes()).map(|p| p.len()), Ok(MAX_PARAMETERS));
    assert_eq!(
        parse_form(form(MAX_PARAMETERS + 1).as_bytes()).unwrap_err().code,
        common::MALFORMED_QUERY_STRING
    );
}

#[test]
fn sts_repeats_the_value() {
    let arn = "RoleArn=arn:aws:iam::123456789012:role/demo";
    let at = |form: String| refusal::<sts::op::AssumeRole>(&form).1;
    assert_eq!(
        at(format!("{arn}&RoleSessionName=Session1:2")),
        r"1 validation error detected: Value 'Session1:2' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]*"
    );
    assert_eq!(
        at("RoleSessionName=s1".to_owned()),
        "1 validation error detected: Value null at 'roleArn' failed to satisfy constraint: Member must not be null"
    );
    assert_eq!(
        at(format!("{arn}&RoleSessionName=x&DurationSeconds=899")),
        "2 validation errors detected: Value 'x' at 'roleSessionName' failed to satisfy constraint: Member must have length greater than or equal to 2; \
         Value '899' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900"
    );
    assert_eq!(
        at(format!("{ROLE}&Tags.member.1.Value=v")),
        "1 validation error detected: Value null at 'tags.1.member.key' failed to satisfy constraint: Member must not be null"
    );
}

#[test]
fn sts_names_both_bounds_or_the_enum_where_aws_does() {
    let at = |form: &str| refusal::<sts::op::GetWebIdentityToken>(form).1;
    assert_eq!(
        at("Audience.member.1=a&SigningAlgorithm=HS256&DurationSeconds=59"),
        "2 validation errors detected: Value '59' at 'durationSeconds' failed to satisfy constraint: Member must have value between 60 and 3600; \
         Value 'HS256' at 'signingAlgorithm' failed to satisfy constraint: Member must satisfy enum value set: [RS256, ES384]"
    );
}

#[test]
fn iam_does_not_repeat_the_value() {
    assert_eq!(
        refusal::<iam::op::UpdateServiceSpecificCredential>(
            "ServiceSpecificCredentialId=ACCA-1234567890-ABCDEF&Status=Active"
        )
        .1,
        r"1 validation error detected: Value at 'serviceSpecificCredentialId' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w]+"
    );
    assert_eq!(
        refusal::<iam::op::UpdateServiceSpecificCredential>(
            "ServiceSpecificCredentialId=ACCA12345678901234567&Status=On"
        )
        .1,
        "1 validation error detected: Value at 'status' failed to satisfy constraint: Member must satisfy enum value set"
    );
    let long = format!("/{}/", "p".repeat(511));
    assert_eq!(
        refusal::<iam::op::CreateUser>(&format!("UserName=u&Path={long}")).1,
        "1 validation error detected: Value at 'path' failed to satisfy constraint: Member must have length less than or equal to 512"
    );
    assert_eq!(
        refusal::<iam::op::SetDefaultPolicyVersion>(
            "PolicyArn=arn:aws:iam::123456789012:policy/P&VersionId=1"
        )
        .1,
        r"1 validation error detected: Value at 'versionId' failed to satisfy constraint: Member must satisfy regular expression pattern: v[1-9][0-9]*(\.[A-Za-z0-9-]*)?"
    );
}

#[test]
fn iam_words_a_lists_members_as_one_limit() {
    assert_eq!(
        refusal::<iam::op::UntagRole>(&format!("RoleName=r&TagKeys.member.1={}", "k".repeat(129))).1,
        r"1 validation error detected: Value at 'tagKeys' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 128, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]+, Member must not be null]"
    );
    assert!(read::<iam::op::UntagRole>(&format!("RoleName=r&TagKeys.member.1={}", "k".repeat(128))).is_ok());
}

#[test]
fn secrets_are_neither_repeated_nor_shown() {
    let token = "t".repeat(20_001);
    let form = format!("{ROLE}&WebIdentityToken={token}&ProviderId=x");
    let message = refusal::<sts::op::AssumeRoleWithWebIdentity>(&form).1;
    assert!(!message.contains("ttt") && message.contains("'webIdentityToken'"), "{message}");
    let input =
        read::<sts::op::AssumeRoleWithWebIdentity>(&format!("{ROLE}&WebIdentityToken=hush.hush.hush"));
    let shown = format!("{input:?}");
    assert!(shown.contains("role/demo") && shown.contains("***") && !shown.contains("hush"), "{shown}");
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(body in proptest::collection::vec(any::<u8>(), 0..400)) {
        if let Ok(params) = parse_form(&body) {
            let _ = Node::tree(&params);
        }
    }

    #[test]
    fn any_form_is_read_or_refused(form in "(Tags|RoleArn|DurationSeconds|Policy|[.=&1a%2]|member|Key){0,40}") {
        let _ = read::<sts::op::AssumeRole>(&form);
    }

    #[test]
    fn what_is_written_as_a_form_is_read_back(name in "\\PC{1,20}", value in "\\PC{0,40}") {
        let set = percent_encoding::NON_ALPHANUMERIC;
        let form = format!(
            "{}={}",
            percent_encoding::utf8_percent_encode(&name, set),
            percent_encoding::utf8_percent_encode(&value, set)
        );
        prop_assert_eq!(parse_form(form.as_bytes()), Ok([(name, value)].into_iter().collect()));
    }
}
