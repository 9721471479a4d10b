//! What pools do, rule by rule, and random sequences of all of it.

mod delegating;
mod owners;
mod queue;
mod sequences;
mod workers;
