//! The whole of the engine, as those who ask it see it.

mod laws;
mod told;
