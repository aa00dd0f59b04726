-- Psychotherapy notes (45 CFR 164.501) apart from everything else: their author alone reads them, under a key
-- of their own.
CREATE TABLE psychotherapy_notes (
    practice_id BLOB NOT NULL REFERENCES practices (practice_id),
    id BLOB NOT NULL,
    author_id BLOB NOT NULL,
    client_id BLOB,
    couple_id BLOB,
    text BLOB NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (practice_id, id),
    FOREIGN KEY (practice_id, author_id) REFERENCES clinicians (practice_id, id),
    FOREIGN KEY (practice_id, client_id) REFERENCES clients (practice_id, id),
    FOREIGN KEY (practice_id, couple_id) REFERENCES couples (practice_id, id),
    CHECK ((couple_id IS NULL) <> (client_id IS NULL))
) STRICT;
CREATE INDEX psychotherapy_notes_author ON psychotherapy_notes (practice_id, author_id, id);
CREATE INDEX psychotherapy_notes_updated
    ON psychotherapy_notes (practice_id, author_id, updated_at, id);
