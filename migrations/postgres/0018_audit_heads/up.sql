-- Where the audit of a practice ends: its last number and hash under a seal of their own. Without it nobody
-- would notice that the last rows are gone. It comes to be with the first row that is written from now on.
CREATE TABLE audit_heads (
    practice_id uuid NOT NULL PRIMARY KEY REFERENCES practices (practice_id),
    seq BIGINT NOT NULL CHECK (seq >= 1),
    hash bytea NOT NULL,
    seal bytea NOT NULL
);
