-- Where the audit of a practice ends: its last number and hash under a seal of their own. Without it nobody
-- would notice that the last rows are gone. It comes to be with the first row that is written from now on.
CREATE TABLE audit_heads (
    practice_id BLOB NOT NULL PRIMARY KEY REFERENCES practices (practice_id),
    seq INTEGER NOT NULL CHECK (seq >= 1),
    hash BLOB NOT NULL,
    seal BLOB NOT NULL
) STRICT;
