-- The highest number that the wallet has given to a publication, a pause or a resumption; 0 while it gives none.
ALTER TABLE links ADD COLUMN revision BIGINT NOT NULL DEFAULT 0;

-- How many passcodes that have taken a try are being checked just now.
ALTER TABLE links ADD COLUMN attempts_open BIGINT NOT NULL DEFAULT 0;

-- When a file got its present content, Unix seconds; 0: not known.
ALTER TABLE files ADD COLUMN updated BIGINT NOT NULL DEFAULT 0;
