//! Where choices come from: a seed, or bytes that a fuzzer varies.

/// A source of choices.
pub(crate) enum Dice {
    Seed(u64),
    /// Bytes and how many were used; when they are used up, every choice is the first.
    Bytes(Vec<u8>, usize),
}

impl Dice {
    /// A number below `limit`.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        let number = match self {
            // SplitMix64.
            Self::Seed(state) => {
                *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
                let mut z = *state;
                z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
                z ^ (z >> 31)
            }
            Self::Bytes(bytes, used) => {
                *used += 1;
                bytes.get(*used - 1).copied().unwrap_or_default().into()
            }
        };
        usize::try_from(number % limit as u64).unwrap_or_default()
    }

    /// True so many times in a hundred.
    pub(crate) fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }

    /// One of a list.
    pub(crate) fn pick<'a, T: ?Sized>(&mut self, list: &[&'a T]) -> &'a T {
        list[self.below(list.len())]
    }

    /// True while a fuzzer's bytes last; always for a seed.
    pub(crate) fn is_live(&self) -> bool {
        match self {
            Self::Seed(_) => true,
            Self::Bytes(bytes, used) => used < &bytes.len(),
        }
    }
}
