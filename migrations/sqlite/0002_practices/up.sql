-- What a practice says of itself in public stays in clear: name, offices, hours, states.
CREATE TABLE practices (
    practice_id BLOB NOT NULL PRIMARY KEY REFERENCES practice_keys (practice_id),
    name TEXT NOT NULL,
    legal_name TEXT,
    timezone TEXT NOT NULL,
    phone TEXT,
    email TEXT,
    website TEXT,
    out_of_network INTEGER NOT NULL,
    insurance_text TEXT,
    sliding_scale_text TEXT,
    structures_text TEXT,
    settings TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE offices (
    practice_id BLOB NOT NULL REFERENCES practices (practice_id),
    id BLOB NOT NULL,
    name TEXT NOT NULL,
    line1 TEXT NOT NULL,
    line2 TEXT,
    city TEXT NOT NULL,
    region TEXT NOT NULL,
    postal_code TEXT NOT NULL,
    country TEXT NOT NULL,
    nearby TEXT NOT NULL,
    active INTEGER NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (practice_id, id)
) STRICT;
CREATE INDEX offices_updated ON offices (practice_id, updated_at, id);

-- No row for a weekday means closed. Weekdays as ISO 8601 counts them, Monday is 1.
CREATE TABLE posted_hours (
    practice_id BLOB NOT NULL,
    office_id BLOB NOT NULL,
    weekday INTEGER NOT NULL CHECK (weekday BETWEEN 1 AND 7),
    opens TEXT NOT NULL,
    closes TEXT NOT NULL,
    note TEXT,
    PRIMARY KEY (practice_id, office_id, weekday, opens),
    FOREIGN KEY (practice_id, office_id) REFERENCES offices (practice_id, id),
    CHECK (opens < closes)
) STRICT;
