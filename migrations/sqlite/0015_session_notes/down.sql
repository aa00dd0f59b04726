DROP TABLE note_templates;
DROP TABLE session_note_acts;
DROP TABLE session_notes;
