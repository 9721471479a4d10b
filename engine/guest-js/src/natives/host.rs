//! The engine's functions: requests, timers, keys, log, clock and random bytes.

use rquickjs::{Array, Ctx, Exception, Function, Object, Result, TypedArray, function::Func};

use super::bytes;
use crate::bindings::phat::contract::{clock, events, http, kv, log, random};

pub fn define(host: &Object<'_>) -> Result<()> {
    host.set("httpStart", Func::from(http_start))?;
    host.set(
        "startTimer",
        Func::from(|ms: f64| events::start_timer(milliseconds(ms))),
    )?;
    host.set("cancel", Func::from(|id: u32| events::cancel(id)))?;
    host.set("kvGet", Func::from(kv_get))?;
    host.set("kvSet", Func::from(kv_set))?;
    host.set("kvDelete", Func::from(kv_delete))?;
    host.set("log", Func::from(log_write))?;
    host.set("now", Func::from(|| clock::now() as f64 / 1e6))?;
    host.set("random", Func::from(random_bytes))
}

/// Passes an event to the script's side: its number, whether it is good, and what came.
pub fn dispatch<'js>(ctx: &Ctx<'js>, dispatch: &Function<'js>, event: events::Event) -> Result<()> {
    let payload = Object::new(ctx.clone())?;
    match event.completion {
        events::Completion::Timer => {}
        events::Completion::Http(Ok(response)) => {
            payload.set("status", response.status)?;
            payload.set("url", response.url)?;
            payload.set("redirected", response.redirected)?;
            let headers = Array::new(ctx.clone())?;
            for (index, (name, value)) in response.headers.into_iter().enumerate() {
                headers.set(2 * index, name)?;
                headers.set(2 * index + 1, value)?;
            }
            payload.set("headers", headers)?;
            payload.set("body", TypedArray::new(ctx.clone(), response.body)?)?;
        }
        events::Completion::Http(Err(error)) => {
            payload.set("error", error.message)?;
            payload.set("timeout", error.code == http::ErrorCode::Timeout)?;
        }
    }
    dispatch.call((event.id, payload))
}

fn http_start<'js>(
    method: String,
    url: String,
    headers: Vec<String>,
    body: TypedArray<'js, u8>,
    redirect: String,
) -> u32 {
    let headers = headers
        .chunks_exact(2)
        .map(|pair| (pair[0].clone(), pair[1].clone()))
        .collect();
    http::start(&http::Request {
        method,
        url,
        headers,
        body: bytes(&body).to_vec(),
        redirect: match redirect.as_str() {
            "manual" => http::Redirect::Manual,
            "error" => http::Redirect::Error,
            _ => http::Redirect::Follow,
        },
        timeout_ms: None,
    })
}

/// A delay as scripts give it, in whole milliseconds; what is no number counts as 0.
fn milliseconds(ms: f64) -> u64 {
    // The conversion saturates, and makes 0 of NaN.
    ms as u64
}

fn kv_get<'js>(ctx: Ctx<'js>, key: TypedArray<'js, u8>) -> Result<Option<TypedArray<'js, u8>>> {
    kv::get(bytes(&key))
        .map(|value| TypedArray::new(ctx, value))
        .transpose()
}

fn kv_set(key: TypedArray<'_, u8>, value: TypedArray<'_, u8>) {
    kv::set(bytes(&key), bytes(&value));
}

fn kv_delete(key: TypedArray<'_, u8>) {
    kv::delete(bytes(&key));
}

fn log_write(level: String, message: String) {
    let level = match level.as_str() {
        "debug" => log::Level::Debug,
        "warn" => log::Level::Warn,
        "error" => log::Level::Error,
        _ => log::Level::Info,
    };
    log::write(level, &message);
}

fn random_bytes<'js>(ctx: Ctx<'js>, length: u32) -> Result<TypedArray<'js, u8>> {
    if length > RANDOM_BYTES_MAX {
        let message = format!("{length} random bytes; ask for at most {RANDOM_BYTES_MAX} at once");
        return Err(Exception::throw_range(&ctx, &message));
    }
    TypedArray::new(ctx, random::bytes(length))
}

/// The most random bytes of one call, as the Web Cryptography standard has it.
const RANDOM_BYTES_MAX: u32 = 65_536;
