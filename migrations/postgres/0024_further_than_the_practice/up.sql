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
