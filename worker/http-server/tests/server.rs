//! What peers meet that are slow, greedy or gone.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Request, State},
    http::StatusCode,
    response::Response,
    routing::{get, post},
};
use phat_http_server::{Limits, Pace, hold, is_too_slow, serve};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
    sync::{Notify, Semaphore, oneshot},
    task::JoinHandle,
};

/// How long a test waits for what must happen.
const PATIENCE: Duration = Duration::from_secs(30);
/// A time that is over before a test gives up.
const SHORT: Duration = Duration::from_millis(100);
/// A time that is not.
const LONG: Duration = Duration::from_secs(3_600);
/// More than the operating system keeps of an answer that nobody reads.
const LONG_ANSWER_BYTES: usize = 64 * 1024 * 1024;

/// What the handlers tell the test and are told by it.
struct Events {
    entered: Notify,
    release: Notify,
    places: Arc<Semaphore>,
}

struct Server {
    address: SocketAddr,
    events: Arc<Events>,
    stop: Option<oneshot::Sender<()>>,
    serving: JoinHandle<()>,
}

/// Limits that no test reaches by chance.
fn wide() -> Limits {
    let pace = Pace {
        bytes_min: 1,
        wait_max: LONG,
    };
    Limits {
        connections_max: 16,
        connections_per_peer_max: 16,
        head_time_max: LONG,
        request_pace: pace,
        answer_pace: pace,
    }
}

fn short_pace() -> Pace {
    Pace {
        bytes_min: 1024 * 1024,
        wait_max: SHORT,
    }
}

async fn echo(State(events): State<Arc<Events>>, request: Request) -> (StatusCode, Bytes) {
    events.entered.notify_one();
    match axum::body::to_bytes(request.into_body(), 1024).await {
        Ok(body) => (StatusCode::OK, body),
        Err(error) if is_too_slow(&error) => (StatusCode::REQUEST_TIMEOUT, "too slow".into()),
        Err(error) => (StatusCode::BAD_REQUEST, error.to_string().into()),
    }
}

async fn wait(State(events): State<Arc<Events>>) -> &'static str {
    events.entered.notify_one();
    events.release.notified().await;
    "released"
}

async fn long(State(events): State<Arc<Events>>) -> Response {
    let place = events.places.clone().try_acquire_owned().unwrap();
    hold(Response::new(Body::from(vec![7; LONG_ANSWER_BYTES])), place)
}

impl Server {
    async fn start(limits: Limits) -> Self {
        let events = Arc::new(Events {
            entered: Notify::new(),
            release: Notify::new(),
            places: Arc::new(Semaphore::new(1)),
        });
        let router = Router::new()
            .route("/health", get(async || "well"))
            .route("/echo", post(echo))
            .route("/wait", get(wait))
            .route("/long", get(long))
            .with_state(events.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(serve(listener, router, limits, async {
            let _ = stopped.await;
        }));
        Self {
            address,
            events,
            stop: Some(stop),
            serving,
        }
    }

    /// A connection that has sent `start`.
    async fn connect(&self, start: &str) -> TcpStream {
        self.connect_from("127.0.0.1", start).await
    }

    async fn connect_from(&self, host: &str, start: &str) -> TcpStream {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(format!("{host}:0").parse().unwrap()).unwrap();
        let mut stream = socket.connect(self.address).await.unwrap();
        stream.write_all(start.as_bytes()).await.unwrap();
        stream
    }

    fn stop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
    }
}

fn request(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: a\r\n\r\n")
}

fn post_start(length: usize, body: &str) -> String {
    format!("POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: {length}\r\n\r\n{body}")
}

async fn soon<T>(event: impl Future<Output = T>) -> T {
    let waited = tokio::time::timeout(PATIENCE, event).await;
    waited.expect("it did not happen")
}

/// Reads up to and with `end`.
async fn read_until(stream: &mut TcpStream, end: &str) -> String {
    let mut bytes = Vec::new();
    while !bytes.ends_with(end.as_bytes()) {
        let byte = soon(stream.read_u8()).await;
        bytes.push(byte.unwrap_or_else(|error| {
            panic!("{error} after {:?}", String::from_utf8_lossy(&bytes));
        }));
    }
    String::from_utf8(bytes).unwrap()
}

/// Reads until the server closes the connection.
async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    // A connection that is closed on unread bytes counts as reset.
    let _ = soon(stream.read_to_end(&mut bytes)).await;
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn a_request_that_does_not_arrive_loses_its_connection() {
    let limits = Limits {
        head_time_max: SHORT,
        ..wide()
    };
    let server = Server::start(limits).await;
    for (sent, expected) in [
        (String::new(), ""),
        ("GET /health HTTP/1.1\r\nhost: a\r\n".into(), ""),
        (request("/health"), "well"),
        (format!("{}GET /he", request("/health")), "well"),
    ] {
        let mut stream = server.connect(&sent).await;
        let answer = rest(&mut stream).await;
        assert_eq!(answer.rsplit("\r\n").next().unwrap(), expected, "{sent:?}");
    }
}

#[tokio::test]
async fn a_body_that_does_not_arrive_loses_its_connection() {
    let limits = Limits {
        request_pace: short_pace(),
        ..wide()
    };
    let server = Server::start(limits).await;
    let mut silent = server.connect(&post_start(10, "123")).await;
    let answer = rest(&mut silent).await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");

    // Each byte comes in time, and yet the body would take for ever.
    let (mut reader, mut writer) = server.connect(&post_start(1_000, "")).await.into_split();
    let trickle = async {
        let mut ticks = tokio::time::interval(SHORT / 10);
        loop {
            ticks.tick().await;
            if writer.write_all(b"x").await.is_err() {
                std::future::pending().await
            }
        }
    };
    let mut answer = Vec::new();
    tokio::select! {
        _ = soon(reader.read_to_end(&mut answer)) => {}
        () = trickle => {}
    }

    let mut quick = server.connect(&post_start(3, "abc")).await;
    read_until(&mut quick, "abc").await;
}

#[tokio::test]
async fn who_does_not_read_the_answer_loses_connection_and_place() {
    let limits = Limits {
        answer_pace: short_pace(),
        ..wide()
    };
    let server = Server::start(limits).await;
    let mut stream = server.connect(&request("/long")).await;
    read_until(&mut stream, "\r\n\r\n").await;
    soon(server.events.places.acquire()).await.unwrap().forget();
    let mut bytes = Vec::new();
    let _ = soon(stream.read_to_end(&mut bytes)).await;
    assert!(bytes.len() < LONG_ANSWER_BYTES);
}

#[tokio::test]
async fn a_place_is_held_until_the_answer_is_read() {
    let server = Server::start(wide()).await;
    let mut stream = server.connect(&request("/long")).await;
    read_until(&mut stream, "\r\n\r\n").await;
    assert_eq!(server.events.places.available_permits(), 0);
    let mut bytes = vec![0; LONG_ANSWER_BYTES];
    soon(stream.read_exact(&mut bytes)).await.unwrap();
    soon(server.events.places.acquire()).await.unwrap().forget();
    assert!(bytes.iter().all(|byte| *byte == 7));
}

#[tokio::test]
async fn connections_are_bounded_for_each_peer_and_for_all() {
    let limits = Limits {
        connections_max: 3,
        connections_per_peer_max: 2,
        ..wide()
    };
    let server = Server::start(limits).await;
    let first = server.connect("").await;
    let _second = server.connect("GET /health").await;
    let mut refused = server.connect(&request("/health")).await;
    assert_eq!(rest(&mut refused).await, "", "a third of the same peer");

    let mut other = server.connect_from("127.0.0.2", &request("/health")).await;
    read_until(&mut other, "well").await;

    // The server is full now: a fourth waits until one of the three is closed.
    let mut fourth = server.connect_from("127.0.0.3", &request("/health")).await;
    let early = tokio::time::timeout(SHORT, fourth.read_u8()).await;
    assert!(early.is_err(), "{early:?}");
    drop(first);
    read_until(&mut fourth, "well").await;
}

#[tokio::test]
async fn the_end_waits_for_no_one_who_has_not_sent_a_whole_request() {
    let mut server = Server::start(wide()).await;
    let mut streams = vec![
        server.connect("").await,
        server.connect("GET /health HTTP/1.1\r\n").await,
        server.connect(&post_start(10, "123")).await,
    ];
    soon(server.events.entered.notified()).await;
    for next in ["", "GET /he"] {
        let mut idle = server.connect(&request("/health")).await;
        read_until(&mut idle, "well").await;
        idle.write_all(next.as_bytes()).await.unwrap();
        streams.push(idle);
    }
    server.stop();
    soon(&mut server.serving).await.unwrap();
    for stream in &mut streams {
        assert_eq!(rest(stream).await, "");
    }
}

#[tokio::test]
async fn the_end_waits_for_whole_requests() {
    let mut server = Server::start(wide()).await;
    let mut running = server.connect(&request("/wait")).await;
    soon(server.events.entered.notified()).await;
    server.stop();
    // Nobody else gets in meanwhile.
    soon(async { while TcpStream::connect(server.address).await.is_ok() {} }).await;
    assert!(!server.serving.is_finished());
    server.events.release.notify_one();
    let answer = rest(&mut running).await;
    assert!(answer.ends_with("released"), "{answer}");
    soon(&mut server.serving).await.unwrap();
}

/// Whoever gives up serving has no connection left behind.
#[tokio::test]
async fn a_server_that_is_dropped_cuts_all_connections() {
    let server = Server::start(wide()).await;
    let mut running = server.connect(&request("/wait")).await;
    soon(server.events.entered.notified()).await;
    server.serving.abort();
    assert_eq!(rest(&mut running).await, "");
}
