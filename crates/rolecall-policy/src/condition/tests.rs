//! What the truth tables in `spec/policy` don't say: names, and laws over all operators.

use super::*;
use proptest::prelude::*;

#[test]
fn names_are_read_with_prefix_and_suffix_in_any_case() {
    for name in [
        "StringEquals",
        "stringlikeIFEXISTS",
        "ForAllValues:StringNotLike",
        "foranyvalue:ArnLikeIfExists",
        "Null",
    ] {
        assert!(Spelling::parse(name).is_some(), "{name}");
    }
    for name in [
        "",
        "StringEqual",
        "IfExists",
        "NullIfExists",
        "ForAnyValue:Null",
        "ForAllValues",
        "BoolIfExistsIfExists",
        "é",
    ] {
        assert!(Spelling::parse(name).is_none(), "{name}");
    }
}

#[test]
fn operator_names_are_unique() {
    let mut names: Vec<_> = OPERATORS.iter().map(|o| o.name.to_lowercase()).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), OPERATORS.len());
}

fn condition(operator: &str, values: &[&str]) -> Condition {
    Condition::compile(Spelling::parse(operator).unwrap(), "k", values.iter().copied(), Dialect::Variables)
}

fn context(value: Option<Value<'static>>) -> Context<'static> {
    let mut context = Context::new();
    match value {
        Some(Value::One(v)) => context.set("k", v),
        Some(Value::Many(v)) => context.set_many("k", v),
        None => {}
    }
    context
}

#[test]
fn pol_04_absent_keys() {
    for operator in OPERATORS.iter().filter(|o| o.name != NULL) {
        for (prefix, suffix, expected) in [
            ("", "", operator.negated),
            ("", "IfExists", true),
            ("ForAllValues:", "", true),
            ("ForAnyValue:", "", false),
            ("ForAllValues:", "IfExists", true),
            ("ForAnyValue:", "IfExists", true),
        ] {
            let name = format!("{prefix}{}{suffix}", operator.name);
            assert_eq!(condition(&name, &["true"]).holds(&context(None)), expected, "{name}");
            assert_eq!(
                condition(&name, &["true"]).holds(&context(Some(Value::Many(vec![])))),
                expected,
                "{name}"
            );
        }
    }
    let mfa = |value: Option<&str>, operator| {
        condition(operator, &["true"]).holds(&context(value.map(|v| Value::One(v.to_owned().into()))))
    };
    assert!(!mfa(None, "Bool") && mfa(None, "BoolIfExists"));
    assert!(
        !mfa(Some("false"), "BoolIfExists") && mfa(Some("true"), "BoolIfExists") && mfa(Some("TRUE"), "Bool")
    );
    assert!(mfa(None, "Null") && !mfa(Some("x"), "Null"));
}

#[test]
fn pol_05_negation_stands_inside_the_quantifier() {
    let many =
        |values: &[&str]| context(Some(Value::Many(values.iter().map(|v| (*v).to_owned().into()).collect())));
    for (operator, request, expected) in [
        ("ForAllValues:StringNotEquals", &["a", "x"][..], false),
        ("ForAllValues:StringNotEquals", &["x", "y"], true),
        ("ForAnyValue:StringNotEquals", &["a", "x"], true),
        ("ForAnyValue:StringNotEquals", &["a", "b"], false),
        ("ForAllValues:StringEquals", &["a", "x"], false),
        ("ForAllValues:StringEquals", &["a", "b"], true),
        ("ForAnyValue:StringEquals", &["a", "x"], true),
        ("ForAnyValue:StringEquals", &["x", "y"], false),
    ] {
        assert_eq!(
            condition(operator, &["a", "b"]).holds(&many(request)),
            expected,
            "{operator} {request:?}"
        );
    }
}

proptest! {
    #[test]
    fn a_negated_operator_is_the_opposite_for_single_values(index in 0..OPERATORS.len(), policy in "[a-c1-3.:/*]{0,6}", request in "[a-c1-3.:/]{0,6}") {
        let operator = &OPERATORS[index];
        let opposite = OPERATORS.iter().find(|o| o.negated && o.compile as usize == operator.compile as usize);
        if let (false, Some(opposite)) = (operator.negated, opposite) {
            let context = context(Some(Value::One(request.into())));
            prop_assert_ne!(condition(operator.name, &[&policy]).holds(&context), condition(opposite.name, &[&policy]).holds(&context));
        }
    }

    #[test]
    fn never_panics(index in 0..OPERATORS.len(), policy in ".{0,20}", request in ".{0,20}") {
        condition(OPERATORS[index].name, &[&policy]).holds(&context(Some(Value::One(request.into()))));
    }
}
