-- Large inline data (a PDF inside a DocumentReference) lie in the attachment store once, however many versions and sources
-- have them. Where this is set, `original` is the slim form with marks in their place, and `sha256` that of the whole.
ALTER TABLE versions ADD COLUMN detached INTEGER NOT NULL DEFAULT 0 CHECK (detached IN (0, 1));
