-- What clients read about a session: all members of the couple, or one client.
CREATE TABLE session_summaries (
    practice_id uuid NOT NULL REFERENCES practices (practice_id),
    id uuid NOT NULL,
    session_id uuid NOT NULL,
    couple_id uuid,
    client_id uuid,
    author_id uuid NOT NULL,
    text bytea NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('draft', 'published', 'withdrawn')),
    published_at timestamptz,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (practice_id, id),
    FOREIGN KEY (practice_id, session_id) REFERENCES sessions (practice_id, id),
    FOREIGN KEY (practice_id, couple_id) REFERENCES couples (practice_id, id),
    FOREIGN KEY (practice_id, client_id) REFERENCES clients (practice_id, id),
    FOREIGN KEY (practice_id, author_id) REFERENCES clinicians (practice_id, id),
    CHECK ((couple_id IS NULL) <> (client_id IS NULL)),
    CHECK ((status = 'draft') = (published_at IS NULL))
);
CREATE INDEX session_summaries_updated ON session_summaries (practice_id, updated_at, id);
CREATE INDEX session_summaries_session ON session_summaries (practice_id, session_id, id);
