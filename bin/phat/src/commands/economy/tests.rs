//! What `phat economy simulate` prints.

use std::{fs, path::Path};

use phat_tokenomics::{Fixed, Parameters, Totals, WorkerState, share};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::testing::phat;

/// A scenario in a file of its own.
struct File {
    folder: TempDir,
    path: String,
}

impl File {
    fn of(scenario: &Value) -> Self {
        Self::with(&scenario.to_string())
    }

    fn with(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("scenario.json");
        fs::write(&path, text).unwrap();
        let path = path.to_str().unwrap().to_owned();
        Self { folder, path }
    }
}

/// One worker with V = 3000 and P = 100, under the published parameters for 12 s.
fn scenario(events: &Value, until_block: u32, report_at: &[u32]) -> Value {
    json!({
        "workers": [{ "id": "a", "v": "3000", "p": 100, "confidence_level": 1 }],
        "events": events,
        "until_block": until_block,
        "report_at": report_at,
    })
}

async fn rows(scenario: &Value) -> Vec<Value> {
    let file = File::of(scenario);
    let (code, text, progress) = phat(&["economy", "simulate", &file.path, "--json"]).await;
    assert_eq!((code, &*progress), (0, ""), "{text}");
    assert_eq!(text.lines().count(), 1);
    serde_json::from_str(&text).unwrap()
}

fn fixed(row: &Value, field: &str) -> Fixed {
    Fixed::parse(row[field].as_str().unwrap()).unwrap()
}

fn near(row: &Value, field: &str, expected: f64) {
    let value = fixed(row, field).to_f64();
    let off = (value - expected).abs();
    assert!(off <= expected * 1e-9, "{field}: {value}, not {expected}");
}

#[tokio::test]
async fn the_golden_vector_comes_out_of_a_scenario() {
    let rows = rows(&scenario(&json!([]), 7_201, &[0, 1, 7_201])).await;
    assert_eq!(
        rows[0],
        json!({
            "block": 0, "worker": "a", "v": "3000", "v_deductible": "0", "p_instant": "100",
            "share": share_of_start().to_string(), "state": "idle", "paid_worker": "0",
            "paid_treasury": "0",
        })
    );
    near(&rows[1], "v", 3_000.002_035_093_691_5);
    near(&rows[2], "v", 3_014.689_933_793_204);
    near(&rows[2], "v_deductible", 14.689_933_793_204);
    assert_eq!(rows.len(), 3);
}

fn share_of_start() -> Fixed {
    share(Fixed::from_int(3_000), Fixed::from_int(100), Fixed::ONE)
}

/// The command drives the crate's state machine, and adds nothing of its own.
#[tokio::test]
async fn it_is_the_state_machine_of_the_chain() {
    let events = json!([
        { "block": 100, "worker": "a", "kind": "challenge" },
        { "block": 105, "worker": "a", "kind": "heartbeat", "iterations": 15_000 },
        { "block": 200, "worker": "a", "kind": "challenge" },
        { "block": 300, "worker": "a", "kind": "heartbeat", "iterations": 40_000 },
        { "block": 310, "worker": "a", "kind": "fault", "level": 2 },
        { "block": 400, "worker": "a", "kind": "stop" },
    ]);
    let (parameters, mut totals) = (Parameters::published(12_000), Totals::default());
    let mut worker = WorkerState::start(&mut totals, 0, Fixed::from_int(3_000), 100, 1).unwrap();
    let first = worker.heartbeat(&parameters, &mut totals, 105, 15_000, 105 * 12_000);
    worker.timeout(&parameters, &mut totals, 211);
    let missed = worker;
    let second = worker.heartbeat(&parameters, &mut totals, 300, 25_000, 195 * 12_000);
    assert_eq!(second, phat_tokenomics::Payout::default());
    worker.fault(&parameters, &mut totals, 310, 2).unwrap();
    worker.stop(&parameters, &mut totals, 400);

    let rows = rows(&scenario(&events, 500, &[211, 500])).await;
    let check = |row: &Value, worker: &WorkerState, state: &str| {
        assert_eq!(fixed(row, "v"), worker.v);
        assert_eq!(fixed(row, "v_deductible"), worker.v_deductible);
        assert_eq!(fixed(row, "p_instant"), worker.p_instant);
        assert_eq!(row["state"], state);
        assert_eq!(fixed(row, "paid_worker"), first.worker);
        assert_eq!(fixed(row, "paid_treasury"), first.treasury);
    };
    check(&rows[0], &missed, "unresponsive");
    check(&rows[1], &worker, "stopped");
    assert_eq!(rows[1]["share"], "0");
    assert!(
        worker.p_instant < Fixed::from_int(75),
        "{}",
        worker.p_instant
    );
}

#[tokio::test]
async fn a_challenge_is_missed_in_the_block_after_its_window() {
    let challenge = json!({ "block": 5, "worker": "a", "kind": "challenge" });
    let answered =
        |block: u32| json!([challenge, { "block": block, "worker": "a", "kind": "heartbeat" }]);
    let states = async |events: Value| {
        let rows = rows(&scenario(&events, 20, &[15, 16, 17])).await;
        let states = rows
            .iter()
            .map(|row| row["state"].as_str().unwrap().to_owned());
        (states.collect::<Vec<_>>(), rows)
    };
    // In block 15, the last of the window.
    let (in_time, rows) = states(answered(15)).await;
    assert_eq!(in_time, ["idle", "idle", "idle"]);
    near(&rows[0], "paid_worker", 80.0 * 15.0);

    let (never, rows) = states(json!([challenge])).await;
    assert_eq!(never, ["idle", "unresponsive", "unresponsive"]);
    let before = fixed(&rows[0], "v").to_f64();
    near(&rows[1], "v", before * (1.0 - 1.0 / 300_000.0));
    assert_eq!(rows[1]["v_deductible"], "0");

    // In block 16, which decays; the next one grows again.
    let (late, rows) = states(answered(16)).await;
    assert_eq!(late, ["idle", "idle", "idle"]);
    near(&rows[1], "v", before * (1.0 - 1.0 / 300_000.0));
    assert_eq!(rows[1]["paid_worker"], "0");
    assert!(fixed(&rows[2], "v") > fixed(&rows[1], "v"));
}

#[tokio::test]
async fn a_heartbeat_answers_the_oldest_challenge() {
    let event = |block: u32, kind: &str| json!({ "block": block, "worker": "a", "kind": kind });
    let events = json!([
        event(5, "challenge"),
        event(8, "challenge"),
        event(10, "heartbeat"),
    ]);
    let states = |rows: &[Value]| {
        let states = rows
            .iter()
            .map(|row| row["state"].as_str().unwrap().to_owned());
        states.collect::<Vec<_>>()
    };
    // That of block 8 is open still, to the end of block 18.
    let shown = rows(&scenario(&events, 20, &[16, 18, 19])).await;
    assert_eq!(states(&shown), ["idle", "idle", "unresponsive"]);

    // Both are missed: one answer is not enough.
    let events = json!([
        event(5, "challenge"),
        event(8, "challenge"),
        event(30, "heartbeat"),
        event(40, "heartbeat"),
    ]);
    let shown = rows(&scenario(&events, 60, &[29, 30, 31, 40, 41, 60])).await;
    assert_eq!(
        states(&shown),
        [
            "unresponsive",
            "idle",
            "unresponsive",
            "idle",
            "idle",
            "idle"
        ]
    );
}

#[tokio::test]
async fn the_budget_falls_by_a_quarter_after_each_period() {
    let events: Vec<_> = [90, 190, 390]
        .into_iter()
        .flat_map(|block: u32| {
            ["challenge", "heartbeat"]
                .map(|kind| json!({ "block": block, "worker": "a", "kind": kind }))
        })
        .collect();
    let mut scenario = scenario(&json!(events), 400, &[99, 199, 400]);
    scenario["params"] = json!({ "budget_per_block": "100" });
    let paid = async |scenario: &Value, expected: [f64; 3]| {
        for (row, expected) in rows(scenario).await.iter().zip(expected) {
            near(row, "paid_worker", 0.8 * expected);
            near(row, "paid_treasury", 0.2 * expected);
        }
    };
    // The only worker gets all of it, by the budget of the block of each answer.
    paid(&scenario, [9_000.0, 19_000.0, 39_000.0]).await;
    scenario["budget_period_blocks"] = json!(100);
    paid(&scenario, [9_000.0, 16_500.0, 24_937.5]).await;
    // The first block of a period has its budget, the last one before still that of before.
    scenario["budget_period_blocks"] = json!("190");
    paid(&scenario, [9_000.0, 16_500.0, 27_750.0]).await;
    scenario["budget_period_blocks"] = json!(191);
    paid(&scenario, [9_000.0, 19_000.0, 30_250.0]).await;
}

#[tokio::test]
async fn payouts_are_shared_and_what_is_reported_changes_nothing() {
    let events: Vec<_> = [("a", 100), ("b", 200), ("a", 300)]
        .into_iter()
        .flat_map(|(worker, block)| {
            ["challenge", "heartbeat"]
                .map(|kind| json!({ "block": block, "worker": worker, "kind": kind }))
        })
        .collect();
    let mut scenario = json!({
        "params": { "v_max": "3000", "budget_per_block": 10, "heartbeat_window": "3" },
        "block_ms": 3_000,
        "workers": [
            { "id": "a", "v": "3000", "p": "100", "confidence_level": 1 },
            { "id": "b", "v": "3000", "p": 100, "confidence_level": 1 },
        ],
        "events": events,
        "until_block": 300,
    });
    // At the cap nothing moves, so that each gets a half for its blocks.
    let last = rows(&scenario).await;
    let names: Vec<_> = last.iter().map(|row| row["worker"].clone()).collect();
    assert_eq!(names, ["a", "b"]);
    near(&last[0], "paid_worker", 0.8 * 5.0 * 300.0);
    near(&last[0], "paid_treasury", 0.2 * 5.0 * 300.0);
    near(&last[1], "paid_worker", 0.8 * 5.0 * 200.0);

    scenario["report_at"] = (0..=300).collect();
    let all = rows(&scenario).await;
    assert_eq!(all.len(), 301 * 2);
    assert_eq!(all[600..], last);
}

#[tokio::test]
async fn the_example_is_shown_as_a_table_and_drawn() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../examples/economy/one-day.json")
        .canonicalize()
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let plot = folder.path().join("a.svg");
    let (code, text, progress) = phat(&[
        "economy",
        "simulate",
        example.to_str().unwrap(),
        "--plot",
        plot.to_str().unwrap(),
    ])
    .await;
    assert_eq!(code, 0, "{progress}");
    assert!(progress.contains("a.svg"), "{progress}");
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 1 + 6 * 3);
    assert!(lines[0].contains("paid to treasury"), "{text}");
    let words: Vec<_> = lines[1].split_whitespace().collect();
    assert_eq!(
        words[..6],
        ["1", "steady", "idle", "3000.002035", "0.002035", "100.00"]
    );
    let svg = fs::read_to_string(&plot).unwrap();
    is_a_chart(&svg, &["steady", "large", "missing"]);
    assert!(svg.contains(">6000</text>"), "no block on the axis");
}

/// Whether it is a chart with a line for each worker in each of the two panels, and with no
/// coordinate that is no number.
fn is_a_chart(svg: &str, workers: &[&str]) {
    assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
    assert_eq!(svg.matches("<polyline").count(), workers.len() * 2);
    for worker in workers {
        assert!(svg.contains(&format!(">{worker}</text>")), "no {worker}");
    }
    assert!(!svg.contains("NaN") && !svg.contains("inf"));
}

#[tokio::test]
async fn a_chart_of_nothing_and_of_hostile_names_is_one() {
    let mut scenario = scenario(&json!([]), 0, &[0]);
    scenario["workers"][0]["id"] = "<a&\"\u{7}".into();
    scenario["workers"][0]["v"] = "0".into();
    let file = File::of(&scenario);
    let plot = file.folder.path().join("a.svg");
    let simulate = [
        "economy",
        "simulate",
        &file.path,
        "--plot",
        plot.to_str().unwrap(),
    ];
    let (code, _, progress) = phat(&simulate).await;
    assert_eq!(code, 0, "{progress}");
    let svg = fs::read_to_string(&plot).unwrap();
    is_a_chart(&svg, &["&lt;a&amp;&quot;\u{fffd}"]);
}

#[tokio::test]
async fn a_chart_has_the_first_workers_and_says_how_many_more_there_are() {
    let mut scenario = scenario(&json!([]), 100, &[100]);
    let worker = |id| json!({ "id": id, "v": "1", "p": 1, "confidence_level": 1 });
    scenario["workers"] = (1..=12).map(worker).collect();
    let file = File::of(&scenario);
    let path = |name| file.folder.path().join(name).to_str().unwrap().to_owned();
    let plot = path("a.svg");
    let (code, text, _) = phat(&["economy", "simulate", &file.path, "--plot", &plot]).await;
    assert_eq!((code, text.lines().count()), (0, 13));
    let svg = fs::read_to_string(&plot).unwrap();
    is_a_chart(&svg, &["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"]);
    assert!(svg.contains(">and 2 more</text>"));

    // A path that cannot be written costs the chart, not the result.
    let missing = path("missing/a.svg");
    let simulate = [
        "economy", "simulate", &file.path, "--json", "--plot", &missing,
    ];
    let (code, text, progress) = phat(&simulate).await;
    let rows: Vec<Value> = serde_json::from_str(&text).unwrap();
    assert_eq!((code, rows.len()), (1, 12));
    assert!(
        progress.contains("the chart was not saved: ") && progress.contains(&missing),
        "{progress}"
    );
}

#[tokio::test]
async fn a_bad_scenario_is_told_where() {
    let check = async |place: &str, value: Value, expected: &str| {
        let event = json!({ "block": 5, "worker": "a", "kind": "challenge" });
        let mut changed = scenario(&json!([event]), 10, &[10]);
        // Makes what is not there yet.
        *changed
            .pointer_mut(place.rsplit_once('/').unwrap().0)
            .unwrap() = {
            let (parent, name) = place.rsplit_once('/').unwrap();
            let mut parent = changed.pointer(parent).unwrap().clone();
            match (name.parse::<usize>(), value.is_null()) {
                (Ok(index), _) => parent[index] = value,
                (_, true) => _ = parent.as_object_mut().unwrap().remove(name),
                (_, false) => parent[name] = value,
            }
            parent
        };
        let file = File::of(&changed);
        let (code, text, progress) = phat(&["economy", "simulate", &file.path]).await;
        assert_eq!((code, &*text), (1, ""), "{place}");
        let named = format!("scenario.json: {expected}");
        assert!(progress.contains(&named), "{progress} lacks {named:?}");
    };
    let text = |text: &str| Value::from(text);
    check("/params", json!([]), "params: is a list: write an object").await;
    check(
        "/params",
        json!({ "rh": "1" }),
        "params.rh: there is no such field: use rho, ",
    )
    .await;
    check(
        "/params",
        json!({ "rho": 1.5 }),
        "params.rho: 1.5 would lose digits: write it as a text",
    )
    .await;
    check(
        "/params",
        json!({ "rho": "1,5" }),
        "params.rho: not a decimal: write digits",
    )
    .await;
    check(
        "/params",
        json!({ "rho": "-1" }),
        "params.rho: the number is negative",
    )
    .await;
    check(
        "/params",
        json!({ "rho": "0.9" }),
        "params.rho: rho is below 1",
    )
    .await;
    check(
        "/params",
        json!({ "treasury_ratio": "2" }),
        "params.treasury_ratio: treasury_ratio is above 1",
    )
    .await;
    check(
        "/params",
        json!({ "heartbeat_window": 0 }),
        "params.heartbeat_window: 0 is not one: write a whole number from 1",
    )
    .await;
    check(
        "/block_ms",
        json!(0),
        "block_ms: 0 is not one: write a whole number from 1 to 3600000",
    )
    .await;
    check(
        "/budget_period_blocks",
        json!(0),
        "budget_period_blocks: 0 is not one: write a whole number from 1 to 4294967295",
    )
    .await;
    check(
        "/until_block",
        Value::Null,
        "until_block: is missing: write a whole number",
    )
    .await;
    check("/until", json!(1), "until: there is no such field").await;
    check(
        "/workers",
        json!([]),
        "workers: is empty: give at least one worker",
    )
    .await;
    check(
        "/workers/0/v",
        Value::Null,
        "workers[0].v: is missing: write a decimal",
    )
    .await;
    check(
        "/workers/0/p",
        json!(0),
        "workers[0].p: 0 is not one: write a whole number from 1",
    )
    .await;
    check(
        "/workers/0/confidence_level",
        json!(6),
        "workers[0].confidence_level: 6 is not one: write a whole number from 1 to 5",
    )
    .await;
    check(
        "/workers/0/id",
        text(""),
        "workers[0].id: is empty: write a name",
    )
    .await;
    check(
        "/events/0",
        json!(1),
        "events[0]: is a number: write an object",
    )
    .await;
    check(
        "/events/0/worker",
        text("b"),
        "events[0].worker: there is no worker \"b\": use the id",
    )
    .await;
    check(
        "/events/0/kind",
        text("beat"),
        "events[0].kind: there is no event \"beat\": use challenge, ",
    )
    .await;
    check(
        "/events/0/block",
        json!(11),
        "events[0].block: 11 is not one: write a whole number from 0 to 10",
    )
    .await;
    check(
        "/events/0/iterations",
        json!(1),
        "events[0].iterations: this kind of event has none",
    )
    .await;
    check(
        "/events/0/kind",
        text("fault"),
        "events[0].level: is missing: write a whole number from 2 to 4",
    )
    .await;
    check(
        "/events/0/kind",
        text("heartbeat"),
        "events[0]: worker \"a\" has no challenge to answer in block 5: add an event",
    )
    .await;
    check(
        "/report_at",
        json!([11]),
        "report_at[0]: 11 is not one: write a whole number from 0 to 10",
    )
    .await;

    let worker = json!({ "id": "a", "v": "1", "p": 1, "confidence_level": 1 });
    check(
        "/workers",
        json!([worker, worker]),
        "workers[1].id: \"a\" is the id of workers[0] already",
    )
    .await;
    let stopped = json!([
        { "block": 5, "worker": "a", "kind": "stop" },
        { "block": 6, "worker": "a", "kind": "challenge" },
    ]);
    check(
        "/events",
        stopped,
        "events[1]: worker \"a\" has stopped before this event of block 6",
    )
    .await;
}

#[tokio::test]
async fn what_is_no_scenario_is_told() {
    let check = async |content: &str, expected: &str| {
        let file = File::with(content);
        let (code, text, _) = phat(&["economy", "simulate", &file.path, "--json"]).await;
        let json: Value = serde_json::from_str(&text).unwrap();
        let message = json["error"]["message"].as_str().unwrap();
        assert_eq!(code, 1);
        assert!(message.contains(expected), "{message} lacks {expected:?}");
    };
    check("{", "the file is not JSON: EOF").await;
    check("[]", "the scenario: is a list: write an object").await;
    let (code, _, progress) = phat(&["economy", "simulate", "/missing.json"]).await;
    assert_eq!(code, 1);
    assert!(
        progress.contains("/missing.json: No such file"),
        "{progress}"
    );
}

#[tokio::test]
async fn more_rows_than_a_reader_could_use_are_refused() {
    let mut scenario = scenario(&json!([]), 99_999, &[]);
    scenario["report_at"] = (0..100_000).collect();
    let worker = |id| json!({ "id": id, "v": "1", "p": 1, "confidence_level": 1 });
    scenario["workers"] = (0..11).map(worker).collect();
    let file = File::of(&scenario);
    let (code, _, progress) = phat(&["economy", "simulate", &file.path]).await;
    assert_eq!(code, 1);
    assert!(
        progress.contains("report_at: 1100000 rows come of it: report fewer blocks, at most 90909"),
        "{progress}"
    );
}
