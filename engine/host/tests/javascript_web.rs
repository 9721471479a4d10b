//! What contracts have of the web: events, blobs, forms, requests and responses.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{
    check_expressions, fails, report, run,
    server::{Answer, Server, http},
    text,
};
use phat_engine::FailureCode;

#[tokio::test]
async fn the_language_is_that_of_2023_and_more() {
    check_expressions(
        "",
        &[
            ("[1, 2, 3].findLast((x) => x < 3)", "2"),
            (
                "[3, 1, 2].toSorted().with(0, 9).toReversed().toSpliced(1, 1)",
                "3,9",
            ),
            (
                "Object.groupBy([1, 2, 3], (x) => (x % 2 ? 'odd' : 'even')).odd",
                "1,3",
            ),
            ("Array.fromAsync([Promise.resolve(1), 2])", "1,2"),
            (
                "[1, 2, 3].values().filter((x) => x > 1).map((x) => x * 2).toArray()",
                "4,6",
            ),
            ("new Set([1, 2]).union(new Set([3])).size", "3"),
            ("Promise.withResolvers().promise instanceof Promise", "true"),
            ("((o) => new WeakRef(o).deref().a)({ a: 1 })", "1"),
            ("typeof FinalizationRegistry", "function"),
            ("'ab'.at(-1) + 'a\\ud800'.toWellFormed().length", "b2"),
            ("Object.hasOwn({ a: 1 }, 'a')", "true"),
            ("/(?<y>\\d{4})/v.exec('in 2023').groups.y", "2023"),
            (
                "class { static #x = 1; static { this.y = this.#x } }.y",
                "1",
            ),
            (
                "(() => { label: { break label } return 1_000n ** 3n })()",
                "1000000000",
            ),
            (
                "new Uint8Array([1, 255]).toHex() + Uint8Array.fromHex('0a')[0]",
                "01ff10",
            ),
            (
                "new Uint8Array([1, 255]).toBase64() + Uint8Array.fromBase64('Af8=')[1]",
                "Af8=255",
            ),
            (
                "new Error('a', { cause: 'b' }).cause + new AggregateError([1]).errors",
                "b1",
            ),
            (
                "typeof Intl + typeof WebAssembly + typeof require + typeof process",
                "undefinedundefinedundefinedundefined",
            ),
            ("(1234.5).toLocaleString().length > 0", "true"),
            (
                "self === globalThis && navigator.userAgent.startsWith('Phat/')",
                "true",
            ),
        ],
    )
    .await;
    let hashbang = "#!/usr/bin/env phat\nexport default () => 'ok'";
    assert_eq!(text(&report(run(hashbang)).await), "ok");
}

#[tokio::test]
async fn values_of_every_kind_are_cloned() {
    check_expressions(
        "",
        &[
            ("structuredClone(Object(1n)) + 1n", "2"),
            ("typeof structuredClone(Object('a'))", "object"),
            ("(() => { const e = structuredClone(new RangeError('far', { cause: [1] })); return [e instanceof RangeError, e.message, e.cause, Object.keys(e).length] })()", "true,far,1,0"),
            ("structuredClone(Object.assign(new Error('x'), { name: 'Odd' })).name", "Error"),
            ("structuredClone(new DOMException('m', 'AbortError')).name", "AbortError"),
            ("(() => { const b = new ArrayBuffer(2); const c = structuredClone(b, { transfer: [b] }); return [b.detached, c.byteLength] })()", "true,2"),
            ("(() => { const u = new Uint8Array(4); const c = structuredClone({ a: u.subarray(1), b: u.subarray(2) }); return c.a.buffer === c.b.buffer && c.a.length })()", "3"),
            ("Object.keys(structuredClone(JSON.parse('{\"__proto__\":1}')))", "__proto__"),
            ("structuredClone(new Blob(['ab'], { type: 'Text/Plain' })).text()", "ab"),
            ("nameOf(() => structuredClone(new URL('https://a.org')))", "DataCloneError"),
            ("nameOf(() => structuredClone(Promise.resolve()))", "DataCloneError"),
            ("nameOf(() => structuredClone(Symbol('s')))", "DataCloneError"),
        ],
    )
    .await;
}

#[tokio::test]
async fn events_reach_their_listeners() {
    check_expressions(
        "const seen = [];
        const target = new EventTarget();
        const listen = (name, options) => target.addEventListener('x', (e) => seen.push(name + e.type), options);",
        &[
            ("(listen('a'), listen('b', { once: true }), target.dispatchEvent(new Event('x')), target.dispatchEvent(new Event('x')), seen)", "ax,bx,ax"),
            ("(target.addEventListener('x', (e) => e.preventDefault()), target.dispatchEvent(new Event('x', { cancelable: true })))", "false"),
            ("(target.addEventListener('x', (e) => e.stopImmediatePropagation()), listen('a'), target.dispatchEvent(new Event('x')), seen.length)", "0"),
            ("(target.addEventListener('x', { handleEvent(e) { seen.push(this.n, e.detail, e.target === target) }, n: 7 }), target.dispatchEvent(new CustomEvent('x', { detail: 3 })), seen)", "7,3,true"),
            ("(() => { const c = new AbortController(); listen('a', { signal: c.signal }); c.abort(); target.dispatchEvent(new Event('x')); return seen.length })()", "0"),
            ("(() => { const f = () => seen.push(1); target.addEventListener('x', f); target.addEventListener('x', f); target.removeEventListener('x', f); target.dispatchEvent(new Event('x')); return seen.length })()", "0"),
            ("(() => { const c = new AbortController(); c.signal.onabort = (e) => seen.push(e.type, e.target === c.signal); c.abort('why'); c.abort('again'); return [c.signal.aborted, c.signal.reason, ...seen, c.signal instanceof EventTarget] })()", "true,why,abort,true,true"),
            ("(() => { const c = new AbortController(); const any = AbortSignal.any([c.signal, new AbortController().signal]); c.abort('r'); return any.reason })()", "r"),
            ("AbortSignal.any([AbortSignal.abort('now')]).reason", "now"),
            ("nameOf(() => new AbortSignal())", "TypeError"),
            ("new Promise((done) => { const s = AbortSignal.timeout(1); s.addEventListener('abort', () => done(s.reason.name)) })", "TimeoutError"),
            ("nameOf(() => AbortSignal.abort().throwIfAborted())", "AbortError"),
            ("(() => { const t = performance.now(); return performance.now() >= t && Math.abs(performance.timeOrigin + t - Date.now()) < 60_000 })()", "true"),
        ],
    )
    .await;
    let thrower = "export default () => { const t = new EventTarget(); t.addEventListener('x', () => { throw new Error('inside') }); t.dispatchEvent(new Event('x')); return new Promise(() => {}) }";
    fails(run(thrower), FailureCode::ScriptThrew, "inside").await;
}

#[tokio::test]
async fn bodies_are_read_in_every_form() {
    check_expressions(
        "const r = (body, init) => new Response(body, init);",
        &[
            ("r('é').text()", "é"),
            ("r(new Uint8Array([0xef, 0xbb, 0xbf, 65])).text()", "A"),
            ("r('[1]').json()", "1"),
            ("(async () => [...(await r('ab').bytes())])()", "97,98"),
            ("(async () => (await r(new Uint8Array([1, 2, 3]).subarray(1)).arrayBuffer()).byteLength)()", "2"),
            ("(async () => { const b = await r('ab', { headers: { 'content-type': 'Text/X' } }).blob(); return [b.size, b.type, await b.slice(-1).text()] })()", "2,text/x,b"),
            ("(async () => (await r(new URLSearchParams({ a: 'x y' })).formData()).get('a'))()", "x y"),
            ("failure(() => r('a').formData())", "TypeError: formData reads application/x-www-form-urlencoded, not text/plain"),
            ("(async () => { const x = r('ab'); const y = x.clone(); return (await x.text()) + (await y.text()) + x.bodyUsed })()", "ababtrue"),
            ("(async () => { const x = r('ab'); await x.text(); return nameOf(() => x.json()) })()", "TypeError"),
            ("(async () => { let t = ''; for await (const chunk of r('ab').body) t += chunk.length; return t })()", "2"),
            ("(async () => { const x = r('ab'); const reader = x.body.getReader(); const a = await reader.read(); const b = await reader.read(); return [a.value.length, a.done, b.done, x.bodyUsed, await nameOf(() => x.text())] })()", "2,false,true,true,TypeError"),
            ("(async () => { const x = r('ab'); x.body.getReader(); return nameOf(() => x.text()) })()", "TypeError"),
            ("r(null).body === null && r(null).text()", ""),
            ("nameOf(() => r('a', { status: 204 }))", "TypeError"),
            ("nameOf(() => r('a', { status: 99 }))", "RangeError"),
            ("(() => { const x = Response.redirect('https://a.org/b', 307); return [x.status, x.headers.get('location')] })()", "307,https://a.org/b"),
            ("nameOf(() => Response.redirect('https://a.org', 200))", "RangeError"),
            ("Response.json({ a: 1 }).headers.get('content-type') + Response.error().type", "application/jsonerror"),
            ("failure(() => r({}))", "TypeError: a body must be text, bytes, URLSearchParams, FormData or a Blob, not Object; use JSON.stringify for JSON"),
            ("new Blob(['a\\r\\nb', new Uint8Array([99]), new Blob(['d'])]).text()", "a\r\nbcd"),
            ("(() => { const f = new File(['x'], 'n.txt', { lastModified: 5 }); return [f.name, f.size, f.lastModified, f instanceof Blob] })()", "n.txt,1,5,true"),
            ("(() => { const f = new FormData(); f.append('a', '1'); f.append('a', new Blob(['x'])); f.set('b', 2); f.set('b', 3); return [f.getAll('a').length, f.get('a'), f.getAll('a')[1].name, f.get('b'), f.has('c')] })()", "2,1,blob,3,false"),
        ],
    )
    .await;
}

#[tokio::test]
async fn requests_follow_the_standard() {
    check_expressions(
        "",
        &[
            ("(() => { const q = new Request('https://a.org/#x', { method: 'patch', headers: [['A', 'b']], credentials: 'include', mode: 'cors', cache: 'no-store', keepalive: true }); return [q.method, q.url, q.headers.get('a'), q.redirect, q.credentials] })()", "patch,https://a.org/#x,b,follow,same-origin"),
            ("(async () => { const a = new Request('https://a.org', { method: 'post', body: 'x' }); const b = new Request(a, { headers: { c: 'd' } }); return [a.bodyUsed, await b.text(), b.method, b.headers.get('content-type')] })()", "true,x,POST,"),
            ("(async () => { const a = new Request('https://a.org', { method: 'post', body: 'x' }); const b = a.clone(); return [a.bodyUsed, await b.text(), await a.text(), b.headers.get('content-type')] })()", "false,x,x,text/plain;charset=UTF-8"),
            ("nameOf(() => new Request('/relative'))", "TypeError"),
            ("nameOf(() => new Request('https://u:p@a.org'))", "TypeError"),
            ("nameOf(() => new Request('https://a.org', { body: 'x' }))", "TypeError"),
            ("nameOf(() => new Request('https://a.org', { signal: {} }))", "TypeError"),
            ("nameOf(() => fetch('https://a.org', { signal: AbortSignal.abort('gone') }).catch((r) => { throw new Error(r) }))", "Error"),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_form_is_sent_as_multipart() {
    let server = Server::start(|asked| {
        let echo = [asked.head.as_bytes(), b"\r\n\n", &asked.body].concat();
        match asked.path() {
            "/slow" => Answer::Silence,
            _ => http("200 OK", &[], &echo),
        }
    })
    .await;
    let script = format!(
        "export default async () => {{
            const form = new FormData();
            form.append('a\"b', 'one\\ntwo');
            form.append('file', new File(['data'], 'f.bin', {{ lastModified: 0 }}));
            const response = await fetch('{0}', {{ method: 'POST', body: form }});
            const controller = new AbortController();
            const slow = fetch('{1}', {{ signal: controller.signal }}).catch((reason) => reason);
            clearTimeout(1); clearTimeout(2); clearTimeout(3);
            setTimeout(() => controller.abort('enough'), 1);
            return (await response.text()) + (await slow) + response.type;
        }}",
        server.url("/echo"),
        server.url("/slow")
    );
    let echo = text(&report(run(&script)).await);
    let boundary = echo.split("boundary=").nth(1).unwrap();
    let boundary = boundary.split("\r\n").next().unwrap();
    let body = echo.split("\r\n\n").nth(1).unwrap();
    assert_eq!(
        body,
        format!(
            "--{boundary}\r\ncontent-disposition: form-data; name=\"a%22b\"\r\n\r\none\r\ntwo\r\n\
             --{boundary}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"f.bin\"\r\n\
             content-type: application/octet-stream\r\n\r\ndata\r\n--{boundary}--\r\nenoughbasic"
        )
    );
}

#[tokio::test]
async fn text_is_decoded_by_its_label() {
    check_expressions(
        "const bytes = (...values) => new Uint8Array(values);",
        &[
            ("new TextDecoder('UTF-16').decode(bytes(0xff, 0xfe, 0x41, 0, 0x3d, 0xd8, 0, 0xde))", "A😀"),
            ("(() => { const d = new TextDecoder('utf-16le'); return d.decode(bytes(0x3d, 0xd8, 0), { stream: true }) + d.decode(bytes(0xde)) })()", "😀"),
            ("new TextDecoder('utf-16le').decode(bytes(0x3d, 0xd8, 0x41))", "\u{fffd}\u{fffd}"),
            ("nameOf(() => new TextDecoder('utf-16le', { fatal: true }).decode(bytes(0, 0xd8)))", "TypeError"),
            ("new TextDecoder('latin1').decode(bytes(0x41, 0xe9, 0x80, 0xff))", "Aé€ÿ"),
            ("new TextDecoder('ISO-8859-1').encoding", "windows-1252"),
        ],
    )
    .await;
}

/// What a script hands over is checked where it arrives, whatever its methods say.
#[tokio::test]
async fn odd_values_do_not_pass() {
    check_expressions(
        "class Long extends Uint8Array { get length() { return 2 ** 31 } }
        const detached = () => { const b = new Uint8Array(4); b.buffer.transfer(); return b };",
        &[
            ("hex.encode(detached())", "0x"),
            ("hex.encode(new Long(2))", "0x0000"),
            ("crypto.subtle.digest('SHA-256', detached()).then((d) => d.byteLength)", "32"),
            ("nameOf(() => new Blob([new Long(2)]))", "RangeError"),
            ("nameOf(() => new Response('x', { headers: { a: 'b\\r\\nc: d' } }))", "TypeError"),
            ("nameOf(() => fetch('https://a.org', { method: 'GET /x HTTP/1.1' }))", "TypeError"),
            ("nameOf(() => fetch({ toString() { throw new RangeError('own') } }))", "RangeError"),
            ("nameOf(() => phat.kv.set({ length: 2 ** 40 }, 'x'))", "TypeError"),
            ("(() => { Array.prototype[Symbol.iterator] = null; Uint8Array.prototype.slice = null; return pink.batchHttpRequest([{}], 1)[0].statusCode })()", "524"),
            ("(() => { Object.prototype.toJSON = () => { throw 1 }; Map.prototype.get = () => { throw 1 }; return hex.encode('a') })()", "0x61"),
        ],
    )
    .await;
}

#[tokio::test]
async fn urls_have_the_parts_that_the_standard_says() {
    let prelude = "const parts = (url) => {
        const { protocol, username, password, host, hostname, port, pathname, search, hash, origin } = new URL(url);
        return [protocol, username, password, host, hostname, port, pathname, search, hash, origin].join(' ');
    };
    const changed = (part, value) => {
        const url = new URL('https://u:p@a.org:8443/x?q#h');
        url[part] = value;
        return `${url} ${url[part]}`;
    };";
    check_expressions(
        prelude,
        &[
            (
                "parts('https://u:p@EXAMPLE.org:8443/a%20b?c=d#e')",
                "https: u p example.org:8443 example.org 8443 /a%20b ?c=d #e https://example.org:8443",
            ),
            ("parts('https://a.org:443')", "https:   a.org a.org  /   https://a.org"),
            ("parts('http://a.org/?#')", "http:   a.org a.org  /   http://a.org"),
            (
                "parts('http://[2001:DB8::1]:80/é')",
                "http:   [2001:db8::1] [2001:db8::1]  /%C3%A9   http://[2001:db8::1]",
            ),
            ("parts('data:text/plain,a?b#c')", "data:      text/plain,a ?b #c null"),
            ("parts('file:///a/b')", "file:      /a/b   null"),
            ("parts('https://a.org/a?a#a')", "https:   a.org a.org  /a ?a #a https://a.org"),
            ("changed('host', 'b.org')", "https://u:p@b.org:8443/x?q#h b.org:8443"),
            ("changed('port', '')", "https://u:p@a.org/x?q#h "),
            ("changed('search', '')", "https://u:p@a.org:8443/x#h "),
            ("changed('username', 'ü')", "https://%C3%BC:p@a.org:8443/x?q#h %C3%BC"),
            ("changed('protocol', 'http')", "http://u:p@a.org:8443/x?q#h http:"),
            ("changed('port', 'no number')", "https://u:p@a.org:8443/x?q#h 8443"),
        ],
    )
    .await;
}
