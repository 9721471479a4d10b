//! What a WebAssembly component, or a core module, says of itself.

use phat_engine::{FIXED_LIMITS, is_offered};
use thiserror::Error;
use wasmparser::{
    BinaryReaderError, ComponentTypeRef, MemoryType, Parser, Payload, TypeBounds, Validator,
};

use super::{Contents, Import, Kind, Memory, Need};

/// The bytes of a page where a memory does not say otherwise.
const PAGE_BYTES_LOG2: u32 = 16;

/// How deep modules and components may be in each other: as many as a component may have in it.
const DEPTH_MAX: usize = 64;

/// Why the way through a component ends before its end.
#[derive(Debug, Error)]
enum ReadError {
    #[error("it cannot be read: {0}")]
    Malformed(#[from] BinaryReaderError),
    #[error("modules and components are nested more than {DEPTH_MAX} deep in it")]
    TooDeep,
}

/// What is counted on the way through a component.
#[derive(Default)]
struct Counted {
    is_component: bool,
    /// Of all, those of types too.
    import_count: u64,
    imports: Vec<String>,
    exports: Vec<String>,
    memories: Vec<Memory>,
    nested: u64,
    function_bytes_max: u64,
}

/// Reads a component or a module as far as it goes.
pub fn inspect_wasm(code: &[u8]) -> Contents {
    let mut problems = Vec::new();
    let mut counted = Counted::default();
    if let Err(error) = counted.read(code) {
        problems.push(error.to_string());
    } else if let Err(error) = Validator::new().validate_all(code) {
        problems.push(format!("it is not valid: {error}"));
    }
    let kind = match counted.is_component {
        true => Kind::Component,
        false => Kind::CoreModule,
    };
    if kind == Kind::CoreModule {
        problems.push(
            "it is a core module, and contracts are components: make one of it, for example \
             with `wasm-tools component new`"
                .to_owned(),
        );
    }
    // The engine has interfaces for components; a core module gets nothing.
    let served = |name: &str| kind == Kind::Component && is_offered(name);
    let imports: Vec<_> = counted
        .imports
        .iter()
        .map(|name| Import {
            name: name.clone(),
            served: served(name),
        })
        .collect();
    let refused = imports.iter().filter(|import| !import.served);
    problems.extend(refused.map(|import| format!("the engine does not have {:?}", import.name)));
    if kind == Kind::Component && !counted.exports.iter().any(|name| name == "run") {
        problems.push("it exports no function \"run\"".to_owned());
    }
    let needs = vec![
        fixed("component_imports", counted.import_count),
        fixed("component_parts", counted.nested),
        fixed("component_function_bytes", counted.function_bytes_max),
    ];
    Contents {
        kind,
        imports,
        exports: counted.exports,
        older_surface: Vec::new(),
        memories: counted.memories,
        needs: needs.into_iter().flatten().collect(),
        problems,
    }
}

/// The need for a limit of the engine.
fn fixed(limit: &str, needs: u64) -> Option<Need> {
    let row = FIXED_LIMITS.iter().find(|row| row.name == limit)?;
    Some(Need {
        limit: row.name,
        needs,
        unit: row.unit,
        has: row.max,
    })
}

impl Counted {
    fn read(&mut self, code: &[u8]) -> Result<(), ReadError> {
        // Names of what is inside a component are not those of the component.
        let mut depth = 0_usize;
        for payload in Parser::new(0).parse_all(code) {
            match payload? {
                Payload::Version { encoding, .. } if depth == 0 => {
                    self.is_component = matches!(encoding, wasmparser::Encoding::Component);
                }
                Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => {
                    depth += 1;
                    self.nested += 1;
                    if depth > DEPTH_MAX {
                        return Err(ReadError::TooDeep);
                    }
                }
                Payload::End(_) => depth = depth.saturating_sub(1),
                Payload::ComponentImportSection(imports) if depth == 0 => {
                    for import in imports {
                        let import = import?;
                        self.import_count += 1;
                        // A name for a type that an interface has: nothing to be offered.
                        if let ComponentTypeRef::Type(TypeBounds::Eq(_)) = import.ty {
                            continue;
                        }
                        self.imports.push(import.name.name.to_owned());
                    }
                }
                Payload::ComponentExportSection(exports) if depth == 0 => {
                    for export in exports {
                        self.exports.push(export?.name.name.to_owned());
                    }
                }
                Payload::ImportSection(imports) if depth == 0 => {
                    for import in imports.into_imports() {
                        let import = import?;
                        self.import_count += 1;
                        self.imports
                            .push(format!("{}.{}", import.module, import.name));
                    }
                }
                Payload::ExportSection(exports) if depth == 0 => {
                    for export in exports {
                        self.exports.push(export?.name.to_owned());
                    }
                }
                Payload::MemorySection(memories) => {
                    for memory in memories {
                        self.memories.push(size(memory?));
                    }
                }
                Payload::CodeSectionEntry(body) => {
                    let bytes = body.range().len() as u64;
                    self.function_bytes_max = self.function_bytes_max.max(bytes);
                }
                _ => {}
            }
        }
        Ok(())
    }
}

fn size(memory: MemoryType) -> Memory {
    let page_bytes = 1_u64
        .checked_shl(memory.page_size_log2.unwrap_or(PAGE_BYTES_LOG2))
        .unwrap_or(u64::MAX);
    let bytes = |pages: u64| pages.saturating_mul(page_bytes);
    Memory {
        bytes_min: bytes(memory.initial),
        bytes_max: memory.maximum.map(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A core module with one memory of 2 to 5 pages that imports `env.f`.
    const MODULE: &[u8] = &[
        0, b'a', b's', b'm', 1, 0, 0, 0, // the format, version 1
        1, 4, 1, 0x60, 0, 0, // a type: no parameters, no results
        2, 9, 1, 3, b'e', b'n', b'v', 1, b'f', 0, 0, // import "env" "f"
        5, 4, 1, 1, 2, 5, // a memory
        7, 7, 1, 3, b'm', b'e', b'm', 2, 0, // export "mem"
    ];

    #[test]
    fn a_core_module_is_told_from_a_component() {
        let found = inspect_wasm(MODULE);
        assert_eq!(found.kind, Kind::CoreModule);
        assert_eq!(found.exports, ["mem"]);
        assert_eq!(
            found.memories,
            [Memory {
                bytes_min: 2 * 65_536,
                bytes_max: Some(5 * 65_536)
            }]
        );
        let import = Import {
            name: "env.f".to_owned(),
            served: false,
        };
        assert_eq!(found.imports, [import]);
        assert!(
            found.problems[0].contains("core module"),
            "{:?}",
            found.problems
        );
    }

    #[test]
    fn the_imports_of_a_component_are_served_or_refused() {
        let found = inspect_wasm(&component(&[
            "phat:contract/kv@0.1.0",
            "wasi:filesystem/types@0.2.0",
        ]));
        assert_eq!(found.kind, Kind::Component);
        let served: Vec<_> = found.imports.iter().map(|import| import.served).collect();
        assert_eq!(served, [true, false]);
        let problems = found.problems.join("\n");
        assert!(
            problems.contains("wasi:filesystem/types@0.2.0"),
            "{problems}"
        );
        assert!(!problems.contains("phat:contract/kv"), "{problems}");
        assert!(problems.contains("no function \"run\""), "{problems}");
        let imports = &found.needs[0];
        assert_eq!((imports.limit, imports.needs), ("component_imports", 2));
    }

    #[test]
    fn a_name_for_a_type_is_nothing_to_be_served() {
        let code = [
            b"\0asm\x0d\0\x01\0" as &[u8],
            &[7, 2, 1, 0x7d],                                          // a type: u8
            &[10, 11, 1, 0, 5, b'n', b'a', b'm', b'e', b'd', 3, 0, 0], // import it as "named"
        ];
        let found = inspect_wasm(&code.concat());
        assert!(found.imports.is_empty(), "{:?}", found.imports);
        assert_eq!(found.needs[0].needs, 1);
        assert_eq!(found.problems, ["it exports no function \"run\""]);
    }

    #[test]
    fn nesting_is_bounded() {
        let nested = |levels: usize| {
            let mut code = b"\0asm\x0d\0\x01\0".to_vec();
            for _ in 0..levels {
                let mut outer = b"\0asm\x0d\0\x01\0\x04".to_vec();
                // The size of the section, in two bytes.
                let size = u8::try_from(code.len() % 128).unwrap() | 0x80;
                outer.extend([size, u8::try_from(code.len() / 128).unwrap()]);
                outer.extend(code);
                code = outer;
            }
            code
        };
        let deepest = inspect_wasm(&nested(DEPTH_MAX));
        assert_eq!(deepest.problems, ["it exports no function \"run\""]);
        let parts = &deepest.needs[1];
        assert_eq!((parts.limit, parts.needs), ("component_parts", 64));
        let deeper = inspect_wasm(&nested(DEPTH_MAX + 1));
        assert_eq!(
            deeper.problems[0],
            "modules and components are nested more than 64 deep in it"
        );
    }

    #[test]
    fn bytes_that_are_no_webassembly_are_a_problem() {
        let found = inspect_wasm(&MODULE[..20]);
        assert!(
            found.problems[0].contains("cannot be read"),
            "{:?}",
            found.problems
        );
    }

    /// A component that imports empty instances of these names.
    fn component(names: &[&str]) -> Vec<u8> {
        let mut code = b"\0asm\x0d\0\x01\0".to_vec();
        // One type: an instance without items.
        code.extend([7, 3, 1, 0x42, 0]);
        let mut imports = vec![u8::try_from(names.len()).unwrap()];
        for name in names {
            imports.extend([0, u8::try_from(name.len()).unwrap()]);
            imports.extend(name.bytes());
            // An instance of type 0.
            imports.extend([5, 0]);
        }
        code.extend([10, u8::try_from(imports.len()).unwrap()]);
        code.extend(imports);
        code
    }
}
