//! The HTTP face: routes, and what all answers have in common.

mod bodies;
mod control;
mod data;
mod pages;

pub(crate) use bodies::Bodies;
pub(crate) use data::BETWEEN_ASKS;

use crate::Error;
use crate::config::Config;
use crate::files::Files;
use crate::limits::{Pace, client};
use crate::metrics::Metrics;
use crate::passcode::Passcodes;
use crate::store::Store;
use crate::viewer::Viewer;
use axum::Router;
use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use carnet_consent::control::Refusal;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Notify;
use zeroize::Zeroizing;

/// Where the commitment of the grant that is served stands in log A, for the reader who looks it up there.
const COMMITMENT_INDEX: HeaderName = HeaderName::from_static("carnet-commitment-index");

/// What every request can reach.
pub(crate) struct App {
    pub(crate) config: Config,
    pub(crate) public_url: String,
    pub(crate) policy: String,
    pub(crate) location_key: Zeroizing<[u8; 32]>,
    pub(crate) store: Store,
    pub(crate) files: Files,
    pub(crate) passcodes: Passcodes,
    pub(crate) bodies: Bodies,
    pub(crate) new_links: Pace,
    pub(crate) new_entries: Pace,
    /// Receipts of readers that ask without a passcode.
    pub(crate) asks: Pace,
    pub(crate) viewer: Viewer,
    pub(crate) metrics: Arc<Metrics>,
    /// Wakes the janitor.
    pub(crate) litter: Arc<Notify>,
}

/// All routes.
pub(crate) fn router(app: Arc<App>) -> Router {
    let data = Router::new()
        .route(
            "/shl/{id}",
            get(data::direct).post(data::manifest).options(preflight).head(no_method).fallback(no_method),
        )
        .route("/shl/{id}/file/{number}", get(data::location).options(preflight).head(no_method).fallback(no_method))
        .layer(middleware::map_response(data_headers));
    let control = Router::new()
        .route("/control/{id}", put(control::publish).get(control::state).delete(control::delete))
        .route("/control/{id}/pause", post(control::pause))
        .route("/control/{id}/resume", post(control::resume))
        .route("/control/{id}/receipts", get(control::receipts))
        .route("/withdrawals", post(control::withdraw))
        .route("/commitments", post(control::commit))
        .layer(middleware::map_response(private_headers));
    let ledger = Router::new()
        .route("/ledger/policy", get(pages::policy).options(preflight))
        .route("/ledger/{log}/checkpoint", get(pages::checkpoint).options(preflight))
        .route("/ledger/{log}/tile/{*path}", get(pages::tile).options(preflight))
        .layer(middleware::map_response(open_headers));
    let pages = Router::new()
        .route("/view", get(pages::viewer_index))
        .route("/view/", get(pages::viewer_slash))
        .route("/view/{*path}", get(pages::viewer_file))
        .route("/health", get(pages::health))
        .route("/metrics", get(pages::metrics));
    data.merge(control)
        .merge(ledger)
        .merge(pages)
        .fallback(no_page)
        .layer(middleware::from_fn_with_state(Arc::clone(&app), watch))
        .with_state(app)
}

/// Times, counts and logs each request: its method, route and status, never its path, address or content.
async fn watch(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map_or("-".to_owned(), |route| route.as_str().to_owned());
    let limit = Duration::from_secs(app.config.limits.request_s);
    let answer = match tokio::time::timeout(limit, next.run(request)).await {
        Ok(answer) => answer,
        Err(_) => {
            refusal(StatusCode::REQUEST_TIMEOUT, "too_slow", "The request took too long; nothing was done. Try again.")
        }
    };
    let status = answer.status();
    if status.is_server_error() {
        app.metrics.server_errors.add(1);
    }
    if status == StatusCode::TOO_MANY_REQUESTS {
        app.metrics.too_fast.add(1);
    }
    tracing::info!(%method, route, status = status.as_u16(), micros = started.elapsed().as_micros(), "answered");
    answer
}

async fn preflight() -> StatusCode {
    StatusCode::NO_CONTENT
}

async fn no_method() -> Response {
    refusal(StatusCode::METHOD_NOT_ALLOWED, "no_such_method", "This address does not take this method.")
}

async fn no_page(request: Request) -> Response {
    if request.uri().path().starts_with("/shl/") {
        return data_headers(data::not_found()).await;
    }
    refusal(StatusCode::NOT_FOUND, "not_found", "There is nothing here.")
}

/// Anybody's script may read it, and whatever it answers must not be kept.
async fn data_headers(answer: Response) -> Response {
    let mut answer = open_headers(answer).await;
    let exposed = HeaderValue::from_static("Retry-After, Carnet-Commitment-Index");
    answer.headers_mut().insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
    private_headers(answer).await
}

/// Anybody's script may read it.
async fn open_headers(mut answer: Response) -> Response {
    let headers = answer.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST, OPTIONS"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("Content-Type, Accept, *"));
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    answer
}

async fn private_headers(mut answer: Response) -> Response {
    let headers = answer.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    answer
}

/// An answer that is no success: a stable word and a sentence.
fn refusal(status: StatusCode, code: &str, message: &str) -> Response {
    let body = Refusal { code: code.to_owned(), message: message.to_owned() };
    (status, axum::Json(body)).into_response()
}

/// A 429 with the seconds to wait.
fn too_fast(wait: u64) -> Response {
    let mut answer = refusal(
        StatusCode::TOO_MANY_REQUESTS,
        "too_fast",
        "Too many requests; nothing was done. Wait, then try again.",
    );
    answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait));
    answer
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        // Why the database is not to be had was said once, when it went.
        if !matches!(self, Self::Unavailable) {
            tracing::error!(error = %self, "a request failed");
        }
        let mut answer = refusal(
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            "The relay could not do this now. Nothing was stored or served; try again later.",
        );
        answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
        answer
    }
}

impl App {
    /// Who asks, for counting only.
    fn client(&self, headers: &HeaderMap, ConnectInfo(peer): ConnectInfo<SocketAddr>) -> IpAddr {
        let named =
            self.config.client_address_header.as_ref().and_then(|name| headers.get_all(name).iter().next_back());
        let last = named.and_then(|value| value.to_str().ok()?.rsplit(',').next()?.trim().parse().ok());
        client(last.unwrap_or(peer.ip()))
    }
}
