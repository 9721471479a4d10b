//! What counting fuel costs: the same work with and without.
//!
//! The engine always counts, so this has engines of its own. They differ from each
//! other in nothing else than what stops code that never ends.

use std::time::{Duration, Instant};

use phat_engine::guest;
use wasmtime::{
    Config, Engine, Store, StoreContextMut,
    component::{Component, ComponentType, InstancePre, Lift, Linker, Lower},
};

use crate::{
    BenchError,
    work::{FIBONACCI, SHA256},
};

/// The request of `engine/wit`.
#[derive(ComponentType, Lower, Clone, Default)]
#[component(record)]
struct Request {
    input: Vec<u8>,
    id: Vec<u8>,
    contract: Vec<u8>,
    caller: String,
    chain: String,
    block: u64,
    settings: String,
}

/// The codes of failures in `engine/wit`.
#[derive(ComponentType, Lift, Clone, Copy, Debug)]
#[component(enum)]
#[repr(u8)]
#[allow(
    dead_code,
    reason = "values come from guests only; what is made here is their type"
)]
enum FailureCode {
    #[component(name = "invalid-script")]
    InvalidScript,
    #[component(name = "script-threw")]
    ScriptThrew,
    #[component(name = "wrong-type")]
    WrongType,
    #[component(name = "never-settles")]
    NeverSettles,
}

/// A failure in `engine/wit`.
#[derive(ComponentType, Lift, Debug)]
#[component(record)]
struct Failure {
    code: FailureCode,
    message: String,
}

type Returned = Result<Vec<u8>, Failure>;

/// What is done.
#[derive(Clone, Copy, Debug)]
pub enum Work {
    /// fib(27) on QuickJS.
    Fibonacci,
    /// Hashing so many MiB.
    Sha256(u32),
}

/// What stops code that never ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// Its fuel.
    Fuel,
    /// A clock that it looks at: what an engine needs that does not count fuel.
    Epochs,
    /// Nothing.
    None,
}

impl Bound {
    pub const ALL: [Self; 3] = [Self::Fuel, Self::Epochs, Self::None];
}

/// The same code in engines that are bound in different ways.
pub struct Engines([Side; Bound::ALL.len()]);

struct Side {
    engine: Engine,
    bound: Bound,
    script: InstancePre<Vec<u8>>,
    sha256: InstancePre<Vec<u8>>,
    /// The script as the guest compiled it.
    code: Vec<u8>,
}

impl Engines {
    /// Compiles everything, once for each.
    pub fn new() -> Result<Self, BenchError> {
        let [fuel, epochs, none] = Bound::ALL.map(Side::new);
        Ok(Self([fuel?, epochs?, none?]))
    }

    /// The time from the call to its result, which must be the one that is expected.
    pub fn timed(&self, work: Work, bound: Bound, expected: &[u8]) -> Result<Duration, BenchError> {
        let [fuel, epochs, none] = &self.0;
        let side = match bound {
            Bound::Fuel => fuel,
            Bound::Epochs => epochs,
            Bound::None => none,
        };
        let (program, input) = match work {
            Work::Fibonacci => (&side.script, Vec::new()),
            Work::Sha256(mebibytes) => (&side.sha256, mebibytes.to_le_bytes().to_vec()),
        };
        let mut store = side.store()?;
        let instance = program.instantiate(&mut store)?;
        let run = instance.get_typed_func::<(Request,), (Returned,)>(&mut store, "run")?;
        let request = Request {
            input,
            ..Request::default()
        };
        let started = Instant::now();
        let (returned,) = run.call(&mut store, (request,))?;
        let elapsed = started.elapsed();
        match returned {
            Ok(output) if output == expected => Ok(elapsed),
            Ok(_) => Err(BenchError::Result),
            Err(Failure { code, message }) => Err(BenchError::Run(format!("{code:?}: {message}"))),
        }
    }
}

impl Side {
    fn new(bound: Bound) -> Result<Self, BenchError> {
        let mut config = Config::new();
        config
            .consume_fuel(bound == Bound::Fuel)
            .epoch_interruption(bound == Bound::Epochs)
            .cranelift_nan_canonicalization(true)
            .max_wasm_stack(4 * 1024 * 1024)
            .async_stack_size(5 * 1024 * 1024);
        let engine = Engine::new(&config)?;
        let prepare = |code: &[u8]| {
            let component = Component::new(&engine, code)?;
            let mut linker = Linker::<Vec<u8>>::new(&engine);
            linker.define_unknown_imports_as_traps(&component)?;
            linker.allow_shadowing(true);
            linker
                .instance("phat:contract/script@0.1.0")?
                .func_wrap("code", |store: StoreContextMut<'_, Vec<u8>>, (): ()| {
                    Ok((store.data().clone(),))
                })?;
            linker.instantiate_pre(&component)
        };
        let mut side = Self {
            script: prepare(guest())?,
            sha256: prepare(SHA256)?,
            code: Vec::new(),
            engine: engine.clone(),
            bound,
        };
        let mut store = side.store()?;
        let instance = side.script.instantiate(&mut store)?;
        let compile = instance.get_typed_func::<(&[u8],), (Returned,)>(&mut store, "compile")?;
        let (compiled,) = compile.call(&mut store, (FIBONACCI.as_bytes(),))?;
        side.code = compiled.map_err(|failure| BenchError::Run(failure.message))?;
        Ok(side)
    }

    fn store(&self) -> Result<Store<Vec<u8>>, BenchError> {
        let mut store = Store::new(&self.engine, self.code.clone());
        match self.bound {
            Bound::Fuel => store.set_fuel(u64::MAX)?,
            Bound::Epochs => store.set_epoch_deadline(1),
            Bound::None => {}
        }
        Ok(store)
    }
}
