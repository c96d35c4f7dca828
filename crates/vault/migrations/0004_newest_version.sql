-- When a version's source last changed it (meta.lastUpdated), Unix seconds; null where the source does not say. The versions
-- of a record are numbered in the order of its history: an older one that comes later gets its place among them.
ALTER TABLE versions ADD COLUMN updated INTEGER;
