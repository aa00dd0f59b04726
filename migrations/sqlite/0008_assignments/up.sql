-- Which exercise a couple or a client is to do. A couple's assignment is one row that its participants
-- share; one client's is nobody else's.
CREATE TABLE assignments (
    practice_id BLOB NOT NULL REFERENCES practices (practice_id),
    id BLOB NOT NULL,
    activity_definition_id BLOB NOT NULL,
    couple_id BLOB,
    client_id BLOB,
    key TEXT NOT NULL,
    sensitivity TEXT NOT NULL CHECK (sensitivity IN ('routine', 'relational', 'sexual_health', 'safety')),
    parameters TEXT NOT NULL,
    note BLOB,
    status TEXT NOT NULL CHECK (status IN ('assigned', 'in_progress', 'paused', 'held', 'completed',
                                           'expired', 'withdrawn', 'entered_in_error')),
    starts_on TEXT NOT NULL,
    due_at INTEGER,
    remind_at INTEGER,
    resume_on TEXT,
    assigned_by BLOB,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (practice_id, id),
    CHECK ((couple_id IS NULL) <> (client_id IS NULL)),
    CHECK (remind_at IS NULL OR remind_at <= due_at),
    FOREIGN KEY (practice_id, activity_definition_id) REFERENCES activity_definitions (practice_id, id),
    FOREIGN KEY (practice_id, couple_id) REFERENCES couples (practice_id, id),
    FOREIGN KEY (practice_id, client_id) REFERENCES clients (practice_id, id),
    FOREIGN KEY (practice_id, assigned_by) REFERENCES clinicians (practice_id, id)
) STRICT;
CREATE INDEX assignments_updated ON assignments (practice_id, updated_at, id);
CREATE INDEX assignments_couple ON assignments (practice_id, couple_id, status);
CREATE INDEX assignments_client ON assignments (practice_id, client_id, status);

-- Who takes part, as it was when it was assigned.
CREATE TABLE assignment_participants (
    practice_id BLOB NOT NULL,
    assignment_id BLOB NOT NULL,
    client_id BLOB NOT NULL,
    position INTEGER NOT NULL CHECK (position >= 1),
    PRIMARY KEY (practice_id, assignment_id, client_id),
    FOREIGN KEY (practice_id, assignment_id) REFERENCES assignments (practice_id, id),
    FOREIGN KEY (practice_id, client_id) REFERENCES clients (practice_id, id)
) STRICT;
CREATE INDEX assignment_participants_client ON assignment_participants (practice_id, client_id, assignment_id);
