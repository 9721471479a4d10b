//! Serving HTTP with bounds on connections, time and memory.
//!
//! [`serve`] runs an [`axum::Router`] for peers of which any may be hostile. It
//! bounds what `axum::serve` leaves open: how many connections there are and how
//! many of them one peer has, how long a request may take to arrive, and how slowly
//! an answer may be read. A peer that is beyond a bound loses its connection; the
//! others notice nothing.
//!
//! [`hold()`] keeps a place among requests taken until the answer is sent, and
//! [`MemoryBudget`] bounds what answers need in memory together.

mod connection;
mod hold;
mod limits;
mod memory;
mod pace;
mod places;
mod server;

pub use connection::{BodyTooSlow, is_too_slow};
pub use hold::hold;
pub use limits::Limits;
pub use memory::{MemoryBudget, MemoryShare};
pub use pace::Pace;
pub use server::serve;
