//! What vaults do, rule by rule, and random sequences of all of it.

mod delegating;
mod pools;
mod sequences;
