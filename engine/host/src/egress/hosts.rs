//! The hosts that a manifest allows.

use url::Url;

/// The hosts that a run may call.
#[derive(Clone, Debug, Default)]
pub struct AllowedHosts(Vec<Pattern>);

#[derive(Clone, Debug)]
struct Pattern {
    host: Host,
    /// Any port if there is none.
    port: Option<u16>,
}

#[derive(Clone, Debug)]
enum Host {
    Any,
    Exact(String),
    /// What the name must end with, from the dot on.
    Below(String),
}

impl AllowedHosts {
    /// Reads patterns: `api.example.org`, `*.example.org` for all names below,
    /// an IP address, each also with `:port`, and `*` for everything. A pattern
    /// that is none of these allows nothing.
    pub fn new(patterns: &[String]) -> Self {
        Self(
            patterns
                .iter()
                .filter_map(|text| Pattern::parse(text))
                .collect(),
        )
    }

    pub fn allows(&self, url: &Url) -> bool {
        let Some(host) = url.host_str() else {
            return false;
        };
        // A final dot, which makes a name absolute, makes it no other name.
        let host = host.strip_suffix('.').unwrap_or(host);
        let port = url.port_or_known_default();
        self.0.iter().any(|pattern| {
            let fits = match &pattern.host {
                Host::Any => true,
                Host::Exact(name) => name == host,
                Host::Below(suffix) => host.len() > suffix.len() && host.ends_with(suffix),
            };
            fits && (pattern.port.is_none() || pattern.port == port)
        })
    }
}

impl Pattern {
    fn parse(text: &str) -> Option<Self> {
        let text = text.to_ascii_lowercase();
        let (host, port) = match text.rsplit_once(':') {
            // An IPv6 address stands in brackets, so its own colons are inside them.
            Some((host, port)) if !port.contains(']') => (host, Some(port.parse().ok()?)),
            _ => (text.as_str(), None),
        };
        let host = match host {
            "" => return None,
            "*" => Host::Any,
            _ => match host.strip_prefix('*') {
                Some(suffix) if suffix.len() > 1 && suffix.starts_with('.') => {
                    Host::Below(suffix.to_owned())
                }
                Some(_) => return None,
                None => Host::Exact(normal(host)),
            },
        };
        Some(Self { host, port })
    }
}

/// A host as URLs spell it, so that `[::0001]` is the same as `[::1]`.
fn normal(host: &str) -> String {
    url::Host::parse(host).map_or_else(|_| host.to_owned(), |host| host.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_allow_what_they_say() {
        let check = |pattern: &str, allowed: &[&str], refused: &[&str]| {
            let hosts = AllowedHosts::new(&[pattern.to_owned()]);
            for (urls, expected) in [(allowed, true), (refused, false)] {
                for url in urls {
                    assert_eq!(
                        hosts.allows(&Url::parse(url).unwrap()),
                        expected,
                        "{pattern} {url}"
                    );
                }
            }
        };
        check(
            "api.example.org",
            &[
                "https://api.example.org/a",
                "https://API.example.org.:8443/",
            ],
            &[
                "https://example.org",
                "https://x.api.example.org",
                "https://api.example.org.evil.net",
            ],
        );
        check(
            "*.example.org",
            &["https://a.example.org", "https://a.b.example.org:1"],
            &[
                "https://example.org",
                "https://.example.org",
                "https://badexample.org",
                "https://a.example.org.evil.net",
            ],
        );
        check(
            "example.org:443",
            &["https://example.org/", "https://example.org:443/"],
            &["https://example.org:444/", "http://example.org/"],
        );
        check("127.0.0.1:80", &["http://127.1/"], &["http://127.0.0.2/"]);
        check("[::0001]", &["https://[::1]:7/"], &["https://[::2]/"]);
        check("*", &["https://a.b", "https://[::1]"], &["data:,x"]);
        for nothing in ["", "*.", "*x.org", "a:99999", "*:x"] {
            check(nothing, &[], &["https://a.x.org", "https://a"]);
        }
        assert!(!AllowedHosts::new(&[]).allows(&Url::parse("https://a").unwrap()));
    }
}
