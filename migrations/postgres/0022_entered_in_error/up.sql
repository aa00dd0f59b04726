-- Why what was entered in error should not have been made: sealed.
ALTER TABLE assignments ADD COLUMN error_reason bytea;
