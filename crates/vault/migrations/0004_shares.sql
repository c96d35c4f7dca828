-- A share that runs longer or follows its records is signed anew. What was signed before stays: it was given out.

-- What is shared, before the grant was sealed into it: what a later grant for the same records is sealed into. Gone once
-- the share is stopped, and not there for one that was made before this migration.
CREATE TABLE unsealed (
    grant_id BLOB PRIMARY KEY REFERENCES grants (id),
    document BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE former_grants (
    grant_id BLOB NOT NULL REFERENCES grants (id),
    sha256 BLOB NOT NULL CHECK (length(sha256) = 32),              -- of signed
    signed BLOB NOT NULL,                                          -- COSE_Sign1
    commitment_r BLOB NOT NULL CHECK (length(commitment_r) = 32),
    commitment_index INTEGER,                                      -- in the relay's log of commitments
    replaced_at INTEGER NOT NULL,
    PRIMARY KEY (grant_id, sha256)
) STRICT, WITHOUT ROWID;
