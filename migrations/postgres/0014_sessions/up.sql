-- Where a clinician may treat: one licence for each state.
CREATE TABLE clinician_licenses (
    practice_id uuid NOT NULL REFERENCES practices (practice_id),
    id uuid NOT NULL,
    clinician_id uuid NOT NULL,
    state TEXT NOT NULL CHECK (length(state) = 2),
    number bytea NOT NULL,
    expires_on date,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (practice_id, id),
    FOREIGN KEY (practice_id, clinician_id) REFERENCES clinicians (practice_id, id)
);
CREATE UNIQUE INDEX clinician_licenses_state
    ON clinician_licenses (practice_id, clinician_id, state);

-- The appointment and, once it is held, the encounter. A session of the couple's record names the couple,
-- one of a client's own record the client.
CREATE TABLE sessions (
    practice_id uuid NOT NULL REFERENCES practices (practice_id),
    id uuid NOT NULL,
    treatment_id uuid NOT NULL,
    couple_id uuid,
    client_id uuid,
    kind TEXT NOT NULL CHECK (kind IN
        ('conjoint', 'individual_within_couple', 'individual', 'consultation')),
    modality TEXT NOT NULL CHECK (modality IN
        ('in_person', 'telehealth_video', 'telehealth_audio')),
    office_id uuid,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    started_at timestamptz,
    ended_at timestamptz,
    status TEXT NOT NULL CHECK (status IN ('requested', 'booked', 'confirmed', 'arrived',
        'completed', 'cancelled', 'late_cancelled', 'no_show', 'rescheduled')),
    exception bytea,
    cancellation bytea,
    rescheduled_to_id uuid,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (practice_id, id),
    FOREIGN KEY (practice_id, treatment_id) REFERENCES treatments (practice_id, id),
    FOREIGN KEY (practice_id, couple_id) REFERENCES couples (practice_id, id),
    FOREIGN KEY (practice_id, client_id) REFERENCES clients (practice_id, id),
    FOREIGN KEY (practice_id, office_id) REFERENCES offices (practice_id, id),
    FOREIGN KEY (practice_id, rescheduled_to_id) REFERENCES sessions (practice_id, id),
    CHECK ((couple_id IS NULL) <> (client_id IS NULL)),
    CHECK ((modality = 'in_person') = (office_id IS NOT NULL)),
    CHECK (starts_at < ends_at),
    CHECK ((status = 'completed') = (started_at IS NOT NULL)),
    CHECK ((started_at IS NULL) = (ended_at IS NULL)),
    CHECK ((status = 'rescheduled') = (rescheduled_to_id IS NOT NULL))
);
CREATE INDEX sessions_updated ON sessions (practice_id, updated_at, id);
CREATE INDEX sessions_starts ON sessions (practice_id, starts_at, id);
CREATE INDEX sessions_treatment ON sessions (practice_id, treatment_id, starts_at);
CREATE INDEX sessions_couple ON sessions (practice_id, couple_id, starts_at);
CREATE INDEX sessions_client ON sessions (practice_id, client_id, starts_at);

-- Who takes part, and in which state they are that day: law follows where the client is.
CREATE TABLE session_participants (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    session_id uuid NOT NULL,
    client_id uuid NOT NULL,
    position INTEGER NOT NULL CHECK (position >= 1),
    attendance TEXT NOT NULL CHECK (attendance IN
        ('expected', 'attended', 'left_early', 'absent', 'excused')),
    location_state bytea,
    PRIMARY KEY (practice_id, id),
    FOREIGN KEY (practice_id, session_id) REFERENCES sessions (practice_id, id),
    FOREIGN KEY (practice_id, client_id) REFERENCES clients (practice_id, id)
);
CREATE UNIQUE INDEX session_participants_session
    ON session_participants (practice_id, session_id, client_id);
CREATE INDEX session_participants_client
    ON session_participants (practice_id, client_id, session_id);

CREATE TABLE session_clinicians (
    practice_id uuid NOT NULL,
    session_id uuid NOT NULL,
    clinician_id uuid NOT NULL,
    PRIMARY KEY (practice_id, session_id, clinician_id),
    FOREIGN KEY (practice_id, session_id) REFERENCES sessions (practice_id, id),
    FOREIGN KEY (practice_id, clinician_id) REFERENCES clinicians (practice_id, id)
);
CREATE INDEX session_clinicians_clinician
    ON session_clinicians (practice_id, clinician_id, session_id);
