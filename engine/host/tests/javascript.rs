//! The JavaScript that contracts are written in: the language and its library.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{report, returned, run, text};
use phat_engine::{LogLevel, Outcome};

#[tokio::test]
async fn every_kind_of_result_becomes_bytes() {
    let check = async |script: &str, expected: &[u8]| {
        let report = report(run(script)).await;
        assert_eq!(
            report.outcome,
            Outcome::Output(expected.to_vec()),
            "{script}"
        );
    };
    check("export default () => new Uint8Array([1, 255])", &[1, 255]).await;
    check(
        "export default async () => new Uint8Array([1, 2, 3]).subarray(1)",
        &[2, 3],
    )
    .await;
    check(
        "export default () => new Uint8Array([7, 8]).buffer",
        &[7, 8],
    )
    .await;
    check("export default () => '0x00fF'", &[0, 255]).await;
    check("export default () => '0x'", &[]).await;
    check("export default () => 'text é'", "text é".as_bytes()).await;
    check("export default () => ''", &[]).await;
    check(
        "export default () => ({ then: (resolve) => resolve('thenable') })",
        b"thenable",
    )
    .await;
    check(
        "const x = await Promise.resolve('top'); export default () => x",
        b"top",
    )
    .await;
    check(
        "async function f() { return 'named' } export { f as default }",
        b"named",
    )
    .await;
}

#[tokio::test]
async fn the_request_is_a_frozen_object() {
    let mut run = run("export default (request) => {
            'use strict';
            try { request.chain = 'x'; return 'changed'; } catch {}
            try { request.settings.nested.list.push(1); return 'changed'; } catch {}
            const { input, ...rest } = request;
            return JSON.stringify({ input: [...input], ...rest });
        }");
    run.request.input = vec![1, 2];
    run.request.settings = r#"{"url":"https://a.org","nested":{"list":[]}}"#.to_owned();
    let expected = format!(
        r#"{{"input":[1,2],"id":"0x{}","contract":"0x{}","caller":"0xca11","chain":"eip155:31337","block":7,"settings":{{"url":"https://a.org","nested":{{"list":[]}}}}}}"#,
        "1d".repeat(32),
        "c0".repeat(32)
    );
    assert_eq!(text(&report(run).await), expected);
}

#[tokio::test]
async fn the_console_writes_what_people_read() {
    let report = report(run("import { log } from 'phat';
        export default () => {
            console.log('plain', 1, true, null, undefined, 2n, Symbol('s'));
            console.debug({ a: 1, 'b-c': 'text', nested: { list: [1, 2, [3]], f() {} } });
            console.warn(new Map([['k', 1]]), new Set([2]), new Uint8Array(2));
            console.error(new TypeError('wrong').message, [] , {});
            console.info('%s is %d, %j%%', 'x', 4, { a: 1 }, 'rest');
            const circle = {}; circle.self = circle; console.log(circle);
            log.warn('from phat');
            return '';
        }"))
    .await;
    let lines: Vec<_> = report
        .logs
        .iter()
        .map(|line| (line.level, line.message.as_str()))
        .collect();
    assert_eq!(
        lines,
        [
            (LogLevel::Info, "plain 1 true null undefined 2n Symbol(s)"),
            (
                LogLevel::Debug,
                "{ a: 1, \"b-c\": \"text\", nested: { list: [ 1, 2, [ 3 ] ], f: [Function: f] } }"
            ),
            (
                LogLevel::Warn,
                "Map(1) { \"k\" => 1 } Set(1) { 2 } Uint8Array(2) [ 0, 0 ]"
            ),
            (LogLevel::Error, "wrong [] {}"),
            (LogLevel::Info, "x is 4, {\"a\":1}% rest"),
            (LogLevel::Info, "{ self: [Circular] }"),
            (LogLevel::Warn, "from phat"),
        ]
    );
}

/// A line for the log is no reason to fail.
#[tokio::test]
async fn the_console_never_throws() {
    let report = report(run("export default () => {
            const circle = {}; circle.self = circle;
            console.log('%j', circle);
            console.log('%j', 1n);
            console.log('%j', undefined);
            console.log('%d', Symbol('s'));
            console.log('%i %f', Symbol('i'), { valueOf() { throw 1 }, toString() { throw 1 } });
            console.log('%s', { get a() { throw 1 } }, new Proxy({}, { getPrototypeOf() { throw 1 } }));
            console.count(Symbol('c'));
            console.table(new Proxy({}, { ownKeys() { throw 1 } }));
            console.timeEnd('none');
            console.groupEnd();
            String.prototype.toWellFormed = () => { throw 1 };
            console.log('tampered');
            return 'ok';
        }"))
    .await;
    assert_eq!(text(&report), "ok");
    let lines: Vec<_> = report
        .logs
        .iter()
        .map(|line| line.message.as_str())
        .collect();
    assert_eq!(
        lines,
        [
            "{ self: [Circular] }",
            "1n",
            "undefined",
            "Symbol(s)",
            "Symbol(i) { valueOf: [Function: valueOf], toString: [Function: toString] }",
            "{ a: [Getter] } [a value that cannot be shown]",
            "Symbol(c): 1",
            "[a value that cannot be shown]",
            "there is no timer none",
            "[values that cannot be shown]",
        ]
    );
}

#[tokio::test]
async fn the_console_groups_counts_and_measures() {
    let report = report(run("export default () => {
            console.group('outer');
            console.log('one\\ntwo');
            console.group();
            console.warn('inner');
            console.groupEnd();
            console.groupEnd();
            console.count(); console.count('named'); console.count(); console.countReset(); console.count();
            console.table([{ name: 'a', size: 1 }, { name: 'bcd' }]);
            console.table({ x: 1 });
            console.table(5);
            console.time('t'); console.timeLog('t', 'so far'); console.timeEnd('t'); console.timeEnd('t');
            return '';
        }"))
    .await;
    let lines: Vec<_> = report
        .logs
        .iter()
        .map(|line| line.message.as_str())
        .collect();
    let (lines, timed) = lines.split_at(lines.len() - 3);
    assert_eq!(
        lines,
        [
            "outer",
            "  one\n  two",
            "    inner",
            "default: 1",
            "named: 1",
            "default: 2",
            "default: 1",
            "(index) | name  | size\n0       | \"a\"   | 1\n1       | \"bcd\" |",
            "(index) | Values\nx       | 1",
            "5",
        ]
    );
    assert!(
        timed[0].starts_with("t: ") && timed[0].ends_with(" ms so far"),
        "{timed:?}"
    );
    assert!(
        timed[1].starts_with("t: ") && timed[1].ends_with(" ms"),
        "{timed:?}"
    );
    assert_eq!(timed[2], "there is no timer t");
}

#[tokio::test]
async fn text_and_bytes_convert() {
    let check = async |expression: &str, expected: &str| {
        assert_eq!(
            returned(&format!(
                "return new TextEncoder().encode(String({expression}))"
            ))
            .await,
            expected,
            "{expression}"
        );
    };
    check(
        "new TextEncoder().encode('é€😀')",
        "195,169,226,130,172,240,159,152,128",
    )
    .await;
    check("new TextEncoder().encode('\\ud800')", "239,191,189").await;
    check(
        "new TextDecoder().decode(new Uint8Array([0xef, 0xbb, 0xbf, 65]))",
        "A",
    )
    .await;
    check("new TextDecoder('utf8', { ignoreBOM: true }).decode(new Uint8Array([0xef, 0xbb, 0xbf, 65])).length", "2").await;
    check(
        "new TextDecoder().decode(new Uint8Array([65, 0xff, 66]))",
        "A\u{fffd}B",
    )
    .await;
    check(
        "(() => { try { return new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array([0xff])) } catch (e) { return e.name } })()",
        "TypeError",
    )
    .await;
    check(
        "(() => { const d = new TextDecoder(); return d.decode(new Uint8Array([0xe2, 0x82]), { stream: true }) + d.decode(new Uint8Array([0xac])) })()",
        "€",
    )
    .await;
    check(
        "(() => { try { new TextDecoder('shift_jis') } catch (e) { return e.name } })()",
        "RangeError",
    )
    .await;
    check("btoa('hello\\xff')", "aGVsbG//").await;
    check("atob(' aGVs bG8 ')", "hello").await;
    check(
        "(() => { try { atob('a*') } catch (e) { return e.name } })()",
        "InvalidCharacterError",
    )
    .await;
    check("phat.hex.encode(new Uint8Array([0, 255]))", "0x00ff").await;
    check("phat.hex.decode('0xAb01')", "171,1").await;
    // Text is text, also where it looks like digits.
    check("phat.hex.encode('0x61')", "0x30783631").await;
    check(
        "phat.hex.encode(phat.hash.keccak256('0x')) === phat.hex.encode(phat.hash.keccak256(new TextEncoder().encode('0x')))",
        "true",
    )
    .await;
    check(
        "phat.hex.encode(phat.hash.keccak256(new Uint8Array()))",
        "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470",
    )
    .await;
    check(
        "phat.hex.encode(phat.hash.sha256('abc'))",
        "0xba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    )
    .await;
}

#[tokio::test]
async fn urls_follow_the_standard() {
    let check = async |expression: &str, expected: &str| {
        assert_eq!(
            returned(&format!(
                "return new TextEncoder().encode(String({expression}))"
            ))
            .await,
            expected,
            "{expression}"
        );
    };
    check(
        "new URL('../b?x=1#h', 'https://u:p@EXAMPLE.org:443/a/c').href",
        "https://u:p@example.org/b?x=1#h",
    )
    .await;
    check("(({ origin, host, pathname, search, hash, protocol }) => [origin, host, pathname, search, hash, protocol])(new URL('https://a.org:8443/p?q#h'))", "https://a.org:8443,a.org:8443,/p,?q,#h,https:").await;
    check("(() => { const u = new URL('https://a.org/?a=1'); u.searchParams.append('b', 'x y'); u.pathname = '/z'; return u })()", "https://a.org/z?a=1&b=x+y").await;
    check("(() => { const u = new URL('https://a.org/?a=1'); const p = u.searchParams; u.search = '?c=2'; return p })()", "c=2").await;
    check("URL.canParse('nonsense')", "false").await;
    check(
        "(() => { try { new URL('nonsense') } catch (e) { return e.message } })()",
        "Invalid URL: nonsense",
    )
    .await;
    check(
        "new URLSearchParams({ a: '1', b: 'é&' })",
        "a=1&b=%C3%A9%26",
    )
    .await;
    check("new URLSearchParams('?a=1&a=2&b').getAll('a')", "1,2").await;
    check(
        "[...new URLSearchParams([['b', '1'], ['a', '2']])].join(';')",
        "b,1;a,2",
    )
    .await;
}

#[tokio::test]
async fn timers_and_microtasks_run_in_order() {
    let order = returned(
        "const order = [];
        setTimeout(() => order.push('later'), 20);
        setTimeout((x) => order.push(x), 1, 'soon');
        clearTimeout(setTimeout(() => order.push('never'), 5));
        queueMicrotask(() => order.push('micro'));
        let count = 0;
        await new Promise((done) => { const id = setInterval(() => { if (++count === 3) { clearInterval(id); done(); } }, 1); });
        await new Promise((done) => setTimeout(done, 40));
        return order.join() + count;",
    )
    .await;
    assert_eq!(order, "micro,soon,later3");
}

#[tokio::test]
async fn random_numbers_and_the_clock_are_recorded() {
    // `returned` replays the run, which must give the same.
    let shape = returned(
        "const a = crypto.getRandomValues(new Uint8Array(16));
        const r = Math.random();
        const now = Date.now();
        if (now < 1.7e12 || performance.now() < 0) throw new Error('clock ' + now);
        if (!(r >= 0 && r < 1) || Math.random() === r) throw new Error('random');
        return crypto.randomUUID() + phat.hex.encode(a) + r + now;",
    )
    .await;
    assert!(shape.len() > 80, "{shape}");
}

#[tokio::test]
async fn values_are_cloned() {
    let check = async |expression: &str, expected: &str| {
        assert_eq!(
            returned(&format!(
                "return new TextEncoder().encode(String({expression}))"
            ))
            .await,
            expected,
            "{expression}"
        );
    };
    check(
        "JSON.stringify(structuredClone({ a: [1, { b: new Date(0) }] }))",
        r#"{"a":[1,{"b":"1970-01-01T00:00:00.000Z"}]}"#,
    )
    .await;
    check("(() => { const c = { m: new Map([[1, new Set([2])]]) }; c.c = c; const d = structuredClone(c); return d !== c && d.c === d && d.m.get(1).has(2) })()", "true").await;
    check(
        "(() => { try { structuredClone({ f() {} }) } catch (e) { return e.name } })()",
        "DataCloneError",
    )
    .await;
}
