//! The economy of a real chain, checked block by block.
//!
//! A [`Stage`] is a node with workers on it whose platforms vouch for them. [`Chain`] reads what
//! the chain has of its economy, at any block, and sets it to pass quickly. [`Audit`] follows the
//! chain and works out beside it, with a [`Model`] that is driven by the chain's events, what each
//! block has to come to. [`Actors`] are those who stake.

mod actors;
mod audit;
mod chain;
mod event;
pub mod funds;
mod model;
mod stage;

pub use actors::Actors;
pub use audit::{Audit, BLOCKS_MAX};
pub use chain::{Block, Chain, Committed, Money, Phase, Session, Settings, Work, hastened};
pub use event::Event;
pub use funds::Funds;
pub use model::{CONFIDENCE_LEVEL, Model, Shown};
pub use stage::Stage;
