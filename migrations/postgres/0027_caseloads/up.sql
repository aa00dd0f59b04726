-- Whom a clinician treats now, out of one index. The other index by clinician has those of the past among them; the
-- reference to clinicians goes by it.
CREATE INDEX care_team_members_caseload ON care_team_members (practice_id, clinician_id, treatment_id)
    WHERE to_on IS NULL;
