ALTER TABLE assignments DROP COLUMN error_reason;
