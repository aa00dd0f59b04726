DROP TABLE session_summaries;
