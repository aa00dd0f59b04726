-- The exercises that a practice can assign: the built-in ones, which every practice has as rows of its
-- own, and those that it wrote. The body is text of an exercise and names nobody. A row that was active
-- once is never changed but for its status.
CREATE TABLE activity_definitions (
    practice_id uuid NOT NULL REFERENCES practices (practice_id),
    id uuid NOT NULL,
    key TEXT NOT NULL,
    version TEXT NOT NULL,
    title TEXT NOT NULL,
    origin TEXT NOT NULL CHECK (origin IN ('built_in', 'practice')),
    status TEXT NOT NULL CHECK (status IN ('draft', 'active', 'retired')),
    category TEXT NOT NULL,
    sensitivity TEXT NOT NULL CHECK (sensitivity IN ('routine', 'relational', 'sexual_health', 'safety')),
    subject TEXT NOT NULL CHECK (subject IN ('couple', 'client', 'either')),
    threads TEXT NOT NULL,
    body jsonb NOT NULL,
    written_by uuid,
    revision INTEGER NOT NULL CHECK (revision >= 1),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (practice_id, id),
    UNIQUE (practice_id, key, version),
    FOREIGN KEY (practice_id, written_by) REFERENCES users (practice_id, id)
);
CREATE INDEX activity_definitions_updated ON activity_definitions (practice_id, updated_at, id);
-- One version of a key is active at a time.
CREATE UNIQUE INDEX activity_definitions_active ON activity_definitions (practice_id, key)
    WHERE status = 'active';
