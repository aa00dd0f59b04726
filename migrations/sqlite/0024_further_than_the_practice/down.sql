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
    JOIN couple_members AS members
      ON members.practice_id = couples.practice_id AND members.couple_id = couples.id
    WHERE couples.intake_clinician_id IS NOT NULL AND members.left_on IS NULL
      AND members.invitation_state IN ('invited', 'accepted');
DROP INDEX holds_due_of_practice;
DROP INDEX alerts_due_of_practice;
DROP INDEX reviews_of_assignment;
DROP INDEX programs_status;
DROP INDEX assignments_sensitivity;
DROP INDEX assignments_of_couple;
DROP INDEX care_team_members_treatment;
DROP INDEX couple_members_couple;
