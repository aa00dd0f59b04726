-- What the worker takes up next, of one practice after the other: without the practice in front, each fifty of
-- many that were due put all of them in order anew.
DROP INDEX assignments_work;
CREATE INDEX assignments_work ON assignments (practice_id, work_at, id) WHERE work_at IS NOT NULL;
