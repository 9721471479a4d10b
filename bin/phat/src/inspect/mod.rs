//! What can be told of code without running it.

mod component;
mod nesting;
mod script;

use serde::Serialize;

pub use self::{component::inspect_wasm, script::inspect_script};

/// How the binary format of WebAssembly starts.
pub const WASM_MAGIC: &[u8] = b"\0asm";

/// What code is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A script that is an ES module.
    Module,
    /// A script that is none, such as one for the older surface.
    Script,
    /// A WebAssembly component.
    Component,
    /// A core module of WebAssembly.
    CoreModule,
}

impl Kind {
    /// In words.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Module => "an ES module",
            Self::Script => "a plain script",
            Self::Component => "a WebAssembly component",
            Self::CoreModule => "a core module of WebAssembly",
        }
    }
}

/// What code imports, exports and needs.
#[derive(Debug, Serialize)]
pub struct Contents {
    /// What it is.
    pub kind: Kind,
    /// What it imports.
    pub imports: Vec<Import>,
    /// The names that it exports.
    pub exports: Vec<String>,
    /// The names of the older surface that a script uses, such as `pink`.
    pub older_surface: Vec<String>,
    /// The linear memories of a component.
    pub memories: Vec<Memory>,
    /// Which limits it needs, and how much.
    pub needs: Vec<Need>,
    /// Why the engine would refuse it, as far as that can be told.
    pub problems: Vec<String>,
}

/// Something that code imports.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Import {
    /// The module or interface.
    pub name: String,
    /// Whether the engine has it.
    pub served: bool,
}

/// A linear memory.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Memory {
    /// How large it is at the start, in bytes.
    pub bytes_min: u64,
    /// How large it may become, in bytes; none for no bound of its own.
    pub bytes_max: Option<u64>,
}

/// How much of a limit code uses before it does anything.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Need {
    /// The limit, as `phat limits` names it.
    pub limit: &'static str,
    /// How much is needed.
    pub needs: u64,
    /// What counts.
    pub unit: &'static str,
    /// How much there is: of the manifest, or of the engine.
    pub has: u64,
}

impl Need {
    /// Whether there is enough.
    pub fn is_met(&self) -> bool {
        self.needs <= self.has
    }
}
