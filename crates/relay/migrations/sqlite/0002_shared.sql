-- What one relay kept in its memory is kept here, because on PostgreSQL several relays share it; and refused openings.

-- How many entries each log has. The next entry gets this number as its index.
CREATE TABLE log_sizes (
    log  SMALLINT NOT NULL PRIMARY KEY,
    size BIGINT   NOT NULL
);
INSERT INTO log_sizes (log, size)
    VALUES (1, (SELECT COALESCE(MAX(idx) + 1, 0) FROM log_entries WHERE log = 1)),
           (2, (SELECT COALESCE(MAX(idx) + 1, 0) FROM log_entries WHERE log = 2));

-- One row: the bytes of ciphertext that links refer to.
CREATE TABLE usage (
    bytes BIGINT NOT NULL
);
INSERT INTO usage (bytes) VALUES ((SELECT COALESCE(SUM(size), 0) FROM files));

-- One row once the ledger has begun: SHA-256 of its public keys and name, so that other keys are noticed.
CREATE TABLE ledger_identity (
    one    BOOLEAN NOT NULL PRIMARY KEY DEFAULT TRUE CHECK (one),
    sha256 BLOB    NOT NULL
);

-- The signed checkpoint, as it is served.
ALTER TABLE log_heads ADD COLUMN note TEXT;

-- How many refused openings have left a receipt; wrong passcodes are counted in attempts_used.
ALTER TABLE links ADD COLUMN refusals BIGINT NOT NULL DEFAULT 0;

-- SHA-256 of the body of the newest publication, and of those before it: one that comes again changes nothing.
ALTER TABLE links ADD COLUMN publication BLOB;
CREATE TABLE superseded_publications (
    link        BLOB NOT NULL,
    publication BLOB NOT NULL,
    PRIMARY KEY (link, publication)
) WITHOUT ROWID;
