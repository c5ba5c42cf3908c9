//! A name under which a Redis is reached, slowly if asked to be: a TCP proxy that holds
//! back what it passes on, and can be pointed elsewhere.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// Ends when dropped, with all its connections.
pub struct Proxy {
    port: u16,
    target: Arc<AtomicU16>,
    delay_ms: Arc<AtomicU64>,
    cut: watch::Sender<()>,
    accepting: JoinHandle<()>,
}

impl Proxy {
    /// One that passes on to `target`, a port of this machine, at once.
    pub async fn start(target: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let target = Arc::new(AtomicU16::new(target));
        let delay_ms = Arc::new(AtomicU64::new(0));
        let (cut, cuts) = watch::channel(());
        let accepting = {
            let (target, delay_ms) = (Arc::clone(&target), Arc::clone(&delay_ms));
            tokio::spawn(async move {
                while let Ok((client, _)) = listener.accept().await {
                    let target = target.load(Ordering::SeqCst);
                    let Ok(server) = TcpStream::connect(("127.0.0.1", target)).await else {
                        continue;
                    };
                    let _ = (client.set_nodelay(true), server.set_nodelay(true));
                    let (from_client, to_client) = client.into_split();
                    let (from_server, to_server) = server.into_split();
                    let delay = Arc::clone(&delay_ms);
                    tokio::spawn(pass(from_client, to_server, delay, cuts.clone()));
                    // One way is enough to add to a round trip.
                    let none = Arc::default();
                    tokio::spawn(pass(from_server, to_client, none, cuts.clone()));
                }
            })
        };
        Self {
            port,
            target,
            delay_ms,
            cut,
            accepting,
        }
    }

    /// Where it listens, as a URL.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Holds back by so much from now on what clients send.
    pub fn delay(&self, by: Duration) {
        let millis = by.as_millis().try_into().unwrap();
        self.delay_ms.store(millis, Ordering::SeqCst);
    }

    /// Passes new connections on to another port, and ends those there are.
    pub fn point_to(&self, target: u16) {
        self.target.store(target, Ordering::SeqCst);
        self.cut.send_replace(());
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Passes bytes on, each as late as it says when they come, until either side ends or
/// connections are cut.
async fn pass(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    delay_ms: Arc<AtomicU64>,
    mut cuts: watch::Receiver<()>,
) {
    let (held, mut due) = mpsc::unbounded_channel::<(Instant, Vec<u8>)>();
    let write = async move {
        while let Some((at, bytes)) = due.recv().await {
            tokio::time::sleep_until(at).await;
            if to.write_all(&bytes).await.is_err() {
                return;
            }
        }
    };
    let read = async move {
        let mut buffer = vec![0; 65_536];
        while let Ok(count @ 1..) = from.read(&mut buffer).await {
            let delay = Duration::from_millis(delay_ms.load(Ordering::SeqCst));
            let _ = held.send((Instant::now() + delay, buffer[..count].to_vec()));
        }
    };
    cuts.mark_unchanged();
    tokio::select! {
        ((), ()) = async { tokio::join!(read, write) } => {}
        _ = cuts.changed() => {}
    }
}
