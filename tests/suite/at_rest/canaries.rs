//! A thousand canaries, written through the API into every sealed field, and looked for in
//! everything that the service leaves behind.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use attune::db::Conn;
use data_encoding::{BASE64, HEXLOWER, HEXUPPER};
use serde_json::{Value, json};

use crate::support::TestApp;
use crate::support::catalog::{Catalog, lines};
use crate::support::logs::Logs;

/// Text that is written into sealed columns, as `schema/member`.
pub(super) const SEALED: &[&str] = &[
    "NewClient/external_id",
    "NewClient/given_name",
    "NewClient/family_name",
    "NewClient/preferred_name",
    "NewClient/pronouns",
    "NewClient/email",
    "NewClient/phone",
    "NewClient/date_of_birth",
    "ClientPatch/external_id",
    "ClientPatch/given_name",
    "ClientPatch/family_name",
    "ClientPatch/preferred_name",
    "ClientPatch/pronouns",
    "ClientPatch/email",
    "ClientPatch/phone",
    "ClientPatch/date_of_birth",
    "NewClinician/display_name",
    "NewClinician/credentials",
    "NewClinician/bio",
    "ClinicianPatch/display_name",
    "ClinicianPatch/credentials",
    "ClinicianPatch/bio",
    "NewConsent/signer_name",
    "NewCouple/label",
    "NewCouple/structure_text",
    "NewCouple/members/display_name",
    "CouplePatch/label",
    "CouplePatch/structure_text",
    "NewMember/display_name",
    "CoupleMemberPatch/display_name",
    "NewUser/email",
    "UserPatch/email",
    "ActivateTreatment/consult_waived_reason",
    "NewAssignment/note",
    "NewAssignment/deviation",
    "AssignmentPatch/note",
    "NewSubmission/answers",
    "NewEntry/answers",
    "NewReview/comment",
    "RaiseAlert/detail",
    "AlertPatch/plan",
    "CloseAlert/reason",
    "NewHold/reason",
    "NewProgram/reason",
    "StepProgram/reason",
    "ExtendProgram/reason",
    "DeviateFromProgram/reason",
    "CarryForward/reason",
    "NewHelpRequest/message",
    "NewLicense/number",
    "NewSession/exception_reason",
    "SessionPatch/exception_reason",
    "SetSessionParticipant/exception_reason",
    "CompleteSession/exception_reason",
    "CancelSession/reason",
    "NewNoteSection/text",
    "SignNote/typed_name",
    "ReturnNote/remark",
    "NewAddendum/text",
    "NewAddendum/typed_name",
    "EnterNoteInError/reason",
    "NewNoteTemplate/name",
    "NoteTemplatePatch/name",
    "NewPsychotherapyNote/text",
    "PsychotherapyNotePatch/text",
    "NewSessionSummary/text",
    "SessionSummaryPatch/text",
    "MePatch/preferred_name",
    "MePatch/pronouns",
    "MePatch/email",
    "MePatch/phone",
];

/// Text that may be in clear: `docs/reference/clear-columns.md` says why.
pub(super) const CLEAR: &[&str] = &[
    "Activity",
    "AnswerOption/",
    "Definition/",
    "ExcuseOccurrence/local_date",
    "NewAssignment/schedule",
    "NewAssignment/starts_on",
    "ReinstateOccurrence/local_date",
    "Schedule/",
    "ScheduleRhythm/",
    "NewSubmission/local_date",
    "OccurrenceName/local_date",
    "NewSubmission/role",
    "NewConsent/expires_on",
    "NewHold/resume_on",
    "NewLicense/expires_on",
    "NewOffice/",
    "OfficePatch/",
    "NewProgram/starts_on",
    "PauseAssignment/resume_on",
    "PauseProgram/resume_on",
    "PostedHours/",
    "PracticePatch/",
];

/// A day on which somebody was born, and which nothing else mentions.
const BORN: &str = "1931-07-13";

/// Rounds of the whole script; each leaves [`SEALED`] canaries.
const ROUNDS: usize = 32;

/// Canaries, each unlike any other, alternately plain ASCII and of several alphabets.
pub(super) struct Canaries {
    state: u64,
    pub(super) made: Vec<String>,
    fields: BTreeSet<&'static str>,
}

impl Canaries {
    pub(super) fn new() -> Self {
        Self { state: 0x9e37_79b9_7f4a_7c15, made: Vec::new(), fields: BTreeSet::new() }
    }

    fn letters(&mut self, alphabet: &str) -> String {
        let letters: Vec<char> = alphabet.chars().collect();
        let mut text = String::new();
        for _ in 0..18 {
            self.state ^= self.state << 13;
            self.state ^= self.state >> 7;
            self.state ^= self.state << 17;
            let index = self.state % u64::try_from(letters.len()).unwrap();
            text.push(letters[usize::try_from(index).unwrap()]);
        }
        text
    }

    pub(super) fn text(&mut self, field: &'static str) -> Value {
        let plain = self.made.len().is_multiple_of(2);
        let ascii = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        let canary = self.letters(if plain {
            ascii
        } else {
            "ÅñöşžŁøαβγδεЖЯщшאבגدهو中文字漢あいう"
        });
        self.keep(field, canary.clone());
        json!(canary)
    }

    fn email(&mut self, field: &'static str) -> Value {
        let canary = self.letters("abcdefghijklmnopqrstuvwxyz0123456789");
        self.keep(field, canary.clone());
        json!(format!("{canary}@people.example"))
    }

    fn phone(&mut self, field: &'static str) -> Value {
        let canary = format!("9{}", &self.letters("0123456789")[..14]);
        self.keep(field, canary.clone());
        json!(format!("+{canary}"))
    }

    fn born(&mut self, field: &'static str) -> Value {
        self.keep(field, BORN.to_owned());
        json!(BORN)
    }

    fn keep(&mut self, field: &'static str, canary: String) {
        assert!(SEALED.contains(&field), "{field}");
        self.fields.insert(field);
        self.made.push(canary);
    }
}

/// One day at the practice: every sealed field is written once.
async fn live(app: &TestApp, canaries: &mut Canaries) {
    let admin = app.caller("practice_admin");
    let mut clients = Vec::new();
    for _ in 0..3 {
        let body = json!({
            "external_id": canaries.text("NewClient/external_id"),
            "given_name": canaries.text("NewClient/given_name"),
            "family_name": canaries.text("NewClient/family_name"),
            "preferred_name": canaries.text("NewClient/preferred_name"),
            "pronouns": canaries.text("NewClient/pronouns"),
            "email": canaries.email("NewClient/email"),
            "phone": canaries.phone("NewClient/phone"),
            "date_of_birth": canaries.born("NewClient/date_of_birth"),
        });
        let key = format!("key-{}", canaries.made.len());
        let made =
            admin.header("idempotency-key", &key).post("/v1/clients", body).await.expect(201);
        clients.push(made.text("/id"));
    }
    let patch = json!({
        "external_id": canaries.text("ClientPatch/external_id"),
        "given_name": canaries.text("ClientPatch/given_name"),
        "family_name": canaries.text("ClientPatch/family_name"),
        "preferred_name": canaries.text("ClientPatch/preferred_name"),
        "pronouns": canaries.text("ClientPatch/pronouns"),
        "email": canaries.email("ClientPatch/email"),
        "phone": canaries.phone("ClientPatch/phone"),
        "date_of_birth": canaries.born("ClientPatch/date_of_birth"),
    });
    admin.patch(&format!("/v1/clients/{}", clients[0]), patch).await.expect(200);
    staff(app, canaries).await;
    couple(app, canaries, &clients).await;
    programme(app, canaries).await;
    super::record::sessions(app, canaries).await;
    super::record::notes(app, canaries).await;
    safety(app, canaries).await;
    let own = json!({
        "preferred_name": canaries.text("MePatch/preferred_name"),
        "pronouns": canaries.text("MePatch/pronouns"),
        "email": canaries.email("MePatch/email"),
        "phone": canaries.phone("MePatch/phone"),
    });
    app.caller("partner_a").patch("/v1/me", own).await.expect(200);
    // What is looked for is not written down either.
    let sought = canaries.made[canaries.made.len() - 1].clone();
    admin.get(&format!("/v1/users?email={sought}%40people.example")).await.expect(200);
}

async fn staff(app: &TestApp, canaries: &mut Canaries) {
    let admin = app.caller("practice_admin");
    let body = json!({
        "display_name": canaries.text("NewClinician/display_name"),
        "credentials": canaries.text("NewClinician/credentials"),
        "bio": canaries.text("NewClinician/bio"),
    });
    let clinician = admin.post("/v1/clinicians", body).await.expect(201).text("/id");
    let patch = json!({
        "display_name": canaries.text("ClinicianPatch/display_name"),
        "credentials": canaries.text("ClinicianPatch/credentials"),
        "bio": canaries.text("ClinicianPatch/bio"),
    });
    admin.patch(&format!("/v1/clinicians/{clinician}"), patch).await.expect(200);
    let body = json!({ "email": canaries.email("NewUser/email"), "clinician_id": clinician });
    let user = admin.post("/v1/users", body).await.expect(201).text("/id");
    let patch = json!({ "email": canaries.email("UserPatch/email") });
    admin.patch(&format!("/v1/users/{user}"), patch).await.expect(200);
}

async fn couple(app: &TestApp, canaries: &mut Canaries, clients: &[String]) {
    let admin = app.caller("practice_admin");
    let mut member = |client: &String| json!({ "client_id": client, "display_name": canaries.text("NewCouple/members/display_name") });
    let members = [member(&clients[0]), member(&clients[1])];
    let body = json!({
        "label": canaries.text("NewCouple/label"),
        "structure_text": canaries.text("NewCouple/structure_text"),
        "members": members,
    });
    let couple = admin.post("/v1/couples", body).await.expect(201).text("/id");
    let path = format!("/v1/couples/{couple}");
    let patch = json!({
        "label": canaries.text("CouplePatch/label"),
        "structure_text": canaries.text("CouplePatch/structure_text"),
    });
    admin.patch(&path, patch).await.expect(200);
    admin.delete(&format!("{path}/members/{}", clients[1])).await.expect(204);
    let body =
        json!({ "client_id": clients[2], "display_name": canaries.text("NewMember/display_name") });
    admin.post(&format!("{path}/members"), body).await.expect(201);
    let patch = json!({ "display_name": canaries.text("CoupleMemberPatch/display_name") });
    let member = format!("{path}/members/{}", clients[0]);
    admin.patch_if(&member, "*", patch).await.expect(200);
    treatment(app, canaries, &clients[0]).await;
    homework(app, canaries, &clients[0]).await;
}

async fn treatment(app: &TestApp, canaries: &mut Canaries, client: &str) {
    let admin = app.caller("practice_admin");
    for kind in ["informed_consent", "disclosure_statement"] {
        let body = json!({
            "client_id": client, "kind": kind, "document_version": "1",
            "signer_name": canaries.text("NewConsent/signer_name"),
        });
        admin.post("/v1/consents", body).await.expect(201);
    }
    let team = json!([{ "clinician_id": app.id("clinician"), "role": "primary" }]);
    let body = json!({ "client_id": client, "care_team": team });
    let treatment = admin.post("/v1/treatments", body).await.expect(201).text("/id");
    let reason = json!({
        "consult_waived_reason": canaries.text("ActivateTreatment/consult_waived_reason"),
    });
    admin.post(&format!("/v1/treatments/{treatment}/activate"), reason).await.expect(200);
}

async fn homework(app: &TestApp, canaries: &mut Canaries, client: &str) {
    let admin = app.caller("practice_admin");
    let found = admin.get("/v1/activity-definitions?key=label_to_observation").await;
    let body = json!({
        "activity_definition_id": found.text("/data/0/id"), "client_id": client,
        "note": canaries.text("NewAssignment/note"),
        "deviation": canaries.text("NewAssignment/deviation"),
    });
    let made = admin.post("/v1/assignments", body).await.expect(201);
    let patch = json!({ "note": canaries.text("AssignmentPatch/note") });
    admin.patch(&format!("/v1/assignments/{}", made.text("/id")), patch).await.expect(200);
    answers(app, canaries).await;
}

/// What both of a couple send, as a form and as it happens, with what a clinician says of it.
async fn answers(app: &TestApp, canaries: &mut Canaries) {
    let (morgan, a) = (app.caller("clinician"), app.caller("partner_a"));
    let assign = async |key: &str, whom: &str, id: String| {
        let found = morgan.get(&format!("/v1/activity-definitions?key={key}")).await;
        let new = json!({ "activity_definition_id": found.text("/data/0/id"), (whom): id });
        morgan.post("/v1/assignments", new).await.expect(201).text("/id")
    };
    let place = |homework: &str, number: usize| {
        let id = uuid::Uuid::from_u128(u128::try_from(number).unwrap() + (7 << 76));
        let id = attune::db::id::SubmissionId::from_uuid(id);
        (format!("/v1/assignments/{homework}/submissions/{id}"), format!("/v1/submissions/{id}"))
    };
    let rocks = assign("big_rocks", "client_id", app.id("partner_a")).await;
    let row =
        json!({ "row_id": "1", "title": canaries.text("NewSubmission/answers"), "weight": "rock" });
    let body = json!({ "status": "submitted", "answers": { "rocks": [row] } });
    let (at, read) = place(&rocks, canaries.made.len());
    a.put(&at, body).await.expect(201);
    let reviewed =
        morgan.get(&format!("/v1/submissions?assignment_id={rocks}")).await.text("/data/0/id");
    let comment = canaries.text("NewReview/comment");
    morgan
        .post("/v1/reviews", json!({ "submission_id": reviewed, "comment": comment }))
        .await
        .expect(201);
    a.get(&read).await.expect(200);
    let bids = assign("bids", "couple_id", app.id("couple")).await;
    let entry = json!({ "at": "2026-12-01T10:00:00Z", "answers": {
        "what": canaries.text("NewEntry/answers"), "made_by": "me" } });
    let (at, _) = place(&bids, canaries.made.len());
    a.put(&at, json!({ "status": "submitted", "entries": [entry] })).await.expect(201);
    morgan.act(&format!("/v1/assignments/{bids}/complete")).await.expect(200);
}

/// A programme from its beginning to its withdrawal, each step with its reason.
async fn programme(app: &TestApp, canaries: &mut Canaries) {
    let morgan = app.caller("clinician");
    let new = json!({ "reason": canaries.text("NewProgram/reason") });
    let made = morgan.post(crate::programs::PATH, crate::programs::roadmap(app, new)).await;
    let path = format!("{}/{}", crate::programs::PATH, made.expect(201).text("/id"));
    let steps = [
        ("extend", json!({ "days": 1, "reason": canaries.text("ExtendProgram/reason") })),
        (
            "deviate",
            json!({ "kind": "skip", "action": "quiet_hours",
                            "reason": canaries.text("DeviateFromProgram/reason") }),
        ),
        (
            "carry-forward",
            json!({ "action": "gestures",
                                  "reason": canaries.text("CarryForward/reason") }),
        ),
        ("advance", json!({ "reason": canaries.text("StepProgram/reason") })),
    ];
    for (step, body) in steps {
        morgan.post(&format!("{path}/{step}"), body).await.expect(200);
    }
    morgan.act(&format!("{path}/withdraw")).await.expect(200);
}

async fn safety(app: &TestApp, canaries: &mut Canaries) {
    let morgan = app.caller("clinician");
    let help = json!({
        "kind": "private_safety", "message": canaries.text("NewHelpRequest/message"),
    });
    app.caller("partner_a").post("/v1/me/help-requests", help).await.expect(201);
    let alert = json!({
        "client_id": app.id("partner_a"), "code": "ipv_disclosed",
        "detail": canaries.text("RaiseAlert/detail"),
    });
    let alert = morgan.post("/v1/alerts", alert).await.expect(201).text("/id");
    let hold = json!({
        "couple_id": app.id("couple"), "kind": "conjoint", "cover_reason": "focus_shift",
        "alert_id": alert, "reason": canaries.text("NewHold/reason"),
    });
    morgan.post("/v1/holds", hold).await.expect(201);
    let path = format!("/v1/alerts/{alert}");
    let plan = json!({ "plan": canaries.text("AlertPatch/plan") });
    morgan.patch(&path, plan).await.expect(200);
    // Calls are written into the log that is searched.
    app.tick().await;
    let reason = json!({ "reason": canaries.text("CloseAlert/reason") });
    morgan.post(&format!("{path}/resolve"), reason).await.expect(200);
}

/// The forms in which a text might lie somewhere, by the first bytes of each: ten, and sixteen of what is written
/// in hex, which PostgreSQL shows cipher text in and fewer would be met by chance.
pub(super) struct Needles {
    plain: HashSet<[u8; 10]>,
    hex: HashSet<[u8; 16]>,
}

impl Needles {
    pub(super) fn of(canaries: &[String]) -> Self {
        let (mut plain, mut hex) = (HashSet::new(), HashSet::new());
        for canary in canaries {
            let utf16: Vec<u16> = canary.encode_utf16().collect();
            let little: Vec<u8> = utf16.iter().flat_map(|unit| unit.to_le_bytes()).collect();
            let big: Vec<u8> = utf16.iter().flat_map(|unit| unit.to_be_bytes()).collect();
            let escaped: Vec<_> = utf16.iter().map(|unit| format!("\\u{unit:04x}")).collect();
            let escaped = escaped.concat();
            let utf8 = canary.as_bytes();
            plain.extend([first(utf8), first(&little), first(&big), first(escaped.as_bytes())]);
            hex.insert(first(HEXLOWER.encode(utf8).as_bytes()));
            hex.insert(first(HEXUPPER.encode(utf8).as_bytes()));
            // By where a group of three bytes begins, base64 has three spellings.
            for skipped in 0..3 {
                let Some(whole) = utf8.get(skipped..(utf8.len() - skipped) / 3 * 3 + skipped)
                else {
                    continue;
                };
                let encoded = BASE64.encode(whole);
                if encoded.len() >= 10 {
                    plain.insert(first(encoded.as_bytes()));
                    plain.insert(first(encoded.replace('+', "-").replace('/', "_").as_bytes()));
                }
            }
        }
        Self { plain, hex }
    }

    fn count(&self) -> usize {
        self.plain.len() + self.hex.len()
    }

    /// How many of them begin in these bytes.
    pub(super) fn found_in(&self, bytes: &[u8]) -> usize {
        bytes.windows(10).filter(|window| self.plain.contains(*window)).count()
            + bytes.windows(16).filter(|window| self.hex.contains(*window)).count()
    }
}

fn first<const COUNT: usize>(bytes: &[u8]) -> [u8; COUNT] {
    bytes[..COUNT].try_into().unwrap()
}

/// Everything that the database keeps, by where it lies.
pub fn kept(app: &TestApp) -> BTreeMap<String, Vec<u8>> {
    let mut conn = app.database.open();
    let mut all = BTreeMap::new();
    if let Some(file) = &app.database.file {
        for entry in std::fs::read_dir(file.parent().unwrap()).unwrap() {
            let path = entry.unwrap().path();
            all.insert(path.display().to_string(), std::fs::read(path).unwrap());
        }
        assert!(all.keys().any(|name| name.ends_with("-wal")), "{:?}", all.keys());
        return all;
    }
    assert!(!matches!(conn, Conn::Sqlite(_)));
    let catalog = Catalog::of(&mut conn);
    for table in catalog.tables() {
        // Bytes are shown in hex, which is one of the forms that are looked for.
        let rows = lines(&mut conn, &format!("SELECT t::text AS line FROM {table} t"));
        all.insert(table.to_owned(), rows.join("\n").into_bytes());
    }
    all
}

#[actix_web::test]
async fn a_thousand_canaries_are_found_neither_in_the_database_nor_in_the_log() {
    let logs = Logs::listen();
    let (app, mut canaries) = (TestApp::start().await, Canaries::new());
    crate::programs::screen_both(&app).await;
    for _ in 0..ROUNDS {
        live(&app, &mut canaries).await;
    }
    assert!(canaries.made.len() >= 1_000, "only {}", canaries.made.len());
    let all: BTreeSet<&str> = SEALED.iter().copied().collect();
    assert_eq!(canaries.fields, all, "each sealed field is written");
    let needles = Needles::of(&canaries.made);
    let mut bytes = 0;
    for (place, kept) in kept(&app) {
        assert_eq!(needles.found_in(&kept), 0, "in {place}");
        bytes += kept.len();
    }
    let log = logs.text();
    let secret = String::from_utf8_lossy(&log);
    assert!(secret.contains("answered") && log.len() > 100_000, "the log was not heard");
    assert_eq!(needles.found_in(&log), 0, "in the log");
    // The search finds what is there to be found.
    let there = format!("{}…{}", canaries.made[0], HEXLOWER.encode(canaries.made[1].as_bytes()));
    assert!(needles.found_in(there.as_bytes()) >= 2);
    println!(
        "{} canaries in {} fields, {} forms: 0 in {bytes} bytes of database, 0 in {} bytes of log",
        canaries.made.len(),
        SEALED.len(),
        needles.count(),
        log.len()
    );
}
