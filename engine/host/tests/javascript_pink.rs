//! Scripts for the older platform: bundles as its builder makes them, and `pink`.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{
    CONTRACT, ENGINE, check_expressions, fails, report, run,
    server::{Answer, Server, http, message},
    text,
};
use phat_engine::{ContractKeys, FailureCode, Outcome, Run};
use phat_primitives::{CodeHash, ContractId};
use std::sync::Arc;

/// What the older builder makes of a module that exports `main`.
fn bundle(main: &str) -> Run {
    let mut run = run(&format!(
        "\"use strict\";
        (() => {{
          var __defProp = Object.defineProperty;
          var __export = (target, all) => {{ for (var name in all) __defProp(target, name, {{ get: all[name], enumerable: true }}); }};
          var src_exports = {{}};
          __export(src_exports, {{ default: () => main }});
          {main}
          globalThis.scriptOutput = main.apply(null, scriptArgs);
        }})();"
    ));
    run.request.input = vec![1, 255];
    run.request.settings = "https://a.org".to_owned();
    run
}

#[tokio::test]
async fn bundles_run_as_they_are() {
    let check = async |main: &str, expected: &[u8]| {
        let report = report(bundle(main)).await;
        assert_eq!(report.outcome, Outcome::Output(expected.to_vec()), "{main}");
    };
    check(
        "function main(request, secrets) { return request }",
        &[1, 255],
    )
    .await;
    check(
        "function main(request, secrets) { return secrets }",
        b"https://a.org",
    )
    .await;
    check(
        "async function main(request) { await 0; return request + '00' }",
        &[1, 255, 0],
    )
    .await;
    check("function main() { return new Uint8Array([7]) }", &[7]).await;
    check("function main() {}", &[]).await;
    check("async function main() { await null }", &[]).await;
    fails(
        bundle("function main() { throw new Error('FailedToDecode') }"),
        FailureCode::ScriptThrew,
        "FailedToDecode",
    )
    .await;
    // Enumerations are thrown as they are.
    fails(
        bundle("async function main() { throw 'MalformedRequest' }"),
        FailureCode::ScriptThrew,
        "threw MalformedRequest",
    )
    .await;
    let value = run("(function () { return scriptArgs[0] + 'ff' })()");
    assert_eq!(report(value).await.outcome, Outcome::Output(vec![0xff]));
    let later = run("setTimeout(() => { scriptOutput = '42' }, 1)");
    assert_eq!(text(&report(later).await), "42");
}

#[tokio::test]
async fn requests_wait_for_their_answers() {
    let server = Server::start(|asked| match asked.path() {
        "/echo" => {
            let seen = [asked.head.to_lowercase().as_bytes(), b"\n\n", &asked.body].concat();
            http(
                "201 Created",
                &[("x-one", "1"), ("x-two", "a"), ("x-two", "b")],
                &seen,
            )
        }
        "/together" => Answer::Together(3, message("200 OK", &[], b"x")),
        "/silent" => Answer::Silence,
        _ => http("404 Not Found", &[], &[0xff]),
    })
    .await;
    let url = server.url("");
    let prelude = format!("const url = '{url}'; const ask = (r) => pink.httpRequest(r);");
    check_expressions(
        &prelude,
        &[
            ("(() => { const r = ask({ url: url + '/echo', method: 'POST', headers: { 'X-Own': 'v' }, body: '0x6162', returnTextBody: true }); return [r.statusCode, r.reasonPhrase, r.headers['x-one'], r.headers['x-two'], r.body.startsWith('post /echo'), r.body.includes('x-own: v'), r.body.endsWith('\\n\\nab')] })()", "201,Created,1,a, b,true,true,true"),
            ("(() => { const r = ask({ url: url + '/echo', method: 'POST', body: 'é' }); return [r.body instanceof Uint8Array, new TextDecoder().decode(r.body).endsWith('\\n\\né')] })()", "true,true"),
            ("ask({ url: url + '/echo', method: 'POST', textBody: '0x61', returnTextBody: true }).body.endsWith('\\n\\n0x61')", "true"),
            ("new Map(ask({ url: url + '/echo' }).headers).get('x-one')", "1"),
            ("ask({ url: url + '/none', returnTextBody: true }).body", "\u{fffd}"),
            ("(() => { const r = ask({ url: 'https://localhost:1/' }); return [r.statusCode, r.error.length > 0, r.body.length > 0] })()", "523,true,true"),
            ("nameOf(() => ask({ url: 'nonsense' }))", "TypeError"),
            ("nameOf(() => ask({ url, method: 42, body: {} }))", "TypeError"),
            // The server answers none before it has all three.
            ("pink.batchHttpRequest([1, 2, 3].map(() => ({ url: url + '/together', returnTextBody: true })), 30000).map((r) => r.body)", "x,x,x"),
            ("(() => { const [a, b, c] = pink.batchHttpRequest([{ url: url + '/none' }, { url: url + '/silent', returnTextBody: true }, { url: 'nonsense' }], 1000); return [a.statusCode, b.statusCode, b.body, b.error, c.statusCode] })()", "404,524,no answer within 1000 ms,no answer within 1000 ms,524"),
            ("pink.batchHttpRequest([], 10).length", "0"),
            ("nameOf(() => pink.batchHttpRequest(Array(65).fill({ url }), 10))", "RangeError"),
            ("nameOf(() => pink.batchHttpRequest(5))", "TypeError"),
        ],
    )
    .await;
}

/// What happens meanwhile is told later, in its order.
#[tokio::test]
async fn events_wait_for_synchronous_requests() {
    let server = Server::start(|_| Answer::Together(2, message("200 OK", &[], b"x"))).await;
    let script = format!(
        "export default async () => {{
            const order = [];
            const timers = [1, 2].map((n) => new Promise((done) => setTimeout(() => {{ order.push('timer' + n); done() }}, 0)));
            const cancelled = setTimeout(() => order.push('never'), 0);
            const fetched = fetch('{0}').then((r) => r.text()).then((t) => order.push('fetched ' + t));
            order.push('sync ' + pink.httpRequest({{ url: '{0}', returnTextBody: true }}).body);
            clearTimeout(cancelled);
            await Promise.all([...timers, fetched]);
            return order.filter((o) => !o.startsWith('fetched')).join() + order.includes('fetched x');
        }}",
        server.url("/")
    );
    assert_eq!(
        text(&report(run(&script)).await),
        "sync x,timer1,timer2true"
    );
}

#[tokio::test]
async fn pink_is_as_it_was() {
    check_expressions(
        "",
        &[
            ("pink === Pink && Object.isFrozen(pink)", "true"),
            ("typeof pink.version + scriptArgs.length", "string2"),
            ("pink.hash('keccak256', '0x').toHex()", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"),
            ("pink.hash('sha256', 'abc').toHex() === hash.sha256('abc').toHex()", "true"),
            ("['blake2b128', 'blake2b256'].map((name) => pink.hash(name, '0x61').toHex() === hash[name]('a').toHex())", "true,true"),
            ("failure(() => pink.hash('md5', 'a'))", "TypeError: md5 is no hash function: use blake2b128, blake2b256, blake2b512, sha256, keccak256"),
            ("failure(() => pink.invokeContract({ callee: '0x', selector: 1, input: '0x' }))", "Error: pink.invokeContract: contracts do not call each other on this network; call it over HTTP, or on its chain"),
            ("nameOf(() => pink.invokeContractDelegate({ codeHash: '0x', selector: 1, input: '0x' }))", "Error"),
            ("pink.vrf('0x61').toHex() === pink.vrf(new Uint8Array([97])).toHex()", "true"),
            ("pink.vrf('a').toHex() === pink.vrf('a').toHex() && pink.vrf('a').toHex() !== pink.vrf('b').toHex()", "true"),
            ("(() => { const types = pink.SCALE.parseTypes('#u16\\n(0,0,0)\\n<CouldNotReadInput::1>\\n<Ok:1,Err:2>'); const codec = pink.SCALE.codec(3, types); return [pink.SCALE.codec([0, 0], types).encode([1, 2]).toHex(), codec.decode('0x00010002000300').Ok, Object.keys(codec.decode('0x0101').Err)] })()", "01000200,1,2,3,CouldNotReadInput"),
            ("pink.SCALE.encode({ name: 'Alice', age: 18 }, '{ name: str, age: u8 }').toHex()", "14416c69636512"),
            ("pink.SCALE.decode('0x14416c69636512ff', '{ name: str, age: u8 }').name", "Alice"),
            ("(() => { const types = pink.SCALE.parseTypes(`\nOption<T>=<None,Some:T>\nPhase=<\n\t/// Applying, <so>.\n\tApply:u32,\n\tFinal,\n>\nRecord<E,T>={\n\tphase: Phase, // which\n\tevent: E,\n\ttopics: [T],\n}\nMine=Record<Option<u8>,Hash>\n`); const codec = pink.SCALE.codec('Mine', types); const value = { phase: { Apply: 3 }, event: { Some: 1 }, topics: ['0x' + '00'.repeat(32)] }; const back = codec.decode(codec.encode(value)); return [back.phase.Apply, back.event.Some, back.topics[0].length] })()", "3,1,32"),
        ],
    )
    .await;
    let script = "pink.jsCodeHash()";
    assert_eq!(
        report(run(script)).await.outcome,
        Outcome::Output(CodeHash::of(script.as_bytes()).0.to_vec())
    );
}

/// Each contract and each script has its own.
#[tokio::test]
async fn derived_bytes_are_nobody_elses() {
    let of = async |script: &str, contract: ContractId| {
        let mut run = run(script);
        run.keys = Arc::new(ContractKeys::local(contract));
        match ENGINE.run(run).await.outcome {
            Outcome::Output(bytes) => bytes,
            Outcome::Failed(failure) => panic!("{failure}"),
        }
    };
    let other = ContractId([9; 32]);
    for call in ["pink.vrf('a')", "pink.deriveSecret('a')"] {
        let here = of(call, CONTRACT).await;
        assert_eq!(here.len(), 64, "{call}");
        assert_eq!(here, of(call, CONTRACT).await, "{call}");
        assert_ne!(here, of(call, other).await, "{call}");
        assert_ne!(here, of(&format!("{call};"), CONTRACT).await, "{call}");
    }
}
