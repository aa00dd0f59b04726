-- Another time that a participant proposes for homework of a couple: `schedule` is what the assignment's would be.
-- One at a time is pending for each assignment; past `expires_at` it no longer is, whatever its row says.
CREATE TABLE time_proposals (
    practice_id uuid NOT NULL REFERENCES practices (practice_id),
    id uuid NOT NULL,
    assignment_id uuid NOT NULL,
    couple_id uuid NOT NULL,
    proposed_by uuid NOT NULL,
    time_of_day time,
    weekdays jsonb NOT NULL,
    schedule jsonb NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('pending', 'accepted', 'declined', 'withdrawn', 'lapsed')),
    expires_at timestamptz NOT NULL,
    decided_at timestamptz,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (practice_id, id),
    FOREIGN KEY (practice_id, assignment_id) REFERENCES assignments (practice_id, id),
    FOREIGN KEY (practice_id, couple_id) REFERENCES couples (practice_id, id),
    FOREIGN KEY (practice_id, proposed_by) REFERENCES clients (practice_id, id),
    CHECK ((status = 'pending') = (decided_at IS NULL))
);
CREATE UNIQUE INDEX time_proposals_pending ON time_proposals (practice_id, assignment_id)
    WHERE status = 'pending';
CREATE INDEX time_proposals_assignment ON time_proposals (practice_id, assignment_id, updated_at, id);

-- Who has said yes to a proposed time.
CREATE TABLE time_proposal_confirmations (
    practice_id uuid NOT NULL REFERENCES practices (practice_id),
    proposal_id uuid NOT NULL,
    client_id uuid NOT NULL,
    confirmed_at timestamptz NOT NULL,
    PRIMARY KEY (practice_id, proposal_id, client_id),
    FOREIGN KEY (practice_id, proposal_id) REFERENCES time_proposals (practice_id, id),
    FOREIGN KEY (practice_id, client_id) REFERENCES clients (practice_id, id)
);

-- A person's calendar feed. Whoever has its address reads it, and the address is nowhere: `secret` is a keyed hash.
CREATE TABLE calendar_feeds (
    practice_id uuid NOT NULL REFERENCES practices (practice_id),
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    client_id uuid NOT NULL,
    secret bytea NOT NULL,
    created_at timestamptz NOT NULL,
    revoked_at timestamptz,
    PRIMARY KEY (practice_id, id),
    FOREIGN KEY (practice_id, user_id) REFERENCES users (practice_id, id),
    FOREIGN KEY (practice_id, client_id) REFERENCES clients (practice_id, id)
);
CREATE UNIQUE INDEX calendar_feeds_secret ON calendar_feeds (practice_id, secret);
CREATE INDEX calendar_feeds_client ON calendar_feeds (practice_id, client_id, id);

-- Who was named in what one wrote for all, and what they said of it. Past two days silence is an answer too, which
-- nobody writes down.
CREATE TABLE joint_confirmations (
    practice_id uuid NOT NULL REFERENCES practices (practice_id),
    occurrence_id uuid NOT NULL,
    client_id uuid NOT NULL,
    assignment_id uuid NOT NULL,
    local_date date NOT NULL,
    slot_no INTEGER NOT NULL CHECK (slot_no >= 1),
    written_by uuid NOT NULL,
    asked_at timestamptz NOT NULL,
    answer TEXT CHECK (answer IN ('confirmed', 'contested')),
    answered_at timestamptz,
    PRIMARY KEY (practice_id, occurrence_id, client_id),
    FOREIGN KEY (practice_id, occurrence_id) REFERENCES occurrences (practice_id, id),
    FOREIGN KEY (practice_id, client_id) REFERENCES clients (practice_id, id),
    FOREIGN KEY (practice_id, assignment_id) REFERENCES assignments (practice_id, id),
    FOREIGN KEY (practice_id, written_by) REFERENCES clients (practice_id, id),
    CHECK ((answer IS NULL) = (answered_at IS NULL))
);
CREATE INDEX joint_confirmations_assignment
    ON joint_confirmations (practice_id, assignment_id, local_date, slot_no);
