//! Something that is kept until an answer is sent.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use axum::{
    body::{Body, HttpBody},
    response::Response,
};
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};

/// How much of a body is given to the connection at once: what the connection has
/// is out of the body's hands, however long the peer takes to read it.
const PIECE_BYTES: usize = 64 * 1024;

/// Keeps `place` until the body of `response` is sent, but for its last piece, or
/// given up.
pub fn hold<T: Send + Unpin + 'static>(response: Response, place: T) -> Response {
    response.map(|body| {
        Body::new(Held {
            body,
            rest: Bytes::new(),
            _place: place,
        })
    })
}

struct Held<T> {
    body: Body,
    /// What the body gave and was not passed on yet.
    rest: Bytes,
    _place: T,
}

impl<T: Unpin> HttpBody for Held<T> {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if self.rest.is_empty() {
            let polled = Pin::new(&mut self.body).poll_frame(context);
            match polled.map_ok(Frame::into_data) {
                Poll::Ready(Some(Ok(Ok(data)))) => self.rest = data,
                Poll::Ready(Some(Ok(Err(other)))) => return Poll::Ready(Some(Ok(other))),
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(error))),
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Pending => return Poll::Pending,
            }
        }
        let length = self.rest.len().min(PIECE_BYTES);
        let piece = self.rest.split_to(length);
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let rest = self.rest.len() as u64;
        let body = self.body.size_hint();
        let mut hint = SizeHint::new();
        hint.set_lower(body.lower().saturating_add(rest));
        if let Some(upper) = body.upper() {
            hint.set_upper(upper.saturating_add(rest));
        }
        hint
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[tokio::test]
    async fn a_place_is_held_until_the_last_piece() {
        let place = Arc::new(());
        let bytes = vec![7; 2 * PIECE_BYTES + 1];
        let response = hold(Response::new(Body::from(bytes.clone())), place.clone());
        let mut body = response.into_body();
        assert_eq!(body.size_hint().exact(), Some(bytes.len() as u64));
        let mut pieces = Vec::new();
        while !body.is_end_stream() {
            assert_eq!(Arc::strong_count(&place), 2);
            let frame = std::future::poll_fn(|context| Pin::new(&mut body).poll_frame(context));
            pieces.push(frame.await.unwrap().unwrap().into_data().unwrap());
        }
        let lengths: Vec<_> = pieces.iter().map(Bytes::len).collect();
        assert_eq!(lengths, [PIECE_BYTES, PIECE_BYTES, 1]);
        assert_eq!(pieces.concat(), bytes);
        drop(body);
        assert_eq!(Arc::strong_count(&place), 1);
    }
}
