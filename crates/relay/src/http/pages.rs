//! What anybody may fetch: the ledger's files, the viewer, the operator's two pages.

use super::{App, refusal};
use crate::Result;
use crate::ledger::tile_path;
use crate::store::LogId;
use crate::viewer::Asset;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use std::sync::Arc;
use std::time::Duration;

/// A tile never changes once it is there.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

/// What the viewer's pages may do. It runs only its own code, and talks to this relay and, because links of other
/// relays can be opened too, to any other by TLS, or on this machine.
const VIEWER_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; font-src 'self'; \
     img-src 'self' data: blob:; media-src 'self' blob: mediastream:; \
     connect-src 'self' https: http://127.0.0.1:* http://localhost:*; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

/// `GET /ledger/policy`.
pub(super) async fn policy(State(app): State<Arc<App>>) -> Response {
    ([(header::CONTENT_TYPE, TEXT), (header::CACHE_CONTROL, HeaderValue::from_static("no-cache"))], app.policy.clone())
        .into_response()
}

/// `GET /ledger/{log}/checkpoint`: from the database, so that of several relays none shows an older one than another did.
pub(super) async fn checkpoint(State(app): State<Arc<App>>, Path(log): Path<String>) -> Result<Response> {
    let Some(log) = log_id(&log) else { return Ok(nothing()) };
    let headers = [(header::CONTENT_TYPE, TEXT), (header::CACHE_CONTROL, HeaderValue::from_static("no-cache"))];
    Ok(app.store.checkpoint(log).await?.map_or_else(nothing, |note| (headers, note).into_response()))
}

/// `GET /ledger/{log}/tile/…`: only a path in its one valid spelling reaches the storage.
pub(super) async fn tile(State(app): State<Arc<App>>, Path((log, path)): Path<(String, String)>) -> Result<Response> {
    let (Some(log), Ok(tile)) = (log_id(&log), tlog::tile::parse_path(&format!("tile/{path}"))) else {
        return Ok(nothing());
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream")),
        (header::CACHE_CONTROL, FOR_EVER),
    ];
    let bytes = app.files.get(&tile_path(log, &tile.to_string())).await?;
    Ok(bytes.map_or_else(nothing, |bytes| (headers, bytes).into_response()))
}

/// `GET /view`.
pub(super) async fn viewer_index(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    match app.viewer.get("index.html") {
        Some(asset) => viewer_asset(asset, &headers),
        None => viewer_headers(
            (
                StatusCode::NOT_FOUND,
                [(header::CONTENT_TYPE, TEXT)],
                "The viewer was not built into this relay, so it cannot show links. Any other SMART Health Link viewer can \
                 open them. To the operator: set `viewer_dir`, or build with CARNET_VIEWER_DIST.\n",
            )
                .into_response(),
        ),
    }
}

/// `GET /view/`: the pages' addresses are relative to `/view`.
pub(super) async fn viewer_slash() -> Redirect {
    Redirect::permanent("/view")
}

/// `GET /view/…`.
pub(super) async fn viewer_file(State(app): State<Arc<App>>, Path(path): Path<String>, headers: HeaderMap) -> Response {
    app.viewer.get(&path).map_or_else(nothing, |asset| viewer_asset(asset, &headers))
}

/// `GET /health`: 200 while requests are answered durably and the ledger is being signed.
pub(super) async fn health(State(app): State<Arc<App>>) -> Response {
    let database = tokio::time::timeout(Duration::from_secs(5), app.store.head(LogId::A)).await;
    let files = tokio::time::timeout(Duration::from_secs(5), app.files.answers()).await;
    let newest = app.metrics.checkpoint_times.iter().map(crate::metrics::Number::value).min().unwrap_or(0);
    let late = crate::now().saturating_sub_unsigned(newest) > 3 * app.config.heartbeat_s.cast_signed() + 15;
    let problem = if !matches!(database, Ok(Ok(_))) {
        Some("the database does not answer")
    } else if !matches!(files, Ok(true)) {
        Some("the file storage does not answer")
    } else if app.metrics.ledger_stopped.value() != 0 {
        Some("the ledger contradicts itself and is not signed any more")
    } else if late {
        Some("no checkpoint was signed lately")
    } else {
        None
    };
    let mut answer = match problem {
        None => (StatusCode::OK, axum::Json(serde_json::json!({"status": "ok"}))).into_response(),
        Some(problem) => refusal(StatusCode::SERVICE_UNAVAILABLE, "unhealthy", problem),
    };
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

/// `GET /metrics`.
pub(super) async fn metrics(State(app): State<Arc<App>>) -> Response {
    let text = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    ([(header::CONTENT_TYPE, text)], app.metrics.page()).into_response()
}

fn nothing() -> Response {
    refusal(StatusCode::NOT_FOUND, "not_found", "There is nothing here.")
}

fn viewer_asset(asset: &Asset, asked: &HeaderMap) -> Response {
    let tag = HeaderValue::from_str(&asset.tag);
    let unchanged = asked.get(header::IF_NONE_MATCH).is_some_and(|seen| seen.as_bytes() == asset.tag.as_bytes());
    let gzip = asked.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).is_some_and(accepts_gzip);
    let mut answer = match &asset.gzip {
        _ if unchanged => StatusCode::NOT_MODIFIED.into_response(),
        Some(bytes) if gzip => {
            ([(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"))], bytes.clone()).into_response()
        }
        _ => asset.bytes.clone().into_response(),
    };
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.media_type));
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    if let Ok(tag) = tag {
        headers.insert(header::ETAG, tag);
    }
    viewer_headers(answer)
}

fn viewer_headers(mut answer: Response) -> Response {
    let headers = answer.headers_mut();
    // Asked again each time, and answered 304: an old viewer must not outlive an update.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::CONTENT_SECURITY_POLICY, VIEWER_POLICY);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    headers.insert("permissions-policy", HeaderValue::from_static("camera=(self), microphone=(), geolocation=()"));
    answer
}

/// Whether an `Accept-Encoding` header takes gzip (RFC 9110 section 12.5.3).
fn accepts_gzip(value: &str) -> bool {
    value.split(',').any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip"))
            && !parts.any(|weight| matches!(weight, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    })
}

fn log_id(name: &str) -> Option<LogId> {
    [LogId::A, LogId::R].into_iter().find(|log| log.as_str() == name)
}

#[cfg(test)]
mod tests {
    use super::accepts_gzip;

    #[test]
    fn gzip_only_for_who_takes_it() {
        for (value, takes) in [
            ("gzip, deflate, br", true),
            ("br;q=1.0, GZIP;q=0.8", true),
            ("gzip;q=0", false),
            ("identity", false),
            ("xgzip", false),
            ("", false),
        ] {
            assert_eq!(accepts_gzip(value), takes, "{value}");
        }
    }
}
