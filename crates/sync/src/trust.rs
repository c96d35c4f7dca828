//! Fetching lists of issuers: the plan of `smart_health`, driven over HTTP.

use crate::http::{Call, Http, Timeouts};
use smart_health::Answer;
use smart_health::trust::{Ask, Problem, Sources, TrustStore, Update};

/// Brings a store of issuers up to date and gives it back with what could not be had. `now` in Unix seconds.
///
/// Nothing fails: what cannot be had leaves what is known as it is.
pub async fn update_trust(store: TrustStore, sources: &Sources, now: i64) -> (TrustStore, Vec<Problem>) {
    let mut update = Update::new(store, sources, now);
    while let Ask::Get { url, max_body } = update.ask() {
        let http = Http::new(&url, Timeouts::default(), 5);
        let answer = http.send(Call { method: "GET", url, bearer: None, json: None, limit: max_body }).await;
        // No answer is one with the status 0.
        let answer = answer.map_or_else(
            |_| Answer::default(),
            |answer| Answer { status: answer.status, retry_after: answer.retry_after, body: answer.body },
        );
        update.answer(&answer);
    }
    update.finish()
}
