//! From a contract's code to a program, once for all its runs.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use phat_manifest::Limits;
use phat_primitives::CodeHash;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::spawn_blocking,
};
use wasmtime::{Store, component::Linker};

use crate::{
    FailureCode, RunFailure, artifact,
    bindings::Failure,
    cache::{Cache, Kind},
    ending::Ending,
    giving_way,
    outcome::Outcome,
    program::{self, Format, Program, Script},
    shares::Place,
    state::State,
};

/// How much may be compiled at once. The rest of the machine is for runs.
pub const COMPILATIONS_MAX: usize = 1;
/// What compiling a script may cost: more than the longest one takes.
const COMPILE_FUEL: u64 = 20_000_000_000;
/// What compiling a script may take of memory.
const COMPILE_MEMORY_BYTES: u64 = 512 * 1024 * 1024;
/// How many programs are kept in memory.
const PROGRAMS_MAX: usize = 256;
/// How much they may take together.
const PROGRAMS_BYTES_MAX: usize = 512 * 1024 * 1024;
/// What is counted for a program besides its code.
const PROGRAM_OVERHEAD_BYTES: usize = 16 * 1024;

/// Loads programs.
pub struct Loader {
    engine: wasmtime::Engine,
    guests: Guests,
    linker: Arc<Linker<State>>,
    cache: Option<Arc<Cache>>,
    loaded: Arc<Mutex<Loaded>>,
    turns: Arc<Semaphore>,
}

/// The runtime of scripts, twice.
pub struct Guests {
    /// What runs scripts, without one.
    pub runtime: Program,
    /// What compiles them. A component of its own: what an instance has written to is written
    /// anew for all later ones in its place, and compiling writes to far more than a small run.
    pub compiler: Program,
}

#[derive(Default)]
struct Loaded {
    programs: HashMap<CodeHash, Entry>,
    bytes: usize,
    uses: u64,
}

struct Entry {
    /// The program, or why there is none, which will not change.
    program: Result<Arc<Program>, RunFailure>,
    bytes: usize,
    /// When it was used last: the number of the use.
    used: u64,
}

impl Loader {
    /// A loader for components that import what `linker` has, and for scripts that
    /// `guests` compile and run.
    pub fn new(
        engine: wasmtime::Engine,
        guests: Guests,
        linker: Linker<State>,
        cache: Option<Arc<Cache>>,
    ) -> Self {
        Self {
            engine,
            guests,
            linker: Arc::new(linker),
            cache,
            loaded: Arc::default(),
            turns: Arc::new(Semaphore::new(COMPILATIONS_MAX)),
        }
    }

    /// The program of a contract's code. What it takes to compile is not part of the
    /// run: the contract pays for its code by size.
    pub async fn load(
        &self,
        hash: CodeHash,
        code: &Arc<[u8]>,
        place: &Place,
    ) -> Result<Arc<Program>, RunFailure> {
        if let Some(program) = self.loaded().get(&hash) {
            return program;
        }
        let format = Format::of(code)?;
        let Ok(turn) = self.turns.clone().acquire_owned().await else {
            let closed = "the engine compiles nothing any more";
            return Err(RunFailure::new(FailureCode::Engine, closed));
        };
        // Another run of the contract may have had the turn before.
        if let Some(program) = self.loaded().get(&hash) {
            return program;
        }
        match format {
            Format::Component => self.component(hash, code, turn).await,
            Format::Script => {
                let made = self.script(hash, code, place).await;
                self.loaded().keep(hash, made)
            }
        }
    }

    /// Compiles a component. What was begun ends, and is kept, even if whoever wanted it
    /// went away; others have no turn meanwhile.
    async fn component(
        &self,
        hash: CodeHash,
        code: &Arc<[u8]>,
        turn: OwnedSemaphorePermit,
    ) -> Result<Arc<Program>, RunFailure> {
        let (engine, cache, linker) =
            (self.engine.clone(), self.cache.clone(), self.linker.clone());
        let (code, loaded) = (code.clone(), self.loaded.clone());
        let compiled = spawn_blocking(move || {
            let _turn = turn;
            let made = compile(&engine, cache.as_deref(), &linker, &code);
            lock(&loaded).keep(hash, made)
        });
        compiled.await.unwrap_or_else(|error| {
            // A fault of the compiler says nothing about other contracts.
            tracing::error!(%error, "the compiler failed");
            let failure = program::invalid("the compiler failed on it");
            self.loaded().keep(hash, Err(failure))
        })
    }

    async fn script(
        &self,
        hash: CodeHash,
        source: &Arc<[u8]>,
        place: &Place,
    ) -> Result<(Arc<Program>, usize), RunFailure> {
        let kept = self.kept(hash).await;
        let code = match kept {
            Some(code) => code,
            None => {
                let code = self.compile(source, place).await?;
                self.keep(hash, code.clone()).await;
                code
            }
        };
        let bytes = code.len();
        let script = Script {
            code: code.into(),
            hash,
            source_bytes: source.len(),
        };
        Ok((Arc::new(self.guests.runtime.with_script(script)), bytes))
    }

    async fn kept(&self, hash: CodeHash) -> Option<Vec<u8>> {
        let cache = self.cache.clone()?;
        spawn_blocking(move || cache.get(Kind::Script, &hash.0))
            .await
            .ok()?
    }

    async fn keep(&self, hash: CodeHash, code: Vec<u8>) {
        if let Some(cache) = self.cache.clone() {
            // What cannot be kept is made again.
            let _ = spawn_blocking(move || cache.put(Kind::Script, &hash.0, &code)).await;
        }
    }

    /// Has the guest compile a script, in an instance for that alone.
    async fn compile(&self, source: &[u8], place: &Place) -> Result<Vec<u8>, RunFailure> {
        let limits = Limits {
            fuel: COMPILE_FUEL,
            memory_bytes: COMPILE_MEMORY_BYTES,
            output_bytes: u64::MAX,
            ..Limits::default()
        };
        let state = State::idle(limits.clone(), place.account().charge());
        let mut store = Store::new(&self.engine, state);
        prepare(&mut store, COMPILE_FUEL)
            .map_err(|error| RunFailure::new(FailureCode::Engine, format!("{error:#}")))?;
        let returned = self.call_compile(&mut store, source).await;
        let refused = store.data().memory.refused;
        match Ending::of(returned, &limits, refused).outcome(&limits) {
            Outcome::Output(code) => Ok(code),
            Outcome::Failed(failure) if failure.code.is_transient() => Err(failure),
            Outcome::Failed(failure) if failure.code == FailureCode::InvalidScript => Err(failure),
            Outcome::Failed(failure) => Err(RunFailure::new(
                FailureCode::InvalidScript,
                format!("the script cannot be compiled: {}", failure.message),
            )),
        }
    }

    async fn call_compile(
        &self,
        store: &mut Store<State>,
        source: &[u8],
    ) -> wasmtime::Result<Result<Vec<u8>, Failure>> {
        let instance = self.guests.compiler.instantiate(&mut *store).await?;
        let compile = instance
            .get_typed_func::<(&[u8],), (Result<Vec<u8>, Failure>,)>(&mut *store, "compile")?;
        let (returned,) = compile.call_async(&mut *store, (source,)).await?;
        Ok(returned)
    }

    fn loaded(&self) -> MutexGuard<'_, Loaded> {
        lock(&self.loaded)
    }
}

/// Sets what holds for every call of a guest.
pub fn prepare(store: &mut Store<State>, fuel: u64) -> wasmtime::Result<()> {
    store.limiter(|state| &mut state.memory);
    store.set_fuel(fuel)?;
    giving_way::prepare(store, fuel)?;
    store.set_hostcall_fuel(crate::ending::CALL_BYTES_MAX);
    Ok(())
}

fn lock(loaded: &Mutex<Loaded>) -> MutexGuard<'_, Loaded> {
    // What a panic could leave half done is a count that is off.
    loaded.lock().unwrap_or_else(PoisonError::into_inner)
}

fn compile(
    engine: &wasmtime::Engine,
    cache: Option<&Cache>,
    linker: &Linker<State>,
    code: &[u8],
) -> Result<(Arc<Program>, usize), RunFailure> {
    program::check_component(code)?;
    let compiled = artifact::component(engine, cache, code)
        .map_err(|error| program::invalid(format_args!("{error:#}")))?;
    let program = Program::new(&compiled.component, linker, Script::default())?;
    Ok((Arc::new(program), compiled.bytes))
}

impl Loaded {
    /// Keeps what was made, or why it cannot be made, if that will not change.
    fn keep(
        &mut self,
        hash: CodeHash,
        made: Result<(Arc<Program>, usize), RunFailure>,
    ) -> Result<Arc<Program>, RunFailure> {
        let bytes = made.as_ref().map_or(0, |(_, bytes)| *bytes);
        let program = made.map(|(program, _)| program);
        let is_passing = |failure: &RunFailure| failure.code.is_transient();
        if !program.as_ref().is_err_and(is_passing) {
            self.put(hash, program.clone(), bytes);
        }
        program
    }

    fn get(&mut self, hash: &CodeHash) -> Option<Result<Arc<Program>, RunFailure>> {
        self.uses += 1;
        let entry = self.programs.get_mut(hash)?;
        entry.used = self.uses;
        Some(entry.program.clone())
    }

    fn put(&mut self, hash: CodeHash, program: Result<Arc<Program>, RunFailure>, bytes: usize) {
        let bytes = bytes + PROGRAM_OVERHEAD_BYTES;
        self.uses += 1;
        while !self.programs.is_empty()
            && (self.programs.len() >= PROGRAMS_MAX || self.bytes + bytes > PROGRAMS_BYTES_MAX)
        {
            let least = self.programs.iter().min_by_key(|(_, entry)| entry.used);
            let Some(hash) = least.map(|(hash, _)| *hash) else {
                break;
            };
            if let Some(removed) = self.programs.remove(&hash) {
                self.bytes -= removed.bytes;
            }
        }
        self.bytes += bytes;
        let entry = Entry {
            program,
            bytes,
            used: self.uses,
        };
        if let Some(replaced) = self.programs.insert(hash, entry) {
            self.bytes -= replaced.bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_kept_within_bounds() {
        let mut loaded = Loaded::default();
        let hash = |tag: usize| CodeHash(phat_primitives::blake2_256(&tag.to_le_bytes()));
        let nothing = || Err(program::invalid("nothing"));
        for tag in 0..PROGRAMS_MAX {
            loaded.put(hash(tag), nothing(), 0);
        }
        assert!(loaded.get(&hash(0)).is_some());
        loaded.put(hash(PROGRAMS_MAX), nothing(), 0);
        assert!(loaded.get(&hash(0)).is_some());
        assert!(loaded.get(&hash(1)).is_none(), "it was used least lately");
        assert_eq!(loaded.programs.len(), PROGRAMS_MAX);
        // One that takes nearly all leaves little room for others.
        loaded.put(
            CodeHash([8; 32]),
            nothing(),
            PROGRAMS_BYTES_MAX - 3 * PROGRAM_OVERHEAD_BYTES,
        );
        assert_eq!(loaded.programs.len(), 3);
        assert_eq!(loaded.bytes, PROGRAMS_BYTES_MAX);
        assert!(loaded.get(&CodeHash([8; 32])).is_some());
        let counted: usize = loaded.programs.values().map(|entry| entry.bytes).sum();
        assert_eq!(counted, loaded.bytes);
    }
}
