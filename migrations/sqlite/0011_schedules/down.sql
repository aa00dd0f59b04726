DROP INDEX answer_sets_entries;
DROP TABLE rests;
DROP TABLE excusals;
ALTER TABLE occurrences DROP COLUMN planned;
DROP INDEX assignments_work;
ALTER TABLE assignments DROP COLUMN work_at;
ALTER TABLE assignments DROP COLUMN made_until;
ALTER TABLE assignments DROP COLUMN holds_from;
ALTER TABLE assignments DROP COLUMN schedule;
