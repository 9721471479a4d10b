//! An HTTPS server that speaks HTTP/2 only.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use bytes::Bytes;
use h2::{Reason, server::SendResponse};
use http::{Response, StatusCode};
use tokio::{net::TcpListener, task::JoinHandle};

use super::server::AUTHORITY;

/// What to do with a request.
pub enum Answer {
    /// An answer with this body.
    Body(Vec<u8>),
    /// An answer whose body never ends.
    Endless,
    /// The start of an answer, and then the stream is broken off.
    Reset,
    /// The whole connection is ended.
    GoAway,
}

/// A server that ends when it is dropped.
pub struct Server {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    pub async fn start(answer: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let acceptor = AUTHORITY.acceptor("h2");
        let answer = Arc::new(answer);
        let connections = Arc::new(AtomicUsize::new(0));
        let counter = connections.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, answer) = (acceptor.clone(), answer.clone());
                let counter = counter.clone();
                tokio::spawn(async move {
                    let Ok(stream) = acceptor.accept(stream).await else {
                        return;
                    };
                    counter.fetch_add(1, Ordering::SeqCst);
                    let Ok(mut connection) = h2::server::handshake(stream).await else {
                        return;
                    };
                    while let Some(Ok((request, respond))) = connection.accept().await {
                        match answer(request.uri().path()) {
                            Answer::GoAway => connection.abrupt_shutdown(Reason::ENHANCE_YOUR_CALM),
                            answer => drop(tokio::spawn(send(respond, answer))),
                        }
                    }
                });
            }
        });
        Self {
            address,
            connections,
            task,
        }
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// How many connections there ever were.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// Sends an answer; a client that breaks off ends it.
async fn send(mut respond: SendResponse<Bytes>, answer: Answer) {
    let mut head = Response::new(());
    *head.status_mut() = StatusCode::OK;
    let Ok(mut stream) = respond.send_response(head, false) else {
        return;
    };
    match answer {
        Answer::Body(body) => {
            let _gone = stream.send_data(body.into(), true);
        }
        Answer::Endless => {
            let chunk = Bytes::from_static(&[b'x'; 1024]);
            loop {
                stream.reserve_capacity(chunk.len());
                match std::future::poll_fn(|context| stream.poll_capacity(context)).await {
                    Some(Ok(room)) => {
                        let part = chunk.slice(..room.min(chunk.len()));
                        if stream.send_data(part, false).is_err() {
                            return;
                        }
                    }
                    Some(Err(_)) | None => return,
                }
            }
        }
        Answer::Reset => {
            let _gone = stream.send_data(Bytes::from_static(b"some"), false);
            stream.send_reset(Reason::INTERNAL_ERROR);
        }
        Answer::GoAway => {}
    }
}
