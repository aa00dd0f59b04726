-- What a practice says of itself in public stays in clear: name, offices, hours, states.
CREATE TABLE practices (
    practice_id uuid NOT NULL PRIMARY KEY REFERENCES practice_keys (practice_id),
    name TEXT NOT NULL,
    legal_name TEXT,
    timezone TEXT NOT NULL,
    phone TEXT,
    email TEXT,
    website TEXT,
    out_of_network boolean NOT NULL,
    insurance_text TEXT,
    sliding_scale_text TEXT,
    structures_text TEXT,
    settings jsonb NOT NULL,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE TABLE offices (
    practice_id uuid NOT NULL REFERENCES practices (practice_id),
    id uuid NOT NULL,
    name TEXT NOT NULL,
    line1 TEXT NOT NULL,
    line2 TEXT,
    city TEXT NOT NULL,
    region TEXT NOT NULL,
    postal_code TEXT NOT NULL,
    country TEXT NOT NULL,
    nearby jsonb NOT NULL,
    active boolean NOT NULL,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (practice_id, id)
);
CREATE INDEX offices_updated ON offices (practice_id, updated_at, id);

-- No row for a weekday means closed. Weekdays as ISO 8601 counts them, Monday is 1.
CREATE TABLE posted_hours (
    practice_id uuid NOT NULL,
    office_id uuid NOT NULL,
    weekday integer NOT NULL CHECK (weekday BETWEEN 1 AND 7),
    opens time NOT NULL,
    closes time NOT NULL,
    note TEXT,
    PRIMARY KEY (practice_id, office_id, weekday, opens),
    FOREIGN KEY (practice_id, office_id) REFERENCES offices (practice_id, id),
    CHECK (opens < closes)
);
