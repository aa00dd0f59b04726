-- Private questions that were not asked on a device that both use, by submission: for two days they are in their author's
-- inbox, which reads this row anyway.
ALTER TABLE assignment_participants ADD COLUMN left_out jsonb;
