//! Whether a text can be copied as it is: a look for bytes that mean something, sixteen at a time.

/// True when no byte is less than `below` and none is among `marks`.
pub fn is_free_of<const N: usize>(text: &[u8], below: u8, marks: [u8; N]) -> bool {
    // Looks at every byte of a piece, so that the compiler can look at all of them at once.
    let is_free = |piece: &[u8; 16]| {
        let found = |byte: u8| marks.iter().fold(byte < below, |found, mark| found | (byte == *mark));
        !piece.iter().fold(false, |any, byte| any | found(*byte))
    };
    let (pieces, rest) = text.as_chunks();
    let mut last = [FREE; 16];
    last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
    pieces.iter().all(is_free) && (rest.is_empty() || is_free(&last))
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
        fn texts_without_them_are_free(text in "[a-z0-9/+é]{0,40}") {
            prop_assert!(is_free_of(text.as_bytes(), b' ', *b"<>&\""));
        }
    }
}
