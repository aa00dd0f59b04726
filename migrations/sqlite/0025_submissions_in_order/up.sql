-- Lists of one couple's, one exercise's or one author's submissions are in the order of ids. Without an index that ends
-- in the id, the planner of SQLite walks through all that the practice has in that order, to be spared sorting a few.
CREATE INDEX submissions_of_couple ON submissions (practice_id, couple_id, id);
CREATE INDEX submissions_of_assignment ON submissions (practice_id, assignment_id, id);
CREATE INDEX submissions_of_author ON submissions (practice_id, author_id, id);
