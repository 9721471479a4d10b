//! The engine.

use super::{Completion, milliseconds};
use crate::{
    bindings::phat::contract::{clock, events, http as wit, keys as wit_keys, kv, log as wit_log},
    http::{Error, ErrorCode, Redirect, Request, Response},
    keys::{Scheme, VrfOutput},
    log::Level,
};

pub fn start(request: Request) -> u32 {
    wit::start(&wit::Request {
        method: request.method,
        url: request.url,
        headers: request.headers,
        body: request.body,
        redirect: match request.redirect {
            Redirect::Follow => wit::Redirect::Follow,
            Redirect::Manual => wit::Redirect::Manual,
            Redirect::Error => wit::Redirect::Error,
        },
        timeout_ms: request.timeout.map(milliseconds),
    })
}

pub fn start_timer(duration_ms: u64) -> u32 {
    events::start_timer(duration_ms)
}

pub fn next_event() -> Option<(u32, Completion)> {
    let event = events::next()?;
    let completion = match event.completion {
        events::Completion::Http(answer) => {
            Completion::Http(answer.map(Into::into).map_err(Into::into))
        }
        events::Completion::Timer => Completion::Timer,
    };
    Some((event.id, completion))
}

pub fn kv_get(key: &[u8]) -> Option<Vec<u8>> {
    kv::get(key)
}

pub fn kv_set(key: &[u8], value: &[u8]) {
    kv::set(key, value);
}

pub fn kv_delete(key: &[u8]) {
    kv::delete(key);
}

pub fn log(level: Level, message: &str) {
    let level = match level {
        Level::Debug => wit_log::Level::Debug,
        Level::Info => wit_log::Level::Info,
        Level::Warn => wit_log::Level::Warn,
        Level::Error => wit_log::Level::Error,
    };
    wit_log::write(level, message);
}

pub fn now() -> u64 {
    clock::now()
}

pub fn random(length: usize) -> Vec<u8> {
    let length = u32::try_from(length).expect("callers ask for less");
    crate::bindings::phat::contract::random::bytes(length)
}

pub fn public_key(scheme: Scheme) -> Vec<u8> {
    wit_keys::public_key(scheme.into())
}

pub fn sign(scheme: Scheme, message: &[u8]) -> Result<Vec<u8>, String> {
    wit_keys::sign(scheme.into(), message)
}

pub fn vrf(input: &[u8]) -> VrfOutput {
    let wit_keys::VrfOutput { output, proof } = wit_keys::vrf(input);
    VrfOutput {
        output: output.try_into().expect("the engine gives 32 bytes"),
        proof: proof.try_into().expect("the engine gives 96 bytes"),
    }
}

pub fn derive(salt: &[u8]) -> [u8; 32] {
    let secret = wit_keys::derive(salt);
    secret.try_into().expect("the engine gives 32 bytes")
}

pub fn secret(name: &str) -> Option<Vec<u8>> {
    wit_keys::secret(name)
}

impl From<Scheme> for wit_keys::Scheme {
    fn from(scheme: Scheme) -> Self {
        match scheme {
            Scheme::Secp256k1 => Self::Secp256k1,
            Scheme::Ed25519 => Self::Ed25519,
            Scheme::Sr25519 => Self::Sr25519,
        }
    }
}

impl From<wit::Response> for Response {
    fn from(response: wit::Response) -> Self {
        Self {
            status: response.status,
            url: response.url,
            redirected: response.redirected,
            headers: response.headers,
            body: response.body,
        }
    }
}

impl From<wit::Error> for Error {
    fn from(error: wit::Error) -> Self {
        Self {
            code: match error.code {
                wit::ErrorCode::InvalidRequest => ErrorCode::InvalidRequest,
                wit::ErrorCode::HostNotAllowed => ErrorCode::HostNotAllowed,
                wit::ErrorCode::AddressRefused => ErrorCode::AddressRefused,
                wit::ErrorCode::Dns => ErrorCode::Dns,
                wit::ErrorCode::Connect => ErrorCode::Connect,
                wit::ErrorCode::Tls => ErrorCode::Tls,
                wit::ErrorCode::Timeout => ErrorCode::Timeout,
                wit::ErrorCode::Limit => ErrorCode::Limit,
                wit::ErrorCode::Redirect => ErrorCode::Redirect,
                wit::ErrorCode::Protocol => ErrorCode::Protocol,
            },
            message: error.message,
        }
    }
}
