CREATE TABLE submission_receipts_by_content (
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
-- The first of each content: that is what was known by it before.
INSERT INTO submission_receipts_by_content SELECT * FROM submission_receipts AS one
    WHERE NOT EXISTS (
        SELECT 1 FROM submission_receipts AS other
        WHERE other.practice_id = one.practice_id AND other.author_id = one.author_id
          AND other.device_id = one.device_id AND other.content = one.content AND other.revision < one.revision
    );
DROP TABLE submission_receipts;
ALTER TABLE submission_receipts_by_content RENAME TO submission_receipts;
