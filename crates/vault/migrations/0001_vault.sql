-- The vault, first form. Everything in here is encrypted as a whole by SQLCipher.
-- Times are Unix seconds. Hashes are SHA-256, 32 bytes.

-- What the vault is, and what unlocking it gives: one row.
CREATE TABLE vault (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    id BLOB NOT NULL CHECK (length(id) = 16),
    created_at INTEGER NOT NULL,
    entropy BLOB NOT NULL CHECK (length(entropy) = 32),          -- of the recovery phrase
    device BLOB NOT NULL CHECK (length(device) = 16),
    device_seed BLOB NOT NULL CHECK (length(device_seed) = 32)   -- Ed25519, signs the journal
) STRICT;

-- The journal: only ever appended to.
CREATE TABLE devices (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    public_key BLOB NOT NULL CHECK (length(public_key) = 32),
    added_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE journal (
    id INTEGER PRIMARY KEY,
    device BLOB NOT NULL REFERENCES devices (id),
    seq INTEGER NOT NULL CHECK (seq > 0),
    hash BLOB NOT NULL CHECK (length(hash) = 32),   -- of entry
    entry BLOB NOT NULL,                            -- COSE_Sign1
    list BLOB,                                      -- identity and hash, 64 bytes for each record the entry names
    UNIQUE (device, seq)
) STRICT;

CREATE TRIGGER journal_keeps_entries BEFORE UPDATE ON journal
BEGIN SELECT raise(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER journal_keeps_all_entries BEFORE DELETE ON journal
BEGIN SELECT raise(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER devices_keep BEFORE UPDATE ON devices
BEGIN SELECT raise(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER devices_keep_all BEFORE DELETE ON devices
BEGIN SELECT raise(ABORT, 'the journal is append-only'); END;

-- People.
CREATE TABLE profiles (
    id INTEGER PRIMARY KEY CHECK (id BETWEEN 1 AND 65535),   -- the <n> of the key label profile/<n>
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- Records. `versions` holds what came, exactly as it came; it is never changed.
CREATE TABLE imports (
    id INTEGER PRIMARY KEY,
    profile INTEGER NOT NULL REFERENCES profiles (id),
    file_name TEXT NOT NULL,
    format TEXT NOT NULL,
    sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
    size INTEGER NOT NULL,
    at INTEGER NOT NULL,
    account TEXT NOT NULL   -- JSON: what became of each entry
) STRICT;
CREATE INDEX imports_by_file ON imports (profile, sha256);

CREATE TABLE versions (
    id INTEGER PRIMARY KEY,
    record INTEGER NOT NULL,     -- id of the record's first version: the record's own id
    version INTEGER NOT NULL,    -- from 1
    profile INTEGER NOT NULL,
    identity BLOB NOT NULL,
    sha256 BLOB NOT NULL,        -- of original
    import INTEGER NOT NULL,
    full_url TEXT,
    original BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX versions_by_identity ON versions (profile, identity, version);

-- Which other files brought a version that was there already.
CREATE TABLE sightings (
    version INTEGER NOT NULL,
    import INTEGER NOT NULL,
    PRIMARY KEY (version, import)
) STRICT, WITHOUT ROWID;

-- The index: can be dropped and rebuilt from `versions`.
CREATE TABLE record_index (
    record INTEGER PRIMARY KEY,
    current INTEGER NOT NULL,    -- versions.id of the newest version
    profile INTEGER NOT NULL,
    category TEXT NOT NULL,
    sort_key INTEGER NOT NULL,
    resource_type TEXT NOT NULL,
    code_system TEXT,
    code TEXT,
    code_display TEXT,
    title TEXT NOT NULL,
    date TEXT,
    status TEXT,
    sensitivity TEXT,            -- JSON array, null when empty
    patient_ref TEXT
) STRICT;
CREATE INDEX record_index_by_time ON record_index (profile, sort_key);
CREATE INDEX record_index_by_category ON record_index (profile, category, sort_key);

-- Full text; the row is the record. Contentless: the words are in `versions.original` already. Only "which records" is
-- asked, so no positions are kept. Marks are word characters, or words of Indic scripts would be cut at each vowel sign.
CREATE VIRTUAL TABLE search USING fts5 (
    text,
    content = '',
    contentless_delete = 1,
    detail = 'none',
    tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co M*'"
);
INSERT INTO search (search, rank) VALUES ('secure-delete', 1);   -- a deleted word leaves the file
INSERT INTO search (search, rank) VALUES ('hashsize', 8388608);  -- one segment for about 20,000 records

-- Shares.
CREATE TABLE grants (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    profile INTEGER NOT NULL REFERENCES profiles (id),
    signed BLOB NOT NULL,          -- COSE_Sign1
    bundle BLOB,                   -- what was shared
    link TEXT NOT NULL,
    relay_url TEXT NOT NULL,
    link_id TEXT NOT NULL,
    commitment_r BLOB NOT NULL CHECK (length(commitment_r) = 32),
    commitment_index INTEGER,      -- in the relay's log of commitments
    status TEXT NOT NULL,
    recipient TEXT NOT NULL,
    purpose TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    details TEXT NOT NULL          -- JSON of the wallet
) STRICT, WITHOUT ROWID;
CREATE INDEX grants_by_time ON grants (created_at);

CREATE TABLE receipts (
    grant_id BLOB NOT NULL REFERENCES grants (id),
    seq INTEGER NOT NULL,
    receipt BLOB NOT NULL,         -- CBOR
    commitment_r BLOB NOT NULL CHECK (length(commitment_r) = 32),
    commitment_index INTEGER NOT NULL,
    learnt_at INTEGER NOT NULL,
    PRIMARY KEY (grant_id, seq)
) STRICT, WITHOUT ROWID;

-- What waits for a network.
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    body BLOB NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    next_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX outbox_by_time ON outbox (next_at);

CREATE TABLE settings (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
