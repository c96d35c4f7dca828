//! The outbox over a store in memory and relays that come and go.

use crate::canned::{Canned, Given, given, nobody};
use crate::failures::{link_id, publish, token};
use carnet_consent::GrantId;
use carnet_consent::anchor::Commitment;
use carnet_consent::control::ControlToken;
use carnet_consent::withdrawal::{Preimage, WithdrawalSecret};
use carnet_sync::{Error, Job, Outbox, OutboxStore, Outcome, Queued, Report};
use std::collections::{BTreeMap, HashSet};
use std::convert::Infallible;
use std::sync::Mutex;

/// When a job is due, how often it was tried, and its durable form.
type Kept = (i64, u32, Vec<u8>);

/// Jobs in their durable form, as a vault would keep them.
#[derive(Default)]
struct Memory {
    jobs: Mutex<BTreeMap<i64, Kept>>,
    stopped: Mutex<HashSet<GrantId>>,
    told: Mutex<Vec<String>>,
}

impl Memory {
    fn put(&self, job: &Job) -> i64 {
        let mut jobs = self.jobs.lock().unwrap();
        let id = jobs.last_key_value().map_or(1, |(id, _)| id + 1);
        jobs.insert(id, (0, 0, job.to_bytes()));
        id
    }

    fn told(&self) -> Vec<String> {
        std::mem::take(&mut self.told.lock().unwrap())
    }

    fn len(&self) -> usize {
        self.jobs.lock().unwrap().len()
    }

    fn next_at(&self, id: i64) -> i64 {
        self.jobs.lock().unwrap()[&id].0
    }
}

impl OutboxStore for Memory {
    type Error = Infallible;

    async fn due(&self, now: i64) -> Result<Vec<Queued>, Infallible> {
        let jobs = self.jobs.lock().unwrap();
        let due = jobs.iter().filter(|(_, (next_at, ..))| *next_at <= now);
        Ok(due
            .map(|(id, (_, attempts, bytes))| Queued {
                id: *id,
                attempts: *attempts,
                job: Job::from_bytes(bytes).unwrap(),
            })
            .collect())
    }

    async fn control_token(&self, grant: &GrantId) -> Result<Option<ControlToken>, Infallible> {
        Ok((!self.stopped.lock().unwrap().contains(grant)).then(token))
    }

    async fn done(&self, queued: &Queued, outcome: &Outcome) -> Result<(), Infallible> {
        self.jobs.lock().unwrap().remove(&queued.id);
        self.told.lock().unwrap().push(format!("done {} {outcome:?}", queued.job.kind()));
        Ok(())
    }

    async fn retry(&self, queued: &Queued, next_at: i64, _: &Error) -> Result<(), Infallible> {
        let mut jobs = self.jobs.lock().unwrap();
        let job = jobs.get_mut(&queued.id).unwrap();
        *job = (next_at, job.1 + 1, std::mem::take(&mut job.2));
        self.told.lock().unwrap().push(format!("retry {}", queued.job.kind()));
        Ok(())
    }

    async fn refused(&self, queued: &Queued, _: &Error) -> Result<(), Infallible> {
        self.jobs.lock().unwrap().remove(&queued.id);
        self.told.lock().unwrap().push(format!("refused {}", queued.job.kind()));
        Ok(())
    }
}

fn grant(n: u8) -> GrantId {
    GrantId::from_bytes([n; 16])
}

fn p() -> Preimage {
    WithdrawalSecret::from_bytes([1; 32]).preimage()
}

fn publish_job(relay: &str) -> Job {
    Job::Publish { grant: grant(1), relay: relay.to_owned(), link: link_id(), body: Box::new(publish(5_000)) }
}

fn withdraw_job(relay: &str) -> Job {
    Job::Withdraw { grant: grant(2), relay: relay.to_owned(), p: p() }
}

fn commit_job(relay: &str) -> Job {
    Job::Commit { relay: relay.to_owned(), entry: Commitment([1; 33]), about: "journal".to_owned() }
}

fn pause_job(relay: &str, paused: bool) -> Job {
    Job::Pause { grant: grant(1), relay: relay.to_owned(), link: link_id(), paused, revision: 1 }
}

fn working(relay: &Canned) {
    let state = r#"{"live":true,"openings":0,"expires":5000,"paused":false,"withdrawn":false,"exhausted":false,"commitment_index":7}"#;
    relay.put(&format!("POST /control/{}/pause", link_id()), given(200, state));
    relay.put(&format!("POST /control/{}/resume", link_id()), given(200, state));
    relay.put(&format!("PUT /control/{}", link_id()), given(200, r#"{"commitment_index":7,"expires":5000}"#));
    relay.put("POST /withdrawals", given(200, r#"{"index":3}"#));
    relay.put("POST /commitments", given(200, r#"{"index":8}"#));
}

#[test]
fn jobs_survive_their_durable_form() {
    let relay = "https://r.example";
    for job in [publish_job(relay), pause_job(relay, true), withdraw_job(relay), commit_job(relay)] {
        assert_eq!(Job::from_bytes(&job.to_bytes()).unwrap(), job);
        assert_eq!(format!("{job:?}"), format!("Job({})", job.kind()));
    }
    assert!(matches!(Job::from_bytes(b"{}"), Err(Error::BadJob)));
    // A job stored by this version must be read by every later one.
    let stored = br#"{"withdraw":{"grant":"02020202020202020202020202020202","relay":"https://r.example","body":{"p":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"}}}"#;
    assert_eq!(Job::from_bytes(stored).unwrap().kind(), "withdraw");
}

#[tokio::test]
async fn withdrawals_go_first() {
    let relay = Canned::start().await;
    working(&relay);
    let store = Memory::default();
    store.put(&commit_job(relay.url()));
    store.put(&publish_job(relay.url()));
    store.put(&withdraw_job(relay.url()));
    let outbox = Outbox::new(store);
    assert_eq!(outbox.run(100).await.unwrap(), Report { sent: 3, waiting: 0, refused: 0 });
    let lines = relay.asked_lines();
    assert_eq!(lines[0], "POST /withdrawals");
    assert!(lines[1].starts_with("PUT /control/"));
    assert_eq!(lines[2], "POST /commitments");
    assert_eq!(outbox.store().len(), 0);
    assert_eq!(outbox.run(100).await.unwrap(), Report::default());
}

#[tokio::test]
async fn an_absent_relay_is_asked_once_a_run_and_less_and_less_often() {
    let relay = Canned::start().await;
    let store = Memory::default();
    for line in [format!("PUT /control/{}", link_id()), "POST /withdrawals".to_owned(), "POST /commitments".to_owned()]
    {
        relay.put(&line, given(500, ""));
    }
    let publish = store.put(&publish_job(relay.url()));
    let withdraw = store.put(&withdraw_job(relay.url()));
    let outbox = Outbox::new(store);
    let mut now = 0;
    let mut waits = Vec::new();
    for _ in 0..12 {
        let asked = relay.asked().len();
        assert_eq!(outbox.run(now).await.unwrap().sent, 0);
        assert_eq!(relay.asked().len(), asked + 1);
        waits.push((outbox.store().next_at(publish) - now, outbox.store().next_at(withdraw) - now));
        now = outbox.store().next_at(publish).max(outbox.store().next_at(withdraw));
    }
    assert_eq!(waits[0], (5, 5));
    assert!(waits.windows(2).all(|pair| pair[0].0 <= pair[1].0));
    assert!(waits[11].0 >= 900 && waits[11].0 <= 990, "{waits:?}");
    assert!(waits.iter().all(|(_, withdraw)| *withdraw <= 66));
    // Not due yet: not asked.
    let asked = relay.asked().len();
    outbox.run(now - 1).await.unwrap();
    assert_eq!(relay.asked().len(), asked + 1, "only the withdrawal is due again");
    // The relay comes back, and everything arrives.
    working(&relay);
    assert_eq!(outbox.run(now + 10_000).await.unwrap().sent, 1);
    assert_eq!(outbox.store().len(), 0);
}

#[tokio::test]
async fn the_jobs_of_one_share_keep_their_order() {
    let relay = Canned::start().await;
    working(&relay);
    let line = format!("PUT /control/{}", link_id());
    relay.put_all(&line, vec![given(500, ""), given(200, r#"{"commitment_index":7,"expires":5000}"#)]);
    let store = Memory::default();
    for job in [publish_job(relay.url()), pause_job(relay.url(), true), pause_job(relay.url(), false)] {
        store.put(&job);
    }
    store.put(&commit_job("http://127.0.0.1:1"));
    let outbox = Outbox::new(store);
    assert_eq!(outbox.run(0).await.unwrap(), Report { sent: 0, waiting: 4, refused: 0 });
    assert_eq!(relay.asked_lines(), std::slice::from_ref(&line), "behind what was put off the others wait");
    assert_eq!(outbox.run(2_000).await.unwrap().sent, 3);
    let pause = |what: &str| format!("POST /control/{}/{what}", link_id());
    assert_eq!(relay.asked_lines(), [line.clone(), line, pause("pause"), pause("resume")]);
}

#[tokio::test]
async fn what_a_later_message_overtook_is_told_with_the_state_it_found() {
    let relay = Canned::start().await;
    let overtaken = r#"{"code":"overtaken","message":"A later one was there first."}"#;
    relay.put(&format!("PUT /control/{}", link_id()), given(409, overtaken));
    let state = r#"{"live":true,"openings":0,"expires":9,"paused":false,"withdrawn":false,"exhausted":false,"commitment_index":7,"revision":8}"#;
    relay.put(&format!("GET /control/{}", link_id()), given(200, state));
    let store = Memory::default();
    store.put(&publish_job(relay.url()));
    let outbox = Outbox::new(store);
    outbox.run(0).await.unwrap();
    let told = outbox.store().told();
    assert!(told[0].starts_with("done publish Overtaken") && told[0].contains("revision: 8"), "{told:?}");
}

#[tokio::test]
async fn days_without_a_network_lose_nothing_and_a_withdrawal_is_never_given_up() {
    let relay = Canned::start().await;
    let store = Memory::default();
    for line in [format!("PUT /control/{}", link_id()), "POST /withdrawals".to_owned()] {
        relay.put(&line, given(503, ""));
    }
    store.put(&Job::Publish {
        grant: grant(1),
        relay: relay.url().to_owned(),
        link: link_id(),
        body: Box::new(publish(20 * 86_400)),
    });
    store.put(&withdraw_job(relay.url()));
    let outbox = Outbox::new(store);
    // Ten days, a look every ten minutes.
    for now in (0..10 * 86_400).step_by(600) {
        assert_eq!(outbox.run(now).await.unwrap().refused, 0);
    }
    assert_eq!(outbox.store().len(), 2);
    working(&relay);
    assert_eq!(outbox.run(10 * 86_400 + 1_000).await.unwrap().sent, 2);
    let asked = relay.asked_lines();
    assert_eq!(asked[asked.len() - 2..], ["POST /withdrawals".to_owned(), format!("PUT /control/{}", link_id())]);
}

#[tokio::test]
async fn one_relay_away_does_not_hold_up_another() {
    let (here, gone) = (Canned::start().await, nobody().await);
    working(&here);
    let store = Memory::default();
    store.put(&withdraw_job(&gone));
    store.put(&withdraw_job(here.url()));
    store.put(&publish_job(&gone));
    let outbox = Outbox::new(store);
    assert_eq!(outbox.run(0).await.unwrap(), Report { sent: 1, waiting: 2, refused: 0 });
}

#[tokio::test]
async fn a_relay_may_ask_for_more_time() {
    let relay = Canned::start().await;
    let store = Memory::default();
    relay.put("POST /commitments", Given { headers: vec![("retry-after", "600".to_owned())], ..given(429, "") });
    let id = store.put(&commit_job(relay.url()));
    let outbox = Outbox::new(store);
    outbox.run(1_000).await.unwrap();
    assert_eq!(outbox.store().next_at(id), 1_600);
}

#[tokio::test]
async fn a_refusal_is_final_but_never_for_a_withdrawal() {
    let relay = Canned::start().await;
    let refusal = r#"{"code":"too_large","message":"Share less."}"#;
    relay.put(&format!("PUT /control/{}", link_id()), given(413, refusal));
    relay.put("POST /withdrawals", given(400, refusal));
    let store = Memory::default();
    store.put(&publish_job(relay.url()));
    store.put(&withdraw_job(relay.url()));
    let outbox = Outbox::new(store);
    assert_eq!(outbox.run(0).await.unwrap(), Report { sent: 0, waiting: 1, refused: 1 });
    assert_eq!(outbox.store().told(), ["retry withdraw", "refused publish"]);
}

#[tokio::test]
async fn what_was_stopped_or_ended_meanwhile_is_never_published() {
    let relay = Canned::start().await;
    working(&relay);
    let store = Memory::default();
    store.put(&publish_job(relay.url()));
    store.stopped.lock().unwrap().insert(grant(1));
    let outbox = Outbox::new(store);
    assert_eq!(outbox.run(0).await.unwrap(), Report::default());
    outbox.store().stopped.lock().unwrap().clear();
    outbox.store().put(&publish_job(relay.url()));
    assert_eq!(outbox.run(5_000).await.unwrap(), Report::default(), "it ended at 5000");
    assert_eq!(outbox.store().told(), ["done publish Obsolete", "done publish Obsolete"]);
    assert!(relay.asked().is_empty());
}

#[tokio::test]
async fn a_repetition_after_a_lost_answer_does_no_harm() {
    let relay = Canned::start().await;
    working(&relay);
    // The first answer is lost on the way: cut in the middle.
    let lost = given(200, r#"{"commitment_"#);
    let line = format!("PUT /control/{}", link_id());
    relay.put_all(&line, vec![Given { status: 502, ..lost }, given(200, r#"{"commitment_index":7,"expires":5000}"#)]);
    let store = Memory::default();
    store.put(&publish_job(relay.url()));
    let outbox = Outbox::new(store);
    outbox.run(0).await.unwrap();
    outbox.run(60).await.unwrap();
    let asked = relay.asked();
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[0].body, asked[1].body);
    assert_eq!(outbox.store().len(), 0);
}
