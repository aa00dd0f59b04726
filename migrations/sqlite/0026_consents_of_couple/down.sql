DROP INDEX consents_couple;
