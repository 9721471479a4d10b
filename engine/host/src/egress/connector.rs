//! Connections: to a checked address, through the operator's proxy if there is
//! one, and with TLS.

use std::{
    error::Error,
    io::{self, IoSlice},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use http::{Uri, uri::Scheme};
use hyper_util::{
    client::legacy::connect::{Connected, Connection, HttpConnector},
    rt::TokioIo,
};
use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::{TlsConnector, client::TlsStream};
use tower_service::Service;

use super::{
    proxy::{EgressProxy, ProxyError},
    resolver::{CheckedResolver, NameLookup, Reachable, ResolveError, literal},
};
use crate::{CertificateChainHash, shares::LookupTurns};

/// How long a connection may take to be made.
const CONNECT_TIME_MAX: Duration = Duration::from_secs(15);
/// How many addresses of a name a proxy is asked for, one after the other.
const PROXY_ADDRESSES_MAX: usize = 3;
const HTTP2: &[u8] = b"h2";

/// What all connections of an engine have in common.
pub struct Way {
    pub allow_private_networks: bool,
    pub lookup: NameLookup,
    pub proxy: Option<EgressProxy>,
    pub idle_time_max: Duration,
}

impl Way {
    /// Where a request with this scheme may go; none if nowhere.
    pub fn reachable(&self, is_secure: bool) -> Option<Reachable> {
        match (is_secure, self.allow_private_networks) {
            (true, false) => Some(Reachable::Public),
            (true, true) => Some(Reachable::PublicAndPrivate),
            (false, true) => Some(Reachable::Private),
            (false, false) => None,
        }
    }
}

/// Makes the connections of one contract.
#[derive(Clone)]
pub struct Connector {
    pub way: Arc<Way>,
    /// With the TLS sessions of this contract and no other.
    pub tls: Arc<ClientConfig>,
    pub lookups: LookupTurns,
}

/// A connection that was not made.
#[derive(Debug, Error)]
pub enum ConnectError {
    #[error("the name cannot be resolved")]
    Resolve(#[from] ResolveError),
    #[error("nothing can be reached with this scheme")]
    Scheme,
    #[error("the URL has no host that can be connected to")]
    Host,
    #[error("no TCP connection")]
    Tcp(#[source] Box<dyn Error + Send + Sync>),
    #[error("no TLS connection")]
    Tls(#[source] io::Error),
    #[error("the server presents no certificate")]
    NoCertificate,
    #[error("{0}")]
    Proxy(#[from] ProxyError),
    #[error("it was not made within {} s", CONNECT_TIME_MAX.as_secs())]
    Time,
}

impl Service<Uri> for Connector {
    type Response = TokioIo<Link>;
    type Error = ConnectError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, ConnectError>> + Send>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), ConnectError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connector = self.clone();
        Box::pin(async move {
            tokio::time::timeout(CONNECT_TIME_MAX, connector.connect(uri))
                .await
                .map_err(|_| ConnectError::Time)?
                .map(TokioIo::new)
        })
    }
}

impl Connector {
    async fn connect(&self, uri: Uri) -> Result<Link, ConnectError> {
        let is_secure = uri.scheme() == Some(&Scheme::HTTPS);
        let resolver = CheckedResolver {
            reachable: self.way.reachable(is_secure).ok_or(ConnectError::Scheme)?,
            turns: self.lookups.clone(),
            lookup: self.way.lookup.clone(),
        };
        let host = uri.host().ok_or(ConnectError::Host)?.to_owned();
        let transport: Box<dyn Transport> = match &self.way.proxy {
            Some(proxy) => {
                let port = uri.port_u16().unwrap_or(if is_secure { 443 } else { 80 });
                self.tunnel(proxy, resolver, &host, port).await?
            }
            None => direct(resolver, &host, uri).await?,
        };
        if !is_secure {
            return Ok(Link {
                transport,
                is_http2: false,
                certificate_chain: None,
            });
        }
        let stream = secure(self.tls.clone(), &host, transport)
            .await
            .map_err(ConnectError::Tls)?;
        let (_, session) = stream.get_ref();
        // A session that is resumed has the certificates that it began with.
        let certificates = session
            .peer_certificates()
            .ok_or(ConnectError::NoCertificate)?;
        Ok(Link {
            certificate_chain: Some(CertificateChainHash::of(certificates)),
            is_http2: session.alpn_protocol() == Some(HTTP2),
            transport: Box::new(stream),
        })
    }

    /// Goes through the proxy to an address that was checked here, so the proxy
    /// resolves no name of a contract.
    async fn tunnel(
        &self,
        proxy: &EgressProxy,
        resolver: CheckedResolver,
        host: &str,
        port: u16,
    ) -> Result<Box<dyn Transport>, ConnectError> {
        let of_proxy = CheckedResolver {
            // It is the operator's and may be anywhere.
            reachable: Reachable::PublicAndPrivate,
            ..resolver.clone()
        };
        let addresses = resolver.addresses(host).await?;
        let mut last = ProxyError::Refused;
        for mut address in addresses.into_iter().take(PROXY_ADDRESSES_MAX) {
            address.set_port(port);
            match proxy.tunnel(&self.tls, of_proxy.clone(), address).await {
                Ok(transport) => return Ok(transport),
                Err(error) => last = error,
            }
        }
        Err(last.into())
    }
}

/// Connects to a host whose addresses are checked.
async fn direct(
    resolver: CheckedResolver,
    host: &str,
    uri: Uri,
) -> Result<Box<dyn Transport>, ConnectError> {
    // The connector of TCP asks the resolver for names only.
    if let Some(address) = literal(host) {
        resolver.reachable.check(address)?;
    }
    let stream = tcp(resolver)
        .call(uri)
        .await
        .map_err(|error| ConnectError::Tcp(error.into()))?;
    Ok(Box::new(stream.into_inner()))
}

/// Connects to the first address of a name that answers, IPv6 and IPv4 in turn.
pub fn tcp(resolver: CheckedResolver) -> HttpConnector<CheckedResolver> {
    let mut connector = HttpConnector::new_with_resolver(resolver);
    connector.enforce_http(false);
    connector.set_connect_timeout(Some(CONNECT_TIME_MAX));
    connector.set_nodelay(true);
    connector
}

/// Speaks TLS with a host, on a connection to it.
pub async fn secure(
    config: Arc<ClientConfig>,
    host: &str,
    transport: Box<dyn Transport>,
) -> io::Result<TlsStream<Box<dyn Transport>>> {
    let name = match literal(host) {
        Some(address) => ServerName::IpAddress(address.into()),
        None => ServerName::try_from(host.to_owned())
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?,
    };
    TlsConnector::from(config).connect(name, transport).await
}

/// Anything that bytes go over.
pub trait Transport: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Transport for T {}

/// A connection to a server, and what is known of it.
pub struct Link {
    transport: Box<dyn Transport>,
    is_http2: bool,
    certificate_chain: Option<CertificateChainHash>,
}

impl Connection for Link {
    fn connected(&self) -> Connected {
        let mut connected = Connected::new();
        if self.is_http2 {
            connected = connected.negotiated_h2();
        }
        match self.certificate_chain {
            Some(hash) => connected.extra(hash),
            None => connected,
        }
    }
}

impl AsyncRead for Link {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.transport).poll_read(context, buffer)
    }
}

impl AsyncWrite for Link {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.transport).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.transport).poll_write_vectored(context, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.transport.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.transport).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.transport).poll_shutdown(context)
    }
}
