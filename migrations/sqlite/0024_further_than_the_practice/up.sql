-- Queries that knew a couple, a treatment, an assignment or a state went by the practice alone, and read all that it
-- has of it: the planner of SQLite prefers whatever saves it from putting rows in order.
CREATE INDEX couple_members_couple ON couple_members (practice_id, couple_id, id);
CREATE INDEX care_team_members_treatment ON care_team_members (practice_id, treatment_id, id);
CREATE INDEX assignments_of_couple ON assignments (practice_id, couple_id, id);
CREATE INDEX assignments_sensitivity ON assignments (practice_id, sensitivity, id);
CREATE INDEX programs_status ON programs (practice_id, status);
CREATE INDEX reviews_of_assignment ON reviews (practice_id, assignment_id, updated_at, id);
-- What the worker takes up next, of one practice after the other.
CREATE INDEX alerts_due_of_practice ON alerts (practice_id, next_page_at, id) WHERE next_page_at IS NOT NULL;
CREATE INDEX holds_due_of_practice ON holds (practice_id, status, effective_at, id);

-- From a clinician's couples to their members and not the other way round: CROSS keeps the order, and says nothing
-- else.
DROP VIEW caseload_clients;
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
    CROSS JOIN couple_members AS members
      ON members.practice_id = couples.practice_id AND members.couple_id = couples.id
    WHERE couples.intake_clinician_id IS NOT NULL AND members.left_on IS NULL
      AND members.invitation_state IN ('invited', 'accepted');
