//! Which web pages may read the gateway's answers.
//!
//! Browsers let a page read what another host answers only if that host allows the page's
//! origin (CORS). The gateway knows no cookies and no passwords, so what a page gets is what
//! anyone gets; but a page that is open in a browser also reaches gateways in the private
//! network of whoever looks at it, so none is allowed unless the operator says so.

use std::{str::FromStr, time::Duration};

use axum::http::{
    HeaderValue, Method,
    header::{CONTENT_TYPE, RETRY_AFTER},
};
use tower_http::cors::{AllowOrigin, CorsLayer};
use url::Url;

/// How long a browser may remember what is allowed.
const MAX_AGE: Duration = Duration::from_secs(60 * 60);

/// Where pages come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PageOrigin {
    /// Anywhere.
    Any,
    /// There.
    One(HeaderValue),
}

impl FromStr for PageOrigin {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "*" {
            return Ok(Self::Any);
        }
        let is_origin = Url::parse(text).is_ok_and(|url| {
            matches!(url.scheme(), "http" | "https") && url.origin().ascii_serialization() == text
        });
        let is_origin = is_origin && !text.contains('*');
        match HeaderValue::from_str(text) {
            Ok(value) if is_origin => Ok(Self::One(value)),
            _ => Err("give * or an origin such as https://app.example, without a path".into()),
        }
    }
}

/// What tells browsers that pages of these origins may read the answers, if there are any.
pub fn cors(origins: &[PageOrigin]) -> Option<CorsLayer> {
    if origins.is_empty() {
        return None;
    }
    let some = origins.iter().map(|origin| match origin {
        PageOrigin::Any => None,
        PageOrigin::One(value) => Some(value.clone()),
    });
    let allowed = some
        .collect::<Option<Vec<_>>>()
        .map_or_else(AllowOrigin::any, AllowOrigin::list);
    let layer = CorsLayer::new()
        .allow_origin(allowed)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([CONTENT_TYPE])
        .expose_headers([RETRY_AFTER])
        .max_age(MAX_AGE);
    Some(layer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_those_that_browsers_name() {
        assert_eq!("*".parse(), Ok(PageOrigin::Any));
        for good in ["https://app.example", "http://localhost:5173"] {
            let origin = PageOrigin::One(HeaderValue::from_static(good));
            assert_eq!(good.parse(), Ok(origin));
        }
        for bad in [
            "",
            "app.example",
            "https://app.example/",
            "https://app.example/path",
            "https://App.example",
            "https://app.example:443",
            "file:///a",
            "https://*.example",
            "null",
        ] {
            let parsed = bad.parse::<PageOrigin>();
            assert!(parsed.is_err(), "{bad}: {parsed:?}");
        }
    }
}
