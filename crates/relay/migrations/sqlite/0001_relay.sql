-- What a relay keeps. Nothing here names a patient, and nothing here opens a file: links are known by a hash of their
-- identifier, wallets by a hash of their control token, receipts are sealed to the patient.

CREATE TABLE links (
    link              BLOB    NOT NULL PRIMARY KEY, -- hash of the 32 random bytes in the link's address
    control           BLOB    NOT NULL,             -- SHA-256 of the control token that claimed it
    state             TEXT    NOT NULL,             -- live, paused, withdrawn or deleted
    flags             TEXT    NOT NULL,             -- of the SMART Health Link: L, P, U
    status            TEXT,                         -- of the manifest
    not_before        BIGINT,
    expires           BIGINT  NOT NULL,
    max_openings      BIGINT  NOT NULL,
    openings          BIGINT  NOT NULL,             -- how many were served, in the link's whole life
    passcode_salt     BLOB,
    passcode_rounds   BIGINT,
    passcode_hash     BLOB,
    attempts          BIGINT  NOT NULL,             -- how many passcodes may be wrong in the link's whole life
    attempts_used     BIGINT  NOT NULL,
    receipt_recipient TEXT    NOT NULL,             -- age recipient of the receipts
    withdrawal_tag    BLOB    NOT NULL,
    commitment        BLOB    NOT NULL,
    commitment_index  BIGINT  NOT NULL,             -- of the grant, in log A
    receipts          BIGINT  NOT NULL              -- sequence number of the newest receipt
);
CREATE INDEX links_by_withdrawal_tag ON links (withdrawal_tag);
CREATE INDEX links_by_expiry ON links (expires);

CREATE TABLE files (
    link         BLOB   NOT NULL,
    number       BIGINT NOT NULL,
    name         TEXT   NOT NULL, -- where its ciphertext lies in the file storage
    sha256       BLOB   NOT NULL, -- of the ciphertext
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
    link      BLOB   NOT NULL,
    seq       BIGINT NOT NULL,
    log_index BIGINT NOT NULL, -- of its commitment, in log A
    sealed    BLOB   NOT NULL,
    PRIMARY KEY (link, seq)
);

-- The two logs. 1 is A, the commitments; 2 is R, the withdrawals. Rows are only ever added.
CREATE TABLE log_entries (
    log   SMALLINT NOT NULL,
    idx   BIGINT   NOT NULL,
    entry BLOB     NOT NULL,
    PRIMARY KEY (log, idx)
) WITHOUT ROWID;

-- Entries that came from outside, so that the same one sent twice is appended once.
CREATE TABLE log_submissions (
    log   SMALLINT NOT NULL,
    entry BLOB     NOT NULL,
    idx   BIGINT   NOT NULL,
    PRIMARY KEY (log, entry)
) WITHOUT ROWID;

-- The newest head signed of each log, written before it is published: the guard against signing another history.
CREATE TABLE log_heads (
    log  SMALLINT NOT NULL PRIMARY KEY,
    size BIGINT   NOT NULL,
    root BLOB     NOT NULL
);

CREATE TABLE withdrawals (
    tag BLOB   NOT NULL PRIMARY KEY,
    idx BIGINT NOT NULL -- in log R
);
