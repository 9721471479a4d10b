//! Libraries from npm, bundled as authors bundle them, do in the engine what they do
//! in Node.js.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use common::{report, run, text};

/// Calls what a bundle exports with the input that is its second argument.
const IN_NODE: &str = "
    const [path, input] = process.argv.slice(1);
    const { default: main } = await import(path);
    process.stdout.write(await main({ input: new Uint8Array(Buffer.from(input, 'hex')) }));
";

fn bundle(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testing/fixtures/bundles/dist");
    folder.join(name)
}

fn in_node(path: &Path, input: &[u8]) -> String {
    let output = Command::new("node")
        .args(["--input-type=module", "--eval", IN_NODE])
        .arg(path)
        .arg(hex::encode(input))
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// Compares the texts, which are JSON objects, field by field.
async fn is_the_same(name: &str, input: &[u8]) -> serde_json::Value {
    let path = bundle(name);
    let script = fs::read_to_string(&path).unwrap_or_else(|error| {
        let path = path.display();
        panic!("{path}: {error}: run `cargo xtask setup`, which builds it with npm")
    });
    let mut run = run(&script);
    run.request.input = input.to_vec();
    let here: serde_json::Value = serde_json::from_str(&text(&report(run).await)).unwrap();
    let there: serde_json::Value = serde_json::from_str(&in_node(&path, input)).unwrap();
    let fields = there.as_object().unwrap();
    for (field, value) in fields {
        assert_eq!(&here[field], value, "{name}: {field}");
    }
    assert_eq!(here, there, "{name}");
    here
}

/// `abi.encode` of a string.
fn abi_string(text: &str) -> Vec<u8> {
    let mut encoded = vec![0; 64];
    encoded[31] = 0x20;
    encoded[63] = u8::try_from(text.len()).unwrap();
    encoded.extend_from_slice(text.as_bytes());
    encoded.resize(encoded.len().next_multiple_of(32), 0);
    encoded
}

/// The address of the first account of the mnemonic that test chains use.
const FIRST_ACCOUNT: &str = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";

#[tokio::test]
async fn viem_runs() {
    let results = is_the_same("viem.js", &abi_string("0x01 ünïcödé")).await;
    assert_eq!(results["text"], "0x01 ünïcödé");
    assert_eq!(results["fromMnemonic"], FIRST_ACCOUNT);
    assert_eq!(results["recovered"], results["address"]);
    assert_eq!(results["refused"], "InvalidAddressError");
}

#[tokio::test]
async fn ethers_runs() {
    let results = is_the_same("ethers.js", &abi_string("0x01 ünïcödé")).await;
    assert_eq!(results["text"], "0x01 ünïcödé");
    assert_eq!(results["fromMnemonic"], FIRST_ACCOUNT);
    assert_eq!(results["recovered"], results["address"]);
    assert_eq!(results["refused"], "BUFFER_OVERRUN");
}

#[tokio::test]
async fn zod_runs() {
    for input in ["zod", "more than three"] {
        let results = is_the_same("zod.js", input.as_bytes()).await;
        assert_eq!(results["text"], input);
        assert_eq!(results["piped"], input.len() <= 3);
        assert_eq!(results["manyIssues"].as_array().unwrap().len(), 5);
    }
}
