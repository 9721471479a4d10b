//! The commands, one a file.

pub mod anchor;
pub mod attestation;
pub mod bench;
pub mod call;
pub mod chains;
pub mod challenge;
pub mod contract;
pub mod deploy;
pub mod dev;
pub mod economy;
pub mod gateway;
pub mod gov;
pub mod info;
pub mod inspect;
pub mod limits;
pub mod logs;
pub mod new;
pub mod pool;
pub mod receipt;
mod receipt_bundle;
pub mod replay;
pub mod requests;
pub mod run;
pub mod secret;
pub mod stake;
pub mod test;
pub mod vault;
pub mod verify;
pub mod worker;

#[cfg(test)]
mod tests;
