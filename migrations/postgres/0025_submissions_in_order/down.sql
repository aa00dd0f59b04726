DROP INDEX submissions_of_author;
DROP INDEX submissions_of_assignment;
DROP INDEX submissions_of_couple;
