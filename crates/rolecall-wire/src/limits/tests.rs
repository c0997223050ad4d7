use super::*;

const TEXT: Text = Text { min: Some(2), max: Some(4), pattern: None, values: &[], secret: false };

#[test]
fn lengths_hold_at_the_limit_and_break_one_past_it() {
    for (value, broken) in [
        ("a", 1),
        ("ab", 0),
        ("abcd", 0),
        ("abcde", 1),
        ("\u{1F600}\u{1F600}", 0),
        ("\u{1F600}\u{1F600}a", 1),
    ] {
        assert_eq!(TEXT.broken(value, Style::Echo).len(), broken, "{value}");
    }
}

#[test]
fn numbers_hold_at_the_limit_and_break_one_past_it() {
    let number = Number { min: Some(1), max: Some(3), between: false };
    assert_eq!([0, 1, 3, 4].map(|n| number.broken(n).len()), [1, 0, 0, 1]);
    let between = Number { between: true, ..number };
    assert_eq!(between.broken(4), ["Member must have value between 1 and 3"]);
    assert!(between.broken(3).is_empty());
}

#[test]
fn counts_hold_at_the_limit_and_break_one_past_it() {
    let size = Size { min: None, max: Some(50) };
    assert!(size.broken(50).is_empty());
    assert_eq!(size.broken(51), ["Member must have length less than or equal to 50"]);
}

#[test]
fn an_enum_takes_its_values_only() {
    let status = Text { values: &["Active", "Inactive"], ..Text::ANY };
    assert!(status.broken("Active", Style::Silent).is_empty());
    assert_eq!(status.broken("active", Style::Silent), ["Member must satisfy enum value set"]);
    assert_eq!(status.broken("", Style::Echo), ["Member must satisfy enum value set: [Active, Inactive]"]);
}
