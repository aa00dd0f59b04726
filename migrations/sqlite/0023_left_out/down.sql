ALTER TABLE assignment_participants DROP COLUMN left_out;
