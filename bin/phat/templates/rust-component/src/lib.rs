//! Asks an API for a price and returns it as text.

use phat_guest_sdk::{Error, Request, contract, http, log};
use serde::Deserialize;

#[derive(Deserialize)]
struct Settings {
    url: String,
}

#[derive(Deserialize)]
struct Answer {
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    amount: String,
}

#[contract]
fn run(request: Request) -> Result<Vec<u8>, Error> {
    let settings: Settings = serde_json::from_str(&request.settings)?;
    let response = http::get(settings.url)?;
    if !response.is_success() {
        return Err(Error::new(format!("HTTP status {}", response.status)));
    }
    let answer: Answer = serde_json::from_slice(&response.body)?;
    log::info(format!("the price is {}", answer.data.amount));
    Ok(answer.data.amount.into())
}

#[cfg(test)]
mod tests {
    use phat_guest_sdk::testing::Host;

    use super::*;

    fn answer(status: u16, body: &str) -> Result<Vec<u8>, Error> {
        let request = Request {
            settings: r#"{"url": "https://example.org/"}"#.to_owned(),
            ..Request::default()
        };
        let host = Host::new().respond("https://example.org/", status, body);
        host.run(|| run(request)).0
    }

    #[test]
    fn the_price_is_returned() {
        let price = answer(200, r#"{"data": {"amount": "3456.78"}}"#);
        assert_eq!(price.unwrap(), b"3456.78");
    }

    #[test]
    fn what_is_no_price_is_an_error() {
        let error = answer(503, "").unwrap_err();
        assert_eq!(error.to_string(), "HTTP status 503");
        assert!(answer(200, "{}").is_err());
    }
}
