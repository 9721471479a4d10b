//! A Phat Contract in Rust: the median of a price that several sources give.
//!
//! It asks all sources at once, leaves out those that fail, and returns the median as
//! the bytes of an `uint256`, in units of 10^-8, which is `abi.encode` of it.

mod price;

use std::time::Duration;

use phat_guest_sdk::{Error, Request, contract, http, log};
use price::{PriceError, parse_price};
use serde::Deserialize;
use serde_json::Value;
use thiserror::Error as ThisError;

/// How long one source may take.
const SOURCE_TIMEOUT: Duration = Duration::from_secs(15);
/// Hundredths of a percent in the whole.
const BPS: u128 = 10_000;

#[derive(Deserialize)]
struct Settings {
    sources: Vec<Source>,
    answers_min: usize,
    deviation_bps_max: u128,
}

#[derive(Deserialize)]
struct Source {
    url: String,
    pointer: String,
}

#[derive(Debug, ThisError)]
enum SourceError {
    #[error("{0}")]
    Http(#[from] http::Error),
    #[error("HTTP status {0}")]
    Status(u16),
    #[error("its answer is not JSON: {0}")]
    Json(#[from] serde_json::Error),
    #[error("its answer has no price at {0}")]
    Missing(String),
    #[error(transparent)]
    Price(#[from] PriceError),
}

/// The median of the price, as an `uint256` in units of 10^-8.
#[contract]
pub fn run(request: Request) -> Result<Vec<u8>, Error> {
    let settings: Settings = serde_json::from_str(&request.settings)?;
    let requests = settings
        .sources
        .iter()
        .map(|source| http::Request::get(&source.url).timeout(SOURCE_TIMEOUT));
    let mut prices = Vec::new();
    for (source, answer) in settings.sources.iter().zip(http::send_all(requests)) {
        match price_of(source, answer) {
            Ok(price) => prices.push(price),
            Err(error) => log::warn(format!("{}: {error}", source.url)),
        }
    }
    if prices.is_empty() || prices.len() < settings.answers_min {
        return Err(Error::new(format!(
            "{} of {} sources answered, and {} must",
            prices.len(),
            settings.sources.len(),
            settings.answers_min
        )));
    }
    let median = median(&mut prices);
    check_deviation(&prices, median, settings.deviation_bps_max)?;
    log::info(format!("the median of {prices:?} is {median}"));
    let mut encoded = vec![0; 16];
    encoded.extend(median.to_be_bytes());
    Ok(encoded)
}

fn price_of(
    source: &Source,
    answer: Result<http::Response, http::Error>,
) -> Result<u128, SourceError> {
    let response = answer?;
    if !response.is_success() {
        return Err(SourceError::Status(response.status));
    }
    let body: Value = serde_json::from_slice(&response.body)?;
    let price = match body.pointer(&source.pointer) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => return Err(SourceError::Missing(source.pointer.clone())),
    };
    Ok(parse_price(&price)?)
}

/// The one in the middle, or the mean of the two there. There is at least one.
fn median(prices: &mut [u128]) -> u128 {
    prices.sort_unstable();
    let middle = prices.len() / 2;
    match prices.len() % 2 {
        1 => prices[middle],
        // Prices are far below half of what a number holds.
        _ => (prices[middle - 1] + prices[middle]) / 2,
    }
}

fn check_deviation(prices: &[u128], median: u128, bps_max: u128) -> Result<(), Error> {
    let is_far = |price: &u128| price.abs_diff(median) * BPS > median.saturating_mul(bps_max);
    match prices.iter().find(|price| is_far(price)) {
        Some(price) => Err(Error::new(format!(
            "{price} is away from the median {median} by more than {bps_max} bps"
        ))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use phat_guest_sdk::testing::Host;

    use super::*;

    const SETTINGS: &str = r#"{
        "answers_min": 2,
        "deviation_bps_max": 200,
        "sources": [
            { "url": "https://a/", "pointer": "/price" },
            { "url": "https://b/", "pointer": "/data/0" },
            { "url": "https://c/", "pointer": "/price" }
        ]
    }"#;

    /// What comes of three answers: a price, or words of the error.
    fn check(answers: [(u16, &str); 3], expected: Result<u128, &str>) {
        let request = Request {
            settings: SETTINGS.to_owned(),
            ..Request::default()
        };
        let urls = ["https://a/", "https://b/", "https://c/"];
        let host = urls
            .iter()
            .zip(answers)
            .fold(Host::new(), |host, (url, answer)| {
                host.respond(url, answer.0, answer.1)
            });
        let (result, _) = host.run(|| run(request));
        match (result, expected) {
            (Ok(bytes), Ok(price)) => {
                assert_eq!(bytes.len(), 32);
                assert_eq!(bytes[16..], price.to_be_bytes());
            }
            (Err(error), Err(words)) => assert!(error.to_string().contains(words), "{error}"),
            (found, expected) => panic!("{found:?} is not {expected:?}"),
        }
    }

    #[test]
    fn the_median_is_of_those_that_answer() {
        let a = (200, r#"{"price": "100.00"}"#);
        let b = (200, r#"{"data": [101.5]}"#);
        let c = (200, r#"{"price": 100.5}"#);
        check([a, b, c], Ok(10_050_000_000));
        check([a, b, (500, "")], Ok(10_075_000_000));
        check([a, b, (200, "no JSON")], Ok(10_075_000_000));
        check([a, (404, ""), (200, "{}")], Err("1 of 3 sources answered"));
        check(
            [a, b, (200, r#"{"price": "150"}"#)],
            Err("by more than 200 bps"),
        );
    }
}
