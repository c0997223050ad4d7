use super::*;

fn check(accepts: fn(&str) -> bool, yes: &[&str], no: &[&str]) {
    for value in yes {
        assert!(accepts(value), "{value} is refused");
    }
    for value in no {
        assert!(!accepts(value), "{value} is accepted");
    }
}

#[test]
fn named_patterns_match_as_their_expressions_do() {
    check(account_alias, &["abc", "a-b", "a1b2-c3"], &["ab", "-ab", "ab-", "a--b", "Abc", "a_b"]);
    check(path, &["/", "/a/", "/a/b/", "///"], &["", "//", "a", "/a", "a/", "/a b/", "/é/"]);
    check(policy_path, &["/", "/a/", "/a/b.c/"], &["", "//", "/a", "/a//b/", "/a!/"]);
    check(policy_version, &["v1", "v12", "v1.", "v1.a-B"], &["1", "v", "v0", "v1a", "v1.a_b", "v1.a.b"]);
    check(aws_path, &["//", "/aws-service-role/"], &["/", "a/", "/a", "/\u{7F}/"]);
    check(
        http_url,
        &["http://", "https://a/b?c=d#e"],
        &["ftp://a", "https://a b", "https://a?b?c", "https://a#b#c"],
    );
    check(
        organization_path,
        &["o-0123456789/r-abcd", "o-0123456789/r-abcd-/x"],
        &["o-012345678/r-abcd", "o-0123456789/r-abc", "o-0123456789/r-abcd_"],
    );
}

#[test]
fn a_sequence_matches_the_whole_value() {
    const WORD: &[(char, char)] = &[('a', 'z')];
    let atom = |min, max| Atom::new(WORD, false, min, max);
    let some = Pattern { text: "", form: Form::Sequence(Box::leak(Box::new([atom(1, usize::MAX)]))) };
    assert!(some.matches("abc") && !some.matches("") && !some.matches("abc1") && !some.matches("1abc"));
    let six = Pattern { text: "", form: Form::Sequence(Box::leak(Box::new([atom(6, 6)]))) };
    assert!(six.matches("abcdef") && !six.matches("abcde") && !six.matches("abcdefg"));
}

#[test]
fn unicode_letters_separators_and_numbers_belong_where_the_model_says_so() {
    let atom = Atom::new(&[], true, 1, usize::MAX);
    let pattern = Pattern { text: "", form: Form::Sequence(Box::leak(Box::new([atom]))) };
    assert!(pattern.matches("Größe 5\u{2003}漢Ⅷ"));
    assert!(!pattern.matches("a!") && !pattern.matches("a\u{0301}") && !pattern.matches("\t"));
}
