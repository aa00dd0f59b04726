DROP INDEX psychotherapy_notes_couple;
DROP INDEX psychotherapy_notes_client;
DROP INDEX alerts_couple;
DROP INDEX consents_couple;
