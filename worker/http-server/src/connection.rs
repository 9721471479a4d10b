//! One connection.

use std::{
    error::Error,
    io::{self, IoSlice},
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
};

use axum::{BoxError, Router, body::Body};
use bytes::Bytes;
use hyper::{
    Request,
    body::{Body as HttpBody, Frame, Incoming, SizeHint},
    server::conn::http1,
    service::{Service, service_fn},
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use thiserror::Error;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    sync::watch,
};

use crate::{Limits, pace::Patience};

/// What a connection keeps in memory of what it reads and of what it writes, and so
/// the longest head of a request.
const BUFFER_BYTES_MAX: usize = 64 * 1024;

/// A request's body that came too slowly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the body came too slowly")]
pub struct BodyTooSlow;

/// Whether an error is because a body came too slowly.
pub fn is_too_slow(error: &(dyn Error + 'static)) -> bool {
    std::iter::successors(Some(error), |error| (*error).source())
        .any(|error| error.is::<BodyTooSlow>())
}

/// Serves a connection until it is closed, or the server stops and no whole request
/// is under way.
pub(crate) async fn serve(
    stream: TcpStream,
    router: Router,
    limits: &Limits,
    mut stopping: watch::Receiver<bool>,
) {
    // Until there is a whole request, nothing is lost if the connection is closed.
    let is_receiving = Arc::new(AtomicBool::new(true));
    let router = TowerToHyperService::new(router);
    let service = service_fn(|request: Request<Incoming>| {
        let patience = Patience::new(limits.request_pace);
        let receiving = is_receiving.clone();
        router.call(request.map(|body| Body::new(RequestBody::new(body, patience, receiving))))
    });
    let stream = TokioIo::new(Paced {
        stream,
        patience: Patience::new(limits.answer_pace),
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_time_max)
        .max_buf_size(BUFFER_BYTES_MAX)
        .serve_connection(stream, service);
    let mut connection = pin!(connection);
    let stop = async move {
        // An error means that the server is gone, which is the end as well.
        let _ = stopping.wait_for(|stopping| *stopping).await;
    };
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop => {
            if is_receiving.load(Ordering::Relaxed) {
                return;
            }
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection failed");
    }
}

/// The body of a request, which must keep pace.
struct RequestBody {
    body: Incoming,
    patience: Patience,
    is_receiving: Arc<AtomicBool>,
}

impl RequestBody {
    fn new(body: Incoming, patience: Patience, is_receiving: Arc<AtomicBool>) -> Self {
        is_receiving.store(!body.is_end_stream(), Ordering::Relaxed);
        Self {
            body,
            patience,
            is_receiving,
        }
    }

    fn end(&self) {
        self.is_receiving.store(false, Ordering::Relaxed);
    }
}

impl HttpBody for RequestBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match Pin::new(&mut self.body).poll_frame(context) {
            Poll::Ready(Some(Ok(frame))) => {
                let bytes = frame.data_ref().map_or(0, Bytes::len);
                self.patience.moved(bytes);
                if self.body.is_end_stream() {
                    self.end();
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(ended) => {
                self.end();
                Poll::Ready(ended.map(|result| result.map_err(Into::into)))
            }
            Poll::Pending => {
                ready!(self.patience.poll_end(context));
                Poll::Ready(Some(Err(BodyTooSlow.into())))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for RequestBody {
    fn drop(&mut self) {
        // Whatever is missing of it, nobody waits for it any more.
        self.end();
    }
}

/// A stream whose peer must keep pace in reading.
struct Paced {
    stream: TcpStream,
    patience: Patience,
}

impl Paced {
    /// The result of a write, or an error if the peer lets it wait too long.
    fn written(
        &mut self,
        result: Poll<io::Result<usize>>,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        match result {
            Poll::Ready(Ok(bytes)) => {
                self.patience.moved(bytes);
                Poll::Ready(Ok(bytes))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => {
                ready!(self.patience.poll_end(context));
                let reason = "the peer reads too slowly";
                Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, reason)))
            }
        }
    }
}

impl AsyncRead for Paced {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Paced {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.written(result, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.written(result, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
