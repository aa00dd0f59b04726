CREATE TABLE treatments (
    practice_id BLOB NOT NULL REFERENCES practices (practice_id),
    id BLOB NOT NULL,
    couple_id BLOB,
    client_id BLOB,
    arc TEXT NOT NULL CHECK (arc IN ('focused', 'extended')),
    planned_min_sessions INTEGER NOT NULL CHECK (planned_min_sessions BETWEEN 1 AND 200),
    planned_max_sessions INTEGER NOT NULL CHECK (planned_max_sessions BETWEEN 1 AND 200),
    status TEXT NOT NULL CHECK (status IN ('inquiry', 'consult_scheduled', 'consult_completed',
        'active', 'tapering', 'maintenance', 'on_hold', 'transferred', 'closed')),
    held_from TEXT CHECK (held_from IN ('active', 'tapering', 'maintenance')),
    consult_outcome TEXT CHECK (consult_outcome IN ('fit', 'not_fit', 'referred', 'undecided')),
    consult_waiver BLOB,
    close_reason TEXT CHECK (close_reason IN
        ('completed', 'referred', 'client_ended', 'moved', 'transferred', 'other')),
    started_on TEXT,
    closed_on TEXT,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (practice_id, id),
    FOREIGN KEY (practice_id, couple_id) REFERENCES couples (practice_id, id),
    FOREIGN KEY (practice_id, client_id) REFERENCES clients (practice_id, id),
    CHECK ((couple_id IS NULL) <> (client_id IS NULL)),
    CHECK (planned_min_sessions <= planned_max_sessions),
    CHECK ((status = 'on_hold') = (held_from IS NOT NULL))
) STRICT;
CREATE INDEX treatments_couple ON treatments (practice_id, couple_id);
CREATE INDEX treatments_client ON treatments (practice_id, client_id);
CREATE INDEX treatments_updated ON treatments (practice_id, updated_at, id);
CREATE INDEX treatments_status ON treatments (practice_id, status, id);

-- A period on the care team. An open period is what gives a clinician access.
CREATE TABLE care_team_members (
    practice_id BLOB NOT NULL,
    id BLOB NOT NULL,
    treatment_id BLOB NOT NULL,
    clinician_id BLOB NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('primary', 'co_therapist', 'supervisor', 'covering')),
    from_on TEXT NOT NULL,
    to_on TEXT,
    PRIMARY KEY (practice_id, id),
    FOREIGN KEY (practice_id, treatment_id) REFERENCES treatments (practice_id, id),
    FOREIGN KEY (practice_id, clinician_id) REFERENCES clinicians (practice_id, id),
    CHECK (to_on IS NULL OR from_on <= to_on)
) STRICT;
CREATE UNIQUE INDEX care_team_members_current
    ON care_team_members (practice_id, treatment_id, clinician_id) WHERE to_on IS NULL;
CREATE UNIQUE INDEX care_team_members_primary
    ON care_team_members (practice_id, treatment_id) WHERE to_on IS NULL AND role = 'primary';
CREATE INDEX care_team_members_clinician
    ON care_team_members (practice_id, clinician_id, treatment_id);

-- Who sees whom, said once. A clinician sees the clients and couples of their intake and of
-- the treatments on whose care team they are; of a couple, its present and invited members.
CREATE VIEW caseload_couples (practice_id, clinician_id, couple_id) AS
    SELECT practice_id, intake_clinician_id, id
    FROM couples WHERE intake_clinician_id IS NOT NULL
  UNION ALL
    SELECT team.practice_id, team.clinician_id, treatments.couple_id
    FROM care_team_members AS team
    JOIN treatments
      ON treatments.practice_id = team.practice_id AND treatments.id = team.treatment_id
    WHERE team.to_on IS NULL AND treatments.couple_id IS NOT NULL;

CREATE VIEW caseload_clients (practice_id, clinician_id, client_id) AS
    SELECT practice_id, intake_clinician_id, id
    FROM clients WHERE intake_clinician_id IS NOT NULL
  UNION ALL
    SELECT team.practice_id, team.clinician_id, treatments.client_id
    FROM care_team_members AS team
    JOIN treatments
      ON treatments.practice_id = team.practice_id AND treatments.id = team.treatment_id
    WHERE team.to_on IS NULL AND treatments.client_id IS NOT NULL
  UNION ALL
    SELECT team.practice_id, team.clinician_id, members.client_id
    FROM care_team_members AS team
    JOIN treatments
      ON treatments.practice_id = team.practice_id AND treatments.id = team.treatment_id
    JOIN couple_members AS members
      ON members.practice_id = treatments.practice_id AND members.couple_id = treatments.couple_id
    WHERE team.to_on IS NULL AND members.left_on IS NULL
      AND members.invitation_state IN ('invited', 'accepted')
  UNION ALL
    SELECT couples.practice_id, couples.intake_clinician_id, members.client_id
    FROM couples
    JOIN couple_members AS members
      ON members.practice_id = couples.practice_id AND members.couple_id = couples.id
    WHERE couples.intake_clinician_id IS NOT NULL AND members.left_on IS NULL
      AND members.invitation_state IN ('invited', 'accepted');

-- A document that a client signed. It is revoked or expires; it is never edited.
CREATE TABLE consents (
    practice_id BLOB NOT NULL,
    id BLOB NOT NULL,
    client_id BLOB NOT NULL,
    couple_id BLOB,
    kind TEXT NOT NULL CHECK (kind IN ('informed_consent', 'disclosure_statement',
        'telehealth_consent', 'secrets_policy', 'sexual_health_homework', 'app_data_sharing',
        'payment_terms', 'good_faith_estimate_receipt', 'release_of_information',
        'no_records_request')),
    document_version TEXT NOT NULL,
    signature BLOB NOT NULL,
    signed_at INTEGER NOT NULL,
    expires_on TEXT,
    revoked_at INTEGER,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (practice_id, id),
    FOREIGN KEY (practice_id, client_id) REFERENCES clients (practice_id, id),
    FOREIGN KEY (practice_id, couple_id) REFERENCES couples (practice_id, id)
) STRICT;
CREATE INDEX consents_client ON consents (practice_id, client_id, kind);
CREATE INDEX consents_updated ON consents (practice_id, updated_at, id);
