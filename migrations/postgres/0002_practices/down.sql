DROP TABLE posted_hours;
DROP TABLE offices;
DROP TABLE practices;
