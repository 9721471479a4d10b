//! Components from anyone: made at random, or of a good one with changes.

use std::sync::LazyLock;

use arbitrary::{Result, Unstructured};
use phat_engine::Outcome;
use phat_testing_fixtures::component::{ECHO, component};
use wasm_smith::{Component, Config, Module};

use crate::{bytes, engine};

/// How a component starts.
const HEAD: &[u8] = b"\0asm\x0d\0\x01\0";
/// The number of the section of a component that holds a module.
const MODULE_SECTION: u8 = 1;
/// The most changes to a good component.
const CHANGES_MAX: usize = 16;

pub fn run(bytes: &[u8]) {
    let Ok(code) = generate(&mut Unstructured::new(bytes)) else {
        return;
    };
    let report = engine::run_and_replay(engine::of(&code, b"input"));
    if let Outcome::Failed(failure) = &report.outcome {
        let is_fault = failure.message.contains("the compiler failed");
        assert!(!is_fault, "{failure}");
    }
}

fn generate(choices: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    match choices.int_in_range(0..=3)? {
        0 => Ok([HEAD, choices.bytes(choices.len())?].concat()),
        1 => {
            let config = config(choices)?;
            Ok(Component::new(config, choices)?.to_bytes())
        }
        2 => {
            let config = config(choices)?;
            let module = Module::new(config, choices)?.to_bytes();
            let mut code = [HEAD, &[MODULE_SECTION]].concat();
            leb128(&mut code, module.len());
            code.extend_from_slice(&module);
            Ok(code)
        }
        _ => changed(choices),
    }
}

fn config(choices: &mut Unstructured<'_>) -> Result<Config> {
    Ok(Config {
        // Whether the engine has these or not, it says so.
        exceptions_enabled: choices.arbitrary()?,
        gc_enabled: choices.arbitrary()?,
        memory64_enabled: choices.arbitrary()?,
        relaxed_simd_enabled: choices.arbitrary()?,
        tail_call_enabled: choices.arbitrary()?,
        threads_enabled: choices.arbitrary()?,
        ..Config::default()
    })
}

/// A good component, with bytes written over, put in, taken out, or cut off.
fn changed(choices: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let mut code = GOOD.clone();
    for _ in 0..choices.int_in_range(1..=CHANGES_MAX)? {
        let at = choices.int_in_range(0..=code.len().saturating_sub(1))?;
        match choices.int_in_range(0..=4)? {
            _ if code.is_empty() => break,
            0 => code[at] = choices.arbitrary()?,
            1 => code[at] ^= 1 << choices.int_in_range(0..=7)?,
            2 => code.insert(at, choices.arbitrary()?),
            3 => {
                code.remove(at);
            }
            _ => {
                let end = code.len().min(at + choices.int_in_range(0..=64)?);
                let piece = code[at..end].to_vec();
                let to = choices.int_in_range(0..=code.len())?;
                code.splice(to..to, piece);
            }
        }
    }
    Ok(code)
}

/// A component that gives back its input.
static GOOD: LazyLock<Vec<u8>> =
    LazyLock::new(|| component(ECHO).expect("it is a module of the world"));

/// Appends a number as WebAssembly writes it.
fn leb128(code: &mut Vec<u8>, mut number: usize) {
    loop {
        let byte = (number & 0x7f) as u8;
        number >>= 7;
        if number == 0 {
            return code.push(byte);
        }
        code.push(byte | 0x80);
    }
}

pub fn seeds() -> Vec<Vec<u8>> {
    let choices = bytes::seeds();
    let kinds = (0..=3_u8).flat_map(|kind| {
        choices
            .iter()
            .map(move |bytes| [&[kind], bytes.as_slice()].concat())
    });
    let whole = [&[0], &GOOD[HEAD.len()..]].concat();
    kinds.chain([whole]).collect()
}
