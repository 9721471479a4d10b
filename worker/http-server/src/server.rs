//! Accepting connections.

use std::{future::Future, io, pin::pin, time::Duration};

use axum::Router;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::{JoinError, JoinSet},
};

use crate::{
    Limits, connection,
    places::{Peer, Place, Places},
};

/// Pause after the operating system could not accept a connection, as when there are
/// too many open files.
const ACCEPT_PAUSE: Duration = Duration::from_secs(1);

/// Serves `router` to those who connect to `listener` until `stop` resolves. Then it
/// closes the socket and every connection with no whole request under way, and ends
/// when the others are answered. If it is dropped, all connections are cut off.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    stop: impl Future<Output = ()>,
) {
    let places = Places::new(limits.connections_max, limits.connections_per_peer_max);
    let (stopping, stopped) = watch::channel(false);
    let mut connections = JoinSet::new();
    let mut stop = pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => break,
            Some(ended) = connections.join_next() => report(ended),
            (stream, place) = accept(&listener, &places) => {
                let (router, limits, stopped) = (router.clone(), limits.clone(), stopped.clone());
                connections.spawn(async move {
                    let _place = place;
                    connection::serve(stream, router, &limits, stopped).await;
                });
            }
        }
    }
    drop(listener);
    stopping.send_replace(true);
    while let Some(ended) = connections.join_next().await {
        report(ended);
    }
}

/// The next connection for which there is a place.
async fn accept(listener: &TcpListener, places: &Places) -> (TcpStream, Place) {
    loop {
        let place = places.any().await;
        match listener.accept().await {
            Ok((stream, address)) => match places.give(place, Peer::of(address.ip())) {
                Some(place) => return (stream, place),
                None => tracing::debug!(%address, "has too many connections"),
            },
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "cannot accept connections, trying on");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
    )
}

/// A connection ends without a word, unless what served it panicked.
fn report(ended: Result<(), JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "what served a connection failed");
    }
}
