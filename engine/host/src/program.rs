//! A contract's code, ready to be instantiated.

use std::sync::Arc;

use phat_primitives::{CodeHash, limits::CODE_BYTES_MAX};
use wasmtime::{
    Store, Trap,
    component::{Component, ComponentExportIndex, Instance, InstancePre, Linker},
};

use crate::{
    FailureCode, RunFailure,
    bindings::{Failure, Request},
    ending::Returned,
    imports,
    journal::Stop,
    state::State,
};

/// The function that every contract exports.
const RUN: &str = "run";
/// The function with which the runtime of scripts has one merge outputs.
const AGGREGATE: &str = "aggregate";
/// How the binary format of WebAssembly starts.
const WASM_MAGIC: &[u8] = b"\0asm";
/// How it goes on for a component, and for a core module.
const COMPONENT_VERSION: [u8; 4] = [0x0d, 0, 1, 0];
const MODULE_VERSION: [u8; 4] = [1, 0, 0, 0];

/// What can be instantiated, and called.
pub struct Program {
    pub instance: InstancePre<State>,
    pub run: ComponentExportIndex,
    /// What merges outputs, where there is a script that may.
    pub aggregate: Option<ComponentExportIndex>,
    /// What a language runtime is given to run; empty for a component.
    pub script: Script,
}

/// What the guest compiled of a script.
#[derive(Clone, Default)]
pub struct Script {
    pub code: Arc<[u8]>,
    /// The hash of the text.
    pub hash: CodeHash,
    /// The size of the text, which is what the contract pays for.
    pub source_bytes: usize,
}

/// What code is, as far as its start tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Script,
    Component,
}

impl Format {
    /// Tells what code is, and refuses what can be neither, before it costs anything.
    pub fn of(code: &[u8]) -> Result<Self, RunFailure> {
        if code.len() as u64 > u64::from(CODE_BYTES_MAX) {
            return Err(RunFailure::new(
                FailureCode::InvalidScript,
                format!(
                    "the code has {} bytes; at most {CODE_BYTES_MAX} are allowed",
                    code.len()
                ),
            ));
        }
        let Some(version) = code.strip_prefix(WASM_MAGIC) else {
            return Ok(Self::Script);
        };
        match version.first_chunk() {
            Some(&COMPONENT_VERSION) => Ok(Self::Component),
            Some(&MODULE_VERSION) => Err(invalid(
                "it is a core module, and contracts are components; `phat deploy` makes one of it",
            )),
            _ => Err(invalid("its version is not one that this engine reads")),
        }
    }
}

/// A component that this engine does not run.
pub fn invalid(why: impl std::fmt::Display) -> RunFailure {
    RunFailure::new(
        FailureCode::InvalidComponent,
        format!("the component cannot be run: {why}"),
    )
}

impl Program {
    /// The program of a component, if all that it imports is there.
    pub fn new(
        component: &Component,
        linker: &Linker<State>,
        script: Script,
    ) -> Result<Self, RunFailure> {
        let instance = linker
            .instantiate_pre(component)
            .map_err(|error| invalid(format_args!("{error:#}")))?;
        let run = component
            .get_export_index(None, RUN)
            .ok_or_else(|| invalid(format_args!("it exports no function {RUN:?}")))?;
        Ok(Self {
            instance,
            run,
            aggregate: component.get_export_index(None, AGGREGATE),
            script,
        })
    }

    /// Makes an instance.
    pub async fn instantiate(&self, store: &mut Store<State>) -> wasmtime::Result<Instance> {
        match self.instance.instantiate_async(&mut *store).await {
            // The guest ran into a limit as it started.
            Err(error) if !error.is::<Trap>() => {
                let memory = &store.data().memory;
                let failure = if memory.refused {
                    RunFailure::out_of_memory(memory.bytes_max, "the code needs more to start")
                } else {
                    let message = format!("no instance of the guest: {error:#}");
                    RunFailure::new(FailureCode::Engine, message)
                };
                Err(Stop::Failed(failure).into())
            }
            made => made,
        }
    }

    /// Makes an instance and calls what it exports.
    pub async fn call(&self, store: &mut Store<State>, request: Request) -> Returned {
        let instance = self.instantiate(store).await?;
        let run = instance
            .get_typed_func::<(Request,), (Result<Vec<u8>, Failure>,)>(&mut *store, &self.run)
            .map_err(|error| {
                Stop::Failed(invalid(format_args!("its function {RUN:?}: {error:#}")))
            })?;
        let (returned,) = run.call_async(&mut *store, (request,)).await?;
        Ok(returned)
    }

    /// Makes an instance and has its script merge outputs.
    pub async fn aggregate(
        &self,
        store: &mut Store<State>,
        outputs: Vec<Vec<u8>>,
        request: Request,
    ) -> Returned {
        let aggregate = match &self.aggregate {
            // What a component exports under this name is its own affair.
            Some(aggregate) if !self.script.code.is_empty() => aggregate,
            _ => {
                let why = "aggregate is for JavaScript contracts";
                return Err(Stop::Failed(invalid(why)).into());
            }
        };
        let instance = self.instantiate(store).await?;
        let aggregate = instance
            .get_typed_func::<(Vec<Vec<u8>>, Request), (Result<Vec<u8>, Failure>,)>(
                &mut *store,
                aggregate,
            )
            .map_err(|error| {
                Stop::Failed(invalid(format_args!(
                    "its function {AGGREGATE:?}: {error:#}"
                )))
            })?;
        let (returned,) = aggregate
            .call_async(&mut *store, (outputs, request))
            .await?;
        Ok(returned)
    }

    /// The same program, given another script.
    pub fn with_script(&self, script: Script) -> Self {
        Self {
            instance: self.instance.clone(),
            run: self.run,
            aggregate: self.aggregate,
            script,
        }
    }
}

/// Refuses a component that is not whole, is too large in some way for its
/// compilation to end soon, or imports what the engine does not offer.
pub fn check_component(code: &[u8]) -> Result<(), RunFailure> {
    imports::check(code).map_err(invalid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_told_by_its_start() {
        let check = |code: &[u8], expected: Result<Format, &str>| match (Format::of(code), expected)
        {
            (Ok(format), Ok(expected)) => assert_eq!(format, expected),
            (Err(failure), Err(part)) => {
                assert!(failure.message.contains(part), "{failure}");
            }
            (found, expected) => panic!("{found:?} is not {expected:?}"),
        };
        check(b"", Ok(Format::Script));
        check(b"export default", Ok(Format::Script));
        check(b"\0asm\x0d\0\x01\0", Ok(Format::Component));
        check(b"\0asm\x01\0\0\0", Err("core module"));
        check(b"\0asm", Err("version"));
        check(b"\0asm\x0d\0\x02\0", Err("version"));
        let long = vec![b' '; CODE_BYTES_MAX as usize + 1];
        check(&long, Err("at most 2097152"));
        check(&long[1..], Ok(Format::Script));
    }
}
