//! What stands in for the engine in tests: the host of [`crate::testing`].

use super::Completion;
use crate::{
    http::Request,
    keys::{Scheme, VrfOutput},
    log::Level,
    testing::with_host,
};

pub fn start(request: Request) -> u32 {
    with_host("http", |host| host.start(request))
}

pub fn start_timer(duration_ms: u64) -> u32 {
    with_host("clock", |host| host.start_timer(duration_ms))
}

pub fn next_event() -> Option<(u32, Completion)> {
    with_host("http", |host| host.events.pop_front())
}

pub fn kv_get(key: &[u8]) -> Option<Vec<u8>> {
    with_host("kv", |host| host.seen.store.get(key).cloned())
}

pub fn kv_set(key: &[u8], value: &[u8]) {
    if value.is_empty() {
        return kv_delete(key);
    }
    with_host("kv", |host| {
        host.seen.store.insert(key.to_vec(), value.to_vec());
    });
}

pub fn kv_delete(key: &[u8]) {
    with_host("kv", |host| {
        host.seen.store.remove(key);
    });
}

pub fn log(level: Level, message: &str) {
    with_host("log", |host| {
        host.seen.logs.push((level, message.to_owned()));
    });
}

pub fn now() -> u64 {
    with_host("clock", |host| host.now())
}

pub fn random(length: usize) -> Vec<u8> {
    with_host("random", |host| host.random(length))
}

pub fn secret(name: &str) -> Option<Vec<u8>> {
    with_host("keys", |host| host.secrets.get(name).cloned())
}

pub fn public_key(_: Scheme) -> Vec<u8> {
    no_keys("public_key")
}

pub fn sign(_: Scheme, _: &[u8]) -> Result<Vec<u8>, String> {
    no_keys("sign")
}

pub fn vrf(_: &[u8]) -> VrfOutput {
    no_keys("vrf")
}

pub fn derive(_: &[u8]) -> [u8; 32] {
    no_keys("derive")
}

/// A made-up key would let a test pass that shows nothing.
fn no_keys(function: &str) -> ! {
    panic!(
        "keys::{function} has no stand-in outside of WebAssembly: try what uses the contract's \
         keys with `phat run`, or pass it to your function as an argument"
    )
}
