-- What is changed and then changed back is accepted twice with the same content: a receipt for each.
CREATE TABLE submission_receipts_by_revision (
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
    PRIMARY KEY (practice_id, author_id, device_id, content, revision),
    FOREIGN KEY (practice_id, author_id) REFERENCES clients (practice_id, id),
    FOREIGN KEY (practice_id, submission_id) REFERENCES submissions (practice_id, id),
    FOREIGN KEY (practice_id, assignment_id) REFERENCES assignments (practice_id, id)
) STRICT, WITHOUT ROWID;
INSERT INTO submission_receipts_by_revision SELECT * FROM submission_receipts;
DROP TABLE submission_receipts;
ALTER TABLE submission_receipts_by_revision RENAME TO submission_receipts;
