-- What clients read about a session: all members of the couple, or one client.
CREATE TABLE session_summaries (
    practice_id BLOB NOT NULL REFERENCES practices (practice_id),
    id BLOB NOT NULL,
    session_id BLOB NOT NULL,
    couple_id BLOB,
    client_id BLOB,
    author_id BLOB NOT NULL,
    text BLOB NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('draft', 'published', 'withdrawn')),
    published_at INTEGER,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (practice_id, id),
    FOREIGN KEY (practice_id, session_id) REFERENCES sessions (practice_id, id),
    FOREIGN KEY (practice_id, couple_id) REFERENCES couples (practice_id, id),
    FOREIGN KEY (practice_id, client_id) REFERENCES clients (practice_id, id),
    FOREIGN KEY (practice_id, author_id) REFERENCES clinicians (practice_id, id),
    CHECK ((couple_id IS NULL) <> (client_id IS NULL)),
    CHECK ((status = 'draft') = (published_at IS NULL))
) STRICT;
CREATE INDEX session_summaries_updated ON session_summaries (practice_id, updated_at, id);
CREATE INDEX session_summaries_session ON session_summaries (practice_id, session_id, id);
