-- What does not say when its source changed it is placed in its record's history by the newest date of the documents and
-- files that told it, in milliseconds; what a file says of a record after something else counts as a millisecond later. Null where the version says it itself (`updated`); null, too, for versions from before this was kept:
-- these are as new as they came.
ALTER TABLE versions ADD COLUMN as_of INTEGER;
