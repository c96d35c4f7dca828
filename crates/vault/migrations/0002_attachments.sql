-- Attachments, and what comes with records that were made from other formats than FHIR.

-- Files beside the database: `blobs/<name>`, each an age file to the recipient of the key below. The row of an attachment
-- commits together with the import that brought it; a file without a row is of no use and is removed at unlock.
CREATE TABLE attachments (
    sha256 BLOB PRIMARY KEY CHECK (length(sha256) = 32),   -- of its bytes
    size INTEGER NOT NULL CHECK (size >= 0),
    media_type TEXT NOT NULL,
    import INTEGER NOT NULL,     -- that brought it first
    name TEXT UNIQUE             -- null: its bytes were missing in the backup this vault was made from
) STRICT, WITHOUT ROWID;

CREATE TABLE attachment_key (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    secret BLOB NOT NULL CHECK (length(secret) = 32)       -- X25519
) STRICT;

-- Where in its source document a version was made from; null for an entry of a FHIR JSON file.
ALTER TABLE versions ADD COLUMN place TEXT;
-- JSON of the issuer's signature that was checked when it was imported.
ALTER TABLE versions ADD COLUMN signed TEXT;
CREATE INDEX versions_by_import ON versions (import);

-- The patient's own word on why a record is held back, in place of what was found.
CREATE TABLE sensitivity_overrides (
    record INTEGER PRIMARY KEY,
    labels TEXT NOT NULL,        -- JSON array; empty: not to be held back
    at INTEGER NOT NULL
) STRICT;

-- The same for the same fact told by two sources.
ALTER TABLE record_index ADD COLUMN fact_key BLOB CHECK (length(fact_key) = 16);
