//! A way to a server that can be turned to another one.

use std::net::SocketAddr;

use anyhow::Context;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
};

/// Listens on a loopback port and passes bytes on, to the one server that it is turned to. Whoever
/// comes by it does not see who that is. It ends when dropped.
pub struct Switch {
    address: SocketAddr,
    server: watch::Sender<SocketAddr>,
    task: JoinHandle<()>,
}

impl Switch {
    /// Turned to the server at `url`: `ws://`, an address and a port.
    pub async fn start(url: &str) -> anyhow::Result<Self> {
        let (server, turned) = watch::channel(address_of(url)?);
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pass(client, turned.clone()));
            }
        });
        Ok(Self {
            address,
            server,
            task,
        })
    }

    /// The WebSocket URL of whichever server it is turned to.
    pub fn url(&self) -> String {
        format!("ws://{}", self.address)
    }

    /// Turns it to the server at `url`, and ends all connections to the one before.
    pub fn turn_to(&self, url: &str) -> anyhow::Result<()> {
        self.server.send_replace(address_of(url)?);
        Ok(())
    }
}

impl Drop for Switch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Passes bytes both ways until one side ends or the switch is turned.
async fn pass(mut client: TcpStream, mut turned: watch::Receiver<SocketAddr>) {
    let server = *turned.borrow_and_update();
    let Ok(mut server) = TcpStream::connect(server).await else {
        return;
    };
    tokio::select! {
        _ = tokio::io::copy_bidirectional(&mut client, &mut server) => {}
        _ = turned.changed() => {}
    }
}

fn address_of(url: &str) -> anyhow::Result<SocketAddr> {
    let address = url.strip_prefix("ws://").context("no ws:// URL")?;
    Ok(address.trim_end_matches('/').parse()?)
}
