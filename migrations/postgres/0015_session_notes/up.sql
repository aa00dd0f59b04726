-- What the clinicians write of a treatment: of the couple's record, or of one client's own. Content is
-- sealed; its hash is a keyed one.
CREATE TABLE session_notes (
    practice_id uuid NOT NULL REFERENCES practices (practice_id),
    id uuid NOT NULL,
    treatment_id uuid NOT NULL,
    session_id uuid,
    couple_id uuid,
    client_id uuid,
    author_id uuid NOT NULL,
    app_id uuid,
    format TEXT NOT NULL CHECK (format IN ('soap', 'dap', 'birp', 'girp', 'free')),
    status TEXT NOT NULL CHECK (status IN
        ('draft', 'pending_cosign', 'signed', 'amended', 'discarded', 'entered_in_error')),
    draft_no INTEGER NOT NULL CHECK (draft_no >= 1),
    content bytea NOT NULL,
    content_hash bytea,
    signed_at timestamptz,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (practice_id, id),
    FOREIGN KEY (practice_id, treatment_id) REFERENCES treatments (practice_id, id),
    FOREIGN KEY (practice_id, session_id) REFERENCES sessions (practice_id, id),
    FOREIGN KEY (practice_id, couple_id) REFERENCES couples (practice_id, id),
    FOREIGN KEY (practice_id, client_id) REFERENCES clients (practice_id, id),
    FOREIGN KEY (practice_id, author_id) REFERENCES clinicians (practice_id, id),
    FOREIGN KEY (practice_id, app_id) REFERENCES apps (practice_id, id),
    CHECK ((couple_id IS NULL) <> (client_id IS NULL)),
    CHECK ((status IN ('draft', 'discarded')) = (signed_at IS NULL)),
    CHECK ((signed_at IS NULL) = (content_hash IS NULL))
);
CREATE INDEX session_notes_updated ON session_notes (practice_id, updated_at, id);
CREATE INDEX session_notes_treatment ON session_notes (practice_id, treatment_id, id);
CREATE INDEX session_notes_couple ON session_notes (practice_id, couple_id, id);
CREATE INDEX session_notes_client ON session_notes (practice_id, client_id, id);
CREATE INDEX session_notes_session ON session_notes (practice_id, session_id);
CREATE INDEX session_notes_author ON session_notes (practice_id, author_id, status);
-- One note of a session for each record.
CREATE UNIQUE INDEX session_notes_of_couple ON session_notes (practice_id, session_id, couple_id)
    WHERE couple_id IS NOT NULL AND status NOT IN ('discarded', 'entered_in_error');
CREATE UNIQUE INDEX session_notes_of_client ON session_notes (practice_id, session_id, client_id)
    WHERE client_id IS NOT NULL AND status NOT IN ('discarded', 'entered_in_error');

-- What was done with a note, in order: with the content as it was, and the hand that did it with its
-- credentials as they were. Rows are added and never changed.
CREATE TABLE session_note_acts (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    note_id uuid NOT NULL,
    act_no INTEGER NOT NULL CHECK (act_no >= 1),
    draft_no INTEGER NOT NULL CHECK (draft_no >= 1),
    act TEXT NOT NULL CHECK (act IN
        ('signed', 'cosigned', 'returned', 'amended', 'entered_in_error')),
    clinician_id uuid NOT NULL,
    signature bytea NOT NULL,
    reason TEXT CHECK (reason IN ('late_entry', 'correction', 'clarification')),
    content bytea NOT NULL,
    content_hash bytea NOT NULL,
    acted_at timestamptz NOT NULL,
    PRIMARY KEY (practice_id, id),
    FOREIGN KEY (practice_id, note_id) REFERENCES session_notes (practice_id, id),
    FOREIGN KEY (practice_id, clinician_id) REFERENCES clinicians (practice_id, id),
    CHECK ((act = 'amended') = (reason IS NOT NULL))
);
CREATE UNIQUE INDEX session_note_acts_note ON session_note_acts (practice_id, note_id, act_no);

-- Skeletons of notes, of the practice or of one clinician.
CREATE TABLE note_templates (
    practice_id uuid NOT NULL REFERENCES practices (practice_id),
    id uuid NOT NULL,
    clinician_id uuid,
    format TEXT NOT NULL CHECK (format IN ('soap', 'dap', 'birp', 'girp', 'free')),
    body bytea NOT NULL,
    archived_at timestamptz,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (practice_id, id),
    FOREIGN KEY (practice_id, clinician_id) REFERENCES clinicians (practice_id, id)
);
CREATE INDEX note_templates_updated ON note_templates (practice_id, updated_at, id);

-- The lock lies below the service: whatever statement is sent, what was signed stays as it is.
CREATE FUNCTION session_notes_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a signed note is not altered' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER session_notes_locked BEFORE UPDATE ON session_notes FOR EACH ROW
WHEN (OLD.practice_id IS DISTINCT FROM NEW.practice_id OR OLD.id IS DISTINCT FROM NEW.id
  OR OLD.created_at IS DISTINCT FROM NEW.created_at OR OLD.author_id IS DISTINCT FROM NEW.author_id
  OR (OLD.status <> 'draft' AND (
        OLD.content IS DISTINCT FROM NEW.content OR OLD.format IS DISTINCT FROM NEW.format
     OR OLD.treatment_id IS DISTINCT FROM NEW.treatment_id
     OR OLD.session_id IS DISTINCT FROM NEW.session_id
     OR OLD.couple_id IS DISTINCT FROM NEW.couple_id
     OR OLD.client_id IS DISTINCT FROM NEW.client_id
     OR OLD.app_id IS DISTINCT FROM NEW.app_id))
  OR (OLD.status IN ('signed', 'amended', 'entered_in_error') AND (
        OLD.content_hash IS DISTINCT FROM NEW.content_hash
     OR OLD.signed_at IS DISTINCT FROM NEW.signed_at
     OR OLD.draft_no IS DISTINCT FROM NEW.draft_no))
  OR (OLD.status <> NEW.status AND NOT (
        (OLD.status = 'draft' AND NEW.status IN ('pending_cosign', 'signed', 'discarded'))
     OR (OLD.status = 'pending_cosign' AND NEW.status IN ('draft', 'signed'))
     OR (OLD.status = 'signed' AND NEW.status IN ('amended', 'entered_in_error'))
     OR (OLD.status = 'amended' AND NEW.status = 'entered_in_error'))))
EXECUTE FUNCTION session_notes_refuse();
CREATE TRIGGER session_notes_kept BEFORE DELETE ON session_notes FOR EACH ROW
WHEN (OLD.status <> 'draft') EXECUTE FUNCTION session_notes_refuse();
CREATE TRIGGER session_notes_whole BEFORE TRUNCATE ON session_notes
FOR EACH STATEMENT EXECUTE FUNCTION session_notes_refuse();
CREATE TRIGGER session_note_acts_locked BEFORE UPDATE OR DELETE ON session_note_acts FOR EACH ROW
EXECUTE FUNCTION session_notes_refuse();
CREATE TRIGGER session_note_acts_whole BEFORE TRUNCATE ON session_note_acts
FOR EACH STATEMENT EXECUTE FUNCTION session_notes_refuse();
