CREATE TABLE couples (
    practice_id uuid NOT NULL REFERENCES practices (practice_id),
    id uuid NOT NULL,
    profile bytea NOT NULL,
    timezone TEXT NOT NULL,
    status TEXT NOT NULL
        CHECK (status IN ('forming', 'active', 'on_break', 'separating', 'dissolved', 'archived')),
    started_on date,
    dissolved_on date,
    max_members integer NOT NULL CHECK (max_members BETWEEN 2 AND 6),
    intake_clinician_id uuid,
    previous_couple_id uuid,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (practice_id, id),
    FOREIGN KEY (practice_id, intake_clinician_id) REFERENCES clinicians (practice_id, id),
    FOREIGN KEY (practice_id, previous_couple_id) REFERENCES couples (practice_id, id)
);
CREATE INDEX couples_intake ON couples (practice_id, intake_clinician_id);
CREATE INDEX couples_updated ON couples (practice_id, updated_at, id);
CREATE INDEX couples_status ON couples (practice_id, status, id);

-- A membership is a period: who left and comes back gets a second row. Members are shown in
-- the order of their positions: ids of one millisecond have none.
CREATE TABLE couple_members (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    couple_id uuid NOT NULL,
    client_id uuid NOT NULL,
    position integer NOT NULL CHECK (position >= 1),
    display_name bytea NOT NULL,
    invitation_state TEXT NOT NULL
        CHECK (invitation_state IN ('invited', 'accepted', 'declined', 'expired')),
    joined_on date,
    left_on date,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (practice_id, id),
    FOREIGN KEY (practice_id, couple_id) REFERENCES couples (practice_id, id),
    FOREIGN KEY (practice_id, client_id) REFERENCES clients (practice_id, id),
    CHECK (left_on IS NULL OR joined_on IS NULL OR joined_on <= left_on)
);
CREATE UNIQUE INDEX couple_members_current ON couple_members (practice_id, couple_id, client_id)
    WHERE left_on IS NULL AND invitation_state IN ('invited', 'accepted');
CREATE INDEX couple_members_client ON couple_members (practice_id, client_id, couple_id);

-- A policy is never edited: a change is a new version, which asks for acceptance anew.
CREATE TABLE secrets_policies (
    practice_id uuid NOT NULL,
    couple_id uuid NOT NULL,
    version_no integer NOT NULL CHECK (version_no >= 1),
    policy TEXT NOT NULL CHECK (policy IN
        ('no_secrets', 'limited_secrets', 'individual_confidential', 'no_individual_contact')),
    set_at timestamptz NOT NULL,
    PRIMARY KEY (practice_id, couple_id, version_no),
    FOREIGN KEY (practice_id, couple_id) REFERENCES couples (practice_id, id)
);

CREATE TABLE secrets_policy_acceptances (
    practice_id uuid NOT NULL,
    couple_id uuid NOT NULL,
    version_no integer NOT NULL,
    client_id uuid NOT NULL,
    accepted_at timestamptz NOT NULL,
    PRIMARY KEY (practice_id, couple_id, version_no, client_id),
    FOREIGN KEY (practice_id, couple_id, version_no)
        REFERENCES secrets_policies (practice_id, couple_id, version_no),
    FOREIGN KEY (practice_id, client_id) REFERENCES clients (practice_id, id)
);
