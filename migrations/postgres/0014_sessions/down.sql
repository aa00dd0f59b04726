DROP TABLE session_clinicians;
DROP TABLE session_participants;
DROP TABLE sessions;
DROP TABLE clinician_licenses;
