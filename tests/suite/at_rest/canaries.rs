//! A thousand canaries, written through the API into every sealed field, and looked for in
//! everything that the service leaves behind.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use attune::db::Conn;
use data_encoding::{BASE64, HEXLOWER, HEXUPPER};
use serde_json::{Value, json};

use super::day::live;
use crate::support::TestApp;
use crate::support::catalog::{Catalog, lines};
use crate::support::logs::Logs;

/// Text that is written into sealed columns, as `schema/member`.
pub const SEALED: &[&str] = &[
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
    "EnterAssignmentInError/reason",
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
pub struct Canaries {
    state: u64,
    pub made: Vec<String>,
    fields: BTreeSet<&'static str>,
}

impl Canaries {
    pub fn new() -> Self {
        Self { state: 0x9e37_79b9_7f4a_7c15, made: Vec::new(), fields: BTreeSet::new() }
    }

    /// The fields that were written so far.
    pub fn fields(&self) -> impl Iterator<Item = &'static str> {
        self.fields.iter().copied()
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

    pub(super) fn email(&mut self, field: &'static str) -> Value {
        let canary = self.letters("abcdefghijklmnopqrstuvwxyz0123456789");
        self.keep(field, canary.clone());
        json!(format!("{canary}@people.example"))
    }

    pub(super) fn phone(&mut self, field: &'static str) -> Value {
        let canary = format!("9{}", &self.letters("0123456789")[..14]);
        self.keep(field, canary.clone());
        json!(format!("+{canary}"))
    }

    pub(super) fn born(&mut self, field: &'static str) -> Value {
        self.keep(field, BORN.to_owned());
        json!(BORN)
    }

    fn keep(&mut self, field: &'static str, canary: String) {
        assert!(SEALED.contains(&field), "{field}");
        self.fields.insert(field);
        self.made.push(canary);
    }
}

/// The forms in which a text might lie somewhere, by the first bytes of each: ten, and sixteen of what is written
/// in hex, which PostgreSQL shows cipher text in and fewer would be met by chance.
pub struct Needles {
    plain: HashSet<[u8; 10]>,
    hex: HashSet<[u8; 16]>,
}

impl Needles {
    pub fn of(canaries: &[String]) -> Self {
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
    pub fn found_in(&self, bytes: &[u8]) -> usize {
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
