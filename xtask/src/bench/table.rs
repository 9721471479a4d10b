//! The figures as tables in Markdown, which a terminal shows well enough.

use std::fmt::Write;

use serde_json::{Value, json};

use super::figures::Figures;

/// How a figure is shown.
#[derive(Clone, Copy)]
enum Unit {
    Micros,
    Millis,
    PerSecond,
    MegabytesPerSecond,
    Times,
}

/// A figure: its name, and how it is shown.
type Shown = (&'static str, Unit);

struct Row {
    what: &'static str,
    phat: Shown,
    /// What it is compared with.
    beside: Option<(Shown, &'static str)>,
}

use Unit::{MegabytesPerSecond, Micros, Millis, PerSecond, Times};

const ROWS: &[Row] = &[
    Row {
        what: "Instance of the script runtime",
        phat: ("instantiate_us_p50", Micros),
        beside: None,
    },
    Row {
        what: "Small script in a fresh instance",
        phat: ("cold_js_us_p50", Micros),
        beside: Some((("deno_worker_ms_p50", Millis), "Deno worker isolate")),
    },
    Row {
        what: "The same, 99 of 100 within",
        phat: ("cold_js_us_p99", Micros),
        beside: Some((("deno_worker_ms_p99", Millis), "Deno worker isolate")),
    },
    Row {
        what: "The same, beside a process",
        phat: ("cold_js_us_p50", Micros),
        beside: Some((("deno_process_ms_p50", Millis), "Deno process")),
    },
    Row {
        what: "Small scripts, one after the other",
        phat: ("warm_calls_per_s", PerSecond),
        beside: None,
    },
    Row {
        what: "fib(27) in a script",
        phat: ("js_fib27_ms", Millis),
        beside: Some((("native_quickjs_fib27_ms", Millis), "native QuickJS")),
    },
    Row {
        what: "The same, beside an interpreter",
        phat: ("js_fib27_ms", Millis),
        beside: Some((
            ("deno_jitless_fib27_ms", Millis),
            "Deno without its compiler",
        )),
    },
    Row {
        what: "The same, beside a compiler",
        phat: ("js_fib27_ms", Millis),
        beside: Some((("deno_fib27_ms", Millis), "Deno")),
    },
    Row {
        what: "SHA-256 in a component",
        phat: ("wasm_sha256_mb_s", MegabytesPerSecond),
        beside: Some((("native_sha256_mb_s", MegabytesPerSecond), "native code")),
    },
    Row {
        what: "Script with its fuel counted, beside one that looks at a clock",
        phat: ("fuel_overhead_ratio", Times),
        beside: None,
    },
    Row {
        what: "Component with its fuel counted, beside one that looks at a clock",
        phat: ("fuel_overhead_sha256_ratio", Times),
        beside: None,
    },
    Row {
        what: "Script with its fuel counted, beside one that nothing can stop",
        phat: ("metering_ratio", Times),
        beside: None,
    },
    Row {
        what: "Component with its fuel counted, beside one that nothing can stop",
        phat: ("metering_sha256_ratio", Times),
        beside: None,
    },
];

enum Bound {
    AtMost(f64),
    AtLeast(f64),
}

struct Goal {
    what: &'static str,
    figure: Shown,
    bound: Bound,
}

use Bound::{AtLeast, AtMost};

/// How many times as quick as a Deno worker a run of a small script is.
pub const START_RATIO: &str = "deno_worker_per_cold_js";

const GOALS: &[Goal] = &[
    Goal {
        what: "Start of a script, median",
        figure: ("cold_js_us_p50", Micros),
        bound: AtMost(100.0),
    },
    Goal {
        what: "Start of a script, 99 of 100",
        figure: ("cold_js_us_p99", Micros),
        bound: AtMost(500.0),
    },
    Goal {
        what: "Quicker than a Deno worker isolate",
        figure: (START_RATIO, Times),
        bound: AtLeast(200.0),
    },
    Goal {
        what: "Script beside native QuickJS",
        figure: ("js_fib27_ratio", Times),
        bound: AtMost(1.7),
    },
    Goal {
        what: "Component beside native code",
        figure: ("sha256_ratio", Times),
        bound: AtMost(1.3),
    },
    Goal {
        what: "Fuel counted beside a clock, script",
        figure: ("fuel_overhead_ratio", Times),
        bound: AtMost(1.05),
    },
    Goal {
        what: "Fuel counted beside a clock, component",
        figure: ("fuel_overhead_sha256_ratio", Times),
        bound: AtMost(1.05),
    },
];

/// Everything side by side, then the goals.
pub fn markdown(figures: &Figures) -> anyhow::Result<String> {
    let mut text = String::from("| | Phat | beside | | ratio |\n|---|--:|--:|---|--:|\n");
    for Row { what, phat, beside } in ROWS {
        let ours = phat.show(figures)?;
        let (theirs, name, ratio) = match beside {
            None => Default::default(),
            Some((theirs, name)) => (
                theirs.show(figures)?,
                *name,
                ratio(*phat, *theirs, figures)?,
            ),
        };
        writeln!(text, "| {what} | {ours} | {theirs} | {name} | {ratio} |")?;
    }
    text.push_str("\n| goal | bound | found | |\n|---|--:|--:|---|\n");
    for goal in GOALS {
        let (what, found) = (goal.what, goal.figure.show(figures)?);
        let unit = goal.figure.1;
        let bound = match goal.bound {
            AtMost(bound) => format!("≤ {}", unit.show(bound)),
            AtLeast(bound) => format!("≥ {}", unit.show(bound)),
        };
        let met = if goal.is_met(figures)? {
            "met"
        } else {
            "missed"
        };
        writeln!(text, "| {what} | {bound} | {found} | {met} |")?;
    }
    Ok(text)
}

/// The goals by the name of their figures.
pub fn goals(figures: &Figures) -> anyhow::Result<Value> {
    GOALS
        .iter()
        .map(|goal| {
            let (name, _) = goal.figure;
            let (kind, bound) = match goal.bound {
                AtMost(bound) => ("at_most", bound),
                AtLeast(bound) => ("at_least", bound),
            };
            Ok(json!({
                "figure": name,
                "found": figures.get(name)?,
                kind: bound,
                "met": goal.is_met(figures)?,
            }))
        })
        .collect()
}

impl Goal {
    fn is_met(&self, figures: &Figures) -> anyhow::Result<bool> {
        let found = figures.get(self.figure.0)?;
        Ok(match self.bound {
            AtMost(bound) => found <= bound,
            AtLeast(bound) => found >= bound,
        })
    }
}

/// Which of the two is quicker, and how many times.
fn ratio(phat: Shown, beside: Shown, figures: &Figures) -> anyhow::Result<String> {
    let seconds = |(name, unit): Shown| Ok::<_, anyhow::Error>(unit.seconds(figures.get(name)?));
    let ratio = seconds(beside)? / seconds(phat)?;
    Ok(if ratio >= 1.0 {
        format!("{} quicker", Times.show(ratio))
    } else {
        format!("{} slower", Times.show(1.0 / ratio))
    })
}

trait Show {
    fn show(&self, figures: &Figures) -> anyhow::Result<String>;
}

impl Show for Shown {
    fn show(&self, figures: &Figures) -> anyhow::Result<String> {
        let (name, unit) = *self;
        Ok(unit.show(figures.get(name)?))
    }
}

impl Unit {
    /// With three digits that matter.
    fn show(self, value: f64) -> String {
        let digits = match value.abs() {
            value if value >= 100.0 => 0,
            value if value >= 10.0 => 1,
            _ => 2,
        };
        match self {
            Self::Micros => format!("{value:.digits$} µs"),
            Self::Millis => format!("{value:.digits$} ms"),
            Self::PerSecond => format!("{value:.0} a second"),
            Self::MegabytesPerSecond => format!("{value:.0} MB/s"),
            Self::Times => format!("{value:.digits$} ×"),
        }
    }

    /// How long the same work takes, in seconds but for a factor that all rates share.
    fn seconds(self, value: f64) -> f64 {
        match self {
            Self::Micros => value / 1e6,
            Self::Millis => value / 1e3,
            Self::PerSecond | Self::MegabytesPerSecond => 1.0 / value,
            Self::Times => value,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures() -> Figures {
        let mut figures = Figures::default();
        for row in ROWS {
            let beside = row.beside.map(|(shown, _)| shown);
            for (name, _) in [Some(row.phat), beside].into_iter().flatten() {
                figures.add(name, 1.0);
            }
        }
        for goal in GOALS {
            figures.add(goal.figure.0, 1.0);
        }
        figures
    }

    #[test]
    fn a_row_says_which_is_quicker() {
        let mut figures = figures();
        for (name, value) in [
            ("cold_js_us_p50", 80.04),
            ("deno_worker_ms_p50", 16.0),
            ("js_fib27_ms", 60.0),
            ("deno_fib27_ms", 2.0),
            ("wasm_sha256_mb_s", 400.0),
            ("native_sha256_mb_s", 500.0),
        ] {
            figures.add(name, value);
        }
        let text = markdown(&figures).unwrap();
        for line in [
            "| Small script in a fresh instance | 80.0 µs | 16.0 ms | Deno worker isolate | 200 × quicker |",
            "| The same, beside a compiler | 60.0 ms | 2.00 ms | Deno | 30.0 × slower |",
            "| SHA-256 in a component | 400 MB/s | 500 MB/s | native code | 1.25 × slower |",
            "| Instance of the script runtime | 1.00 µs |  |  |  |",
        ] {
            assert!(text.lines().any(|found| found == line), "{text}");
        }
    }

    #[test]
    fn a_goal_is_met_or_missed_by_its_bound() {
        let check = |name: &str, value: f64, met: bool| {
            let mut figures = figures();
            figures.add(name, value);
            let goals = goals(&figures).unwrap();
            let goal = goals.as_array().unwrap().iter();
            let goal = goal.clone().find(|goal| goal["figure"] == name).unwrap();
            assert_eq!((&goal["met"], &goal["found"]), (&json!(met), &json!(value)));
            let word = if met { " met |" } else { " missed |" };
            let text = markdown(&figures).unwrap();
            let shown = format!("| {}", goal_of(name).figure.show(&figures).unwrap());
            let line = text.lines().find(|line| {
                line.starts_with(&format!("| {} |", goal_of(name).what)) && line.contains(&shown)
            });
            assert!(line.unwrap().ends_with(word), "{text}");
        };
        check("cold_js_us_p50", 100.0, true);
        check("cold_js_us_p50", 100.1, false);
        check(START_RATIO, 200.0, true);
        check(START_RATIO, 199.9, false);
        check("fuel_overhead_ratio", 1.06, false);
    }

    fn goal_of(name: &str) -> &'static Goal {
        GOALS.iter().find(|goal| goal.figure.0 == name).unwrap()
    }

    #[test]
    fn what_was_not_measured_is_not_shown() {
        assert!(markdown(&Figures::default()).is_err());
        assert!(goals(&Figures::default()).is_err());
    }
}
