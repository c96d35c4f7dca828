//! A relay in its own runtime, wallets that publish to it, and a plain HTTP client.

use carnet_consent::anchor::{Commitment, ObjectType, commit};
use carnet_consent::control::{
    Commit, ControlToken, LinkId, PasscodeVerifier, Publish, PublishFile, Published, Receipts, StoredReceipt, Withdraw,
};
use carnet_consent::withdrawal::WithdrawalSecret;
use carnet_relay::{Config, Relay, Running, Secret};
use carnet_test_servers::{Postgres, S3};
use serde::Serialize;
use serde::de::DeserializeOwned;
use smart_health::link::ContentKey;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tempfile::TempDir;
use tlog::proof::{inclusion, verify_inclusion};
use tlog::tile::TileIndex;

pub(crate) type Response = ureq::http::Response<ureq::Body>;

/// What the relays of a test program keep their data in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stores {
    /// One relay with SQLite and a folder.
    Folder,
    /// So many relays with one PostgreSQL and one bucket; each request goes to the next of them.
    Shared { relays: usize },
}

/// One relay, or several on the same stores, that run until this is dropped.
pub(crate) struct Fixture {
    /// A relay in a process of its own, and where it is.
    child: Option<(std::process::Child, String)>,
    runtime: tokio::runtime::Runtime,
    running: Vec<Running>,
    next: AtomicUsize,
    servers: Option<(Postgres, S3)>,
    pub(crate) folder: TempDir,
    pub(crate) config: Config,
    pub(crate) agent: ureq::Agent,
}

impl Fixture {
    pub(crate) fn start() -> Self {
        Self::with(|_| {})
    }

    /// Only one relay, whatever the stores: for what each relay counts for itself.
    pub(crate) fn alone_with(change: impl FnOnce(&mut Config)) -> Self {
        let mut fixture = Self::with(change);
        while fixture.running.len() > 1 {
            fixture.stop_one(1);
        }
        fixture
    }

    pub(crate) fn with(change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config =
            Config { listen: ([127, 0, 0, 1], 0).into(), data: folder.path().join("relay"), ..Config::default() };
        config.checkpoint_interval_ms = 50;
        let servers = match crate::STORES {
            Stores::Folder => None,
            Stores::Shared { .. } => {
                let (postgres, s3) = (Postgres::start(), S3::start());
                config.database = Some(Secret::new(postgres.url()));
                config.files = Some(format!("s3://{}/part/one", S3::BUCKET));
                config.s3.endpoint = Some(s3.endpoint());
                config.s3.access_key_id = Some(S3::KEY_ID.to_owned());
                config.s3.secret_access_key = Some(Secret::new(S3::KEY));
                config.keys = Some(folder.path().join("all-keys"));
                Some((postgres, s3))
            }
        };
        change(&mut config);
        let agent: ureq::Agent =
            ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).build().into();
        let runtime = Relay::runtime().unwrap();
        let mut fixture = Self {
            child: None,
            runtime,
            running: Vec::new(),
            next: AtomicUsize::new(0),
            servers,
            folder,
            config,
            agent,
        };
        fixture.restart();
        fixture
    }

    /// The relay's own program, which can be killed, on the same stores as before.
    pub(crate) fn start_program(&mut self) {
        self.stop();
        let port = carnet_test_servers::free_port();
        let file = self.folder.path().join("relay.toml");
        let mut text = format!("listen = '127.0.0.1:{port}'\ndata = 'relay'\ncheckpoint_interval_ms = 50\n");
        if let Some((postgres, s3)) = &self.servers {
            text += &format!(
                "database = '{}'\nfiles = '{}'\nkeys = 'all-keys'\n[s3]\nendpoint = '{}'\naccess_key_id = '{}'\n\
                 secret_access_key = '{}'\n",
                postgres.url(),
                self.config.files.as_deref().unwrap(),
                s3.endpoint(),
                S3::KEY_ID,
                S3::KEY
            );
        }
        text += "[limits]\nrequests_a_minute_per_link = 0\nentries_an_hour_per_address = 0\n";
        std::fs::write(&file, text).unwrap();
        let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_carnet-relay"));
        let child = program.arg("--config").arg(file).env("RUST_LOG", "error").spawn().unwrap();
        let url = format!("http://127.0.0.1:{port}");
        self.child = Some((child, url.clone()));
        for _ in 0..600 {
            if self.agent.get(format!("{url}/health")).call().is_ok_and(|answer| answer.status() == 200) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("the relay's program did not start");
    }

    pub(crate) fn child(&mut self) -> &mut std::process::Child {
        &mut self.child.as_mut().unwrap().0
    }

    pub(crate) fn postgres(&mut self) -> &mut Postgres {
        &mut self.servers.as_mut().unwrap().0
    }

    /// Below it lie `files` and `ledger`, wherever they are kept.
    pub(crate) fn stored(&self) -> PathBuf {
        match &self.servers {
            None => self.config.data.clone(),
            Some((_, s3)) => s3.bucket().join("part/one"),
        }
    }

    /// Every folder that a thief of everything but the keys would have.
    pub(crate) fn stolen(&self) -> Vec<PathBuf> {
        let servers = self.servers.iter().flat_map(|(postgres, s3)| [postgres.data(), s3.folder().to_owned()]);
        servers.chain([self.config.data.clone()]).collect()
    }

    pub(crate) fn keys(&self) -> PathBuf {
        self.config.keys.clone().unwrap_or_else(|| self.config.data.join("keys"))
    }

    pub(crate) fn try_start(&self) -> carnet_relay::Result<Running> {
        self.try_start_with(|_| {})
    }

    pub(crate) fn try_start_with(&self, change: impl FnOnce(&mut Config)) -> carnet_relay::Result<Running> {
        let mut config = self.config.clone();
        change(&mut config);
        self.runtime.block_on(Relay::start(config))
    }

    pub(crate) fn stop(&mut self) {
        if let Some((mut child, _)) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
        for running in self.running.drain(..) {
            self.runtime.block_on(running.shutdown());
        }
    }

    /// Waits until every relay in this process is healthy.
    pub(crate) fn wait_until_healthy(&self) {
        for running in &self.running {
            let health = format!("{}/health", running.public_url);
            let healthy = (0..200).any(|_| {
                std::thread::sleep(Duration::from_millis(50));
                self.agent.get(&health).call().unwrap().status() == 200
            });
            assert!(healthy, "a relay did not come back by itself");
        }
    }

    /// One more relay in this process, beside the program.
    pub(crate) fn join(&mut self) {
        self.running.push(self.try_start().unwrap());
    }

    /// Kills the program; requests go to the relays in this process from then on.
    pub(crate) fn kill_program(&mut self) {
        let (mut child, _) = self.child.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Stops one of several relays in good order.
    pub(crate) fn stop_one(&mut self, at: usize) {
        let running = self.running.remove(at);
        self.runtime.block_on(running.shutdown());
    }

    pub(crate) fn restart(&mut self) {
        self.stop();
        let relays = match crate::STORES {
            Stores::Folder => 1,
            Stores::Shared { relays } => relays,
        };
        for _ in 0..relays {
            self.running.push(self.try_start().unwrap());
        }
    }

    pub(crate) fn running(&self) -> &Running {
        &self.running[self.next.fetch_add(1, Ordering::Relaxed) % self.running.len()]
    }

    pub(crate) fn url(&self, path: &str) -> String {
        match &self.child {
            Some((_, url)) => format!("{url}{path}"),
            None => format!("{}{path}", self.running().public_url),
        }
    }

    pub(crate) fn get(&self, path: &str) -> Response {
        self.agent.get(self.url(path)).call().unwrap()
    }

    pub(crate) fn post(&self, path: &str, body: &impl Serialize) -> Response {
        self.agent.post(self.url(path)).header("content-type", "application/json").send(json(body)).unwrap()
    }

    pub(crate) fn put(&self, link: &Link) -> Response {
        let request = self.agent.put(self.url(&format!("/control/{}", link.id)));
        request.header("authorization", link.token.expose_header()).send(json(&link.publish)).unwrap()
    }

    pub(crate) fn publish(&self, link: &Link) -> Published {
        read(self.put(link), 200)
    }

    /// `GET`, `POST` or `DELETE` below the link's control address.
    pub(crate) fn control(&self, method: &str, link: &Link, below: &str) -> Response {
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(self.url(&format!("/control/{}{below}", link.id)))
            .header("authorization", link.token.expose_header())
            .body(())
            .unwrap();
        self.agent.run(request).unwrap()
    }

    /// `POST` with a body below the link's control address.
    pub(crate) fn control_with(&self, link: &Link, below: &str, body: &str) -> Response {
        let request = self.agent.post(self.url(&format!("/control/{}{below}", link.id)));
        request.header("authorization", link.token.expose_header()).send(body).unwrap()
    }

    pub(crate) fn open(&self, link: &Link) -> Response {
        self.get(&format!("/shl/{}?recipient=Dr%20Example", link.id))
    }

    pub(crate) fn manifest(&self, link: &Link, passcode: Option<&str>) -> Response {
        let mut body = serde_json::json!({"recipient": "Dr Example"});
        if let Some(passcode) = passcode {
            body["passcode"] = passcode.into();
        }
        self.post(&format!("/shl/{}", link.id), &body)
    }

    pub(crate) fn withdraw(&self, link: &Link) -> Response {
        self.post("/withdrawals", &Withdraw::new(link.secret.preimage()))
    }

    pub(crate) fn commit(&self, entry: [u8; 33]) -> Response {
        self.post("/commitments", &Commit { entry: Commitment(entry) })
    }

    pub(crate) fn receipts(&self, link: &Link) -> Vec<StoredReceipt> {
        let mut all = Vec::new();
        let mut after = 0;
        loop {
            let page: Receipts = read(self.control("GET", link, &format!("/receipts?after={after}&reasons=all")), 200);
            if page.next == after {
                return all;
            }
            after = page.next;
            all.extend(page.receipts);
        }
    }

    /// The verified checkpoint of a log.
    pub(crate) fn checkpoint(&self, log: &str) -> tlog::policy::VerifiedCheckpoint {
        let policy: tlog::policy::Policy = text(self.get("/ledger/policy")).parse().unwrap();
        policy.verify(&text(self.get(&format!("/ledger/{log}/checkpoint")))).unwrap()
    }

    /// Waits until the checkpoint of a log covers so many entries.
    pub(crate) fn checkpoint_of(&self, log: &str, size: u64) -> tlog::policy::VerifiedCheckpoint {
        for _ in 0..200 {
            let checkpoint = self.checkpoint(log);
            if checkpoint.checkpoint.size >= size {
                return checkpoint;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("no checkpoint of {size} entries within ten seconds");
    }

    /// Checks by the published tiles that a log has an entry.
    pub(crate) fn assert_in_log(&self, log: &str, index: u64, entry: &[u8]) {
        let head = self.checkpoint_of(log, index + 1).checkpoint;
        let mut tile = |tile: &TileIndex| -> Result<Vec<u8>, tlog::Error> {
            let answer = self.get(&format!("/ledger/{log}/{}", tile.path()));
            let answer =
                if answer.status() == 404 { self.get(&format!("/ledger/{log}/{}", tile.full_path())) } else { answer };
            assert_eq!(answer.status(), 200, "{}", tile.path());
            Ok(answer.into_body().read_to_vec().unwrap())
        };
        let proof = inclusion(head.size, index, &mut tile).unwrap();
        verify_inclusion(&tlog::leaf_hash(entry), index, head.size, &proof, &head.root).unwrap();
    }
}

impl Drop for Fixture {
    fn drop(&mut self) {
        self.stop();
    }
}

/// How many files lie below a folder; some storages keep empty folders.
pub(crate) fn files_below(folder: &Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    let entries = entries.map(|entry| entry.unwrap().path());
    entries.map(|path| if path.is_dir() { files_below(&path) } else { 1 }).sum()
}

/// What a wallet has of a link.
pub(crate) struct Link {
    pub(crate) id: LinkId,
    pub(crate) token: ControlToken,
    pub(crate) identity: age::x25519::Identity,
    pub(crate) secret: WithdrawalSecret,
    pub(crate) key: ContentKey,
    pub(crate) publish: Publish,
}

impl Link {
    /// A link with these flags and one small file.
    pub(crate) fn new(flags: &str) -> Self {
        Self::with(flags, &[b"{\"resourceType\":\"Bundle\"}"])
    }

    pub(crate) fn with(flags: &str, files: &[&[u8]]) -> Self {
        let identity = age::x25519::Identity::generate();
        let secret = WithdrawalSecret::from_bytes(random());
        let key = ContentKey::from_bytes(random());
        let file = |bytes: &&[u8]| PublishFile {
            content_type: "application/fhir+json".to_owned(),
            jwe: smart_health::jwe::encrypt(&key, random(), "application/fhir+json", bytes),
        };
        let publish = Publish {
            flags: flags.to_owned(),
            expires: now() + 3_600,
            not_before: None,
            max_openings: None,
            passcode: None,
            passcode_attempts: None,
            files: files.iter().map(file).collect(),
            status: None,
            receipt_recipient: identity.to_public().to_string(),
            withdrawal_tag: secret.tag(),
            commitment: commit(&random(), ObjectType::Grant, &random()),
            revision: 0,
        };
        Self {
            id: LinkId::from_bytes(random()),
            token: ControlToken::from_bytes(random()),
            identity,
            secret,
            key,
            publish,
        }
    }

    pub(crate) fn passcode(self, passcode: &str, attempts: u32) -> Self {
        self.slow_passcode(passcode, attempts, 10_000)
    }

    pub(crate) fn slow_passcode(mut self, passcode: &str, attempts: u32, rounds: u32) -> Self {
        self.publish.passcode = Some(PasscodeVerifier::new(passcode, random::<16>().to_vec(), rounds).unwrap());
        self.publish.passcode_attempts = Some(attempts);
        self
    }

    /// Another publication of the same link.
    pub(crate) fn again(&self, publish: Publish) -> Self {
        Self {
            id: self.id.clone(),
            token: ControlToken::from_header(&self.token.expose_header()).unwrap(),
            identity: self.identity.clone(),
            secret: WithdrawalSecret::from_bytes(random()),
            key: ContentKey::from_bytes(random()),
            publish,
        }
    }

    pub(crate) fn change(mut self, change: impl FnOnce(&mut Publish)) -> Self {
        change(&mut self.publish);
        self
    }
}

pub(crate) fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs().try_into().unwrap()
}

pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).unwrap();
    bytes
}

pub(crate) fn entry() -> [u8; 33] {
    let mut entry: [u8; 33] = random();
    entry[0] = 1;
    entry
}

pub(crate) fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).unwrap()
}

pub(crate) fn text(answer: Response) -> String {
    answer.into_body().read_to_string().unwrap()
}

/// The JSON of an answer of this status.
pub(crate) fn read<T: DeserializeOwned>(answer: Response, status: u16) -> T {
    let got = answer.status();
    let body = text(answer);
    assert_eq!(got, status, "{body}");
    serde_json::from_str(&body).unwrap()
}

/// Headers that depend on the moment, not on the answer.
fn volatile(name: &str) -> bool {
    matches!(name, "date" | "connection")
}

/// An answer as far as two of them must not differ.
pub(crate) fn fingerprint(answer: Response) -> (u16, Vec<(String, String)>, String) {
    let status = answer.status().as_u16();
    let header = |(name, value): (&ureq::http::HeaderName, &ureq::http::HeaderValue)| {
        (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    let mut headers: Vec<_> = answer.headers().iter().map(header).filter(|(name, _)| !volatile(name)).collect();
    headers.sort();
    (status, headers, text(answer))
}
