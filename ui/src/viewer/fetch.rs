//! One HTTP request from the page: no cookies, no referrer, a bounded body, a bounded wait.

/// What came back.
#[derive(Debug, Clone, Default)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// `Retry-After`, if the server let it be seen.
    pub retry_after: Option<String>,
    /// `Carnet-Commitment-Index`: where a Carnet relay says that it committed the grant in its log A.
    pub commitment_index: Option<u64>,
    /// The body, at most one byte more than was allowed.
    pub body: Vec<u8>,
}

/// Why nothing came back. A browser does not tell apart no network, no such server, and a server that forbids pages to
/// read its answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unreachable;

/// How long a server may take, in milliseconds.
#[cfg(target_arch = "wasm32")]
const PATIENCE: u32 = 30_000;

/// Sends `GET url`.
pub async fn get(url: &str, max_body: usize) -> Result<Response, Unreachable> {
    send(url, None, max_body).await
}

/// Sends `POST url` with a JSON body.
pub async fn post_json(url: &str, body: &str, max_body: usize) -> Result<Response, Unreachable> {
    send(url, Some(body), max_body).await
}

#[cfg(target_arch = "wasm32")]
async fn send(url: &str, body: Option<&str>, max_body: usize) -> Result<Response, Unreachable> {
    use wasm_bindgen::{JsCast, JsValue};
    use wasm_bindgen_futures::JsFuture;
    use web_sys::{
        AbortSignal, ReadableStreamDefaultReader, ReferrerPolicy, RequestCache, RequestCredentials, RequestInit,
        RequestMode,
    };

    let unreachable = |_: JsValue| Unreachable;
    let options = RequestInit::new();
    options.set_method(if body.is_some() { "POST" } else { "GET" });
    options.set_mode(RequestMode::Cors);
    options.set_credentials(RequestCredentials::Omit);
    options.set_cache(RequestCache::NoStore);
    options.set_referrer_policy(ReferrerPolicy::NoReferrer);
    options.set_signal(Some(&AbortSignal::timeout_with_u32(PATIENCE)));
    let request = match body {
        Some(body) => {
            options.set_body(&JsValue::from_str(body));
            let request = web_sys::Request::new_with_str_and_init(url, &options).map_err(unreachable)?;
            request.headers().set("content-type", "application/json").map_err(unreachable)?;
            request
        }
        None => web_sys::Request::new_with_str_and_init(url, &options).map_err(unreachable)?,
    };
    let window = web_sys::window().ok_or(Unreachable)?;
    let answer = JsFuture::from(window.fetch_with_request(&request)).await.map_err(unreachable)?;
    let answer: web_sys::Response = answer.dyn_into().map_err(unreachable)?;
    let header = |name: &str| answer.headers().get(name).ok().flatten();
    let mut response = Response {
        status: answer.status(),
        retry_after: header("retry-after"),
        commitment_index: header("carnet-commitment-index").and_then(|index| index.trim().parse().ok()),
        body: Vec::new(),
    };
    let Some(stream) = answer.body() else { return Ok(response) };
    let reader: ReadableStreamDefaultReader = stream.get_reader().dyn_into().map_err(|_| Unreachable)?;
    while response.body.len() <= max_body {
        let part = JsFuture::from(reader.read()).await.map_err(unreachable)?;
        let value = js_sys::Reflect::get(&part, &"value".into()).map_err(unreachable)?;
        if value.is_undefined() {
            return Ok(response);
        }
        let bytes: js_sys::Uint8Array = value.dyn_into().map_err(unreachable)?;
        let start = response.body.len();
        let room = (max_body + 1 - start).min(bytes.length() as usize);
        response.body.resize(start + room, 0);
        if let Some(free) = response.body.get_mut(start..) {
            bytes.subarray(0, room as u32).copy_to(free);
        }
    }
    // Longer than allowed: the rest is not wanted.
    let _ = reader.cancel();
    Ok(response)
}

#[cfg(not(target_arch = "wasm32"))]
async fn send(_url: &str, _body: Option<&str>, _max_body: usize) -> Result<Response, Unreachable> {
    Err(Unreachable)
}
