//! Scripts that change the language and the library under their own feet.

use std::sync::{Arc, Mutex};

use phat_engine::{FailureCode, Outcome, Run};

use crate::{
    beside_others,
    common::{
        ENGINE, report, run,
        server::{Server, http},
        text,
    },
    short,
};

#[tokio::test]
async fn tampering_with_the_library_harms_nobody_else() {
    let tamper = "
        for (const name of ['toWellFormed', 'charCodeAt', 'replace']) String.prototype[name] = () => { throw new Error('tampered') };
        Promise.prototype.then = () => { throw new Error('tampered') };
        Array.prototype[Symbol.iterator] = function* () { yield 1 };
        Object.prototype.then = undefined;
        Object.defineProperty(Object.prototype, 'error', { get() { throw new Error('tampered') } });
        globalThis.fetch = null;
        globalThis.leaked = 'secret';
        export default () => 'ok'";
    assert_eq!(text(&report(run(tamper)).await), "ok");
    let next = "export default async () => typeof leaked + typeof fetch + await Promise.resolve('!').then((x) => x.toWellFormed())";
    assert_eq!(text(&report(run(next)).await), "undefinedfunction!");
}

#[tokio::test]
async fn no_more_is_reachable_than_the_library() {
    let names = "export default () => Object.getOwnPropertyNames(globalThis).filter((n) => /^[a-z\\0]/.test(n)).sort().join()";
    let expected = "atob,btoa,clearInterval,clearTimeout,console,crypto,decodeURI,decodeURIComponent,encodeURI,\
        encodeURIComponent,escape,eval,fetch,globalThis,isFinite,isNaN,navigator,parseFloat,parseInt,\
        performance,pink,queueMicrotask,scriptArgs,self,setInterval,setTimeout,structuredClone,undefined,unescape";
    assert_eq!(text(&report(run(names)).await), expected);
}

/// What a script replaces before it uses the library.
const TAMPERINGS: &[&str] = &[
    "Object.prototype.then = (resolve) => resolve('stolen');",
    "Object.defineProperty(Object.prototype, 'error', { get() { throw 1 }, set() { throw 1 } });",
    "for (const name of ['headers', 'body', 'method', 'status', 'signal', 'redirect', 'ok', 'id'])
        Object.defineProperty(Object.prototype, name, { get() { return 'stolen' }, set() {} });",
    "for (const name of Object.getOwnPropertyNames(Array.prototype))
        if (name !== 'constructor' && name !== 'length') Array.prototype[name] = () => ['stolen'];",
    "Array.prototype[Symbol.iterator] = function* () { yield ['stolen', 'stolen'] };",
    "Object.defineProperty(Array.prototype, '0', { get() { return 'stolen' }, set() { throw 1 } });",
    "Promise.prototype.then = function () { return 'stolen' };",
    "Promise.prototype.then = function (resolve) { for (;;) resolve('stolen') };",
    "Promise.resolve = Promise.reject = Promise.all = () => 'stolen';
        globalThis.Promise = class extends Promise {};",
    "Function.prototype.call = Function.prototype.apply = Function.prototype.bind = () => 'stolen';",
    "for (const name of Object.getOwnPropertyNames(String.prototype))
        if (name !== 'constructor' && name !== 'length') String.prototype[name] = () => 'stolen';",
    "Symbol.prototype[Symbol.toPrimitive] = () => 'stolen';
        Object.defineProperty(RegExp.prototype, 'exec', { value: () => ['stolen'] });",
    "JSON.parse = JSON.stringify = () => 'stolen'; Math.min = Math.max = () => 1e9;",
    "for (const name of ['length', 'byteLength', 'byteOffset', 'buffer'])
        Object.defineProperty(Object.getPrototypeOf(Uint8Array.prototype), name, { get: () => 1 << 30 });",
    "for (const name of ['set', 'slice', 'subarray', 'fill', Symbol.iterator])
        Object.getPrototypeOf(Uint8Array.prototype)[name] = () => new Uint8Array(1 << 20);
        Uint8Array.from = Uint8Array.of = () => 'stolen';",
    "Object.defineProperty(Uint8Array, Symbol.species, { get() { return Array } });
        Uint8Array.prototype.constructor = Array;",
    "globalThis.Uint8Array = Array; globalThis.ArrayBuffer = Array; globalThis.Map = Array;
        globalThis.Error = TypeError = RangeError = undefined; globalThis.Symbol = undefined;",
    "for (const name of ['get', 'set', 'has', 'delete', 'forEach', 'entries', 'keys', 'values'])
        for (const kind of [Map, Set, WeakMap, WeakSet]) kind.prototype[name] = () => 'stolen';",
    "Object.freeze = Object.keys = Object.entries = Object.assign = Object.defineProperty = () => 'stolen';
        Reflect.apply = Reflect.ownKeys = Reflect.get = () => 'stolen';",
    "for (const name of ['TextEncoder', 'TextDecoder', 'URL', 'URLSearchParams', 'Headers', 'Request', 'Response'])
        globalThis[name] = class { constructor() { throw 'stolen' } };",
    "Headers.prototype.get = Headers.prototype[Symbol.iterator] = () => 'stolen';
        URL.prototype.toString = () => 'http://127.0.0.1/';
        Object.defineProperty(URL.prototype, 'href', { get: () => 'http://127.0.0.1/' });",
    "globalThis.fetch = globalThis.setTimeout = globalThis.queueMicrotask = globalThis.crypto = undefined;
        Date.now = () => NaN; globalThis.Date = undefined;",
    "Error.prepareStackTrace = () => { for (;;) Error.prepareStackTrace = undefined };
        Error.stackTraceLimit = 1e9; Object.defineProperty(Error.prototype, 'message', { get() { throw 1 } });",
    "Object.setPrototypeOf(Array.prototype, new Proxy({}, { get() { throw 'stolen' }, has: () => true }));",
    "delete globalThis.Object; delete globalThis.Array; delete globalThis.Function; delete globalThis.console;",
    "for (const name of Object.getOwnPropertyNames(globalThis)) try { globalThis[name] = undefined } catch {}",
    "Object.getOwnPropertyNames(globalThis).forEach((name) => { try { delete globalThis[name] } catch {} });",
];

/// Calls of the library that were taken hold of before the tampering, and go on
/// whatever comes of one of them.
const CALLS: &str = "
    const tried = [];
    const attempt = async (name, call) => {
        try { await call(); tried[tried.length] = name } catch { tried[tried.length] = '-' }
    };
    await attempt('kv', async () => { await kv.set('key', 'value'); await kv.get('key'); await kv.delete('other') });
    await attempt('hash', () => hash.keccak256('text') + hash.sha256(new Bytes(3)));
    await attempt('hex', () => hex.encode(hex.decode('0x0102')));
    await attempt('log', () => { log.info('text', [1], { a: 1 }); log.error(new Fault('x')) });
    await attempt('fetch', () => call(url, { method: 'POST', headers: { a: 'b' }, body: 'text' }));
    await attempt('fetch', async () => (await call(new Ask(url))).text());
    await attempt('fetch', async () => (await call(new Link(url))).json());
    await attempt('timer', () => new Later((done) => timer(done, 1)));
    await attempt('clone', () => clone({ a: [new Bytes(3), 1n] }));
    await attempt('random', () => random.getRandomValues(new Bytes(8)));
    await attempt('base64', () => from64(to64('text')));
    return new Bytes([tried.length]);
";

fn tampered(url: &str, tampering: &str) -> Run {
    run(&format!(
        "import {{ kv, hash, hex, log }} from 'phat';
        const url = '{url}';
        const {{
            fetch: call, Request: Ask, URL: Link, Uint8Array: Bytes, Error: Fault, Promise: Later,
            setTimeout: timer, structuredClone: clone, crypto: random, atob: from64, btoa: to64,
        }} = globalThis;
        {tampering}
        export default async () => {{ {CALLS} }}"
    ))
}

/// A script may break its own library. That ends in its result or a failure that is
/// its own, and its requests go nowhere else than they would without.
#[tokio::test]
async fn tampering_breaks_nothing_but_the_script() {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = asked.clone();
    let server = Server::start(move |asked| {
        seen.lock().unwrap().push(asked.head.clone());
        http("200 OK", &[("content-type", "application/json")], b"{}")
    })
    .await;
    let host = format!("localhost:{}", server.address.port());
    let untouched = beside_others(&ENGINE, tampered(&server.url("/"), "")).await;
    assert_eq!(untouched.outcome, Outcome::Output(vec![11]));
    for tampering in TAMPERINGS {
        let mut run = tampered(&server.url("/"), tampering);
        run.limits = short();
        run.limits.memory_bytes = 64 * 1024 * 1024;
        run.limits.time_ms = 60_000;
        run.allowed_hosts = vec![host.clone()];
        let report = beside_others(&ENGINE, run).await;
        if let Outcome::Failed(failure) = &report.outcome {
            assert!(
                !matches!(failure.code, FailureCode::Engine | FailureCode::Trapped),
                "{tampering}: {failure}"
            );
        }
        // Nothing of it is left for the next run.
        let next = ENGINE.run(tampered(&server.url("/"), "")).await;
        assert_eq!(next.outcome, untouched.outcome, "after {tampering}");
    }
    for head in asked.lock().unwrap().iter() {
        let names_it = head
            .lines()
            .any(|line| line.eq_ignore_ascii_case(&format!("host: {host}")));
        assert!(names_it, "{head}");
    }
}

/// What a script passes is looked at once: what was checked is what is used.
#[tokio::test]
async fn values_that_change_while_they_are_read_gain_nothing() {
    let server = Server::start(|asked| http("200 OK", &[], asked.method().as_bytes())).await;
    let calls = [
        "kv.set({ toString() { return 'a' } }, 'b')",
        "kv.set(new Proxy(new Uint8Array(2), {}), 'b')",
        "kv.get((() => { const b = new ArrayBuffer(8); const a = new Uint8Array(b); b.transfer?.(); return a })())",
        "hash.sha256((() => { const b = new ArrayBuffer(8, { maxByteLength: 16 }); const a = new Uint8Array(b); b.resize?.(0); return a })())",
        "fetch({ toString() { return url } })",
        "fetch(url, { get headers() { return { get a() { throw 1 } } } })",
        "fetch(url, { headers: new Proxy({}, { ownKeys() { return Array(1e4).fill('a') } }) })",
        "fetch(url, { headers: { [Symbol.iterator]: function* () { for (;;) yield ['a', 'b'] } } })",
        "fetch(url, { method: { toString() { return 'GET' } }, body: { toString() { throw 1 } } })",
        "fetch(url, { signal: { aborted: false, addEventListener() { throw 1 } } })",
        "setTimeout({ call() {} }, { valueOf() { throw 1 } })",
        "setTimeout(() => {}, -Infinity)",
        "clearTimeout({ valueOf() { return -1 } })",
        "structuredClone(new Proxy({}, { ownKeys() { throw 1 } }))",
        "crypto.getRandomValues(new Proxy(new Uint8Array(4), {}))",
        "crypto.getRandomValues(new Float64Array(4))",
        "hex.decode({ length: 1e9 })",
        "atob('\\u{1f600}')",
        "new URL({ toString() { return 'a'.repeat(1 << 20) } })",
        "new TextDecoder().decode({ byteLength: -1 })",
        "new URLSearchParams(new Proxy([], {}))",
        "log.info({ get a() { throw 1 }, toJSON() { throw 1 } }, Object.create(null))",
        "console.log(new Proxy(function () {}, { get() { throw 1 }, ownKeys() { throw 1 } }))",
    ];
    for call in calls {
        let mut run = run(&format!(
            "import {{ kv, hash, hex, log }} from 'phat'; const url = '{}';
            export default async () => {{ try {{ await ({call}) }} catch {{}} return 'went on' }}",
            server.url("/")
        ));
        run.limits = short();
        run.limits.memory_bytes = 64 * 1024 * 1024;
        let report = report(run).await;
        match &report.outcome {
            Outcome::Output(bytes) => assert_eq!(bytes, b"went on", "{call}"),
            // One that never ends itself.
            Outcome::Failed(failure) => assert!(
                matches!(
                    failure.code,
                    FailureCode::OutOfFuel | FailureCode::OutOfMemory
                ),
                "{call}: {failure}"
            ),
        }
    }
}
