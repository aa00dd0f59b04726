-- What is changed and then changed back is accepted twice with the same content: a receipt for each.
ALTER TABLE submission_receipts DROP CONSTRAINT submission_receipts_pkey;
ALTER TABLE submission_receipts ADD PRIMARY KEY (practice_id, author_id, device_id, content, revision);
