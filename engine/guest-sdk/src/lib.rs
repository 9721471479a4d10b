//! The Rust SDK of Phat Contracts.
//!
//! A contract is one function. It is called once for each request, in an instance of
//! its own, and reaches the outside through the modules here and in no other way.
//!
//! ```
//! use phat_guest_sdk::{Error, Request, contract, http, kv, log};
//!
//! #[contract]
//! fn run(request: Request) -> Result<Vec<u8>, Error> {
//!     let response = http::get("https://api.example.org/price")?;
//!     if response.status != 200 {
//!         return Err(Error::new(format!("HTTP status {}", response.status)));
//!     }
//!     log::info(format!("{} bytes for request {:?}", response.body.len(), request.id));
//!     kv::set(b"last", &response.body);
//!     Ok(response.body)
//! }
//!
//! # use phat_guest_sdk::testing::Host;
//! // On any other target than WebAssembly, tests say what the outside answers.
//! let (result, seen) = Host::new()
//!     .respond("https://api.example.org/price", 200, "17")
//!     .run(|| run(Request::default()));
//! assert_eq!(result.unwrap(), b"17");
//! assert_eq!(seen.store[&b"last"[..]], b"17");
//! ```
//!
//! # Building
//!
//! The crate type is `cdylib`, the target `wasm32-unknown-unknown`. What cargo makes is
//! a core module with a description of its interface in it; `phat` makes a component
//! of it when it reads it.
//!
//! # Failures
//!
//! A returned [`Error`] ends the run as `script_threw` with its message. A panic ends
//! it as `trapped`, and what panicked, where and why is the last line of the log.
//! Reaching a limit of the whole run ends it in the call that reached it.
//!
//! # Time, randomness and other crates
//!
//! `wasm32-unknown-unknown` has no system below the standard library:
//! `std::time::SystemTime::now`, threads and files panic or fail. Use [`clock`] and
//! [`random`]. Crates that draw random numbers do so through getrandom: turn on the
//! feature `getrandom` of this crate, and
//!
//! - for getrandom 0.3 and 0.4 (rand 0.9 and later), build with
//!   `RUSTFLAGS='--cfg getrandom_backend="custom"'`, or the same in `.cargo/config.toml`;
//! - for getrandom 0.2 (rand 0.8), depend on it with its feature `custom`.
//!
//! # Features
//!
//! - `log`: lines of the `log` crate go into the log of the run.
//! - `getrandom`: see above.

pub mod clock;
mod error;
pub mod http;
pub mod keys;
pub mod kv;
pub mod log;
mod platform;
pub mod random;
mod request;

#[cfg(target_arch = "wasm32")]
mod bindings;
#[cfg(target_arch = "wasm32")]
mod entry;
#[cfg(all(target_arch = "wasm32", feature = "getrandom"))]
mod getrandom_backend;
#[cfg(not(target_arch = "wasm32"))]
pub mod testing;

pub use error::Error;
pub use phat_guest_sdk_macros::contract;
pub use request::Request;

/// What the attribute [`contract`] expands to; nothing to be used by hand.
#[doc(hidden)]
#[cfg(target_arch = "wasm32")]
pub mod __private {
    pub use crate::bindings::*;
    pub use crate::entry::run;
}
