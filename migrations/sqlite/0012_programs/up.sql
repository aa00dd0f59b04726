-- Programmes that have begun. `plan` is the definition as it was bent for this couple: what the catalogue says
-- later changes nothing of it. `phase` is the place of the phase that is under way.
CREATE TABLE programs (
    practice_id BLOB NOT NULL REFERENCES practices (practice_id),
    id BLOB NOT NULL,
    couple_id BLOB,
    client_id BLOB,
    definition_key TEXT NOT NULL,
    definition_version TEXT NOT NULL,
    title TEXT NOT NULL,
    plan TEXT NOT NULL,
    variants TEXT NOT NULL,
    parameters TEXT NOT NULL,
    starts_on TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('active', 'paused', 'completed', 'withdrawn')),
    phase INTEGER NOT NULL CHECK (phase >= 0),
    paused_on TEXT,
    resume_on TEXT,
    proposed_plan TEXT,
    next_review_on TEXT,
    begun_by BLOB NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (practice_id, id),
    CHECK ((couple_id IS NULL) <> (client_id IS NULL)),
    CHECK ((paused_on IS NULL) = (resume_on IS NULL)),
    FOREIGN KEY (practice_id, couple_id) REFERENCES couples (practice_id, id),
    FOREIGN KEY (practice_id, client_id) REFERENCES clients (practice_id, id),
    FOREIGN KEY (practice_id, begun_by) REFERENCES clinicians (practice_id, id)
) STRICT;
CREATE INDEX programs_updated ON programs (practice_id, updated_at, id);
CREATE INDEX programs_couple ON programs (practice_id, couple_id, status);
CREATE INDEX programs_client ON programs (practice_id, client_id, status);

-- Its phases: what is planned moves with what has happened.
CREATE TABLE program_phases (
    practice_id BLOB NOT NULL,
    program_id BLOB NOT NULL,
    position INTEGER NOT NULL CHECK (position >= 0),
    key TEXT NOT NULL,
    planned_from TEXT NOT NULL,
    planned_to TEXT NOT NULL,
    actual_from TEXT,
    actual_to TEXT,
    state TEXT NOT NULL CHECK (state IN ('upcoming', 'active', 'extended', 'done', 'skipped')),
    PRIMARY KEY (practice_id, program_id, position),
    CHECK (planned_from <= planned_to),
    CHECK (actual_to IS NULL OR actual_from <= actual_to),
    FOREIGN KEY (practice_id, program_id) REFERENCES programs (practice_id, id)
) STRICT;

-- What happens in them, and the homework that came of it. What an action is stands in the plan.
CREATE TABLE program_actions (
    practice_id BLOB NOT NULL,
    program_id BLOB NOT NULL,
    key TEXT NOT NULL,
    position INTEGER NOT NULL CHECK (position >= 0),
    phase INTEGER NOT NULL CHECK (phase >= 0),
    state TEXT NOT NULL CHECK (state IN ('planned', 'offered', 'assigned', 'done', 'waits', 'skipped')),
    assignment_id BLOB,
    due_on TEXT,
    carry_forward INTEGER NOT NULL CHECK (carry_forward IN (0, 1)),
    rests INTEGER NOT NULL CHECK (rests IN (0, 1)),
    PRIMARY KEY (practice_id, program_id, key),
    FOREIGN KEY (practice_id, program_id) REFERENCES programs (practice_id, id),
    FOREIGN KEY (practice_id, program_id, phase) REFERENCES program_phases (practice_id, program_id, position),
    FOREIGN KEY (practice_id, assignment_id) REFERENCES assignments (practice_id, id)
) STRICT;
CREATE INDEX program_actions_assignment ON program_actions (practice_id, assignment_id);

-- Where a programme departs from what it would have been, and why.
CREATE TABLE program_deviations (
    practice_id BLOB NOT NULL,
    id BLOB NOT NULL,
    program_id BLOB NOT NULL,
    number INTEGER NOT NULL CHECK (number >= 1),
    kind TEXT NOT NULL CHECK (kind IN ('precondition', 'threads', 'gate', 'awaits', 'criteria', 'early_end', 'extend',
                                       'skip', 'set_parameters', 'move', 'take_up', 'carry_forward')),
    about TEXT,
    reason BLOB,
    made_by BLOB NOT NULL,
    made_at INTEGER NOT NULL,
    PRIMARY KEY (practice_id, id),
    FOREIGN KEY (practice_id, program_id) REFERENCES programs (practice_id, id),
    FOREIGN KEY (practice_id, made_by) REFERENCES clinicians (practice_id, id)
) STRICT;
CREATE UNIQUE INDEX program_deviations_program ON program_deviations (practice_id, program_id, number);
