//! What the host charges for the calls of WASI.
//!
//! The guests are components of a few instructions, which call nothing but what a row names, so
//! all that the host charges is the sum of what `host::fuel` says of these calls.

use std::fmt::Write;

use phat_testing_fixtures::component::wasi_component_doing;

use super::{run, spent};
use crate::{Engine, EngineConfig, Run};

/// The functions that rows call, each by a name of its own, and the texts that they pass.
const PARTS: &str = r#"
  (import "wasi:clocks/monotonic-clock@0.2.12" "now" (func $now (result i64)))
  (import "wasi:clocks/monotonic-clock@0.2.12" "resolution" (func $resolution (result i64)))
  (import "wasi:clocks/monotonic-clock@0.2.12" "subscribe-instant"
    (func $subscribe-instant (param i64) (result i32)))
  (import "wasi:clocks/monotonic-clock@0.2.12" "subscribe-duration"
    (func $subscribe-duration (param i64) (result i32)))
  (import "wasi:clocks/wall-clock@0.2.12" "now" (func $wall-now (param i32)))
  (import "wasi:clocks/wall-clock@0.2.12" "resolution" (func $wall-resolution (param i32)))
  (import "wasi:io/poll@0.2.12" "[method]pollable.ready" (func $ready (param i32) (result i32)))
  (import "wasi:io/poll@0.2.12" "[method]pollable.block" (func $block (param i32)))
  (import "wasi:io/poll@0.2.12" "poll" (func $poll (param i32 i32 i32)))
  (import "wasi:io/poll@0.2.12" "[resource-drop]pollable" (func $drop-pollable (param i32)))
  (import "wasi:random/random@0.2.12" "get-random-bytes" (func $random-bytes (param i64 i32)))
  (import "wasi:random/random@0.2.12" "get-random-u64" (func $random-u64 (result i64)))
  (import "wasi:random/insecure@0.2.12" "get-insecure-random-bytes"
    (func $insecure-bytes (param i64 i32)))
  (import "wasi:random/insecure@0.2.12" "get-insecure-random-u64"
    (func $insecure-u64 (result i64)))
  (import "wasi:random/insecure-seed@0.2.12" "insecure-seed" (func $insecure-seed (param i32)))
  (import "wasi:http/types@0.2.12" "[constructor]fields" (func $fields (result i32)))
  (import "wasi:http/types@0.2.12" "[method]fields.append"
    (func $append (param i32 i32 i32 i32 i32 i32)))
  (import "wasi:http/types@0.2.12" "[method]fields.get" (func $get (param i32 i32 i32 i32)))
  (import "wasi:http/types@0.2.12" "[method]fields.has"
    (func $has (param i32 i32 i32) (result i32)))
  (import "wasi:http/types@0.2.12" "[method]fields.entries" (func $entries (param i32 i32)))
  (import "wasi:http/types@0.2.12" "[resource-drop]fields" (func $drop-fields (param i32)))
  (import "wasi:http/types@0.2.12" "[constructor]outgoing-request"
    (func $request (param i32) (result i32)))
  (import "wasi:http/types@0.2.12" "[method]outgoing-request.set-method"
    (func $set-method (param i32 i32 i32 i32) (result i32)))
  (import "wasi:http/types@0.2.12" "[method]outgoing-request.set-scheme"
    (func $set-scheme (param i32 i32 i32 i32 i32) (result i32)))
  (import "wasi:http/types@0.2.12" "[method]outgoing-request.set-authority"
    (func $set-authority (param i32 i32 i32 i32) (result i32)))
  (import "wasi:http/types@0.2.12" "[method]outgoing-request.set-path-with-query"
    (func $set-path (param i32 i32 i32 i32) (result i32)))
  (import "wasi:http/types@0.2.12" "[method]outgoing-request.body" (func $body-of (param i32 i32)))
  (import "wasi:http/types@0.2.12" "[method]outgoing-body.write" (func $stream-of (param i32 i32)))
  (import "wasi:http/types@0.2.12" "[static]outgoing-body.finish"
    (func $finish (param i32 i32 i32 i32)))
  (import "wasi:io/streams@0.2.12" "[method]output-stream.write"
    (func $write (param i32 i32 i32 i32)))
  (import "wasi:io/streams@0.2.12" "[resource-drop]output-stream" (func $drop-stream (param i32)))
  (import "wasi:http/outgoing-handler@0.2.12" "handle" (func $handle (param i32 i32 i32 i32)))
  (import "wasi:http/types@0.2.12" "[method]future-incoming-response.subscribe"
    (func $subscribe (param i32) (result i32)))
  (import "wasi:http/types@0.2.12" "[method]future-incoming-response.get"
    (func $answer (param i32 i32)))
  (import "wasi:http/types@0.2.12" "[resource-drop]future-incoming-response"
    (func $drop-future (param i32)))
  (data (i32.const 64) "a.example")
  (data (i32.const 80) "x-a1")
  (data (i32.const 96) "hello")
  (global $fields-of (mut i32) (i32.const 0))
  (global $request-of (mut i32) (i32.const 0))
  (global $future-of (mut i32) (i32.const 0))
  ;; What a function returns that has more than fits into registers is at 256.
  (func $some-fields
    (global.set $fields-of (call $fields))
    (call $append (global.get $fields-of)
      (i32.const 80) (i32.const 3) (i32.const 83) (i32.const 1) (i32.const 256)))
  (func $new-request
    (global.set $request-of (call $request (call $fields)))
    (drop (call $set-authority (global.get $request-of)
      (i32.const 1) (i32.const 64) (i32.const 9))))
  (func $hand-over
    (call $handle (global.get $request-of) (i32.const 0) (i32.const 0) (i32.const 256))
    (global.set $future-of (i32.load (i32.const 264))))
  (func $send (call $new-request) (call $hand-over))
"#;

/// The calls, what makes them, and what the host charges for them.
const TABLE: &[(&str, &str, u64)] = &[
    ("nothing", "", 0),
    ("monotonic-clock.now", "(drop (call $now))", 1000),
    (
        "monotonic-clock.resolution",
        "(drop (call $resolution))",
        1000,
    ),
    (
        "monotonic-clock.subscribe-instant, of what is over",
        "(drop (call $subscribe-instant (i64.const 0)))",
        1000,
    ),
    (
        "monotonic-clock.subscribe-instant",
        "(drop (call $subscribe-instant (i64.const -1)))",
        6000,
    ),
    (
        "monotonic-clock.subscribe-duration, of nothing",
        "(drop (call $subscribe-duration (i64.const 0)))",
        1000,
    ),
    (
        "monotonic-clock.subscribe-duration",
        "(drop (call $subscribe-duration (i64.const 3600000000000)))",
        6000,
    ),
    (
        "monotonic-clock.subscribe-duration, and its end",
        "(call $drop-pollable (call $subscribe-duration (i64.const 3600000000000)))",
        7000,
    ),
    (
        "subscribe-duration, pollable.ready",
        "(drop (call $ready (call $subscribe-duration (i64.const 0))))",
        2000,
    ),
    (
        "subscribe-duration, pollable.block",
        "(call $block (call $subscribe-duration (i64.const 1)))",
        7000,
    ),
    (
        "subscribe-duration twice, poll",
        "(i32.store (i32.const 128) (call $subscribe-duration (i64.const 0)))
         (i32.store (i32.const 132) (call $subscribe-duration (i64.const 0)))
         (call $poll (i32.const 128) (i32.const 2) (i32.const 256))",
        3128,
    ),
    ("wall-clock.now", "(call $wall-now (i32.const 256))", 1000),
    (
        "wall-clock.resolution",
        "(call $wall-resolution (i32.const 256))",
        1000,
    ),
    (
        "random.get-random-bytes",
        "(call $random-bytes (i64.const 100) (i32.const 256))",
        1200,
    ),
    ("random.get-random-u64", "(drop (call $random-u64))", 1016),
    (
        "insecure.get-insecure-random-bytes",
        "(call $insecure-bytes (i64.const 100) (i32.const 256))",
        1200,
    ),
    (
        "insecure.get-insecure-random-u64",
        "(drop (call $insecure-u64))",
        1016,
    ),
    (
        "insecure-seed.insecure-seed",
        "(call $insecure-seed (i32.const 256))",
        1032,
    ),
    ("fields.constructor", "(drop (call $fields))", 1000),
    (
        "fields.constructor, and its end",
        "(call $drop-fields (call $fields))",
        2000,
    ),
    ("fields.append", "(call $some-fields)", 2008),
    (
        "fields.append, fields.get",
        "(call $some-fields)
         (call $get (global.get $fields-of) (i32.const 80) (i32.const 3) (i32.const 256))",
        3016,
    ),
    (
        "fields.append, fields.has",
        "(call $some-fields)
         (drop (call $has (global.get $fields-of) (i32.const 80) (i32.const 3)))",
        3014,
    ),
    (
        // Each field counts 64 bytes besides its name and its value.
        "fields.append, fields.entries",
        "(call $some-fields)
         (call $entries (global.get $fields-of) (i32.const 256))",
        3144,
    ),
    (
        "outgoing-request.constructor",
        "(drop (call $request (call $fields)))",
        2000,
    ),
    (
        "outgoing-request.set-authority",
        "(call $new-request)",
        3018,
    ),
    (
        // POST.
        "outgoing-request.set-method",
        "(call $new-request)
         (drop (call $set-method (global.get $request-of)
           (i32.const 2) (i32.const 0) (i32.const 0)))",
        4026,
    ),
    (
        // HTTPS.
        "outgoing-request.set-scheme",
        "(call $new-request)
         (drop (call $set-scheme (global.get $request-of)
           (i32.const 1) (i32.const 1) (i32.const 0) (i32.const 0)))",
        4018,
    ),
    (
        "outgoing-request.set-path-with-query, to none",
        "(call $new-request)
         (drop (call $set-path (global.get $request-of)
           (i32.const 0) (i32.const 0) (i32.const 0)))",
        4018,
    ),
    ("outgoing-handler.handle", "(call $send)", 504_060),
    (
        "outgoing-handler.handle, and the end of its answer",
        "(call $send) (call $drop-future (global.get $future-of))",
        505_060,
    ),
    (
        "outgoing-handler.handle, future-incoming-response.subscribe",
        "(call $send) (drop (call $subscribe (global.get $future-of)))",
        505_060,
    ),
    (
        "outgoing-handler.handle, future-incoming-response.get, too early",
        "(call $send) (call $answer (global.get $future-of) (i32.const 256))",
        505_060,
    ),
    (
        // The error, that the host is not allowed, has 46 bytes.
        "outgoing-handler.handle, and its error",
        "(call $send)
         (call $block (call $subscribe (global.get $future-of)))
         (call $answer (global.get $future-of) (i32.const 256))",
        507_152,
    ),
    (
        "a body that is written: outgoing-request.body, outgoing-body.write, output-stream.write, \
         outgoing-body.finish",
        "(local $body i32) (local $stream i32)
         (call $new-request)
         (call $body-of (global.get $request-of) (i32.const 256))
         (local.set $body (i32.load (i32.const 260)))
         (call $stream-of (local.get $body) (i32.const 256))
         (local.set $stream (i32.load (i32.const 260)))
         (call $write (local.get $stream) (i32.const 96) (i32.const 5) (i32.const 256))
         (call $drop-stream (local.get $stream))
         (call $hand-over)
         (call $finish (local.get $body) (i32.const 0) (i32.const 0) (i32.const 256))",
        509_080,
    ),
];

#[tokio::test]
async fn the_prices_of_wasi_calls_are_pinned() {
    let engine = Engine::new(EngineConfig::default()).unwrap();
    let (mut found, mut is_same) = (String::new(), true);
    for (name, body, host_fuel) in TABLE {
        let code = wasi_component_doing(PARTS, body).unwrap();
        let code = code.into();
        let (host, _) = spent(&engine, Run { code, ..run("") }).await;
        writeln!(found, "    {name}: {host}, and the table has {host_fuel}").unwrap();
        is_same &= host == *host_fuel;
    }
    assert!(
        is_same,
        "prices are others than before: raise ABI_VERSION, and put these into the table\n{found}"
    );
}
