//! Fetching lists of issuers: the plan of `smart_health`, driven over HTTP.

use crate::http::{Call, Http, Timeouts};
use smart_health::Answer;
use smart_health::trust::{Ask, Problem, Sources, TrustStore, Update};

/// Brings a store of issuers up to date and gives it back with what could not be had. `now` in Unix seconds.
///
/// Nothing fails: what cannot be had leaves what is known as it is.
pub async fn update_trust(store: TrustStore, sources: &Sources, now: i64) -> (TrustStore, Vec<Problem>) {
    let mut update = Update::new(store, sources, now);
    while let Ask::Get { url, max_body, tag } = update.ask() {
        let http = Http::new(&url, Timeouts::default(), 5);
        let answer = http.send(Call { method: "GET", url, tag, limit: max_body, ..Call::default() }).await;
        // No answer is one with the status 0.
        let (answer, tag) = answer.map_or_else(
            |_| (Answer::default(), None),
            |mut got| {
                let tag = got.tag.take();
                (got.into(), tag)
            },
        );
        update.answer(&answer, tag.as_deref());
    }
    update.finish()
}
