-- Whom a clinician treats now, out of one index: the other index by clinician has those of the past among them.
CREATE INDEX care_team_members_caseload ON care_team_members (practice_id, clinician_id, treatment_id)
    WHERE to_on IS NULL;
