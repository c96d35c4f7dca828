-- What is shared can be megabytes. In a table WITHOUT ROWID it was part of the key's own tree, and each comparison on the way
-- to a share read all of another one. Now an index leads to it, and it comes last in its row, so that what is asked of every
-- share does not have to pass it. New tables are filled before the old ones go, from the leaves up: none refers to nothing.

CREATE TABLE new_grants (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    profile INTEGER NOT NULL REFERENCES profiles (id),
    signed BLOB NOT NULL,          -- COSE_Sign1
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
    details TEXT NOT NULL,         -- JSON of the wallet
    bundle BLOB                    -- what is shared
) STRICT;
INSERT INTO new_grants (id, profile, signed, link, relay_url, link_id, commitment_r, commitment_index, status, recipient,
        purpose, created_at, expires, details, bundle)
    SELECT id, profile, signed, link, relay_url, link_id, commitment_r, commitment_index, status, recipient, purpose,
        created_at, expires, details, bundle FROM grants;

CREATE TABLE new_receipts (
    grant_id BLOB NOT NULL REFERENCES new_grants (id),
    seq INTEGER NOT NULL,
    receipt BLOB NOT NULL,         -- CBOR
    commitment_r BLOB NOT NULL CHECK (length(commitment_r) = 32),
    commitment_index INTEGER NOT NULL,
    learnt_at INTEGER NOT NULL,
    PRIMARY KEY (grant_id, seq)
) STRICT, WITHOUT ROWID;
INSERT INTO new_receipts SELECT grant_id, seq, receipt, commitment_r, commitment_index, learnt_at FROM receipts;

CREATE TABLE new_unsealed (
    grant_id BLOB NOT NULL PRIMARY KEY REFERENCES new_grants (id),
    document BLOB NOT NULL
) STRICT;
INSERT INTO new_unsealed (grant_id, document) SELECT grant_id, document FROM unsealed;

CREATE TABLE new_former_grants (
    grant_id BLOB NOT NULL REFERENCES new_grants (id),
    sha256 BLOB NOT NULL CHECK (length(sha256) = 32),              -- of signed
    signed BLOB NOT NULL,                                          -- COSE_Sign1
    commitment_r BLOB NOT NULL CHECK (length(commitment_r) = 32),
    commitment_index INTEGER,                                      -- in the relay's log of commitments
    replaced_at INTEGER NOT NULL,
    PRIMARY KEY (grant_id, sha256)
) STRICT, WITHOUT ROWID;
INSERT INTO new_former_grants
    SELECT grant_id, sha256, signed, commitment_r, commitment_index, replaced_at FROM former_grants;

DROP TABLE former_grants;
DROP TABLE unsealed;
DROP TABLE receipts;
DROP TABLE grants;

-- The references follow.
ALTER TABLE new_grants RENAME TO grants;
ALTER TABLE new_receipts RENAME TO receipts;
ALTER TABLE new_unsealed RENAME TO unsealed;
ALTER TABLE new_former_grants RENAME TO former_grants;
CREATE INDEX grants_by_time ON grants (created_at);
