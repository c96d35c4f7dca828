//! Bodies: each within a limit, all together within a budget, and what is refused is not kept.

use super::refusal;
use crate::config::Limits;
use crate::metrics::Metrics;
use axum::body::{Body, Bytes, HttpBody};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use std::collections::HashMap;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How much more than the largest body is read and thrown away of one that is refused, in bytes: a client that is still
/// sending when the connection closes would not see why.
const LINGER: usize = 8 << 20;
/// One part in so many is kept for small bodies, so that readers are served while wallets publish as much as there is room.
const KEPT_FOR_SMALL: usize = 16;
/// One address may publish with one part in so many at once, so that it cannot keep the others out by announcing much.
const OF_ONE_ADDRESS: usize = 4;
/// The least that is set aside for a body of unknown length.
const FIRST: usize = 4 << 10;
/// When to come again, in seconds.
const COME_AGAIN: &str = "5";

/// The memory for bodies.
pub(crate) struct Bodies {
    budget: Arc<Budget>,
    body_bytes: usize,
    small_body_bytes: usize,
    patience: Duration,
}

struct Budget {
    most: usize,
    of_one_address: usize,
    used: Mutex<Used>,
    metrics: Arc<Metrics>,
}

#[derive(Default)]
struct Used {
    all: usize,
    publishing: HashMap<IpAddr, usize>,
}

/// What one body takes of the memory; given back when dropped.
pub(crate) struct Held {
    budget: Arc<Budget>,
    /// Of a publication: whose.
    publisher: Option<IpAddr>,
    bytes: usize,
}

impl Bodies {
    pub(crate) fn new(limits: &Limits, metrics: Arc<Metrics>) -> Self {
        let most = limits.bodies_in_flight_bytes;
        // The largest publication must always be possible.
        let of_one_address = (most / OF_ONE_ADDRESS).max(limits.body_bytes);
        Self {
            budget: Arc::new(Budget { most, of_one_address, used: Mutex::default(), metrics }),
            body_bytes: limits.body_bytes,
            small_body_bytes: limits.small_body_bytes,
            patience: Duration::from_secs(limits.request_s),
        }
    }

    /// Sets memory aside for a publication, as much as it announces.
    ///
    /// # Errors
    /// The answer for who announces more than is ever taken, and for who has to wait.
    pub(super) fn hold(&self, publisher: IpAddr, announced: usize) -> Result<Held, Box<Response>> {
        if announced > self.body_bytes {
            return Err(too_large(self.body_bytes));
        }
        self.held(Some(publisher), announced)
    }

    /// A whole small body.
    ///
    /// # Errors
    /// As [`Bodies::read`].
    pub(super) async fn read_small(&self, body: Body) -> Result<(Vec<u8>, Held), Box<Response>> {
        let announced = announced(&body);
        let held = if announced > self.small_body_bytes {
            Err(too_large(self.small_body_bytes))
        } else {
            self.held(None, announced)
        };
        match held {
            Ok(held) => self.read(body, self.small_body_bytes, held).await,
            Err(answer) => Err(Box::new(self.turn_away(body, self.small_body_bytes, *answer))),
        }
    }

    /// A publication's whole body. The memory counts as taken for as long as what comes with it is kept.
    ///
    /// # Errors
    /// The answer, if it is too large, breaks off, or grows beyond the memory there is.
    pub(super) async fn read_publication(&self, body: Body, held: Held) -> Result<(Vec<u8>, Held), Box<Response>> {
        self.read(body, self.body_bytes, held).await
    }

    async fn read(&self, mut body: Body, limit: usize, mut held: Held) -> Result<(Vec<u8>, Held), Box<Response>> {
        let mut bytes = Vec::with_capacity(held.bytes);
        while let Some(data) = next(&mut body).await {
            let cut_off =
                |_| Box::new(refusal(StatusCode::BAD_REQUEST, "cut_off", "The body broke off. Nothing was stored."));
            let data = data.map_err(cut_off)?;
            let length = bytes.len().saturating_add(data.len());
            let room = if length > limit { Err(too_large(limit)) } else { held.grow(length, limit) };
            if let Err(answer) = room {
                drop((bytes, held));
                return Err(Box::new(self.turn_away(body, limit, *answer)));
            }
            bytes.reserve_exact(held.bytes.saturating_sub(bytes.len()));
            bytes.extend_from_slice(&data);
        }
        Ok((bytes, held))
    }

    /// Gives the answer to who may not publish.
    pub(super) fn turn_away_publication(&self, body: Body, answer: Response) -> Response {
        self.turn_away(body, self.body_bytes, answer)
    }

    /// Gives the answer at once, and lets the client finish sending meanwhile: nothing of that is kept, and it ends a
    /// little after the largest body that is taken would have, or when a request may take no longer.
    fn turn_away(&self, mut body: Body, limit: usize, answer: Response) -> Response {
        let most = limit.saturating_add(LINGER);
        if body.is_end_stream() || announced(&body) > most {
            return answer;
        }
        let drain = async move {
            let mut seen = 0_usize;
            while let Some(Ok(data)) = next(&mut body).await {
                seen = seen.saturating_add(data.len());
                if seen > most {
                    break;
                }
            }
        };
        let patience = self.patience;
        tokio::spawn(async move {
            // Who is slower than this may not see the answer, as with any request that takes too long.
            let _ = tokio::time::timeout(patience, drain).await;
        });
        answer
    }

    fn held(&self, publisher: Option<IpAddr>, bytes: usize) -> Result<Held, Box<Response>> {
        let mut held = Held { budget: Arc::clone(&self.budget), publisher, bytes: 0 };
        if held.take(bytes) { Ok(held) } else { Err(busy()) }
    }
}

impl Held {
    /// Takes more until there is enough for a body of this length: twice as much each time, so that a body of many
    /// parts is copied only a few times, but never more than `limit`.
    fn grow(&mut self, length: usize, limit: usize) -> Result<(), Box<Response>> {
        if length <= self.bytes {
            return Ok(());
        }
        let wanted = length.max(self.bytes.saturating_mul(2)).max(FIRST).min(limit);
        if self.take(wanted.saturating_sub(self.bytes)) { Ok(()) } else { Err(busy()) }
    }

    fn take(&mut self, more: usize) -> bool {
        let budget = &self.budget;
        let mut used = budget.used();
        let all = used.all.saturating_add(more);
        let most = match self.publisher {
            Some(publisher) => {
                let theirs = used.publishing.get(&publisher).map_or(0, |bytes| *bytes).saturating_add(more);
                if theirs > budget.of_one_address {
                    return false;
                }
                budget.most - budget.most / KEPT_FOR_SMALL
            }
            None => budget.most,
        };
        if all > most {
            return false;
        }
        used.all = all;
        if let Some(publisher) = self.publisher.filter(|_| more > 0) {
            *used.publishing.entry(publisher).or_default() += more;
        }
        self.bytes += more;
        budget.metrics.bodies_in_flight_bytes.set(all as u64);
        true
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut used = self.budget.used();
        used.all = used.all.saturating_sub(self.bytes);
        self.budget.metrics.bodies_in_flight_bytes.set(used.all as u64);
        if let Some(publisher) = self.publisher
            && let Some(theirs) = used.publishing.get_mut(&publisher)
        {
            *theirs = theirs.saturating_sub(self.bytes);
            if *theirs == 0 {
                used.publishing.remove(&publisher);
            }
        }
    }
}

impl Budget {
    fn used(&self) -> MutexGuard<'_, Used> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long a body says it will be; 0 if it does not say.
pub(super) fn announced(body: &Body) -> usize {
    usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX)
}

/// The next bytes of a body; nothing at its end.
async fn next(body: &mut Body) -> Option<Result<Bytes, axum::Error>> {
    loop {
        let frame = std::future::poll_fn(|context| Pin::new(&mut *body).poll_frame(context)).await?;
        match frame.map(|frame| frame.into_data()) {
            Ok(Ok(data)) => return Some(Ok(data)),
            // Trailers say nothing here.
            Ok(Err(_)) => {}
            Err(error) => return Some(Err(error)),
        }
    }
}

fn too_large(limit: usize) -> Box<Response> {
    let message = format!("The body is larger than this relay takes, {limit} bytes. Nothing was stored.");
    Box::new(refusal(StatusCode::PAYLOAD_TOO_LARGE, "too_large", &message))
}

fn busy() -> Box<Response> {
    let message = "This relay is taking in as much as it can hold just now. Nothing was stored; try again in a moment.";
    let mut answer = refusal(StatusCode::SERVICE_UNAVAILABLE, "busy", message);
    answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static(COME_AGAIN));
    Box::new(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MB: usize = 1 << 20;

    fn bodies() -> Bodies {
        let limits = Limits { body_bytes: MB, bodies_in_flight_bytes: 16 * MB, ..Limits::default() };
        Bodies::new(&limits, Arc::default())
    }

    #[test]
    fn publications_have_their_part_and_one_address_a_part_of_that() {
        let bodies = bodies();
        let address = |n: u8| IpAddr::from([192, 0, 2, n]);
        let mut held: Vec<Held> = (0..4).map(|_| bodies.hold(address(1), MB).unwrap()).collect();
        assert_eq!(bodies.hold(address(1), 1).err().unwrap().status(), 503, "a quarter is for one address");
        held.extend((0..11).map(|n| bodies.hold(address(2 + n / 4), MB).unwrap()));
        let answer = bodies.hold(address(9), 1).err().unwrap();
        assert_eq!(
            (answer.status(), answer.headers()[header::RETRY_AFTER].as_bytes()),
            (StatusCode::SERVICE_UNAVAILABLE, &b"5"[..])
        );
        assert!(bodies.held(None, MB).is_ok(), "readers have the rest");
        assert!(bodies.held(None, MB + 1).is_err());
        assert_eq!(bodies.budget.metrics.bodies_in_flight_bytes.value(), 15 * MB as u64);
        held.clear();
        let used = bodies.budget.used();
        assert_eq!((used.all, used.publishing.len()), (0, 0));
        drop(used);
        assert!(bodies.hold(address(9), MB).is_ok());
        assert_eq!(bodies.hold(address(9), MB + 1).err().unwrap().status(), 413);
    }

    #[test]
    fn what_is_not_announced_is_counted_as_it_comes() {
        let mut held = bodies().hold(IpAddr::from([192, 0, 2, 1]), 0).unwrap();
        held.grow(1, MB).unwrap();
        assert_eq!(held.bytes, FIRST);
        held.grow(FIRST + 1, MB).unwrap();
        assert_eq!(held.bytes, 2 * FIRST);
        held.grow(MB - 1, MB).unwrap();
        held.grow(MB, MB).unwrap();
        assert_eq!((held.bytes, held.budget.used().all), (MB, MB));
    }
}
