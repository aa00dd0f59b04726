-- Which exercise a couple or a client is to do. A couple's assignment is one row that its participants
-- share; one client's is nobody else's.
CREATE TABLE assignments (
    practice_id uuid NOT NULL REFERENCES practices (practice_id),
    id uuid NOT NULL,
    activity_definition_id uuid NOT NULL,
    couple_id uuid,
    client_id uuid,
    key TEXT NOT NULL,
    sensitivity TEXT NOT NULL CHECK (sensitivity IN ('routine', 'relational', 'sexual_health', 'safety')),
    parameters jsonb NOT NULL,
    note bytea,
    status TEXT NOT NULL CHECK (status IN ('assigned', 'in_progress', 'paused', 'held', 'completed',
                                           'expired', 'withdrawn', 'entered_in_error')),
    starts_on date NOT NULL,
    due_at timestamptz,
    remind_at timestamptz,
    resume_on date,
    assigned_by uuid,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (practice_id, id),
    CHECK ((couple_id IS NULL) <> (client_id IS NULL)),
    CHECK (remind_at IS NULL OR remind_at <= due_at),
    FOREIGN KEY (practice_id, activity_definition_id) REFERENCES activity_definitions (practice_id, id),
    FOREIGN KEY (practice_id, couple_id) REFERENCES couples (practice_id, id),
    FOREIGN KEY (practice_id, client_id) REFERENCES clients (practice_id, id),
    FOREIGN KEY (practice_id, assigned_by) REFERENCES clinicians (practice_id, id)
);
CREATE INDEX assignments_updated ON assignments (practice_id, updated_at, id);
CREATE INDEX assignments_couple ON assignments (practice_id, couple_id, status);
CREATE INDEX assignments_client ON assignments (practice_id, client_id, status);

-- Who takes part, as it was when it was assigned.
CREATE TABLE assignment_participants (
    practice_id uuid NOT NULL,
    assignment_id uuid NOT NULL,
    client_id uuid NOT NULL,
    position INTEGER NOT NULL CHECK (position >= 1),
    PRIMARY KEY (practice_id, assignment_id, client_id),
    FOREIGN KEY (practice_id, assignment_id) REFERENCES assignments (practice_id, id),
    FOREIGN KEY (practice_id, client_id) REFERENCES clients (practice_id, id)
);
CREATE INDEX assignment_participants_client ON assignment_participants (practice_id, client_id, assignment_id);
