//! A server that answers what a test tells it to, and remembers what it was asked.

use axum::Router;
use axum::body::{Bytes, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// A request as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// `GET /path?query`.
    pub(crate) line: String,
    pub(crate) authorization: Option<String>,
    pub(crate) body: Vec<u8>,
}

/// An answer to be given.
#[derive(Debug, Clone, Default)]
pub(crate) struct Given {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) after: Duration,
}

pub(crate) fn given(status: u16, body: impl Into<Vec<u8>>) -> Given {
    Given { status, body: body.into(), ..Given::default() }
}

/// The server: each request line has answers that are given in turn, the last one for ever.
#[derive(Clone, Default)]
pub(crate) struct Canned {
    answers: Arc<Mutex<HashMap<String, Vec<Given>>>>,
    asked: Arc<Mutex<Vec<Asked>>>,
    url: String,
}

impl Canned {
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let canned = Self { url: format!("http://{}", listener.local_addr().unwrap()), ..Self::default() };
        let serving = canned.clone();
        let app = Router::new().fallback(move |request: Request| {
            let canned = serving.clone();
            async move { canned.answer(request).await }
        });
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        canned
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn put(&self, line: &str, answer: Given) {
        self.answers.lock().unwrap().insert(line.to_owned(), vec![answer]);
    }

    pub(crate) fn put_all(&self, line: &str, mut answers: Vec<Given>) {
        answers.reverse();
        self.answers.lock().unwrap().insert(line.to_owned(), answers);
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    pub(crate) fn asked_lines(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.line).collect()
    }

    async fn answer(&self, request: Request) -> Response {
        let (parts, body) = request.into_parts();
        let line = format!("{} {}", parts.method, parts.uri.path_and_query().unwrap());
        let authorization = header(&parts.headers, "authorization");
        let body: Bytes = to_bytes(body, usize::MAX).await.unwrap();
        self.asked.lock().unwrap().push(Asked { line: line.clone(), authorization, body: body.to_vec() });
        let answer = {
            let mut answers = self.answers.lock().unwrap();
            match answers.get_mut(&line) {
                Some(list) if list.len() > 1 => list.pop().unwrap(),
                Some(list) => list[0].clone(),
                None => given(404, r#"{"code":"not_found","message":"There is nothing here."}"#),
            }
        };
        tokio::time::sleep(answer.after).await;
        let mut response = (StatusCode::from_u16(answer.status).unwrap(), answer.body).into_response();
        for (name, value) in answer.headers {
            response.headers_mut().insert(name, value.parse().unwrap());
        }
        response
    }
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).map(|value| value.to_str().unwrap().to_owned())
}

/// A server that writes these bytes to everyone, whatever they ask, and hangs up.
pub(crate) async fn start_raw(bytes: &'static [u8]) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                let mut asked = vec![0; 64 * 1024];
                let _ = stream.read(&mut asked).await;
                let _ = stream.write_all(bytes).await;
                let _ = stream.shutdown().await;
            });
        }
    });
    url
}

/// An address on which nobody listens.
pub(crate) async fn nobody() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address: SocketAddr = listener.local_addr().unwrap();
    drop(listener);
    format!("http://{address}")
}
