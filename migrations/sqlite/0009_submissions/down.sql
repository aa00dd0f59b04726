DROP TABLE reviews;
DROP TABLE reveals;
DROP TABLE submission_receipts;
DROP TABLE answer_sets;
DROP TABLE submissions;
DROP TABLE occurrences;
