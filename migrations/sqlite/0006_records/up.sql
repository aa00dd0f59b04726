-- Who changed what, in the order of commit, each row bound to the one before by its hash.
-- Names fields, never their values.
CREATE TABLE audit_events (
    practice_id BLOB NOT NULL REFERENCES practices (practice_id),
    seq INTEGER NOT NULL CHECK (seq >= 1),
    id BLOB NOT NULL,
    at INTEGER NOT NULL,
    actor_kind TEXT NOT NULL CHECK (actor_kind IN ('staff', 'client', 'service', 'operator')),
    actor_id BLOB,
    app TEXT,
    action TEXT NOT NULL,
    resource TEXT NOT NULL,
    resource_id BLOB NOT NULL,
    fields TEXT NOT NULL,
    previous_hash BLOB NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (practice_id, seq)
) STRICT;
CREATE INDEX audit_events_resource ON audit_events (practice_id, resource_id, seq);

-- The feed: thin, in the order of commit, without gaps.
CREATE TABLE events (
    practice_id BLOB NOT NULL REFERENCES practices (practice_id),
    seq INTEGER NOT NULL CHECK (seq >= 1),
    id BLOB NOT NULL,
    at INTEGER NOT NULL,
    type TEXT NOT NULL,
    resource TEXT NOT NULL,
    resource_id BLOB NOT NULL,
    PRIMARY KEY (practice_id, seq)
) STRICT;

CREATE TABLE idempotency_keys (
    practice_id BLOB NOT NULL REFERENCES practices (practice_id),
    id BLOB NOT NULL,
    key BLOB NOT NULL,
    request BLOB NOT NULL,
    resource_id BLOB NOT NULL,
    answer BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (practice_id, key)
) STRICT;
CREATE INDEX idempotency_keys_expiry ON idempotency_keys (expires_at);
