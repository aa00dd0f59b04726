DROP TABLE apps;
DROP TABLE users;
DROP TABLE client_name_prefixes;
DROP TABLE clients;
DROP TABLE clinicians;
