//! Proxies on the loopback interface that connect where a test says.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use super::server::AUTHORITY;

/// What a proxy speaks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// HTTP `CONNECT`.
    Http,
    /// The same over TLS.
    Https,
    /// SOCKS version 5, with a user and a password.
    Socks,
}

/// A proxy that ends when it is dropped.
pub struct Proxy {
    pub address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Proxy {
    /// Starts a proxy. `route` tells where an address really is, for addresses that
    /// the proxy connects to. It asks for `user:pass`.
    pub async fn start(
        kind: Kind,
        route: impl Fn(&str) -> Option<SocketAddr> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (seen, route) = (asked.clone(), Arc::new(route));
        let acceptor = AUTHORITY.acceptor("http/1.1");
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (seen, route, acceptor) = (seen.clone(), route.clone(), acceptor.clone());
                tokio::spawn(async move {
                    let note = |asked: &str| {
                        seen.lock().unwrap().push(asked.to_owned());
                        route(asked)
                    };
                    match kind {
                        Kind::Http => connect(stream, note).await,
                        Kind::Https => match acceptor.accept(stream).await {
                            Ok(stream) => connect(stream, note).await,
                            Err(_) => None,
                        },
                        Kind::Socks => socks(stream, note).await,
                    }
                });
            }
        });
        Self {
            address,
            asked,
            task,
        }
    }

    /// The addresses that it was asked for.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// Serves one `CONNECT`; none if it came to nothing.
async fn connect<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    route: impl Fn(&str) -> Option<SocketAddr>,
) -> Option<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).ok()?;
    let mut words = head.split(' ');
    assert_eq!(words.next(), Some("CONNECT"), "{head}");
    // user:pass
    if !head.contains("Proxy-Authorization: Basic dXNlcjpwYXNz\r\n") {
        let refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n";
        return stream.write_all(refusal).await.ok();
    }
    match route(words.next()?) {
        Some(target) => {
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.ok()?;
            forward(stream, target).await
        }
        None => {
            let refusal = b"HTTP/1.1 403 Forbidden\r\nx: why\r\n\r\n";
            stream.write_all(refusal).await.ok()
        }
    }
}

/// Serves one `CONNECT` of SOCKS (RFC 1928 and 1929).
async fn socks(mut stream: TcpStream, route: impl Fn(&str) -> Option<SocketAddr>) -> Option<()> {
    let mut methods = [0; 3];
    stream.read_exact(&mut methods).await.ok()?;
    assert_eq!(methods, [5, 1, 2], "a user and a password");
    stream.write_all(&[5, 2]).await.ok()?;
    let mut login = [0; 11];
    stream.read_exact(&mut login).await.ok()?;
    let is_known = login == *b"\x01\x04user\x04pass";
    stream.write_all(&[1, u8::from(!is_known)]).await.ok()?;
    if !is_known {
        return None;
    }
    let mut wanted = [0; 10];
    stream.read_exact(&mut wanted).await.ok()?;
    let [5, 1, 0, 1, a, b, c, d, high, low] = wanted else {
        panic!("{wanted:?} is no address of IPv4");
    };
    let port = u16::from_be_bytes([high, low]);
    let target = route(&format!("{a}.{b}.{c}.{d}:{port}"));
    let code = if target.is_some() { 0 } else { 2 };
    let answer = [5, code, 0, 1, 0, 0, 0, 0, 0, 0];
    stream.write_all(&answer).await.ok()?;
    forward(stream, target?).await
}

async fn forward<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    target: SocketAddr,
) -> Option<()> {
    let mut there = TcpStream::connect(target).await.ok()?;
    copy_bidirectional(&mut stream, &mut there).await.ok()?;
    Some(())
}
