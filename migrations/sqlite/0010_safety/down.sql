ALTER TABLE assignment_participants DROP COLUMN hidden;
ALTER TABLE assignments DROP COLUMN deviation;
ALTER TABLE assignments DROP COLUMN hold_id;
ALTER TABLE assignments DROP COLUMN timezone;
DROP TABLE help_requests;
DROP TABLE holds;
DROP TABLE alerts;
