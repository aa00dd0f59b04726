DROP TABLE secrets_policy_acceptances;
DROP TABLE secrets_policies;
DROP TABLE couple_members;
DROP TABLE couples;
