-- Lists of one couple's consents and alerts, and of what a clinician keeps apart of one client or couple, looked at those
-- of all.
CREATE INDEX consents_couple ON consents (practice_id, couple_id);
CREATE INDEX alerts_couple ON alerts (practice_id, couple_id);
CREATE INDEX psychotherapy_notes_client ON psychotherapy_notes (practice_id, client_id);
CREATE INDEX psychotherapy_notes_couple ON psychotherapy_notes (practice_id, couple_id);
