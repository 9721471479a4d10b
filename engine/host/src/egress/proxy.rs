//! The operator's proxy, through which all connections of contracts go.

use std::{
    error::Error,
    fmt,
    future::{Ready, ready},
    io,
    net::SocketAddr,
    str::FromStr,
    sync::Arc,
    task::{Context, Poll},
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use http::{HeaderValue, Uri};
use hyper_util::{
    client::legacy::connect::proxy::{SocksV5, Tunnel},
    rt::TokioIo,
};
use percent_encoding::percent_decode_str;
use rustls::ClientConfig;
use thiserror::Error;
use tower_service::Service;
use url::Url;

use super::{
    connector::{Transport, secure, tcp},
    resolver::CheckedResolver,
};

/// The most bytes of a user name or password, which SOCKS cannot have longer.
const CREDENTIAL_BYTES_MAX: usize = 255;

/// A proxy for all connections of contracts, as a URL gives it:
/// `http://host:port`, `https://host:port` or `socks5://host:port`, each with
/// `user:password@` before the host if it asks for them.
///
/// Text made of it leaves out the user and password.
#[derive(Clone, PartialEq, Eq)]
pub struct EgressProxy {
    kind: Kind,
    /// `host:port`.
    authority: String,
    credentials: Option<(String, String)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// HTTP `CONNECT`, over TCP.
    Http,
    /// HTTP `CONNECT`, over TLS.
    Https,
    /// SOCKS version 5.
    Socks,
}

impl Kind {
    fn scheme(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
            Self::Socks => "socks5",
        }
    }
}

/// A text that is no proxy. It is not quoted: it may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ParseProxyError {
    /// It is not a URL of a kind that is known.
    #[error("give a proxy as http://HOST:PORT, https://HOST:PORT or socks5://HOST:PORT")]
    Form,
    /// The user or password cannot be sent.
    #[error(
        "the user and password of a proxy are text of at most {CREDENTIAL_BYTES_MAX} bytes each, \
         without line breaks, and the user has no colon"
    )]
    Credentials,
}

/// A connection that the proxy did not make. What it said is in the worker's log
/// and not for contracts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ProxyError {
    /// It cannot be reached, or does not let the worker in.
    #[error("the proxy of this worker cannot be used")]
    Unusable,
    /// It does not connect to that address.
    #[error("the proxy of this worker made none")]
    Refused,
}

impl FromStr for EgressProxy {
    type Err = ParseProxyError;

    fn from_str(text: &str) -> Result<Self, ParseProxyError> {
        let url = Url::parse(text).map_err(|_| ParseProxyError::Form)?;
        let kind = match url.scheme() {
            "http" => Kind::Http,
            "https" => Kind::Https,
            "socks5" => Kind::Socks,
            _ => return Err(ParseProxyError::Form),
        };
        let has_more =
            !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some();
        let host = url.host_str().filter(|host| !host.is_empty() && !has_more);
        let port = url.port().or(match kind {
            Kind::Http => Some(80),
            Kind::Https => Some(443),
            Kind::Socks => Some(1080),
        });
        let (Some(host), Some(port)) = (host, port) else {
            return Err(ParseProxyError::Form);
        };
        let authority = format!("{host}:{port}");
        // What TCP connectors take is stricter than what URLs can have.
        if authority.parse::<http::uri::Authority>().is_err() {
            return Err(ParseProxyError::Form);
        }
        let credentials = match (url.username(), url.password()) {
            ("", None) => None,
            (user, password) => {
                let user = credential(user)?;
                if user.contains(':') {
                    return Err(ParseProxyError::Credentials);
                }
                Some((user, credential(password.unwrap_or_default())?))
            }
        };
        Ok(Self {
            kind,
            authority,
            credentials,
        })
    }
}

fn credential(encoded: &str) -> Result<String, ParseProxyError> {
    let text = percent_decode_str(encoded)
        .decode_utf8()
        .map_err(|_| ParseProxyError::Credentials)?;
    if text.len() > CREDENTIAL_BYTES_MAX || text.chars().any(char::is_control) {
        return Err(ParseProxyError::Credentials);
    }
    Ok(text.into_owned())
}

impl fmt::Display for EgressProxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.kind.scheme(), self.authority)
    }
}

impl fmt::Debug for EgressProxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl EgressProxy {
    /// Has the proxy connect to an address. `tls` says whom to trust, if the proxy
    /// is spoken to over TLS; `resolver` finds the proxy itself.
    pub(super) async fn tunnel(
        &self,
        tls: &ClientConfig,
        resolver: CheckedResolver,
        address: SocketAddr,
    ) -> Result<Box<dyn Transport>, ProxyError> {
        let connected = self.connect(tls, resolver).await.map_err(|error| {
            tracing::warn!(proxy = %self, error, "the proxy cannot be reached");
            ProxyError::Unusable
        })?;
        // Contracts choose the address, so what comes of it is not worth a line.
        self.ask(connected, address).await.map_err(|error| {
            tracing::debug!(proxy = %self, %address, %error, "the proxy made no connection");
            ProxyError::Refused
        })
    }

    async fn connect(
        &self,
        tls: &ClientConfig,
        resolver: CheckedResolver,
    ) -> Result<Box<dyn Transport>, Box<dyn Error + Send + Sync>> {
        let uri = Uri::try_from(format!("http://{}", self.authority))?;
        let host = uri.host().unwrap_or_default().to_owned();
        let stream: Box<dyn Transport> = Box::new(tcp(resolver).call(uri).await?.into_inner());
        if self.kind != Kind::Https {
            return Ok(stream);
        }
        let mut tls = tls.clone();
        tls.alpn_protocols.clear();
        Ok(Box::new(secure(Arc::new(tls), &host, stream).await?))
    }

    async fn ask(
        &self,
        connected: Box<dyn Transport>,
        address: SocketAddr,
    ) -> Result<Box<dyn Transport>, Box<dyn Error + Send + Sync>> {
        // Neither kind of tunnel looks at the scheme; both take the port.
        let target = Uri::try_from(format!("http://{address}/"))?;
        // Where the proxy is matters no more: the connection to it is there.
        let (proxy, connected) = (Uri::default(), Connected(Some(connected)));
        let tunnelled = match (self.kind, &self.credentials) {
            (Kind::Socks, None) => SocksV5::new(proxy, connected).call(target).await?,
            (Kind::Socks, Some((user, password))) => {
                let socks = SocksV5::new(proxy, connected);
                let mut socks = socks.with_auth(user.clone(), password.clone());
                socks.call(target).await?
            }
            (Kind::Http | Kind::Https, None) => Tunnel::new(proxy, connected).call(target).await?,
            (Kind::Http | Kind::Https, Some((user, password))) => {
                let basic = BASE64_STANDARD.encode(format!("{user}:{password}"));
                let value = HeaderValue::try_from(format!("Basic {basic}"))?;
                let tunnel = Tunnel::new(proxy, connected);
                tunnel.with_auth(value).call(target).await?
            }
        };
        Ok(tunnelled.into_inner())
    }
}

/// The connection to the proxy, for the protocol that asks for it.
struct Connected(Option<Box<dyn Transport>>);

impl Service<Uri> for Connected {
    type Response = TokioIo<Box<dyn Transport>>;
    type Error = io::Error;
    type Future = Ready<io::Result<Self::Response>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _proxy: Uri) -> Self::Future {
        let connected = self.0.take().map(TokioIo::new);
        ready(connected.ok_or_else(|| io::Error::other("the connection was used before")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_are_read_and_their_passwords_not_shown() {
        let check = |text: &str, shown: &str, credentials: Option<(&str, &str)>| {
            let proxy: EgressProxy = text.parse().unwrap();
            assert_eq!(proxy.to_string(), shown);
            assert_eq!(format!("{proxy:?}"), shown);
            let found = proxy.credentials.as_ref();
            let found = found.map(|(user, password)| (user.as_str(), password.as_str()));
            assert_eq!(found, credentials, "{text}");
        };
        check(
            "http://proxy.example:3128",
            "http://proxy.example:3128",
            None,
        );
        check("http://proxy.example/", "http://proxy.example:80", None);
        check("https://u:p@[::1]", "https://[::1]:443", Some(("u", "p")));
        check(
            "socks5://us%20er:p%40ss%3A@10.0.0.1",
            "socks5://10.0.0.1:1080",
            Some(("us er", "p@ss:")),
        );
        check("http://u@a:1", "http://a:1", Some(("u", "")));
    }

    #[test]
    fn what_is_no_proxy_is_not_quoted() {
        let long = "p".repeat(CREDENTIAL_BYTES_MAX + 1);
        for (text, expected) in [
            ("", ParseProxyError::Form),
            ("proxy:3128", ParseProxyError::Form),
            ("ftp://u:secret@a", ParseProxyError::Form),
            ("socks5h://u:secret@a", ParseProxyError::Form),
            ("http://u:secret@a/path", ParseProxyError::Form),
            ("http://u:secret@a?b", ParseProxyError::Form),
            ("http://u:secret@a#b", ParseProxyError::Form),
            ("http://u:secret@", ParseProxyError::Form),
            ("http://u:secret@a:99999", ParseProxyError::Form),
            ("http://u:sec%0d%0aret@a", ParseProxyError::Credentials),
            ("http://u:sec%ffret@a", ParseProxyError::Credentials),
            ("http://u%3Av:secret@a", ParseProxyError::Credentials),
            (&format!("http://u:{long}@a"), ParseProxyError::Credentials),
        ] {
            let error = text.parse::<EgressProxy>().unwrap_err();
            assert_eq!(error, expected, "{text}");
            assert!(!error.to_string().contains("sec"), "{error}");
        }
    }
}
