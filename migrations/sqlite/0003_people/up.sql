CREATE TABLE clinicians (
    practice_id BLOB NOT NULL REFERENCES practices (practice_id),
    id BLOB NOT NULL,
    profile BLOB NOT NULL,
    modalities TEXT NOT NULL,
    accepts_new INTEGER NOT NULL,
    supervisor_id BLOB,
    requires_cosign INTEGER NOT NULL,
    archived_at INTEGER,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (practice_id, id),
    FOREIGN KEY (practice_id, supervisor_id) REFERENCES clinicians (practice_id, id),
    CHECK (supervisor_id IS NULL OR supervisor_id <> id)
) STRICT;
CREATE INDEX clinicians_supervisor ON clinicians (practice_id, supervisor_id);
CREATE INDEX clinicians_updated ON clinicians (practice_id, updated_at, id);

CREATE TABLE clients (
    practice_id BLOB NOT NULL REFERENCES practices (practice_id),
    id BLOB NOT NULL,
    external_id BLOB,
    external_id_lookup BLOB,
    identity BLOB NOT NULL,
    contact BLOB NOT NULL,
    background BLOB NOT NULL,
    timezone TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('prospective', 'active', 'inactive', 'discharged')),
    responsible_for_billing INTEGER NOT NULL,
    intake_clinician_id BLOB,
    archived_at INTEGER,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (practice_id, id),
    FOREIGN KEY (practice_id, intake_clinician_id) REFERENCES clinicians (practice_id, id),
    CHECK ((external_id IS NULL) = (external_id_lookup IS NULL))
) STRICT;
CREATE UNIQUE INDEX clients_external_id ON clients (practice_id, external_id_lookup);
CREATE INDEX clients_intake ON clients (practice_id, intake_clinician_id);
CREATE INDEX clients_updated ON clients (practice_id, updated_at, id);
CREATE INDEX clients_status ON clients (practice_id, status, id);

-- Keyed hashes of folded name prefixes, so that a name can be found and none can be read.
CREATE TABLE client_name_prefixes (
    practice_id BLOB NOT NULL,
    prefix BLOB NOT NULL,
    client_id BLOB NOT NULL,
    PRIMARY KEY (practice_id, prefix, client_id),
    FOREIGN KEY (practice_id, client_id) REFERENCES clients (practice_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX client_name_prefixes_client ON client_name_prefixes (practice_id, client_id);

-- A login. It belongs to a clinician, to a client, or to the practice's administration;
-- a clinician may administer too, a client never.
CREATE TABLE users (
    practice_id BLOB NOT NULL REFERENCES practices (practice_id),
    id BLOB NOT NULL,
    email BLOB NOT NULL,
    email_lookup BLOB NOT NULL,
    practice_admin INTEGER NOT NULL,
    clinician_id BLOB,
    client_id BLOB,
    locale TEXT NOT NULL,
    session_version INTEGER NOT NULL,
    disabled_at INTEGER,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (practice_id, id),
    FOREIGN KEY (practice_id, clinician_id) REFERENCES clinicians (practice_id, id),
    FOREIGN KEY (practice_id, client_id) REFERENCES clients (practice_id, id),
    CHECK (client_id IS NULL OR (clinician_id IS NULL AND NOT practice_admin)),
    CHECK (client_id IS NOT NULL OR clinician_id IS NOT NULL OR practice_admin)
) STRICT;
CREATE UNIQUE INDEX users_email ON users (practice_id, email_lookup);
CREATE UNIQUE INDEX users_clinician ON users (practice_id, clinician_id);
CREATE UNIQUE INDEX users_client ON users (practice_id, client_id);
CREATE INDEX users_updated ON users (practice_id, updated_at, id);

-- A service application: acts for the practice, within the scopes that it was given.
CREATE TABLE apps (
    practice_id BLOB NOT NULL REFERENCES practices (practice_id),
    id BLOB NOT NULL,
    name TEXT NOT NULL,
    scopes TEXT NOT NULL,
    session_version INTEGER NOT NULL,
    disabled_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (practice_id, id)
) STRICT;
