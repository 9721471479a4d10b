//! The demonstration that `cargo xtask demo` runs.

use std::io::Write;

use clap::Parser;

/// The main job of Phat, end to end, on real nodes.
#[derive(Parser)]
struct Options {
    /// Tell the story on standard error and end with one JSON object on standard output.
    #[arg(long)]
    json: bool,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    if options.json {
        let report = phat_e2e::demo::run(&mut std::io::stderr()).await?;
        writeln!(std::io::stdout(), "{}", serde_json::to_string(&report)?)?;
    } else {
        phat_e2e::demo::run(&mut std::io::stdout()).await?;
    }
    Ok(())
}
