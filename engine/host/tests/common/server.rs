//! An HTTPS server on the loopback interface, with an authority of its own.

use std::{
    net::SocketAddr,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    task::JoinHandle,
};
use tokio_rustls::{TlsAcceptor, rustls};

/// The authority that the tests' engines trust.
pub static AUTHORITY: LazyLock<Authority> = LazyLock::new(Authority::new);

pub struct Authority {
    pub pem: String,
    certificate: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    pub fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        Self {
            pem: certificate.pem(),
            certificate: certificate.der().clone(),
            issuer: Issuer::new(params, key),
        }
    }

    /// Accepts connections, with one protocol that the client may choose.
    pub fn acceptor(&self, protocol: &str) -> TlsAcceptor {
        self.presenting(protocol).0
    }

    /// The same, with the certificates that clients are presented.
    pub fn presenting(&self, protocol: &str) -> (TlsAcceptor, Vec<CertificateDer<'static>>) {
        let key = KeyPair::generate().unwrap();
        let names = ["localhost", "127.0.0.1", "public.example", "turns.example"];
        let certificate = CertificateParams::new(names.map(str::to_owned))
            .unwrap()
            .signed_by(&key, &self.issuer)
            .unwrap();
        let certificates = vec![certificate.der().clone(), self.certificate.clone()];
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(certificates.clone(), key)
            .unwrap();
        config.alpn_protocols = vec![protocol.as_bytes().to_vec()];
        (TlsAcceptor::from(Arc::new(config)), certificates)
    }
}

/// A request as it came over the wire.
pub struct Asked {
    pub head: String,
    pub body: Vec<u8>,
}

impl Asked {
    pub fn method(&self) -> &str {
        self.head.split(' ').next().unwrap()
    }

    pub fn path(&self) -> &str {
        self.head.split(' ').nth(1).unwrap()
    }
}

/// What to do with a request.
pub enum Answer {
    /// Bytes to send, after which the connection ends.
    Bytes(Vec<u8>),
    /// Bytes to send, after which the connection takes another request.
    Kept(Vec<u8>),
    /// Bytes to send again and again.
    Endless(Vec<u8>),
    /// Bytes to send, and others to send after them again and again.
    Repeated(Vec<u8>, Vec<u8>),
    /// Bytes, and then nothing more.
    Stalling(Vec<u8>),
    /// Nothing, ever.
    Silence,
    /// An answer once so many requests are waiting for one.
    Together(usize, Vec<u8>),
    /// The same, after which the connection takes another request.
    KeptTogether(usize, Vec<u8>),
}

/// A server that ends when it is dropped.
pub struct Server {
    pub address: SocketAddr,
    /// What clients are presented; nothing without TLS.
    pub certificates: Vec<CertificateDer<'static>>,
    counts: Arc<Counts>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct Counts {
    connections: AtomicUsize,
    resumed: AtomicUsize,
    /// The requests that wait for others.
    waiting: AtomicUsize,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    pub async fn start(answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        Self::start_with(Some(AUTHORITY.presenting("http/1.1")), answer).await
    }

    pub async fn start_untrusted(
        answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static,
    ) -> Self {
        Self::start_with(Some(Authority::new().presenting("http/1.1")), answer).await
    }

    pub async fn start_plain(answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        Self::start_with(None, answer).await
    }

    async fn start_with(
        tls: Option<(TlsAcceptor, Vec<CertificateDer<'static>>)>,
        answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let answer = Arc::new(answer);
        let counts = Arc::new(Counts::default());
        let counted = counts.clone();
        let (tls, certificates) = tls.unzip();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (answer, tls, counts) = (answer.clone(), tls.clone(), counted.clone());
                counts.connections.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(async move {
                    match tls {
                        // A client that does not trust the server ends the connection.
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                let kind = stream.get_ref().1.handshake_kind();
                                if kind == Some(rustls::HandshakeKind::Resumed) {
                                    counts.resumed.fetch_add(1, Ordering::SeqCst);
                                }
                                serve(stream, &*answer, &counts.waiting).await;
                            }
                        }
                        None => serve(stream, &*answer, &counts.waiting).await,
                    }
                });
            }
        });
        Self {
            address,
            certificates: certificates.unwrap_or_default(),
            counts,
            task,
        }
    }

    pub fn url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.address.port())
    }

    /// How many connections there ever were.
    pub fn connections(&self) -> usize {
        self.counts.connections.load(Ordering::SeqCst)
    }

    /// How many of them went on with an earlier TLS session.
    pub fn resumed(&self) -> usize {
        self.counts.resumed.load(Ordering::SeqCst)
    }
}

async fn serve<S: AsyncReadExt + AsyncWriteExt + Unpin>(
    mut stream: S,
    answer: &(dyn Fn(&Asked) -> Answer + Send + Sync),
    waiting: &AtomicUsize,
) {
    while let Some(asked) = read(&mut stream).await {
        match answer(&asked) {
            Answer::Kept(bytes) => {
                let _gone = stream.write_all(&bytes).await;
                let _gone = stream.flush().await;
                continue;
            }
            Answer::KeptTogether(count, bytes) => {
                wait_for(count, waiting).await;
                let _gone = stream.write_all(&bytes).await;
                let _gone = stream.flush().await;
                continue;
            }
            Answer::Bytes(bytes) => {
                let _gone = stream.write_all(&bytes).await;
            }
            Answer::Endless(bytes) => while stream.write_all(&bytes).await.is_ok() {},
            Answer::Repeated(first, rest) => {
                let _gone = stream.write_all(&first).await;
                while stream.write_all(&rest).await.is_ok() {}
            }
            Answer::Stalling(bytes) => {
                let _gone = stream.write_all(&bytes).await;
                let _gone = stream.flush().await;
                std::future::pending().await
            }
            Answer::Silence => std::future::pending().await,
            Answer::Together(count, bytes) => {
                wait_for(count, waiting).await;
                let _gone = stream.write_all(&bytes).await;
            }
        }
        let _gone = stream.shutdown().await;
        return;
    }
}

async fn wait_for(count: usize, waiting: &AtomicUsize) {
    waiting.fetch_add(1, Ordering::SeqCst);
    while waiting.load(Ordering::SeqCst) < count {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

async fn read<S: AsyncReadExt + Unpin>(stream: &mut S) -> Option<Asked> {
    let mut bytes = Vec::new();
    loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8(bytes[..end].to_vec()).ok()?;
            let length = head
                .lines()
                .find_map(|line| {
                    line.to_lowercase()
                        .strip_prefix("content-length:")?
                        .trim()
                        .parse()
                        .ok()
                })
                .unwrap_or(0);
            let body = bytes.split_off(end + 4);
            if body.len() >= length {
                return Some(Asked { head, body });
            }
            bytes.extend(body);
        }
        let mut chunk = [0; 4096];
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return None,
            Ok(count) => bytes.extend_from_slice(&chunk[..count]),
        }
    }
}

/// A whole answer.
pub fn http(status: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    Answer::Bytes(message(status, headers, body))
}

/// A whole answer, after which the connection goes on.
pub fn kept(status: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    Answer::Kept(with_length(status, headers, body))
}

/// The bytes of an answer, after which the connection ends.
pub fn message(status: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let headers = [headers, &[("connection", "close")]].concat();
    with_length(status, &headers, body)
}

/// The bytes of an answer.
pub fn with_length(status: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    [head.as_bytes(), body].concat()
}
