//! The module, and its instances.

use phat_workload::{Hash, Seed};
use thiserror::Error;
use wasmtime::{Config, Engine, Module, Store, TypedFunc};

/// The work, as `build.rs` makes it.
const MODULE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/workload.wasm"));

/// The work cannot be done.
#[derive(Debug, Error)]
pub enum MachineError {
    /// WebAssembly cannot be run here, or there is no memory for it.
    #[error("the work of the performance test cannot be run: {0}")]
    Wasmtime(#[from] wasmtime::Error),
}

/// The work as machine code of this machine. Clones share it.
#[derive(Clone)]
pub struct Machine {
    engine: Engine,
    module: Module,
}

/// One thread's instance.
pub struct Instance {
    store: Store<()>,
    seed: TypedFunc<(u64, u64, u64, u64), ()>,
    iterate: TypedFunc<u32, ()>,
    word: TypedFunc<u32, u64>,
    /// The seed that was set last.
    current: Option<Seed>,
}

impl Machine {
    /// Compiles the work, which takes some hundredths of a second.
    pub fn new() -> Result<Self, MachineError> {
        let engine = Engine::new(&Config::new())?;
        let module = Module::new(&engine, MODULE)?;
        Ok(Self { engine, module })
    }

    /// An instance, with about 1.2 MiB of memory.
    pub fn instance(&self) -> Result<Instance, MachineError> {
        let mut store = Store::new(&self.engine, ());
        let instance = wasmtime::Instance::new(&mut store, &self.module, &[])?;
        Ok(Instance {
            seed: instance.get_typed_func(&mut store, "seed")?,
            iterate: instance.get_typed_func(&mut store, "iterate")?,
            word: instance.get_typed_func(&mut store, "word")?,
            store,
            current: None,
        })
    }
}

impl Instance {
    /// Does an iteration and gives its root.
    pub fn iteration_root(&mut self, seed: &Seed, iteration: u32) -> Result<Hash, MachineError> {
        if self.current != Some(*seed) {
            let [first, second, third, fourth] = words(&seed.0);
            let words = (first, second, third, fourth);
            self.seed.call(&mut self.store, words)?;
            self.current = Some(*seed);
        }
        self.iterate.call(&mut self.store, iteration)?;
        let mut root = [0; 32];
        for (index, bytes) in (0..).zip(root.chunks_exact_mut(8)) {
            let word = self.word.call(&mut self.store, index)?;
            bytes.copy_from_slice(&word.to_le_bytes());
        }
        Ok(root)
    }
}

/// The words of a hash, little-endian.
fn words(hash: &Hash) -> [u64; 4] {
    let mut words = [0; 4];
    for (word, bytes) in words.iter_mut().zip(hash.chunks_exact(8)) {
        let mut eight = [0; 8];
        // Each chunk has eight bytes.
        eight.copy_from_slice(bytes);
        *word = u64::from_le_bytes(eight);
    }
    words
}

#[cfg(test)]
mod tests {
    use phat_workload::{Workspace, iteration_root};

    use super::*;

    #[test]
    fn what_wasm_gives_is_what_native_code_gives() {
        let machine = Machine::new().unwrap();
        let mut instance = machine.instance().unwrap();
        let mut workspace = Workspace::default();
        let seeds = [1, 2].map(|byte| Seed::of_session(&[byte; 32], 7, &[0xa5; 32]));
        for (seed, iteration) in [
            (seeds[0], 0),
            (seeds[0], 1),
            (seeds[1], 1),
            (seeds[0], u32::MAX),
        ] {
            assert_eq!(
                instance.iteration_root(&seed, iteration).unwrap(),
                iteration_root(&mut workspace, &seed, iteration),
                "{seed:?} {iteration}"
            );
        }
    }
}
