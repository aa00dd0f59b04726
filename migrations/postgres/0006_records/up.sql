-- Who changed what, in the order of commit, each row bound to the one before by its hash.
-- Names fields, never their values.
CREATE TABLE audit_events (
    practice_id uuid NOT NULL REFERENCES practices (practice_id),
    seq bigint NOT NULL CHECK (seq >= 1),
    id uuid NOT NULL,
    at timestamptz NOT NULL,
    actor_kind TEXT NOT NULL CHECK (actor_kind IN ('staff', 'client', 'service', 'operator')),
    actor_id uuid,
    app TEXT,
    action TEXT NOT NULL,
    resource TEXT NOT NULL,
    resource_id uuid NOT NULL,
    fields jsonb NOT NULL,
    previous_hash bytea NOT NULL,
    hash bytea NOT NULL,
    PRIMARY KEY (practice_id, seq)
);
CREATE INDEX audit_events_resource ON audit_events (practice_id, resource_id, seq);

-- The feed: thin, in the order of commit, without gaps.
CREATE TABLE events (
    practice_id uuid NOT NULL REFERENCES practices (practice_id),
    seq bigint NOT NULL CHECK (seq >= 1),
    id uuid NOT NULL,
    at timestamptz NOT NULL,
    type TEXT NOT NULL,
    resource TEXT NOT NULL,
    resource_id uuid NOT NULL,
    PRIMARY KEY (practice_id, seq)
);

CREATE TABLE idempotency_keys (
    practice_id uuid NOT NULL REFERENCES practices (practice_id),
    id uuid NOT NULL,
    key bytea NOT NULL,
    request bytea NOT NULL,
    resource_id uuid NOT NULL,
    answer bytea NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (practice_id, key)
);
CREATE INDEX idempotency_keys_expiry ON idempotency_keys (expires_at);
