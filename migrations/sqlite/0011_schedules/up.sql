-- When an exercise is to be done. `holds_from` is the day from which the present schedule and zone hold (null: the
-- first) and `schedule_before` what held until then, `made_until` the day before which its occurrences are made, `work_at` when the worker looks at it next:
-- to make more, or to end it when its term is over.
ALTER TABLE assignments ADD COLUMN schedule TEXT NOT NULL DEFAULT '{"rhythm":{"kind":"once"}}';
ALTER TABLE assignments ADD COLUMN holds_from TEXT;
ALTER TABLE assignments ADD COLUMN schedule_before TEXT;
ALTER TABLE assignments ADD COLUMN made_until TEXT;
ALTER TABLE assignments ADD COLUMN work_at INTEGER;
-- What was assigned before schedules were was done on demand if it has a rhythm and was not due once.
UPDATE assignments SET schedule = CASE
    WHEN (SELECT json_extract(body, '$.capture') FROM activity_definitions AS d
          WHERE d.practice_id = assignments.practice_id AND d.id = assignments.activity_definition_id) = 'event'
        THEN '{"rhythm":{"kind":"events"}}'
    WHEN due_at IS NULL AND (SELECT json_extract(body, '$.timing') FROM activity_definitions AS d
          WHERE d.practice_id = assignments.practice_id AND d.id = assignments.activity_definition_id) IS NOT NULL
        THEN '{"rhythm":{"kind":"on_demand"}}'
    ELSE schedule END;
CREATE INDEX assignments_work ON assignments (work_at) WHERE work_at IS NOT NULL;

-- An occurrence that a schedule foresees is there before anybody does anything; one that nobody foresaw came to be
-- when somebody did. Only the first kind may be shown to whoever has not done it.
ALTER TABLE occurrences ADD COLUMN planned INTEGER NOT NULL DEFAULT 0 CHECK (planned IN (0, 1));

-- A day, or one of several times on it, that does not count. What is sent to it changes nothing of that.
CREATE TABLE excusals (
    practice_id BLOB NOT NULL REFERENCES practices (practice_id),
    assignment_id BLOB NOT NULL,
    local_date TEXT NOT NULL,
    slot_no INTEGER NOT NULL CHECK (slot_no >= 1),
    kind TEXT NOT NULL CHECK (kind IN ('grace', 'holiday', 'clinician')),
    created_at INTEGER NOT NULL,
    PRIMARY KEY (practice_id, assignment_id, local_date, slot_no),
    FOREIGN KEY (practice_id, assignment_id) REFERENCES assignments (practice_id, id)
) STRICT;

-- From when until when an assignment rested; `ends_at` is null while it does. What would have closed in that time
-- does not count.
CREATE TABLE rests (
    practice_id BLOB NOT NULL REFERENCES practices (practice_id),
    assignment_id BLOB NOT NULL,
    begins_at INTEGER NOT NULL,
    ends_at INTEGER,
    PRIMARY KEY (practice_id, assignment_id, begins_at),
    FOREIGN KEY (practice_id, assignment_id) REFERENCES assignments (practice_id, id)
) STRICT;
INSERT INTO rests (practice_id, assignment_id, begins_at)
    SELECT practice_id, id, updated_at FROM assignments WHERE status IN ('paused', 'held');

-- Events, by when they were.
CREATE INDEX answer_sets_entries ON answer_sets (practice_id, assignment_id, entry_at) WHERE entry_at IS NOT NULL;
