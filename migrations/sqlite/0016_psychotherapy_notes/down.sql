DROP TABLE psychotherapy_notes;
