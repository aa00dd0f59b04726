DROP TABLE consents;
DROP VIEW caseload_clients;
DROP VIEW caseload_couples;
DROP TABLE care_team_members;
DROP TABLE treatments;
