//! The decisions of a worker, without input or output.
//!
//! The journal holds one [`Record`] for each request. [`next`] looks at a record
//! and at what the target chain shows of the request, and says what to do; the
//! methods of the record note what came of it. There is no clock, no socket and
//! no file here: time is counted in blocks of the target chain, and a worker
//! that was killed decides from its journal just as if it had never stopped.
//! [`outputs`] decides what outputs of several workers come to that may differ,
//! [`scheduler`] which contract computes next, [`performance`] how the worker shows how fast
//! it is.
//!
//! What keeps a request from being lost or doubled:
//!
//! - a request is in the journal before its block counts as scanned;
//! - a transaction is in the journal, with its nonce, before it is sent, and is
//!   sent only while the anchor says that the request is open;
//! - a nonce belongs to the requests of its transaction from the moment an endpoint
//!   took that until they are final, so a replacement or a new run takes the place
//!   of what was sent before and never joins it;
//! - what takes a transaction's place carries all requests that hold its nonce and
//!   are ready, so that none outbids another;
//! - a transaction that waits although its request is settled is not forgotten before
//!   it is gone: what waits behind it can take its place;
//! - a request that fails in a transaction that it shares is settled alone from then
//!   on;
//! - a transaction that no endpoint takes gives its nonce back, so it holds up no
//!   other request; the gap is filled by the next new transaction, or by one more
//!   of a request that waits behind it;
//! - an outcome and its record belong to a request's content, not to its number,
//!   which a reorganisation may give to another request;
//! - nothing counts as final before it has the confirmations that the operator
//!   asks for.
//!
//! The confirmations are a number of blocks, not the chain's own finality. A
//! reorganisation that goes deeper can undo a settlement that counts as final. So a
//! settled request is looked at for [`Policy::watch_blocks`] more, ever less often,
//! and opened again when its settlement is gone. That cannot settle a request twice:
//! the anchor counts on each chain that there is.

mod batch;
mod decide;
mod event;
mod failure;
pub mod firing;
mod lane;
pub mod outputs;
pub mod performance;
mod policy;
mod rank;
mod record;
pub mod scheduler;
mod spending;
mod watch;

pub use batch::{Batch, Plan, Ready, plan};
pub use decide::{Action, Nonce, Observation, next};
pub use event::Event;
pub use firing::{Cause, Fired, Firing, Guard, NewFiring};
pub use lane::{fresh_nonce, is_held_by_another, left_nonce, nonce_gap};
pub use policy::Policy;
pub use rank::{rank, start_block};
pub use record::{Attempt, Record, SeenAgain, Settlement, Step};
pub use spending::{Spending, cost};
pub use watch::{Watch, Watched};

#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;
