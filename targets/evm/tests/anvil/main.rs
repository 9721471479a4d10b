//! The adapter against a real EVM node.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod artifact;
mod costs;
mod endpoint;
mod following;
mod outage;
mod played;
mod pushing;
mod queue;
mod reading;
mod settling;
mod several;
mod shared;
mod world;
