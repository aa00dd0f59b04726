-- Where a clinician may treat: one licence for each state.
CREATE TABLE clinician_licenses (
    practice_id BLOB NOT NULL REFERENCES practices (practice_id),
    id BLOB NOT NULL,
    clinician_id BLOB NOT NULL,
    state TEXT NOT NULL CHECK (length(state) = 2),
    number BLOB NOT NULL,
    expires_on TEXT,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (practice_id, id),
    FOREIGN KEY (practice_id, clinician_id) REFERENCES clinicians (practice_id, id)
) STRICT;
CREATE UNIQUE INDEX clinician_licenses_state
    ON clinician_licenses (practice_id, clinician_id, state);

-- The appointment and, once it is held, the encounter. A session of the couple's record names the couple,
-- one of a client's own record the client.
CREATE TABLE sessions (
    practice_id BLOB NOT NULL REFERENCES practices (practice_id),
    id BLOB NOT NULL,
    treatment_id BLOB NOT NULL,
    couple_id BLOB,
    client_id BLOB,
    kind TEXT NOT NULL CHECK (kind IN
        ('conjoint', 'individual_within_couple', 'individual', 'consultation')),
    modality TEXT NOT NULL CHECK (modality IN
        ('in_person', 'telehealth_video', 'telehealth_audio')),
    office_id BLOB,
    starts_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    started_at INTEGER,
    ended_at INTEGER,
    status TEXT NOT NULL CHECK (status IN ('requested', 'booked', 'confirmed', 'arrived',
        'completed', 'cancelled', 'late_cancelled', 'no_show', 'rescheduled')),
    exception BLOB,
    cancellation BLOB,
    rescheduled_to_id BLOB,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
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
) STRICT;
CREATE INDEX sessions_updated ON sessions (practice_id, updated_at, id);
CREATE INDEX sessions_starts ON sessions (practice_id, starts_at, id);
CREATE INDEX sessions_treatment ON sessions (practice_id, treatment_id, starts_at);
CREATE INDEX sessions_couple ON sessions (practice_id, couple_id, starts_at);
CREATE INDEX sessions_client ON sessions (practice_id, client_id, starts_at);

-- Who takes part, and in which state they are that day: law follows where the client is.
CREATE TABLE session_participants (
    practice_id BLOB NOT NULL,
    id BLOB NOT NULL,
    session_id BLOB NOT NULL,
    client_id BLOB NOT NULL,
    position INTEGER NOT NULL CHECK (position >= 1),
    attendance TEXT NOT NULL CHECK (attendance IN
        ('expected', 'attended', 'left_early', 'absent', 'excused')),
    location_state BLOB,
    PRIMARY KEY (practice_id, id),
    FOREIGN KEY (practice_id, session_id) REFERENCES sessions (practice_id, id),
    FOREIGN KEY (practice_id, client_id) REFERENCES clients (practice_id, id)
) STRICT;
CREATE UNIQUE INDEX session_participants_session
    ON session_participants (practice_id, session_id, client_id);
CREATE INDEX session_participants_client
    ON session_participants (practice_id, client_id, session_id);

CREATE TABLE session_clinicians (
    practice_id BLOB NOT NULL,
    session_id BLOB NOT NULL,
    clinician_id BLOB NOT NULL,
    PRIMARY KEY (practice_id, session_id, clinician_id),
    FOREIGN KEY (practice_id, session_id) REFERENCES sessions (practice_id, id),
    FOREIGN KEY (practice_id, clinician_id) REFERENCES clinicians (practice_id, id)
) STRICT;
CREATE INDEX session_clinicians_clinician
    ON session_clinicians (practice_id, clinician_id, session_id);
