-- 1: a refusal for a reason that the first wallets cannot read; given to those alone that ask for all reasons.
ALTER TABLE receipts ADD COLUMN for_all_reasons BIGINT NOT NULL DEFAULT 0;
