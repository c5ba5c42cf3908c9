//! Doors that can be shut on those inside: connections that end when told to.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::serve::{IncomingStream, Listener};
use futures::Stream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tonic::transport::server::{Connected, TcpConnectInfo};

use super::ServerError;
use crate::http::console::Peer;

/// Listens on `address`, which the configuration calls `key` (port 0: any free
/// port).
///
/// # Errors
/// If the system refuses; the error names both.
pub async fn bind(key: &'static str, address: SocketAddr) -> Result<TcpListener, ServerError> {
    TcpListener::bind(address)
        .await
        .map_err(|source| ServerError::Bind {
            key,
            address,
            source,
        })
}

/// A listener whose connections all break when `cut` is cancelled. Accept errors
/// are logged and waited out, never returned.
pub(super) struct Severable {
    listener: TcpListener,
    cut: CancellationToken,
}

impl Severable {
    pub(super) const fn new(listener: TcpListener, cut: CancellationToken) -> Self {
        Self { listener, cut }
    }

    /// The connections as tonic takes them; it closes the listener when it
    /// drops the stream.
    pub(super) fn into_stream(self) -> impl Stream<Item = io::Result<Connection>> + Send {
        futures::stream::unfold(self, |mut listener| async {
            let (connection, _) = listener.accept().await;
            Some((Ok(connection), listener))
        })
    }
}

impl axum::extract::connect_info::Connected<IncomingStream<'_, Severable>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Severable>) -> Self {
        Self(*stream.remote_addr())
    }
}

impl Listener for Severable {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        // axum's accept: it sleeps a moment when files run out.
        let (tcp, address) = Listener::accept(&mut self.listener).await;
        if let Err(error) = tcp.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY");
        }
        let cut = Box::pin(self.cut.clone().cancelled_owned());
        let gathered = false;
        (Connection { tcp, cut, gathered }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// A connection that breaks when told to.
pub(super) struct Connection {
    tcp: TcpStream,
    cut: Pin<Box<WaitForCancellationFutureOwned>>,
    /// Whether the next write has let the others go first.
    gathered: bool,
}

impl Connection {
    /// Before each write, once: lets the tasks that are ready run, so that what they
    /// answer is sent along. A system call costs more than judging a comment.
    fn poll_gather(&mut self, context: &mut Context<'_>) -> Poll<()> {
        self.gathered = !self.gathered;
        if self.gathered {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(())
    }

    /// What the socket says; where it would wait, waits for the cut as well.
    fn or_cut<T>(
        &mut self,
        context: &mut Context<'_>,
        poll: impl FnOnce(Pin<&mut TcpStream>, &mut Context<'_>) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        let done = poll(Pin::new(&mut self.tcp), context);
        if done.is_pending() && self.cut.as_mut().poll(context).is_ready() {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        done
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.or_cut(context, |tcp, context| tcp.poll_read(context, buffer))
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_gather(context));
        self.or_cut(context, |tcp, context| tcp.poll_write(context, bytes))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.or_cut(context, AsyncWrite::poll_flush)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.or_cut(context, AsyncWrite::poll_shutdown)
    }
}

impl Connected for Connection {
    type ConnectInfo = TcpConnectInfo;

    fn connect_info(&self) -> TcpConnectInfo {
        self.tcp.connect_info()
    }
}
