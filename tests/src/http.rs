//! Plain HTTP for the tests: what answered, whatever its status.

use std::time::Duration;

use serde_json::Value;
use ureq::Agent;

/// An answer of any status.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body, as text.
    pub body: String,
    headers: Vec<(String, String)>,
}

impl Answer {
    /// The body as JSON.
    ///
    /// # Panics
    /// Where it is not JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("not JSON ({error}): {}", self.body))
    }

    /// A header's value, its name in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// Sends one request; `None` where nobody answers.
pub fn send(method: &str, url: &str, body: Option<&Value>, patience: Duration) -> Option<Answer> {
    let agent: Agent =
        Agent::config_builder().http_status_as_error(false).timeout_global(Some(patience)).build().into();
    let answer = match (method, body) {
        ("GET", _) => agent.get(url).call(),
        ("DELETE", _) => agent.delete(url).call(),
        ("POST", body) => agent
            .post(url)
            .header("content-type", "application/json")
            .send(body.map(Value::to_string).unwrap_or_default()),
        (other, _) => panic!("{other} is not sent by these tests"),
    };
    let mut answer = answer.ok()?;
    let status = answer.status().as_u16();
    let headers = answer
        .headers()
        .iter()
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect();
    let body = answer.body_mut().with_config().limit(64 << 20).read_to_string().ok()?;
    Some(Answer { status, body, headers })
}

/// `GET`, with a few seconds' patience.
///
/// # Panics
/// Where nobody answers.
pub fn get(url: &str) -> Answer {
    send("GET", url, None, Duration::from_secs(10)).unwrap_or_else(|| panic!("nobody answered at {url}"))
}

/// `POST` of JSON, with a few seconds' patience.
///
/// # Panics
/// Where nobody answers.
pub fn post(url: &str, body: &Value) -> Answer {
    send("POST", url, Some(body), Duration::from_secs(10)).unwrap_or_else(|| panic!("nobody answered at {url}"))
}
