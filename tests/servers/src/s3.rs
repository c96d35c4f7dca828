//! An S3 server over a folder: crate `s3s-fs`, which checks the signature of every request.

use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use s3s_fs::FileSystem;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// A server with one empty bucket.
#[derive(Debug)]
pub struct S3 {
    folder: TempDir,
    port: u16,
    /// Dropped with the server, and all its connections with it.
    _runtime: Runtime,
}

impl S3 {
    /// The bucket's name.
    pub const BUCKET: &str = "carnet";
    /// The name of the only key it takes.
    pub const KEY_ID: &str = "test-key";
    /// That key.
    pub const KEY: &str = "test-secret-of-the-bucket";

    /// Starts it.
    ///
    /// # Panics
    /// Where it cannot be started.
    pub fn start() -> Self {
        let folder = TempDir::with_prefix("carnet-s3-").unwrap();
        std::fs::create_dir(folder.path().join(Self::BUCKET)).unwrap();
        let mut builder = S3ServiceBuilder::new(FileSystem::new(folder.path()).unwrap());
        builder.set_auth(SimpleAuth::from_single(Self::KEY_ID, Self::KEY));
        let service = builder.build();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind(("127.0.0.1", 0))).unwrap();
        let port = listener.local_addr().unwrap().port();
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // Answers go out in several writes.
                stream.set_nodelay(true).unwrap();
                let service = service.clone();
                tokio::spawn(async move {
                    let server = Builder::new(TokioExecutor::new());
                    // A client that hangs up is no failure.
                    let _ = server.serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        Self { folder, port, _runtime: runtime }
    }

    /// Where it answers.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Everything it stores.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The folder of the bucket.
    pub fn bucket(&self) -> PathBuf {
        self.folder.path().join(Self::BUCKET)
    }
}
