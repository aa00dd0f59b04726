-- The first of each content stays: that is what was known by it before.
DELETE FROM submission_receipts AS one USING submission_receipts AS other
    WHERE other.practice_id = one.practice_id AND other.author_id = one.author_id
      AND other.device_id = one.device_id AND other.content = one.content AND other.revision < one.revision;
ALTER TABLE submission_receipts DROP CONSTRAINT submission_receipts_pkey;
ALTER TABLE submission_receipts ADD PRIMARY KEY (practice_id, author_id, device_id, content);
