//! The service to compare with: it decodes the same request and answers always the
//! same, with the server settings of Moderato.

use std::fs;
use std::hint::black_box;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

use anyhow::Context as _;
use moderato::grpc::proto::moderation_service_server::{
    ModerationService, ModerationServiceServer,
};
use moderato::grpc::proto::{
    CheckCommentRequest, CheckCommentResponse, CheckCommentsRequest, CheckCommentsResponse,
    GetCommentRequest, GetCommentResponse, ReportCommentRequest, ReportCommentResponse,
    WatchDecisionsRequest, WatchDecisionsResponse,
};
use moderato::server::ServerOptions;
use prost::Message as _;
use tokio::net::TcpListener;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status, Streaming};

use crate::process::Process;

/// Has this program serve, as a process of its own: the encoded answer is in the file
/// named next. Ends with its standard input.
pub const COMMAND: &str = "serve-empty";

/// Starts one that answers `answer`, an encoded `CheckCommentResponse`.
///
/// # Errors
/// If it does not start.
pub fn start(answer: &[u8]) -> anyhow::Result<Process> {
    let mut file = tempfile::NamedTempFile::new()?;
    file.write_all(answer)?;
    // Its standard input stays in the child, and so open as long as we want it.
    let mut child = Command::new(std::env::current_exe()?)
        .arg(COMMAND)
        .arg(file.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start the empty service")?;
    let stdout = child.stdout.take().context("stdout is piped")?;
    let mut address = String::new();
    BufReader::new(stdout).read_line(&mut address)?;
    let address = address.trim().parse();
    let address = address.context("the empty service did not start")?;
    Ok(Process::new(child, address))
}

/// Is such a process, which answers what is in `file`.
///
/// # Errors
/// If there is no answer in it, or no port to listen on.
pub fn serve(file: &Path) -> anyhow::Result<()> {
    let answer = CheckCommentResponse::decode(&*fs::read(file)?)?;
    thread::spawn(|| {
        // Whoever started us holds the other end until it ends.
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(answering(answer))
}

async fn answering(answer: CheckCommentResponse) -> anyhow::Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    println!("{}", listener.local_addr()?);
    let options = ServerOptions::default();
    let max_message_bytes = options.max_message_bytes.get();
    let service = ModerationServiceServer::new(Empty(answer))
        .max_decoding_message_size(max_message_bytes)
        .max_encoding_message_size(max_message_bytes);
    Server::builder()
        .http2_keepalive_interval(Some(options.http2_keepalive_interval))
        .http2_keepalive_timeout(Some(options.http2_keepalive_timeout))
        .max_concurrent_streams(options.max_concurrent_streams.get())
        .add_service(service)
        .serve_with_incoming(TcpIncoming::from(listener).with_nodelay(Some(true)))
        .await?;
    Ok(())
}

struct Empty(CheckCommentResponse);

#[tonic::async_trait]
impl ModerationService for Empty {
    async fn check_comment(
        &self,
        request: Request<CheckCommentRequest>,
    ) -> Result<Response<CheckCommentResponse>, Status> {
        black_box(request.into_inner());
        Ok(Response::new(self.0.clone()))
    }

    type CheckCommentsStream = futures::stream::Empty<Result<CheckCommentsResponse, Status>>;

    async fn check_comments(
        &self,
        _: Request<Streaming<CheckCommentsRequest>>,
    ) -> Result<Response<Self::CheckCommentsStream>, Status> {
        Err(Status::unimplemented("nobody asks"))
    }

    async fn get_comment(
        &self,
        _: Request<GetCommentRequest>,
    ) -> Result<Response<GetCommentResponse>, Status> {
        Err(Status::unimplemented("nobody asks"))
    }

    async fn report_comment(
        &self,
        _: Request<ReportCommentRequest>,
    ) -> Result<Response<ReportCommentResponse>, Status> {
        Err(Status::unimplemented("nobody asks"))
    }

    type WatchDecisionsStream = futures::stream::Empty<Result<WatchDecisionsResponse, Status>>;

    async fn watch_decisions(
        &self,
        _: Request<WatchDecisionsRequest>,
    ) -> Result<Response<Self::WatchDecisionsStream>, Status> {
        Err(Status::unimplemented("nobody asks"))
    }
}
