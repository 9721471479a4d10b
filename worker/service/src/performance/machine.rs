//! What does iterations.

use phat_workload::{Hash, Seed, Workspace, iteration_root};

/// Does iterations on one thread.
pub trait Iterate: Send {
    /// Does an iteration and gives its root, or says why that cannot be done.
    fn iteration_root(&mut self, seed: &Seed, iteration: u32) -> Result<Hash, String>;
}

/// Makes what does iterations, for each thread.
pub trait Machine: Send + Sync {
    /// One more, or why there is none.
    fn instance(&self) -> Result<Box<dyn Iterate>, String>;
}

impl Machine for phat_performance::Machine {
    fn instance(&self) -> Result<Box<dyn Iterate>, String> {
        match phat_performance::Machine::instance(self) {
            Ok(instance) => Ok(Box::new(instance)),
            Err(error) => Err(error.to_string()),
        }
    }
}

impl Iterate for phat_performance::Instance {
    fn iteration_root(&mut self, seed: &Seed, iteration: u32) -> Result<Hash, String> {
        phat_performance::Instance::iteration_root(self, seed, iteration)
            .map_err(|error| error.to_string())
    }
}

/// Iterations in native code, which give the same.
#[derive(Clone, Copy, Debug, Default)]
pub struct NativeMachine;

impl Machine for NativeMachine {
    fn instance(&self) -> Result<Box<dyn Iterate>, String> {
        Ok(Box::<Native>::default())
    }
}

#[derive(Default)]
struct Native(Workspace);

impl Iterate for Native {
    fn iteration_root(&mut self, seed: &Seed, iteration: u32) -> Result<Hash, String> {
        Ok(iteration_root(&mut self.0, seed, iteration))
    }
}
