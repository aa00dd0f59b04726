CREATE TABLE couples (
    practice_id BLOB NOT NULL REFERENCES practices (practice_id),
    id BLOB NOT NULL,
    profile BLOB NOT NULL,
    timezone TEXT NOT NULL,
    status TEXT NOT NULL
        CHECK (status IN ('forming', 'active', 'on_break', 'separating', 'dissolved', 'archived')),
    started_on TEXT,
    dissolved_on TEXT,
    max_members INTEGER NOT NULL CHECK (max_members BETWEEN 2 AND 6),
    intake_clinician_id BLOB,
    previous_couple_id BLOB,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (practice_id, id),
    FOREIGN KEY (practice_id, intake_clinician_id) REFERENCES clinicians (practice_id, id),
    FOREIGN KEY (practice_id, previous_couple_id) REFERENCES couples (practice_id, id)
) STRICT;
CREATE INDEX couples_intake ON couples (practice_id, intake_clinician_id);
CREATE INDEX couples_updated ON couples (practice_id, updated_at, id);
CREATE INDEX couples_status ON couples (practice_id, status, id);

-- A membership is a period: who left and comes back gets a second row. Members are shown in
-- the order of their positions: ids of one millisecond have none.
CREATE TABLE couple_members (
    practice_id BLOB NOT NULL,
    id BLOB NOT NULL,
    couple_id BLOB NOT NULL,
    client_id BLOB NOT NULL,
    position INTEGER NOT NULL CHECK (position >= 1),
    display_name BLOB NOT NULL,
    invitation_state TEXT NOT NULL
        CHECK (invitation_state IN ('invited', 'accepted', 'declined', 'expired')),
    joined_on TEXT,
    left_on TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (practice_id, id),
    FOREIGN KEY (practice_id, couple_id) REFERENCES couples (practice_id, id),
    FOREIGN KEY (practice_id, client_id) REFERENCES clients (practice_id, id),
    CHECK (left_on IS NULL OR joined_on IS NULL OR joined_on <= left_on)
) STRICT;
CREATE UNIQUE INDEX couple_members_current ON couple_members (practice_id, couple_id, client_id)
    WHERE left_on IS NULL AND invitation_state IN ('invited', 'accepted');
CREATE INDEX couple_members_client ON couple_members (practice_id, client_id, couple_id);

-- A policy is never edited: a change is a new version, which asks for acceptance anew.
CREATE TABLE secrets_policies (
    practice_id BLOB NOT NULL,
    couple_id BLOB NOT NULL,
    version_no INTEGER NOT NULL CHECK (version_no >= 1),
    policy TEXT NOT NULL CHECK (policy IN
        ('no_secrets', 'limited_secrets', 'individual_confidential', 'no_individual_contact')),
    set_at INTEGER NOT NULL,
    PRIMARY KEY (practice_id, couple_id, version_no),
    FOREIGN KEY (practice_id, couple_id) REFERENCES couples (practice_id, id)
) STRICT;

CREATE TABLE secrets_policy_acceptances (
    practice_id BLOB NOT NULL,
    couple_id BLOB NOT NULL,
    version_no INTEGER NOT NULL,
    client_id BLOB NOT NULL,
    accepted_at INTEGER NOT NULL,
    PRIMARY KEY (practice_id, couple_id, version_no, client_id),
    FOREIGN KEY (practice_id, couple_id, version_no)
        REFERENCES secrets_policies (practice_id, couple_id, version_no),
    FOREIGN KEY (practice_id, client_id) REFERENCES clients (practice_id, id)
) STRICT;
