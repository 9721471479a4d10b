//! The decisions of a worker, without input or output.
//!
//! The journal holds one [`Record`] for each request. [`next`] looks at a record
//! and at what the target chain shows of the request, and says what to do; the
//! methods of the record note what came of it. There is no clock, no socket and
//! no file here: time is counted in blocks of the target chain, and a worker
//! that was killed decides from its journal just as if it had never stopped.
//!
//! What keeps a request from being lost or doubled:
//!
//! - a request is in the journal before its block counts as scanned;
//! - a transaction is in the journal, with its nonce, before it is sent, and is
//!   sent only while the anchor says that the request is open;
//! - a nonce belongs to its request until the request is final, so a replacement
//!   or a new run takes the place of what was sent before and never joins it;
//! - an outcome and its record belong to a request's content, not to its number,
//!   which a reorganisation may give to another request;
//! - nothing is final before the chain's own finality says so.

mod decide;
mod lane;
mod policy;
mod rank;
mod record;

pub use decide::{Action, Nonce, Observation, next};
pub use lane::{fresh_nonce, nonce_gap};
pub use policy::Policy;
pub use rank::{rank, start_block};
pub use record::{Attempt, Event, Record, SeenAgain, Settlement, Step};

#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;
