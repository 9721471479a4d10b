//! What a component may import, and how large its parts may be.

use thiserror::Error;
use wasmparser::{BinaryReaderError, ComponentTypeRef, Parser, Payload, TypeBounds};

use crate::wasi;

/// The most bytes of one function. Compilers take more than a proportional time for
/// very long ones, and those that people write have far less.
pub const FUNCTION_BYTES_MAX: usize = 512 * 1024;
/// The most imports of a component. The engine offers fewer interfaces.
pub const IMPORTS_MAX: u32 = 64;
/// The most modules and components in a component, itself not counted.
pub const NESTED_MAX: usize = 64;

/// The interfaces of its own that the engine offers, with the version that it speaks.
const OFFERED: [&str; 8] = [
    "phat:contract/clock@0.1.0",
    "phat:contract/events@0.1.0",
    "phat:contract/http@0.1.0",
    "phat:contract/keys@0.1.0",
    "phat:contract/kv@0.1.0",
    "phat:contract/log@0.1.0",
    "phat:contract/random@0.1.0",
    "phat:contract/types@0.1.0",
];

/// Why a component is refused.
#[derive(Debug, Error)]
pub enum ComponentError {
    #[error("it is malformed: {0}")]
    Malformed(#[from] BinaryReaderError),
    #[error(
        "it imports {0:?}, which contracts do not have: they have what is in phat:contract, and \
         the HTTP, clocks and random numbers of WASI 0.2"
    )]
    Import(String),
    #[error("it has {found} imports; at most {IMPORTS_MAX} are allowed")]
    Imports { found: u32 },
    #[error("it has more than {NESTED_MAX} modules and components in it")]
    Nested,
    #[error("one of its functions has {found} bytes; at most {FUNCTION_BYTES_MAX} are allowed")]
    Function { found: usize },
}

/// Looks through a component without compiling it.
pub fn check(code: &[u8]) -> Result<(), ComponentError> {
    let mut depth = 0_usize;
    let mut nested = 0_usize;
    let mut imported = 0_u32;
    for payload in Parser::new(0).parse_all(code) {
        match payload? {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => {
                depth += 1;
                nested += 1;
                if nested > NESTED_MAX {
                    return Err(ComponentError::Nested);
                }
            }
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(imports) if depth == 0 => {
                // They may be spread over any number of sections.
                imported = imported.saturating_add(imports.count());
                if imported > IMPORTS_MAX {
                    return Err(ComponentError::Imports { found: imported });
                }
                for import in imports {
                    let import = import?;
                    // A name for a type that an interface has: nothing to be offered.
                    if let ComponentTypeRef::Type(TypeBounds::Eq(_)) = import.ty {
                        continue;
                    }
                    let name = import.name.name;
                    if !is_offered(name) {
                        return Err(ComponentError::Import(name.to_owned()));
                    }
                }
            }
            Payload::CodeSectionEntry(body) => {
                let found = body.range().len();
                if found > FUNCTION_BYTES_MAX {
                    return Err(ComponentError::Function { found });
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// Whether a contract can import this.
pub fn is_offered(name: &str) -> bool {
    OFFERED.contains(&name) || is_offered_wasi(name)
}

/// Whether this is an interface of WASI that is offered, in any version 0.2.
fn is_offered_wasi(name: &str) -> bool {
    let Some((interface, version)) = name.split_once('@') else {
        return false;
    };
    let patch = version.strip_prefix("0.2.");
    wasi::OFFERED.contains(&interface) && patch.is_some_and(|patch| patch.parse::<u32>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_offered_is_named() {
        for name in [
            "phat:contract/kv@0.1.0",
            "wasi:io/poll@0.2.0",
            "wasi:http/types@0.2.12",
        ] {
            assert!(is_offered(name), "{name}");
        }
        for name in [
            "phat:contract/kv",
            "phat:contract/kv@0.2.0",
            "phat:contract/script@0.1.0",
            "wasi:filesystem/types@0.2.0",
            "wasi:http/incoming-handler@0.2.0",
            "wasi:http/types",
            "wasi:http/types@0.3.0",
            "wasi:http/types@0.2.0-rc-2023-11-10",
            "wasi:io/poll@0.2.",
            "",
        ] {
            assert!(!is_offered(name), "{name}");
        }
        let error = check(b"\0asm\x0d\0\x01").unwrap_err();
        assert!(matches!(error, ComponentError::Malformed(_)), "{error}");
    }
}
