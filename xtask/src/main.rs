//! The project's own commands: set up, demonstrate, test, lint, generate.

mod bench;
mod codegen;
mod count;
mod coverage;
mod demo;
mod fuzz;
mod lint;
mod process;
mod setup;
mod soak;
mod test;
mod test262;
mod tidy;

use clap::{Parser, Subcommand};

/// Everything one does to this repository, behind one door.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Install what is missing on this machine, saying so first.
    Setup,
    /// Build, and run the main job end to end on real nodes.
    Demo(demo::Options),
    /// Run every test and print a closing count.
    Test(test::Options),
    /// Look for inputs that make what reads foreign bytes panic.
    Fuzz(fuzz::Options),
    /// Run a contract ten thousand times, and a thousand at once: none fails, and none
    /// leaves memory behind.
    Soak(soak::Options),
    /// Run the conformance suite of ECMAScript in the engine.
    #[command(name = "test262")]
    Test262(test262::Options),
    /// Check format, lints, documents, licences, spelling and generated files.
    Lint,
    /// Make the generated files that are checked in.
    Codegen(codegen::Options),
    /// Measure the engine, what trust costs, anchors, blocks of the chain, or the weights of its
    /// calls.
    Bench(bench::Options),
}

fn main() -> anyhow::Result<()> {
    coverage::compile_if_asked();
    match Options::parse().command {
        Command::Setup => setup::run(),
        Command::Demo(options) => demo::run(&options),
        Command::Test(options) => test::run(&options),
        Command::Fuzz(options) => fuzz::run(&options),
        Command::Soak(options) => soak::run(&options),
        Command::Test262(options) => test262::run(&options),
        Command::Lint => lint::run(),
        Command::Codegen(options) => codegen::run(&options),
        Command::Bench(options) => bench::run(&options),
    }
}
