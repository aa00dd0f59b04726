-- The keys come first: no row with a sealed column can be written before them.

-- One row per practice. Its key wraps the practice's data keys and is itself wrapped by the
-- root key, which is never in the database; root_key_id tells a wrong root key from a right one.
CREATE TABLE practice_keys (
    practice_id BLOB NOT NULL PRIMARY KEY,
    root_key_id BLOB NOT NULL,
    wrapped BLOB NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- Several keys of one compartment may exist: the active one seals, each of them opens.
CREATE TABLE data_keys (
    practice_id BLOB NOT NULL REFERENCES practice_keys (practice_id),
    id BLOB NOT NULL,
    compartment TEXT NOT NULL
        CHECK (compartment IN ('directory', 'client', 'couple', 'clinical', 'psychotherapy')),
    wrapped BLOB NOT NULL,
    active INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (practice_id, id)
) STRICT;
CREATE UNIQUE INDEX data_keys_active ON data_keys (practice_id, compartment) WHERE active;

-- The keys that sign access tokens belong to the installation, not to a practice: this is
-- the one table without practice_id. The private half is sealed under the root key.
CREATE TABLE signing_keys (
    kid TEXT NOT NULL PRIMARY KEY,
    public_key BLOB NOT NULL,
    sealed_private_key BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    retires_at INTEGER
) STRICT;
