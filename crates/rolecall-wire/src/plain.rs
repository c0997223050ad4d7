//! Looks for bytes that mean something, many at a time: whether a text can be copied as it is, and its parts.

use memchr::memchr;

/// True when no byte is less than `below` and none is among `marks`.
pub fn is_free_of<const N: usize>(text: &[u8], below: u8, marks: [u8; N]) -> bool {
    // Looks at every byte of a piece, so that the compiler can look at all of them at once.
    let is_free = |piece: &[u8; 16]| {
        let found = |byte: u8| marks.iter().fold(byte < below, |found, mark| found | (byte == *mark));
        !piece.iter().fold(false, |any, byte| any | found(*byte))
    };
    if let Some(last) = text.last_chunk() {
        let (pieces, _) = text.as_chunks();
        return is_free(last) && pieces.iter().all(is_free);
    }
    let mut short = [FREE; 16];
    if let Some(place) = short.get_mut(..text.len()) {
        place.copy_from_slice(text);
    }
    is_free(&short)
}

/// The parts of a text between separators, as [`str::split`] gives them. The separator is an ASCII character.
pub fn split(text: &str, separator: u8) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let end = memchr(separator, text.as_bytes()).unwrap_or(text.len());
        rest = text.get(end + 1..);
        text.get(..end)
    })
}

/// A byte that nobody looks for.
const FREE: u8 = b'a';

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn bytes_are_found_wherever_they_are(text: Vec<u8>, below in 0..=b'a', marks in [0..b'a', b'b'..u8::MAX]) {
            let plainly = text.iter().all(|byte| *byte >= below && !marks.contains(byte));
            prop_assert_eq!(is_free_of(&text, below, marks), plainly);
        }

        #[test]
        fn parts_are_those_of_the_standard_library(text in "[a.é]{0,40}") {
            let (ours, theirs): (Vec<_>, Vec<_>) = (split(&text, b'.').collect(), text.split('.').collect());
            prop_assert_eq!(ours, theirs);
        }

        #[test]
        fn texts_without_them_are_free(text in "[a-z0-9/+é]{0,40}") {
            prop_assert!(is_free_of(text.as_bytes(), b' ', *b"<>&\""));
        }
    }
}
