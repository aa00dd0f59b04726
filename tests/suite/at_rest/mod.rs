//! A stolen database names nobody: nothing that was sealed can be read in it, and nothing that
//! was sealed for one place opens in another.

mod canaries;
mod coverage;
mod day;
mod moved;
mod record;
mod swaps;

pub(super) use canaries::{Canaries, Needles, SEALED, kept};
pub(super) use day::live;
