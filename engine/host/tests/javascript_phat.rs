//! The module `phat`: context, keys, secrets, hashes, and the codecs of chains.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{CONTRACT, ENGINE, assert_same, check_expressions, report, run, text};
use phat_engine::{ContractKeys, FailureCode, Outcome, Secrets};
use phat_keys::{Scheme, VrfOutput, verify_vrf};
use phat_primitives::CodeHash;
use zeroize::Zeroizing;

#[tokio::test]
async fn the_context_tells_what_the_run_is() {
    let script = "import phat, { context } from 'phat';
        const early = context.requestId;
        export default ({ id, settings }) => {
            if (early !== id || settings !== context.settings || phat.context !== context) return 'other';
            try { 'use strict'; context.caller = 'x'; return 'changed' } catch {}
            const { requestId, contractId, codeHash, caller, chain, block } = context;
            return JSON.stringify({ requestId, contractId, codeHash, caller, chain, block });
        }";
    let expected = format!(
        r#"{{"requestId":"0x{}","contractId":"0x{}","codeHash":"0x{}","caller":"0xca11","chain":"eip155:31337","block":7}}"#,
        "1d".repeat(32),
        "c0".repeat(32),
        hex::encode(CodeHash::of(script.as_bytes())),
    );
    assert_eq!(text(&report(run(script)).await), expected);
}

#[tokio::test]
async fn the_module_is_frozen_and_whole() {
    check_expressions(
        "",
        &[
            (
                "Object.keys(phat).sort()",
                "abi,context,default,hash,hex,kv,log,publicKey,scale,secret,sign,vrf",
            ),
            (
                "Object.keys(phat.default).sort()",
                "abi,context,hash,hex,kv,log,publicKey,scale,secret,sign,vrf",
            ),
            (
                "[phat.default, phat.kv, phat.hash, phat.log, phat.abi, phat.scale, phat.secret, phat.context].every(Object.isFrozen)",
                "true",
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_request_is_a_frozen_object() {
    let script = "export default (request) => {
            const kept = [];
            for (const change of [() => { request.id = 1 }, () => { request.more = 1 }, () => { delete request.id }]) {
                try { change(); kept.push('changed') } catch (error) { kept.push(error.name) }
            }
            return [Object.keys(request), Object.isFrozen(request), request.input instanceof Uint8Array, kept].join();
        }";
    assert_eq!(
        text(&report(run(script)).await),
        "input,id,contract,caller,chain,block,settings,true,true,TypeError,TypeError,TypeError"
    );
}

#[tokio::test]
async fn the_contract_signs_with_its_own_keys() {
    let script = "import { sign, publicKey, vrf, hash } from 'phat';
        export default async () => {
            const digest = hash.keccak256('message');
            const parts = [
                await publicKey('secp256k1'), await sign('secp256k1', digest),
                await publicKey('ed25519'), await sign('ed25519', 'message'),
                await publicKey('sr25519'), await sign('sr25519', 'message'),
            ];
            const drawn = await vrf('round 1');
            parts.push(drawn.publicKey, drawn.output, drawn.proof);
            return JSON.stringify(parts.map((bytes) => bytes.toHex()));
        }";
    let parts: Vec<String> = serde_json::from_str(&text(&report(run(script)).await)).unwrap();
    let parts: Vec<_> = parts
        .iter()
        .map(|part| hex::decode(part).unwrap())
        .collect();
    let keys = ContractKeys::local(CONTRACT);
    for (index, scheme) in [Scheme::Secp256k1, Scheme::Ed25519, Scheme::Sr25519]
        .into_iter()
        .enumerate()
    {
        assert_eq!(parts[2 * index], keys.public_key(scheme));
    }
    // These two are the same each time.
    let digest = hex::decode("c2baf6c66618acd49fb133cebc22f55bd907fe9f0d69a726d45b7539ba6bbe08");
    assert_eq!(
        parts[1],
        keys.sign(Scheme::Secp256k1, &digest.unwrap()).unwrap()
    );
    assert_eq!(parts[3], keys.sign(Scheme::Ed25519, b"message").unwrap());
    assert_eq!(parts[5].len(), 64);
    let drawn = VrfOutput {
        output: parts[7].clone().try_into().unwrap(),
        proof: parts[8].clone().try_into().unwrap(),
    };
    verify_vrf(&parts[6], b"round 1", &drawn).unwrap();
    assert!(verify_vrf(&parts[6], b"round 2", &drawn).is_err());

    check_expressions(
        "",
        &[
            (
                "failure(() => phat.sign('secp256k1', 'text'))",
                "TypeError: secp256k1 signs a hash of 32 bytes, not 4 bytes: hash the message first",
            ),
            (
                "failure(() => phat.publicKey('rsa'))",
                "TypeError: \"rsa\" is no signature scheme: use secp256k1, ed25519 or sr25519",
            ),
            ("nameOf(() => phat.sign('ed25519', 1))", "TypeError"),
        ],
    )
    .await;
}

#[tokio::test]
async fn secrets_are_text_or_bytes() {
    let mut run = run("import { secret } from 'phat';
        export default async () => {
            const refused = await secret('binary').catch((e) => e.message);
            return [await secret('token'), await secret('none'), [...(await secret.bytes('binary'))], refused].join('|');
        }");
    let secrets = || -> Secrets {
        [("token", b"t\xc3\xa9".to_vec()), ("binary", vec![255, 0])]
            .into_iter()
            .map(|(name, value)| (name.to_owned(), Zeroizing::new(value)))
            .collect()
    };
    run.secrets = secrets();
    let (code, keys) = (run.code.clone(), run.keys.clone());
    let report = ENGINE.run(run).await;
    assert_eq!(
        text(&report),
        "té||255,0|the secret binary is not UTF-8 text: use secret.bytes"
    );
    let replayed = ENGINE
        .replay_with(code, &report.transcript, Some(keys), secrets())
        .await
        .unwrap();
    assert_same(&report, &replayed);
}

#[tokio::test]
async fn a_secret_that_cannot_be_read_ends_the_run_that_reads_it() {
    let reading = |name: &str| {
        let mut run = run(&format!(
            "import {{ secret }} from 'phat';
            export default async () => {{
                try {{ return String(await secret('{name}')) }} catch {{ return 'caught' }}
            }}"
        ));
        let known = ("token".to_owned(), Zeroizing::new(b"value".to_vec()));
        run.secrets = [known].into_iter().collect();
        let why = "it is sealed to a key that is not here";
        run.secrets
            .insert_unreadable("sealed".to_owned(), why.to_owned());
        run
    };
    // Others are read all the same.
    assert_eq!(text(&ENGINE.run(reading("token")).await), "value");
    assert_eq!(text(&ENGINE.run(reading("none")).await), "null");
    let report = ENGINE.run(reading("sealed")).await;
    let Outcome::Failed(failure) = &report.outcome else {
        panic!("it ended with {:?}", report.outcome);
    };
    assert_eq!(failure.code, FailureCode::SecretUnreadable);
    assert!(failure.code.is_transient());
    assert_eq!(
        failure.message,
        "the secret \"sealed\" cannot be read: it is sealed to a key that is not here"
    );
}

#[tokio::test]
async fn hashes_are_the_known_ones() {
    let of_abc =
        |name: &str, digest: &str| (format!("hash.{name}('abc').toHex()"), digest.to_owned());
    let table = [
        of_abc(
            "keccak256",
            "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45",
        ),
        of_abc(
            "sha256",
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        ),
        of_abc(
            "sha512",
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        ),
        of_abc(
            "sha3_256",
            "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532",
        ),
        of_abc(
            "blake2b256",
            "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319",
        ),
        of_abc("blake2b128", "cf4ab791c62b8d2b2109c90275287816"),
        of_abc(
            "blake2b512",
            "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923",
        ),
        of_abc("ripemd160", "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc"),
        of_abc("twox64", "990977adf52cbc44"),
        of_abc("twox128", "990977adf52cbc440889329981caa9be"),
        // The pallet prefix of System, as Substrate's storage keys have it.
        (
            "hash.twox128('System').toHex()".to_owned(),
            "26aa394eea5630e07c48ae0c9558cef7".to_owned(),
        ),
        (
            "hash.keccak256.name + Object.keys(hash).length".to_owned(),
            "keccak25614".to_owned(),
        ),
    ];
    let table: Vec<_> = table
        .iter()
        .map(|(expression, expected)| (expression.as_str(), expected.as_str()))
        .collect();
    check_expressions("", &table).await;
}

#[tokio::test]
async fn the_abi_is_that_of_solidity() {
    // The examples of the specification, and what hostile data comes to.
    check_expressions(
        "const { abi } = phat; const x = (bytes) => hex.encode(bytes);
        const w = (...words) => '0x' + words.map((n) => BigInt(n).toString(16).padStart(64, '0')).join('');",
        &[
            ("x(abi.encodeFunctionCall('baz(uint32,bool)', [69, true]))", "0xcdcd77c000000000000000000000000000000000000000000000000000000000000000450000000000000000000000000000000000000000000000000000000000000001"),
            ("x(abi.encodeFunctionCall('bar(bytes3[2])', [['0x616263', '0x646566']]))", "0xfce353f661626300000000000000000000000000000000000000000000000000000000006465660000000000000000000000000000000000000000000000000000000000"),
            ("x(abi.encodeFunctionCall('sam(bytes,bool,uint256[])', [new TextEncoder().encode('dave'), true, [1, 2, 3]]))", "0xa5643bf20000000000000000000000000000000000000000000000000000000000000060000000000000000000000000000000000000000000000000000000000000000100000000000000000000000000000000000000000000000000000000000000a0000000000000000000000000000000000000000000000000000000000000000464617665000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000003000000000000000000000000000000000000000000000000000000000000000100000000000000000000000000000000000000000000000000000000000000020000000000000000000000000000000000000000000000000000000000000003"),
            ("x(abi.encodeFunctionCall('f(uint256,uint32[],bytes10,bytes)', [0x123n, [0x456, 0x789], new TextEncoder().encode('1234567890'), new TextEncoder().encode('Hello, world!')]))", "0x8be6524600000000000000000000000000000000000000000000000000000000000001230000000000000000000000000000000000000000000000000000000000000080313233343536373839300000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000e0000000000000000000000000000000000000000000000000000000000000000200000000000000000000000000000000000000000000000000000000000004560000000000000000000000000000000000000000000000000000000000000789000000000000000000000000000000000000000000000000000000000000000d48656c6c6f2c20776f726c642100000000000000000000000000000000000000"),
            ("x(abi.encodeFunctionCall('g(uint256[][],string[])', [[[1, 2], [3]], ['one', 'two', 'three']]))", "0x2289b18c000000000000000000000000000000000000000000000000000000000000004000000000000000000000000000000000000000000000000000000000000001400000000000000000000000000000000000000000000000000000000000000002000000000000000000000000000000000000000000000000000000000000004000000000000000000000000000000000000000000000000000000000000000a0000000000000000000000000000000000000000000000000000000000000000200000000000000000000000000000000000000000000000000000000000000010000000000000000000000000000000000000000000000000000000000000002000000000000000000000000000000000000000000000000000000000000000100000000000000000000000000000000000000000000000000000000000000030000000000000000000000000000000000000000000000000000000000000003000000000000000000000000000000000000000000000000000000000000006000000000000000000000000000000000000000000000000000000000000000a000000000000000000000000000000000000000000000000000000000000000e000000000000000000000000000000000000000000000000000000000000000036f6e650000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000374776f000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000057468726565000000000000000000000000000000000000000000000000000000"),
            ("x(abi.encodePacked('int16,bytes1,uint16,string', [-1, '0x42', 3, 'Hello, world!']))", "0xffff42000348656c6c6f2c20776f726c6421"),
            ("x(abi.selector('function transfer(address to, uint256 amount) returns (bool)'))", "0xa9059cbb"),
            ("x(abi.eventTopic('event Transfer(address indexed from, address indexed to, uint256 value)'))", "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"),
            ("abi.decodeFunctionCall('transfer(address to, uint256 amount)', abi.encodeFunctionCall('transfer(address,uint256)', ['0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed', 5]))", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed,5"),
            ("abi.decodeFunctionResult('balanceOf(address) returns (uint256)', w(7))", "7"),
            ("(() => { const log = abi.decodeLog('event E(uint8 indexed a, string indexed b, int8 c)', { topics: [abi.eventTopic('E(uint8,string,int8)'), w(3), w(9)], data: abi.encode('int8', [-2]) }); return [log.a, log.b.length, log.c] })()", "3,32,-2"),
            ("JSON.stringify(abi.decode('(bool ok, string[] names) r, uint8[2]', abi.encode('(bool ok, string[] names), uint8[2]', [{ ok: true, names: ['é', ''] }, [1, 2]])), (k, v) => typeof v === 'bigint' ? Number(v) : v)", r#"[{"ok":true,"names":["é",""]},[1,2]]"#),
            ("JSON.stringify(abi.decode([{ type: 'tuple[]', name: 'x', components: [{ type: 'bool', name: 'a' }] }], abi.encode('(bool)[]', [[[true]]])))", r#"[[{"a":true}]]"#),
            ("Object.keys(abi.decode('(bool __proto__, bool constructor) r', w(1, 0))[0])", "__proto__,constructor"),
            ("failure(() => abi.encode('(uint8 small, bool ok) r', [{ small: 256, ok: true }]))", "AbiError: abi: r.small: 256 is out of the range of uint8"),
            ("failure(() => abi.encode('uint8', [1.5]))", "AbiError: abi: [0]: uint8 is a bigint or a safe integer, not 1.5"),
            ("failure(() => abi.encode('bytes', ['text']))", "AbiError: abi: [0]: bytes are a Uint8Array, an ArrayBuffer, or a string of 0x and pairs of digits"),
            ("failure(() => abi.encode('address', ['0x5aAeb6053F3E94C9b9A09f33669435E7Ef1Beaed']))", "AbiError: abi: [0]: the checksum of the address 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1Beaed is wrong"),
            ("failure(() => abi.decode('(bool[] flags) r', w(32, 32, 2, 1, 2)))", "AbiError: abi: r.flags[1]: a bool is 0 or 1"),
            ("failure(() => abi.decode('uint256[]', w(32, 2n ** 255n)))", "AbiError: abi: [0]: the length is 5.78960446186581e+76, beyond the data of 64 bytes"),
            ("failure(() => abi.decode('uint256[]', w(32, 60)))", "AbiError: abi: [0]: the data is too short for 60 items"),
            ("failure(() => abi.decode('bytes', w(2n ** 64n)))", "AbiError: abi: [0]: the offset is 18446744073709552000, beyond the data of 32 bytes"),
            ("failure(() => abi.decode('string', abi.encode('bytes', ['0xff'])))", "AbiError: abi: [0]: the string is not UTF-8: decode it as bytes"),
            ("failure(() => abi.decode('address', w(2n ** 160n)))", "AbiError: abi: [0]: an address has 20 bytes, with zeros before them"),
            ("failure(() => abi.decode('bytes4', w(1)))", "AbiError: abi: [0]: bytes4 has zeros after its 4 bytes"),
            // Two thousand arrays that are all one and the same.
            ("failure(() => { const n = 2000; return abi.decode('uint256[][]', w(32, n, ...Array(n).fill(n * 32), n, ...Array(n).fill(1))) }).then((m) => m.slice(m.lastIndexOf(':')))", ": the data refers to the same bytes too often"),
            ("failure(() => abi.encode('uint7', [1]))", "TypeError: abi: there is no type uint7"),
            ("failure(() => abi.decode('uint256' + '[]'.repeat(40), w(32)))", "TypeError: abi: types are nested more than 32 deep"),
            ("failure(() => abi.decode('uint256[4294967296]', w(32)))", "TypeError: abi: a type of 4294967296 words; at most 1048576 are allowed"),
        ],
    )
    .await;
}

/// The same encodings as another implementation, for types and values drawn at random.
#[tokio::test]
async fn the_abi_agrees_with_viem() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../testing/fixtures/bundles/dist/viem-abi.js"
    );
    let script = std::fs::read_to_string(path).unwrap_or_else(|error| {
        panic!("{path}: {error}: run `cargo xtask setup`, which builds it with npm")
    });
    assert_eq!(text(&report(run(&script)).await), "200 agree");
}

#[tokio::test]
async fn scale_is_that_of_substrate() {
    check_expressions(
        "const { scale } = phat; const x = (type, value, types) => hex.encode(scale.encode(type, value, types));
        const back = (type, value, types) => JSON.stringify(scale.decode(type, scale.encode(type, value, types), types), (k, v) => typeof v === 'bigint' ? v + 'n' : v instanceof Uint8Array ? hex.encode(v) : v);",
        &[
            ("x('(u8, u16, u32, i8, i64)', [69, 42, 16777215, -1, -2n])", "0x452a00ffffff00fffeffffffffffffff"),
            ("[0, 1, 42, 69, 65535, 1073741823, 1073741824].map((n) => x('@u64', n))", "0x00,0x04,0xa8,0x1501,0xfeff0300,0xfeffffff,0x0300000040"),
            ("x('Compact<u128>', 100000000000000n)", "0x0b00407a10f35a"),
            ("x('u256', 2n ** 255n) + x('bool', true) + x('str', 'Hamlet')", "0x00000000000000000000000000000000000000000000000000000000000000800x010x1848616d6c6574"),
            ("x('Vec<u16>', [4, 8, 15, 16, 23, 42])", "0x18040008000f00100017002a00"),
            ("x('[u8]', '0x0102') + x('[u8; 2]', new Uint8Array([1, 2])) + x('[u8;2]', [1, 2])", "0x0801020x01020x0102"),
            ("[null, 42].map((v) => x('Option<u32>', v)).concat(x('Result<u8, bool>', { Err: false }))", "0x00,0x012a000000,0x0100"),
            ("back('{a:u32,b:u64,c:Option<str>,d:[(u8,bool)],e:<A,B:u8:7>}', { a: 1, b: 2, c: 'x', d: [[3, true]], e: { B: 4 } })", r#"{"a":1,"b":"2n","c":"x","d":[[3,true]],"e":{"B":4}}"#),
            ("back('List', { v: 1, next: { v: 2, next: null } }, 'List={v:u8,next:Option<List>}')", r#"{"v":1,"next":{"v":2,"next":null}}"#),
            ("back('Info', { hash: '0x' + '12'.repeat(32), size: 1234 }, scale.parseTypes('Hash=[u8;32]\\nInfo={hash:Hash,size:u32}'))", r#"{"hash":"0x1212121212121212121212121212121212121212121212121212121212121212","size":1234}"#),
            ("failure(() => scale.encode('{a:{b:u8}}', { a: { b: 256 } }))", "ScaleError: scale: a.b: 256 is out of the range of u8"),
            ("failure(() => scale.decode('u8', '0x0102'))", "ScaleError: scale: 1 bytes are left over"),
            ("failure(() => scale.decode('[u32]', '0xfeffffff'))", "ScaleError: scale: 1073741823 items are in 0 bytes"),
            ("failure(() => scale.decode('[()]', '0xfeffffff'))", "ScaleError: scale: 1073741823 items are in 0 bytes"),
            ("failure(() => scale.decode('@u32', '0x0100'))", "ScaleError: scale: the number is not in its shortest form"),
            ("failure(() => scale.decode('str', '0x04ff'))", "ScaleError: scale: the string is not UTF-8: decode it as [u8]"),
            ("failure(() => scale.decode('<A,B>', '0x02'))", "ScaleError: scale: there is no variant with the number 2"),
            ("failure(() => scale.decode('A', '0x', 'A=A'))", "TypeError: scale: a name leads to more than 64 other names"),
            ("nameOf(() => scale.decode('A', '0x' + '01'.repeat(100), 'A=<N,S:A>'))", "ScaleError"),
        ],
    )
    .await;
}

/// What TypeScript is told to be there is there, and the other way round.
#[tokio::test]
async fn the_declarations_are_of_what_is_there() {
    let read = |name: &str| {
        let path = format!("{}/../types/{name}", env!("CARGO_MANIFEST_DIR"));
        std::fs::read_to_string(path).unwrap()
    };
    let names_after = |text: &str, starts: &[&str]| -> Vec<String> {
        let mut names: Vec<_> = text
            .lines()
            .filter_map(|line| starts.iter().find_map(|start| line.strip_prefix(start)))
            .map(|rest| {
                let end = rest.find(|c: char| !c.is_alphanumeric());
                rest[..end.unwrap_or(rest.len())].to_owned()
            })
            .collect();
        names.sort();
        names.dedup();
        names
    };
    let exports = names_after(
        &read("index.d.ts"),
        &["export declare const ", "export declare function "],
    );
    let globals = names_after(
        &read("globals.d.ts"),
        &["  class ", "  function ", "  var "],
    );
    let pink = names_after(&read("pink.d.ts"), &["  var "]);
    assert!(
        globals.len() > 30 && pink.len() == 4,
        "{globals:?} {pink:?}"
    );
    // Scripts set this one.
    let pink = pink.join(",").replace(",scriptOutput", "");
    check_expressions(
        // Those of the language, which TypeScript knows itself, are there in a fresh realm too.
        "const language = /^(Array|BigInt|Big|Float|Int|Uint|[a-z]*(URI|scape|Component)|[A-Z][a-z]*Error$|is(NaN|Finite)|parse(Int|Float))/;
        const known = 'Object Function Error Iterator Infinity NaN undefined eval Number Boolean String Math Reflect Symbol DisposableStack globalThis Date RegExp JSON Proxy Map Set WeakMap WeakSet DataView Promise AsyncDisposableStack WeakRef FinalizationRegistry ArrayBuffer SharedArrayBuffer'.split(' ');",
        &[
            (
                "Object.keys(phat).filter((name) => name !== 'default').sort()",
                &exports.join(","),
            ),
            (
                "Object.getOwnPropertyNames(globalThis).filter((name) => !language.test(name) && !known.includes(name)).sort()",
                &{
                    let mut all: Vec<_> = globals
                        .iter()
                        .map(String::as_str)
                        .chain(pink.split(','))
                        .collect();
                    all.sort_unstable();
                    all.join(",")
                },
            ),
        ],
    )
    .await;
}
