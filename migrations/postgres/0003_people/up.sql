CREATE TABLE clinicians (
    practice_id uuid NOT NULL REFERENCES practices (practice_id),
    id uuid NOT NULL,
    profile bytea NOT NULL,
    modalities jsonb NOT NULL,
    accepts_new boolean NOT NULL,
    supervisor_id uuid,
    requires_cosign boolean NOT NULL,
    archived_at timestamptz,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (practice_id, id),
    FOREIGN KEY (practice_id, supervisor_id) REFERENCES clinicians (practice_id, id),
    CHECK (supervisor_id IS NULL OR supervisor_id <> id)
);
CREATE INDEX clinicians_supervisor ON clinicians (practice_id, supervisor_id);
CREATE INDEX clinicians_updated ON clinicians (practice_id, updated_at, id);

CREATE TABLE clients (
    practice_id uuid NOT NULL REFERENCES practices (practice_id),
    id uuid NOT NULL,
    external_id bytea,
    external_id_lookup bytea,
    identity bytea NOT NULL,
    contact bytea NOT NULL,
    background bytea NOT NULL,
    timezone TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('prospective', 'active', 'inactive', 'discharged')),
    responsible_for_billing boolean NOT NULL,
    intake_clinician_id uuid,
    archived_at timestamptz,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (practice_id, id),
    FOREIGN KEY (practice_id, intake_clinician_id) REFERENCES clinicians (practice_id, id),
    CHECK ((external_id IS NULL) = (external_id_lookup IS NULL))
);
CREATE UNIQUE INDEX clients_external_id ON clients (practice_id, external_id_lookup);
CREATE INDEX clients_intake ON clients (practice_id, intake_clinician_id);
CREATE INDEX clients_updated ON clients (practice_id, updated_at, id);
CREATE INDEX clients_status ON clients (practice_id, status, id);

-- Keyed hashes of folded name prefixes, so that a name can be found and none can be read.
CREATE TABLE client_name_prefixes (
    practice_id uuid NOT NULL,
    prefix bytea NOT NULL,
    client_id uuid NOT NULL,
    PRIMARY KEY (practice_id, prefix, client_id),
    FOREIGN KEY (practice_id, client_id) REFERENCES clients (practice_id, id)
);
CREATE INDEX client_name_prefixes_client ON client_name_prefixes (practice_id, client_id);

-- A login. It belongs to a clinician, to a client, or to the practice's administration;
-- a clinician may administer too, a client never.
CREATE TABLE users (
    practice_id uuid NOT NULL REFERENCES practices (practice_id),
    id uuid NOT NULL,
    email bytea NOT NULL,
    email_lookup bytea NOT NULL,
    practice_admin boolean NOT NULL,
    clinician_id uuid,
    client_id uuid,
    locale TEXT NOT NULL,
    session_version integer NOT NULL,
    disabled_at timestamptz,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (practice_id, id),
    FOREIGN KEY (practice_id, clinician_id) REFERENCES clinicians (practice_id, id),
    FOREIGN KEY (practice_id, client_id) REFERENCES clients (practice_id, id),
    CHECK (client_id IS NULL OR (clinician_id IS NULL AND NOT practice_admin)),
    CHECK (client_id IS NOT NULL OR clinician_id IS NOT NULL OR practice_admin)
);
CREATE UNIQUE INDEX users_email ON users (practice_id, email_lookup);
CREATE UNIQUE INDEX users_clinician ON users (practice_id, clinician_id);
CREATE UNIQUE INDEX users_client ON users (practice_id, client_id);
CREATE INDEX users_updated ON users (practice_id, updated_at, id);

-- A service application: acts for the practice, within the scopes that it was given.
CREATE TABLE apps (
    practice_id uuid NOT NULL REFERENCES practices (practice_id),
    id uuid NOT NULL,
    name TEXT NOT NULL,
    scopes TEXT NOT NULL,
    session_version integer NOT NULL,
    disabled_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (practice_id, id)
);
