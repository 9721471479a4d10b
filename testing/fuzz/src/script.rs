//! Scripts that call every function there is with whatever they can make.

use std::fmt::Write;

use arbitrary::{Result, Unstructured};

use crate::engine;

/// What every program starts with.
const PRELUDE: &str = include_str!("script.js");
/// The most statements of a program.
const STATEMENTS_MAX: u32 = 24;
/// The most arguments of a call, and parts of a value.
const PARTS_MAX: u32 = 4;
/// How deep values may be in each other.
const DEPTH_MAX: u32 = 3;

/// Values without parts.
const ATOMS: &[&str] = &[
    "undefined",
    "null",
    "true",
    "false",
    "0",
    "-0",
    "1",
    "-1",
    "0.5",
    "NaN",
    "Infinity",
    "-Infinity",
    "4294967295",
    "4294967296",
    "9007199254740993",
    "1e308",
    "0n",
    "-1n",
    "1n << 64n",
    "''",
    "'a'",
    "'0x'",
    "'0x00ff'",
    "'0xz'",
    "'\\0'",
    "'\\ud800'",
    "'\\u{1f600}'",
    "'__proto__'",
    "'constructor'",
    "'then'",
    "'https://localhost/'",
    "'http://a.example.org/'",
    "'https://a.example.org:1/x?y#z'",
    "'//'",
    "'data:,x'",
    "'a: b\\r\\nc: d'",
    "'SHA-256'",
    "'HMAC'",
    "'AES-GCM'",
    "'secp256k1'",
    "'ed25519'",
    "'sr25519'",
    "'raw'",
    "'POST'",
    "'follow'",
    "'application/json'",
    "'{\"a\":[1]}'",
    "'uint256'",
    "'x'.repeat(70000)",
    "[]",
    "{}",
    "Symbol()",
    "Symbol.iterator",
    "/(a+)+$/g",
    "new Date(NaN)",
    "globalThis",
    "phat",
    "arguments",
    "new Error('e')",
    "Object.create(null)",
    "Object.freeze([1, 2])",
    "new Uint8Array(0)",
    "new Uint8Array(70000)",
    "new Uint8Array(new ArrayBuffer(8, { maxByteLength: 64 }))",
    "(() => { const b = new Uint8Array(8); b.buffer.transfer(); return b })()",
    "new Float64Array([NaN, 1])",
    "new DataView(new ArrayBuffer(4))",
    "new Map([[1, new Set([2])]])",
    "(() => { const o = {}; o.o = o; return o })()",
    "{ length: 4294967296 }",
    "{ length: -1 }",
    "[,, 1]",
    "async () => { throw 1 }",
    "function* () { yield 1 }",
    "class extends Array {}",
    "{ then(f) { f(1); f(2) } }",
    "{ get then() { throw 1 } }",
    "{ toString() { throw 1 } }",
    "{ valueOf() { return {} }, toString() { return {} } }",
    "{ [Symbol.toPrimitive]: () => 1n }",
    "{ [Symbol.iterator]: function* () { for (let i = 0; i < 100; i++) yield [i, i] } }",
    "{ toJSON() { throw 1 } }",
    "new Proxy({}, {})",
    "new Proxy([], { get() { throw 1 } })",
    "new Proxy(function () {}, { ownKeys() { return ['a', 'a'] } })",
    "Promise.reject(1)",
    "new Promise(() => {})",
    "{ method: 'PUT', body: 'b', headers: { a: 'b' } }",
    "{ name: 'HMAC', hash: 'SHA-256' }",
    "{ name: 'AES-GCM', iv: new Uint8Array(12), length: 256 }",
    "['sign', 'verify']",
    "['encrypt', 'decrypt']",
    "new Array(1000).fill('v')",
];

/// Names that programs put things under.
const KEYS: &[&str] = &[
    "'then'",
    "'length'",
    "'constructor'",
    "'prototype'",
    "'toString'",
    "'valueOf'",
    "'message'",
    "'name'",
    "'stack'",
    "'get'",
    "'set'",
    "'value'",
    "'headers'",
    "'body'",
    "'method'",
    "'signal'",
    "'status'",
    "'url'",
    "'byteLength'",
    "'buffer'",
    "'call'",
    "'apply'",
    "'push'",
    "'map'",
    "'0'",
    "'next'",
    "'done'",
    "'toJSON'",
    "Symbol.iterator",
    "Symbol.asyncIterator",
    "Symbol.toPrimitive",
    "Symbol.species",
    "Symbol.hasInstance",
    "Symbol.toStringTag",
];

pub fn run(bytes: &[u8]) {
    let Ok(program) = program(&mut Unstructured::new(bytes)) else {
        return;
    };
    engine::run_and_replay(engine::of(
        program.as_bytes(),
        &bytes[..bytes.len().min(64)],
    ));
}

/// A program for these choices; without more of them, programs are short.
fn program(choices: &mut Unstructured<'_>) -> Result<String> {
    let mut text = PRELUDE.to_owned();
    text.push_str("export default async function (request) {\n");
    for _ in 0..choices.int_in_range(1..=STATEMENTS_MAX)? {
        statement(&mut text, choices)?;
        if choices.is_empty() {
            break;
        }
    }
    writeln!(text, "return keep({});\n}}", value(choices, DEPTH_MAX)?).expect(INFALLIBLE);
    Ok(text)
}

const INFALLIBLE: &str = "a string takes any text";

fn statement(text: &mut String, choices: &mut Unstructured<'_>) -> Result<()> {
    let one = |choices: &mut Unstructured<'_>| value(choices, DEPTH_MAX);
    match choices.int_in_range(0..=15)? {
        0..=7 => {
            let call = call(choices, DEPTH_MAX)?;
            let wait = if choices.arbitrary()? {
                "await settled"
            } else {
                ""
            };
            writeln!(text, "{wait}({call});")
        }
        8 | 9 => {
            let (list, index) = (list(choices)?, choices.arbitrary::<u16>()?);
            let key = choices.choose(KEYS)?;
            writeln!(text, "replace({list}, {index}, {key}, {});", one(choices)?)
        }
        10 => {
            let (list, index) = (list(choices)?, choices.arbitrary::<u16>()?);
            writeln!(text, "inherit({list}, {index}, {});", one(choices)?)
        }
        11 => {
            let call = call(choices, 1)?;
            writeln!(text, "for (let i = 0; i < 50; i++) {call};")
        }
        12 => {
            let call = call(choices, 1)?;
            writeln!(
                text,
                "setTimeout?.(() => {call}, {});",
                choices.int_in_range(0..=3)?
            )
        }
        13 => writeln!(text, "await settled({});", one(choices)?),
        14 => writeln!(text, "await settled(Promise.all?.(values.slice(0, 4)));"),
        _ => writeln!(text, "if (values.length > 30) throw {};", one(choices)?),
    }
    .expect(INFALLIBLE);
    Ok(())
}

fn list(choices: &mut Unstructured<'_>) -> Result<&'static str> {
    // The library is what this is about.
    Ok(if choices.ratio(3, 4)? {
        "library"
    } else {
        "language"
    })
}

fn call(choices: &mut Unstructured<'_>, depth: u32) -> Result<String> {
    let (list, index) = (list(choices)?, choices.arbitrary::<u16>()?);
    let target = match choices.int_in_range(0..=7)? {
        0..=3 => "'own'".to_owned(),
        4 | 5 => "'new'".to_owned(),
        _ => value(choices, depth.saturating_sub(1))?,
    };
    let given = parts(choices, depth)?;
    Ok(format!("call({list}, {index}, {target}, [{given}])"))
}

fn parts(choices: &mut Unstructured<'_>, depth: u32) -> Result<String> {
    let count = choices.int_in_range(0..=PARTS_MAX)?;
    let parts = (0..count).map(|_| value(choices, depth.saturating_sub(1)));
    Ok(parts.collect::<Result<Vec<_>>>()?.join(", "))
}

fn value(choices: &mut Unstructured<'_>, depth: u32) -> Result<String> {
    // Without choices left, all of them are the first.
    Ok(
        match choices.int_in_range(0..=if depth == 0 { 9 } else { 17 })? {
            0..=4 => format!("({})", choices.choose(ATOMS)?),
            5..=7 => format!("values[{}]", choices.int_in_range(0..=31)?),
            8 => choices.arbitrary::<i32>()?.to_string(),
            9 => format!("{:?}", choices.arbitrary::<f64>()?).replace("inf", "Infinity"),
            10 | 11 => call(choices, depth - 1)?,
            12 => format!("[{}]", parts(choices, depth)?),
            13 => {
                let mut fields = String::new();
                for _ in 0..choices.int_in_range(0..=PARTS_MAX)? {
                    let key = choices.choose(KEYS)?;
                    let part = value(choices, depth - 1)?;
                    let form = if choices.arbitrary()? {
                        format!("[{key}]: {part}, ")
                    } else {
                        format!("get [{key}]() {{ return {part} }}, ")
                    };
                    fields.push_str(&form);
                }
                format!("({{ {fields} }})")
            }
            14 => format!("(() => {})", call(choices, depth - 1)?),
            15 => format!("(async () => {})", call(choices, depth - 1)?),
            16 => {
                let part = value(choices, depth - 1)?;
                let caught = call(choices, depth - 1)?;
                format!("new Proxy({{ a: {part} }}, {{ get() {{ return {caught} }} }})")
            }
            _ => format!("new Uint8Array([{}])", parts(choices, depth)?),
        },
    )
}
