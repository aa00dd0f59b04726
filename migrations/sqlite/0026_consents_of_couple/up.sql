-- A list of the consents of one couple looked at those of all couples.
CREATE INDEX consents_couple ON consents (practice_id, couple_id);
