//! The engine's functions: requests, timers, keys, log, clock and random bytes.

use std::{cell::RefCell, collections::VecDeque};

use rquickjs::{Array, Ctx, Exception, Function, Object, Result, TypedArray, function::Func};

use super::bytes;
use crate::bindings::phat::contract::{clock, events, http, kv, log, random, script};

thread_local! {
    /// Events that came while a script waited for others, in their order. There are
    /// no more than requests and timers that the engine lets a run start.
    static HELD: RefCell<VecDeque<events::Event>> = const { RefCell::new(VecDeque::new()) };
}

pub fn define(host: &Object<'_>) -> Result<()> {
    host.set("httpStart", Func::from(http_start))?;
    host.set(
        "startTimer",
        Func::from(|ms: f64| events::start_timer(milliseconds(ms))),
    )?;
    host.set("cancel", Func::from(|id: u32| events::cancel(id)))?;
    host.set("waitFor", Func::from(wait_for))?;
    host.set("codeHash", Func::from(code_hash))?;
    host.set("kvGet", Func::from(kv_get))?;
    host.set("kvSet", Func::from(kv_set))?;
    host.set("kvDelete", Func::from(kv_delete))?;
    host.set("log", Func::from(log_write))?;
    host.set("now", Func::from(|| clock::now() as f64 / 1e6))?;
    host.set("random", Func::from(random_bytes))
}

/// The next event: one that was held back, or one that the engine gives.
pub fn next_event() -> Option<events::Event> {
    HELD.with_borrow_mut(VecDeque::pop_front)
        .or_else(events::next)
}

/// Waits for an event of one of these requests and timers, and holds back others.
/// None if nothing is under way.
fn wait_for<'js>(ctx: Ctx<'js>, ids: Vec<u32>) -> Result<Option<Array<'js>>> {
    loop {
        let Some(event) = events::next() else {
            return Ok(None);
        };
        if !ids.contains(&event.id) {
            HELD.with_borrow_mut(|held| held.push_back(event));
            continue;
        }
        let (id, payload) = converted(&ctx, event)?;
        let parts = Array::new(ctx)?;
        parts.set(0, id)?;
        parts.set(1, payload)?;
        return Ok(Some(parts));
    }
}

/// The hash of the script's text, by which the chain knows it.
fn code_hash<'js>(ctx: Ctx<'js>) -> Result<TypedArray<'js, u8>> {
    TypedArray::new(ctx, script::code_hash())
}

/// Passes an event to the script's side: its number, whether it is good, and what came.
pub fn dispatch<'js>(ctx: &Ctx<'js>, dispatch: &Function<'js>, event: events::Event) -> Result<()> {
    dispatch.call(converted(ctx, event)?)
}

/// The number of an event, and what scripts see of it.
fn converted<'js>(ctx: &Ctx<'js>, event: events::Event) -> Result<(u32, Object<'js>)> {
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
            payload.set("unreachable", is_unreachable(error.code))?;
            payload.set("timeout", error.code == http::ErrorCode::Timeout)?;
        }
    }
    Ok((event.id, payload))
}

/// Whether a request did not get as far as its host.
fn is_unreachable(code: http::ErrorCode) -> bool {
    use http::ErrorCode as Code;
    matches!(
        code,
        Code::HostNotAllowed | Code::AddressRefused | Code::Dns | Code::Connect | Code::Tls
    )
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
