DROP INDEX assignments_work;
CREATE INDEX assignments_work ON assignments (work_at) WHERE work_at IS NOT NULL;
