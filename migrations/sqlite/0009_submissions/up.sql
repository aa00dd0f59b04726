-- Each time that an exercise is due, for everybody who takes part. One that nobody has submitted to and
-- that no plan foresees has no row.
CREATE TABLE occurrences (
    practice_id BLOB NOT NULL REFERENCES practices (practice_id),
    id BLOB NOT NULL,
    assignment_id BLOB NOT NULL,
    local_date TEXT NOT NULL,
    slot_no INTEGER NOT NULL CHECK (slot_no >= 1),
    opens_at INTEGER NOT NULL,
    due_at INTEGER,
    closes_at INTEGER,
    status TEXT NOT NULL CHECK (status IN ('open', 'partially_submitted', 'submitted', 'excused', 'cancelled')),
    completed_at INTEGER,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (practice_id, id),
    UNIQUE (practice_id, assignment_id, local_date, slot_no),
    FOREIGN KEY (practice_id, assignment_id) REFERENCES assignments (practice_id, id)
) STRICT;
CREATE INDEX occurrences_updated ON occurrences (practice_id, updated_at, id);

-- What one person has sent, or begun to write. `device_id` is the id that their device made: unique among
-- that person's own and telling nothing of others; `id` is the practice's name for it. Whose homework it
-- is and how delicate stands here again, so that what a caller may see is a filter and no look into every
-- assignment; neither ever changes.
CREATE TABLE submissions (
    practice_id BLOB NOT NULL REFERENCES practices (practice_id),
    id BLOB NOT NULL,
    device_id BLOB NOT NULL,
    author_id BLOB NOT NULL,
    assignment_id BLOB NOT NULL,
    couple_id BLOB,
    sensitivity TEXT NOT NULL CHECK (sensitivity IN ('routine', 'relational', 'sexual_health', 'safety')),
    occurrence_id BLOB,
    local_date TEXT,
    slot_no INTEGER CHECK (slot_no >= 1),
    role TEXT,
    policy_version_no INTEGER,
    status TEXT NOT NULL CHECK (status IN ('draft', 'submitted', 'amended', 'skipped', 'retracted')),
    revision INTEGER NOT NULL CHECK (revision >= 1),
    late INTEGER NOT NULL CHECK (late IN (0, 1)),
    device_shared INTEGER NOT NULL CHECK (device_shared IN (0, 1)),
    app TEXT,
    completed_at INTEGER,
    received_at INTEGER NOT NULL,
    submitted_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (practice_id, id),
    UNIQUE (practice_id, author_id, device_id),
    FOREIGN KEY (practice_id, author_id) REFERENCES clients (practice_id, id),
    FOREIGN KEY (practice_id, assignment_id) REFERENCES assignments (practice_id, id),
    FOREIGN KEY (practice_id, couple_id) REFERENCES couples (practice_id, id),
    FOREIGN KEY (practice_id, occurrence_id) REFERENCES occurrences (practice_id, id)
) STRICT;
CREATE INDEX submissions_updated ON submissions (practice_id, updated_at, id);
CREATE INDEX submissions_assignment ON submissions (practice_id, assignment_id, author_id, local_date);
CREATE INDEX submissions_author ON submissions (practice_id, author_id, updated_at);
CREATE INDEX submissions_couple ON submissions (practice_id, couple_id, updated_at);
CREATE INDEX submissions_occurrence ON submissions (practice_id, occurrence_id);
-- Nobody answers one occurrence twice. Batches of events have no occurrence.
CREATE UNIQUE INDEX submissions_once ON submissions (practice_id, assignment_id, author_id, local_date, slot_no)
    WHERE status IN ('submitted', 'amended');

-- The answers of one submission that the same people may read, sealed together. `shared_at` is when the
-- other participants could read them first, `clinicians_at` when clinicians could; null is not yet, or never.
-- `place` orders what is shared at one instant: a keyed hash of whose it is and of which question, so that
-- neither the time nor the number of versions shows in the order.
CREATE TABLE answer_sets (
    practice_id BLOB NOT NULL REFERENCES practices (practice_id),
    id BLOB NOT NULL,
    place BLOB NOT NULL,
    submission_id BLOB NOT NULL,
    assignment_id BLOB NOT NULL,
    couple_id BLOB,
    occurrence_id BLOB,
    author_id BLOB NOT NULL,
    entry_no INTEGER CHECK (entry_no >= 0),
    entry_at INTEGER,
    audience TEXT NOT NULL CHECK (audience IN ('author_only', 'clinician', 'shared', 'mutual_reveal',
                                               'aggregate_only', 'overlap_only')),
    clinician_audience TEXT NOT NULL CHECK (clinician_audience IN ('full', 'overlap', 'aggregate', 'none')),
    revision INTEGER NOT NULL CHECK (revision >= 1),
    answers BLOB NOT NULL,
    sensitivity TEXT NOT NULL CHECK (sensitivity IN ('routine', 'relational', 'sexual_health', 'safety')),
    widened INTEGER NOT NULL CHECK (widened IN (0, 1)),
    shared_at INTEGER,
    clinicians_at INTEGER,
    superseded_at INTEGER,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (practice_id, id),
    FOREIGN KEY (practice_id, submission_id) REFERENCES submissions (practice_id, id),
    FOREIGN KEY (practice_id, assignment_id) REFERENCES assignments (practice_id, id),
    FOREIGN KEY (practice_id, couple_id) REFERENCES couples (practice_id, id),
    FOREIGN KEY (practice_id, occurrence_id) REFERENCES occurrences (practice_id, id),
    FOREIGN KEY (practice_id, author_id) REFERENCES clients (practice_id, id)
) STRICT;
CREATE INDEX answer_sets_submission ON answer_sets (practice_id, submission_id);
CREATE INDEX answer_sets_occurrence ON answer_sets (practice_id, occurrence_id);
-- What participants read of each other, in the order in which it came to be theirs.
CREATE INDEX answer_sets_shared ON answer_sets (practice_id, couple_id, shared_at, place)
    WHERE shared_at IS NOT NULL;
CREATE INDEX answer_sets_assignment ON answer_sets (practice_id, assignment_id, shared_at, place)
    WHERE shared_at IS NOT NULL;

-- Every content that was ever accepted under a device's id, by its keyed hash, with what was answered.
CREATE TABLE submission_receipts (
    practice_id BLOB NOT NULL REFERENCES practices (practice_id),
    author_id BLOB NOT NULL,
    device_id BLOB NOT NULL,
    content BLOB NOT NULL,
    submission_id BLOB NOT NULL,
    assignment_id BLOB NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('draft', 'submitted', 'amended', 'skipped')),
    revision INTEGER NOT NULL CHECK (revision >= 1),
    late INTEGER NOT NULL CHECK (late IN (0, 1)),
    problems TEXT NOT NULL,
    accepted_at INTEGER NOT NULL,
    PRIMARY KEY (practice_id, author_id, device_id, content),
    FOREIGN KEY (practice_id, author_id) REFERENCES clients (practice_id, id),
    FOREIGN KEY (practice_id, submission_id) REFERENCES submissions (practice_id, id),
    FOREIGN KEY (practice_id, assignment_id) REFERENCES assignments (practice_id, id)
) STRICT, WITHOUT ROWID;

-- What came of an occurrence when the last of those who had to had submitted. Written once, never changed.
CREATE TABLE reveals (
    practice_id BLOB NOT NULL REFERENCES practices (practice_id),
    id BLOB NOT NULL,
    occurrence_id BLOB NOT NULL,
    assignment_id BLOB NOT NULL,
    couple_id BLOB,
    key TEXT NOT NULL,
    outcomes BLOB,
    content BLOB NOT NULL,
    revealed_at INTEGER NOT NULL,
    PRIMARY KEY (practice_id, id),
    UNIQUE (practice_id, occurrence_id),
    FOREIGN KEY (practice_id, occurrence_id) REFERENCES occurrences (practice_id, id),
    FOREIGN KEY (practice_id, assignment_id) REFERENCES assignments (practice_id, id),
    FOREIGN KEY (practice_id, couple_id) REFERENCES couples (practice_id, id)
) STRICT;
CREATE INDEX reveals_couple ON reveals (practice_id, couple_id, key, revealed_at);
CREATE INDEX reveals_assignment ON reveals (practice_id, assignment_id, revealed_at);

-- What a clinician has looked at, and said of it.
CREATE TABLE reviews (
    practice_id BLOB NOT NULL REFERENCES practices (practice_id),
    id BLOB NOT NULL,
    assignment_id BLOB NOT NULL,
    submission_id BLOB,
    clinician_id BLOB NOT NULL,
    comment BLOB,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (practice_id, id),
    FOREIGN KEY (practice_id, assignment_id) REFERENCES assignments (practice_id, id),
    FOREIGN KEY (practice_id, submission_id) REFERENCES submissions (practice_id, id),
    FOREIGN KEY (practice_id, clinician_id) REFERENCES clinicians (practice_id, id)
) STRICT;
CREATE INDEX reviews_updated ON reviews (practice_id, updated_at, id);
CREATE INDEX reviews_assignment ON reviews (practice_id, assignment_id, id);
CREATE INDEX reviews_submission ON reviews (practice_id, submission_id);
