-- What a clinician has to know: a safety flag, a request for help, a hint. For the clinicians who treat
-- the client and for nobody else; `next_page_at` is when the next of them is called.
CREATE TABLE alerts (
    practice_id uuid NOT NULL REFERENCES practices (practice_id),
    id uuid NOT NULL,
    client_id uuid NOT NULL,
    couple_id uuid,
    kind TEXT NOT NULL CHECK (kind IN ('safety_flag', 'help_request', 'clinician_prompt')),
    code TEXT NOT NULL,
    severity TEXT NOT NULL CHECK (severity IN ('info', 'moderate', 'high', 'critical')),
    submission_id uuid,
    raised_by uuid,
    detail bytea,
    status TEXT NOT NULL CHECK (status IN ('raised', 'acknowledged', 'resolved', 'dismissed')),
    pages INTEGER NOT NULL CHECK (pages >= 0),
    next_page_at timestamptz,
    acknowledged_by uuid,
    acknowledged_at timestamptz,
    plan bytea,
    closing bytea,
    closed_at timestamptz,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (practice_id, id),
    FOREIGN KEY (practice_id, client_id) REFERENCES clients (practice_id, id),
    FOREIGN KEY (practice_id, couple_id) REFERENCES couples (practice_id, id),
    FOREIGN KEY (practice_id, submission_id) REFERENCES submissions (practice_id, id),
    FOREIGN KEY (practice_id, raised_by) REFERENCES clinicians (practice_id, id),
    FOREIGN KEY (practice_id, acknowledged_by) REFERENCES clinicians (practice_id, id)
);
CREATE INDEX alerts_updated ON alerts (practice_id, updated_at, id);
CREATE INDEX alerts_client ON alerts (practice_id, client_id, status);
CREATE INDEX alerts_due ON alerts (next_page_at) WHERE next_page_at IS NOT NULL;

-- A clinician's pause of everything that a couple does together, or of what is sexual in it. Nothing that
-- a client can see changes before `effective_at`.
CREATE TABLE holds (
    practice_id uuid NOT NULL REFERENCES practices (practice_id),
    id uuid NOT NULL,
    couple_id uuid NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('conjoint', 'touch')),
    cover_reason TEXT NOT NULL CHECK (cover_reason IN ('therapist_review', 'schedule_change', 'practice_pause', 'focus_shift')),
    reason bytea,
    alert_id uuid,
    status TEXT NOT NULL CHECK (status IN ('placed', 'effective', 'lifted')),
    effective_at timestamptz NOT NULL,
    resume_on date NOT NULL,
    placed_by uuid NOT NULL,
    lifted_at timestamptz,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (practice_id, id),
    FOREIGN KEY (practice_id, couple_id) REFERENCES couples (practice_id, id),
    FOREIGN KEY (practice_id, alert_id) REFERENCES alerts (practice_id, id),
    FOREIGN KEY (practice_id, placed_by) REFERENCES clinicians (practice_id, id)
);
CREATE INDEX holds_updated ON holds (practice_id, updated_at, id);
CREATE INDEX holds_couple ON holds (practice_id, couple_id, status);
CREATE INDEX holds_due ON holds (effective_at) WHERE status = 'placed';

-- Requests for help as their senders know them; what was said is the alert's.
CREATE TABLE help_requests (
    practice_id uuid NOT NULL REFERENCES practices (practice_id),
    id uuid NOT NULL,
    client_id uuid NOT NULL,
    alert_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (practice_id, id),
    FOREIGN KEY (practice_id, client_id) REFERENCES clients (practice_id, id),
    FOREIGN KEY (practice_id, alert_id) REFERENCES alerts (practice_id, id)
);

ALTER TABLE assignments ADD COLUMN timezone TEXT NOT NULL DEFAULT 'Etc/UTC';
UPDATE assignments SET timezone = (SELECT c.timezone FROM couples c
    WHERE c.practice_id = assignments.practice_id AND c.id = assignments.couple_id) WHERE couple_id IS NOT NULL;
UPDATE assignments SET timezone = (SELECT c.timezone FROM clients c
    WHERE c.practice_id = assignments.practice_id AND c.id = assignments.client_id) WHERE client_id IS NOT NULL;
-- The hold that has paused it, if one has.
ALTER TABLE assignments ADD COLUMN hold_id uuid;
-- Why a clinician has assigned it although something that a gate asks for is not there yet.
ALTER TABLE assignments ADD COLUMN deviation bytea;
-- Whether a participant wants it out of sight in their own app.
ALTER TABLE assignment_participants ADD COLUMN hidden BOOLEAN NOT NULL DEFAULT FALSE;
