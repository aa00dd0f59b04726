DROP INDEX holds_due_of_practice;
DROP INDEX alerts_due_of_practice;
DROP INDEX reviews_of_assignment;
DROP INDEX programs_status;
DROP INDEX assignments_sensitivity;
DROP INDEX assignments_of_couple;
DROP INDEX care_team_members_treatment;
DROP INDEX couple_members_couple;
