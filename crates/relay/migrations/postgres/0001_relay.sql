-- What relays keep that share one PostgreSQL. Nothing here names a patient, and nothing here opens a file: links are
-- known by a hash of their identifier, wallets by a hash of their control token, receipts are sealed to the patient.

CREATE TABLE links (
    link              BYTEA   NOT NULL PRIMARY KEY, -- hash of the 32 random bytes in the link's address
    control           BYTEA   NOT NULL,             -- SHA-256 of the control token that claimed it
    state             TEXT    NOT NULL,             -- live, paused, withdrawn or deleted
    flags             TEXT    NOT NULL,             -- of the SMART Health Link: L, P, U
    status            TEXT,                         -- of the manifest
    not_before        BIGINT,
    expires           BIGINT  NOT NULL,
    max_openings      BIGINT  NOT NULL,
    openings          BIGINT  NOT NULL,             -- how many were served, in the link's whole life
    passcode_salt     BYTEA,
    passcode_rounds   BIGINT,
    passcode_hash     BYTEA,
    attempts          BIGINT  NOT NULL,             -- how many passcodes may be wrong in the link's whole life
    attempts_used     BIGINT  NOT NULL,
    receipt_recipient TEXT    NOT NULL,             -- age recipient of the receipts
    withdrawal_tag    BYTEA   NOT NULL,
    commitment        BYTEA   NOT NULL,
    commitment_index  BIGINT  NOT NULL,             -- of the grant, in log A
    receipts          BIGINT  NOT NULL,             -- sequence number of the newest receipt
    refusals          BIGINT  NOT NULL DEFAULT 0,   -- how many refused openings have left a receipt
    publication       BYTEA                         -- SHA-256 of the body of the newest publication
);
CREATE INDEX links_by_withdrawal_tag ON links (withdrawal_tag);
CREATE INDEX links_by_expiry ON links (expires);

-- Publications before the newest one: one that comes again changes nothing.
CREATE TABLE superseded_publications (
    link        BYTEA NOT NULL,
    publication BYTEA NOT NULL,
    PRIMARY KEY (link, publication)
);

CREATE TABLE files (
    link         BYTEA  NOT NULL,
    number       BIGINT NOT NULL,
    name         TEXT   NOT NULL, -- where its ciphertext lies in the file storage
    sha256       BYTEA  NOT NULL, -- of the ciphertext
    size         BIGINT NOT NULL,
    content_type TEXT   NOT NULL,
    PRIMARY KEY (link, number)
);

CREATE INDEX files_by_name ON files (name);

-- Ciphertext that no link refers to any more, and when it may be removed.
CREATE TABLE discarded_files (
    name        TEXT   NOT NULL PRIMARY KEY,
    remove_from BIGINT NOT NULL
);
CREATE INDEX discarded_files_by_time ON discarded_files (remove_from);

CREATE TABLE receipts (
    link      BYTEA  NOT NULL,
    seq       BIGINT NOT NULL,
    log_index BIGINT NOT NULL, -- of its commitment, in log A
    sealed    BYTEA  NOT NULL,
    PRIMARY KEY (link, seq)
);

-- The two logs. 1 is A, the commitments; 2 is R, the withdrawals. Rows are only ever added.
CREATE TABLE log_entries (
    log   SMALLINT NOT NULL,
    idx   BIGINT   NOT NULL,
    entry BYTEA    NOT NULL,
    PRIMARY KEY (log, idx)
);

-- Entries that came from outside, so that the same one sent twice is appended once.
CREATE TABLE log_submissions (
    log   SMALLINT NOT NULL,
    entry BYTEA    NOT NULL,
    idx   BIGINT   NOT NULL,
    PRIMARY KEY (log, entry)
);

-- The newest head signed of each log, written before it is published: the guard against signing another history.
CREATE TABLE log_heads (
    log  SMALLINT NOT NULL PRIMARY KEY,
    size BIGINT   NOT NULL,
    root BYTEA    NOT NULL,
    note TEXT              -- the signed checkpoint, as it is served
);

CREATE TABLE withdrawals (
    tag BYTEA  NOT NULL PRIMARY KEY,
    idx BIGINT NOT NULL -- in log R
);

-- How many entries each log has. The next entry gets this number as its index. The row's lock is what keeps indices
-- without gaps: it is held from the taking of an index to the commit.
CREATE TABLE log_sizes (
    log  SMALLINT NOT NULL PRIMARY KEY,
    size BIGINT   NOT NULL
);
INSERT INTO log_sizes (log, size) VALUES (1, 0), (2, 0);

-- One row: the bytes of ciphertext that links refer to.
CREATE TABLE usage (
    bytes BIGINT NOT NULL
);
INSERT INTO usage (bytes) VALUES (0);

-- One row once the ledger has begun: SHA-256 of its public keys and name, so that other keys are noticed.
CREATE TABLE ledger_identity (
    one    BOOLEAN NOT NULL PRIMARY KEY DEFAULT TRUE CHECK (one),
    sha256 BYTEA   NOT NULL
);
