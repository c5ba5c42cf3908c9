//! Compiles the contract in `proto/` without a protoc on the machine.

use std::{env, error::Error, fs, path::PathBuf};

const CONTRACT: [&str; 4] = [
    "moderato/v1/moderation_service.proto",
    "moderato/v1/model_service.proto",
    "moderato/v1/review_service.proto",
    "envoy/service/ratelimit/v3/rls.proto",
];

/// Messages that carry what a reader typed; `src/grpc/redact.rs` prints them without it.
const PRIVATE: [&str; 20] = [
    "envoy.extensions.common.ratelimit.v3.RateLimitDescriptor.Entry",
    "moderato.v1.Submission",
    "moderato.v1.Author",
    "moderato.v1.Reason",
    "moderato.v1.Evidence",
    "moderato.v1.ReportCommentRequest",
    "moderato.v1.ReviewComment",
    "moderato.v1.ReviewAuthor",
    "moderato.v1.ReviewDecision",
    "moderato.v1.ReviewNote",
    "moderato.v1.CommentReport",
    "moderato.v1.HeldCommentFilter",
    "moderato.v1.ResolveCommentsRequest",
    "moderato.v1.AddNoteRequest",
    "moderato.v1.Label",
    "moderato.v1.ImportedLabel",
    "moderato.v1.Flip",
    "moderato.v1.TokenPiece",
    "moderato.v1.MovedToken",
    "moderato.v1.ExplainTokenRequest",
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=proto");
    let mut compiler = protox::Compiler::new(["proto"])?;
    compiler.include_imports(true).include_source_info(true);
    compiler.open_files(CONTRACT)?;

    // Reflection serves these bytes, so that a client needs no copy of `proto/`.
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    fs::write(
        out.join("moderato_descriptor.bin"),
        compiler.encode_file_descriptor_set(),
    )?;

    tonic_prost_build::configure()
        .build_client(true)
        .build_server(true)
        .skip_debug(PRIVATE)
        .boxed(".moderato.v1.Operation.outcome.replay_result")
        .extern_path(".google.rpc", "::tonic_types")
        .compile_fds(compiler.file_descriptor_set())?;
    Ok(())
}
