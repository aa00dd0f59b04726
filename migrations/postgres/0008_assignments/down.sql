DROP TABLE assignment_participants;
DROP TABLE assignments;
