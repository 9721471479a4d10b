//! Core modules.

use wasmparser::{Encoding, Parser, Payload};
use wit_component::ComponentEncoder;

use crate::ComponentError;

/// How a core module starts: the magic number and the version.
const MODULE_PREAMBLE: &[u8] = b"\0asm\x01\0\0\0";
/// How the names of the custom sections start that describe an interface.
const INTERFACE_SECTION: &str = "component-type";
/// The modules that imports of WASI preview 1 name.
const PREVIEW1: [&str; 2] = ["wasi_snapshot_preview1", "wasi_unstable"];

/// Whether code is a core module, as far as its start tells.
pub fn is_module(code: &[u8]) -> bool {
    code.starts_with(MODULE_PREAMBLE)
}

/// Makes a component of a module that describes its interface, and checks that it is a
/// valid one. Whether the engine offers what it imports is for the engine to say.
pub fn from_module(module: &[u8]) -> Result<Vec<u8>, ComponentError> {
    check(module)?;
    ComponentEncoder::default()
        .module(module)
        .and_then(|encoder| encoder.validate(true).encode())
        .map_err(|error| ComponentError::Encoding(format!("{error:#}")))
}

/// Looks for what authors get wrong, where the encoder's words would not help them.
fn check(module: &[u8]) -> Result<(), ComponentError> {
    let mut has_interface = false;
    let mut preview1 = None;
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::Version {
                encoding: Encoding::Component,
                ..
            } => {
                let message = "it is a component already".to_owned();
                return Err(ComponentError::Encoding(message));
            }
            Payload::CustomSection(section) => {
                has_interface |= section.name().starts_with(INTERFACE_SECTION);
            }
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    let import = import?;
                    if PREVIEW1.contains(&import.module) {
                        preview1.get_or_insert(format!("{} {}", import.module, import.name));
                    }
                }
            }
            _ => {}
        }
    }
    match preview1 {
        Some(import) => Err(ComponentError::Preview1(import)),
        None if !has_interface => Err(ComponentError::NoInterface),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fails(wat: &str, words: &str) {
        let module = wat::parse_str(wat).unwrap();
        let error = from_module(&module).unwrap_err().to_string();
        assert!(error.contains(words), "{error} does not say {words:?}");
    }

    #[test]
    fn modules_are_told_by_their_start() {
        assert!(is_module(&wat::parse_str("(module)").unwrap()));
        assert!(!is_module(&wat::parse_str("(component)").unwrap()));
        assert!(!is_module(b"export default () => ''"));
        assert!(!is_module(b"\0asm"));
    }

    #[test]
    fn what_is_wrong_with_a_module_is_told() {
        fails("(module)", "does not describe its interface");
        fails(
            r#"(module (import "wasi_snapshot_preview1" "fd_write" (func)))"#,
            r#""wasi_snapshot_preview1 fd_write""#,
        );
        fails("(component)", "a component already");
        fails(
            r#"(module (@custom "component-type:x" "nonsense"))"#,
            "no component can be made",
        );
        let error = from_module(b"\0asm\x01\0\0\0\x05").unwrap_err();
        assert!(matches!(error, ComponentError::Malformed(_)), "{error}");
    }
}
