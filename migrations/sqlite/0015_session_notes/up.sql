-- What the clinicians write of a treatment: of the couple's record, or of one client's own. Content is
-- sealed; its hash is a keyed one.
CREATE TABLE session_notes (
    practice_id BLOB NOT NULL REFERENCES practices (practice_id),
    id BLOB NOT NULL,
    treatment_id BLOB NOT NULL,
    session_id BLOB,
    couple_id BLOB,
    client_id BLOB,
    author_id BLOB NOT NULL,
    app_id BLOB,
    format TEXT NOT NULL CHECK (format IN ('soap', 'dap', 'birp', 'girp', 'free')),
    status TEXT NOT NULL CHECK (status IN
        ('draft', 'pending_cosign', 'signed', 'amended', 'discarded', 'entered_in_error')),
    draft_no INTEGER NOT NULL CHECK (draft_no >= 1),
    content BLOB NOT NULL,
    content_hash BLOB,
    signed_at INTEGER,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
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
) STRICT;
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
    practice_id BLOB NOT NULL,
    id BLOB NOT NULL,
    note_id BLOB NOT NULL,
    act_no INTEGER NOT NULL CHECK (act_no >= 1),
    draft_no INTEGER NOT NULL CHECK (draft_no >= 1),
    act TEXT NOT NULL CHECK (act IN
        ('signed', 'cosigned', 'returned', 'amended', 'entered_in_error')),
    clinician_id BLOB NOT NULL,
    signature BLOB NOT NULL,
    reason TEXT CHECK (reason IN ('late_entry', 'correction', 'clarification')),
    content BLOB NOT NULL,
    content_hash BLOB NOT NULL,
    acted_at INTEGER NOT NULL,
    PRIMARY KEY (practice_id, id),
    FOREIGN KEY (practice_id, note_id) REFERENCES session_notes (practice_id, id),
    FOREIGN KEY (practice_id, clinician_id) REFERENCES clinicians (practice_id, id),
    CHECK ((act = 'amended') = (reason IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX session_note_acts_note ON session_note_acts (practice_id, note_id, act_no);

-- Skeletons of notes, of the practice or of one clinician.
CREATE TABLE note_templates (
    practice_id BLOB NOT NULL REFERENCES practices (practice_id),
    id BLOB NOT NULL,
    clinician_id BLOB,
    format TEXT NOT NULL CHECK (format IN ('soap', 'dap', 'birp', 'girp', 'free')),
    body BLOB NOT NULL,
    archived_at INTEGER,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (practice_id, id),
    FOREIGN KEY (practice_id, clinician_id) REFERENCES clinicians (practice_id, id)
) STRICT;
CREATE INDEX note_templates_updated ON note_templates (practice_id, updated_at, id);

-- The lock lies below the service: whatever statement is sent, what was signed stays as it is.
CREATE TRIGGER session_notes_locked BEFORE UPDATE ON session_notes
WHEN OLD.practice_id IS NOT NEW.practice_id OR OLD.id IS NOT NEW.id
  OR OLD.created_at IS NOT NEW.created_at OR OLD.author_id IS NOT NEW.author_id
  OR (OLD.status <> 'draft' AND (
        OLD.content IS NOT NEW.content OR OLD.format IS NOT NEW.format
     OR OLD.treatment_id IS NOT NEW.treatment_id OR OLD.session_id IS NOT NEW.session_id
     OR OLD.couple_id IS NOT NEW.couple_id OR OLD.client_id IS NOT NEW.client_id
     OR OLD.app_id IS NOT NEW.app_id))
  OR (OLD.status IN ('signed', 'amended', 'entered_in_error') AND (
        OLD.content_hash IS NOT NEW.content_hash OR OLD.signed_at IS NOT NEW.signed_at
     OR OLD.draft_no IS NOT NEW.draft_no))
  OR (OLD.status <> NEW.status AND NOT (
        (OLD.status = 'draft' AND NEW.status IN ('pending_cosign', 'signed', 'discarded'))
     OR (OLD.status = 'pending_cosign' AND NEW.status IN ('draft', 'signed'))
     OR (OLD.status = 'signed' AND NEW.status IN ('amended', 'entered_in_error'))
     OR (OLD.status = 'amended' AND NEW.status = 'entered_in_error')))
BEGIN SELECT RAISE(ABORT, 'a signed note is not altered'); END;
CREATE TRIGGER session_notes_kept BEFORE DELETE ON session_notes
WHEN OLD.status <> 'draft'
BEGIN SELECT RAISE(ABORT, 'a signed note is not removed'); END;
-- `INSERT OR REPLACE` removes without asking the trigger above.
CREATE TRIGGER session_notes_once BEFORE INSERT ON session_notes
WHEN EXISTS (SELECT 1 FROM session_notes AS there
    WHERE there.practice_id = NEW.practice_id AND there.id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'a note is not replaced'); END;
CREATE TRIGGER session_note_acts_locked BEFORE UPDATE ON session_note_acts
BEGIN SELECT RAISE(ABORT, 'what was done with a note is not altered'); END;
CREATE TRIGGER session_note_acts_kept BEFORE DELETE ON session_note_acts
BEGIN SELECT RAISE(ABORT, 'what was done with a note is not removed'); END;
CREATE TRIGGER session_note_acts_once BEFORE INSERT ON session_note_acts
WHEN EXISTS (SELECT 1 FROM session_note_acts AS there
    WHERE there.practice_id = NEW.practice_id AND there.id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'what was done with a note is not replaced'); END;
