//! The chain's runtime in memory: random calls whose books are checked, and measurements of blocks.
//!
//! [`Chain`] makes blocks as a node does, without a network, and natively: what validators would
//! agree on is taken as given.
//!
//! [`play()`] turns bytes into a sequence of calls of the pallets that hold money, and checks after
//! each that no PHA and no share has come or gone unseen and that the pallets' invariants hold. A
//! property test gives it random bytes, a fuzz target those that libFuzzer makes.
//!
//! [`mod@bench`] measures blocks of chains with up to a hundred thousand workers.

pub mod bench;
mod books;
mod chain;
mod genesis;
mod invariants;
mod people;
mod play;
mod work;

pub use books::{Books, Flow};
pub use chain::{Chain, Snapshot};
pub use invariants::invariants;
pub use people::{Person, WORKERS, Worker};
pub use play::{Action, World, play};
pub use work::{ITERATIONS, answer, sign};
