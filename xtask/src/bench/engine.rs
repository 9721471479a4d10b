//! Measuring the engine.

use std::process::Command;

use anyhow::Context;
use serde_json::{Map, Value, json};

use super::{
    deno::Deno,
    document::{Place, print, processor},
    figures::Figures,
    programs,
    table::{self, START_RATIO},
};
use crate::process::{built, output, say};

#[derive(clap::Args)]
pub struct Options {
    /// Measure Deno at the same work, in turns with the engine. Installs it from npm.
    #[arg(long)]
    peers: bool,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
    /// Put the tables into docs/performance.md.
    #[arg(long, requires = "peers")]
    write: bool,
    /// The profile to build with. Users have builds of the default one; `dev` is there
    /// sooner, optimises only what is hot, and checks its own assertions.
    #[arg(long, value_name = "NAME", default_value = "release")]
    profile: String,
    /// How often the engine and its peers take turns.
    #[arg(long, value_name = "N", default_value_t = 5, requires = "peers",
          value_parser = clap::value_parser!(u32).range(1..=1_000))]
    rounds: u32,
}

/// What a round measures of the engine.
const EFFORT: &[&str] = &["--starts", "3000", "--rounds", "3"];
/// Where the tables are.
const PLACE: Place = Place("<!-- written by cargo xtask bench engine --peers --write -->");

pub fn run(options: &Options) -> anyhow::Result<()> {
    say("Building; the first time takes a while.");
    programs::measured(&options.profile)?;
    if options.peers {
        beside_peers(options)
    } else {
        let format: &[&str] = if options.json { &["--json"] } else { &[] };
        print(&output(phat(options, format))?)
    }
}

/// The measurement, of the build that is there.
fn phat(options: &Options, arguments: &[&str]) -> Command {
    let mut command = Command::new(built(&options.profile, "phat"));
    command.args(["bench", "engine"]).args(arguments);
    command
}

fn beside_peers(options: &Options) -> anyhow::Result<()> {
    let deno = Deno::install()?;
    let mut rounds = Vec::new();
    let mut last = Map::new();
    for round in 1..=options.rounds {
        say(&format!("Round {round} of {}", options.rounds));
        let printed = output(phat(options, &[EFFORT, &["--json"]].concat()))?;
        last = serde_json::from_str(&printed)
            .with_context(|| format!("phat bench engine printed {printed}"))?;
        let mut figures = Figures::of_json(&last);
        deno.measure(&mut figures)?;
        let start = figures.get("deno_worker_ms_p50")? * 1e3 / figures.get("cold_js_us_p50")?;
        figures.add(START_RATIO, start);
        rounds.push(figures);
    }
    let figures = Figures::medians(&rounds)?;
    let (deno, v8) = deno.versions()?;
    let text_of = |name: &str| last.get(name).and_then(Value::as_str).unwrap_or("unknown");
    let (engine, wasmtime) = (text_of("engine"), text_of("wasmtime"));
    let processor = processor();
    let tables = format!(
        "{}\nMedians of {} rounds on {} × {processor}: engine {engine} built with the profile \
         {}, wasmtime {wasmtime}, Deno {deno}, V8 {v8}.\n",
        table::markdown(&figures)?,
        options.rounds,
        figures.get("processors")?,
        options.profile,
    );
    if options.write {
        PLACE.write(&tables)?;
    }
    if !options.json {
        return print(&tables);
    }
    let object = json!({
        "figures": figures.to_json(),
        "goals": table::goals(&figures)?,
        "rounds": options.rounds,
        "profile": options.profile,
        "processor": processor,
        "engine": engine,
        "wasmtime": wasmtime,
        "deno": deno,
        "v8": v8,
    });
    print(&object.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_has_a_place_for_the_tables() {
        PLACE.check().unwrap();
    }
}
