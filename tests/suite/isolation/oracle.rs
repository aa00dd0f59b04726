//! Who may see what, written down a second time: from the rules, without the service's code.

use std::collections::BTreeSet;

use serde_json::Value;

use super::marks::{bytes_of_id, is_id, marks};
use super::records::{Record, Records};

/// Who calls, as the rules tell callers apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Administrators and services: the whole practice.
    Practice,
    /// A clinician, by id.
    Clinician(String),
    /// A client, by id.
    Client(String),
}

/// One kind of caller.
#[derive(Debug, Clone)]
pub struct Actor {
    pub name: &'static str,
    pub practice: usize,
    pub part: Part,
}

/// What one actor may see.
#[derive(Debug, Default, Clone)]
pub struct Sight {
    /// Records that they may read by their id.
    pub records: BTreeSet<String>,
    /// Records that they may not read and yet act on: couples that invite them.
    pub invitations: BTreeSet<String>,
    /// Records that they may not read and yet know by their id, from what they may.
    pub named: BTreeSet<String>,
    /// Marks that may be in an answer to them.
    pub marks: BTreeSet<String>,
    /// Marks that must not be, with the bytes of ids for cursors.
    pub forbidden: BTreeSet<String>,
}

impl Actor {
    /// Looks with the eyes of this actor.
    pub fn sight(&self, records: &Records) -> Sight {
        let mut sight = match &self.part {
            Part::Practice => whole_practice(records, self),
            Part::Clinician(own) => caseload(records, self.practice, own),
            Part::Client(own) => client(records, own, self.practice),
        };
        sight.marks.extend(sight.records.iter().cloned());
        sight.marks.extend(own_login(records, &self.part));
        if !matches!(self.part, Part::Client(_)) {
            // Who sees homework sees when it is to be done; participants name its times by their days.
            let homework = sight.records.iter().filter_map(|id| records.all.get(id));
            let times = homework.filter(|record| record.kind() == "asg").flat_map(Record::marks);
            sight.marks.extend(times.filter(|mark| mark.starts_with("occ_")));
        }
        let hidden = records.marks.difference(&sight.marks).cloned().collect::<BTreeSet<_>>();
        sight.forbidden =
            hidden.iter().filter(|mark| is_id(mark)).map(|id| bytes_of_id(id)).collect();
        sight.forbidden.extend(hidden);
        sight
    }
}

/// Nothing about anybody's safety reaches a service, and alerts and holds are for clinicians alone.
fn whole_practice(records: &Records, actor: &Actor) -> Sight {
    let mut sight = Sight::default();
    let kept_back = |record: &Record| {
        let delicate = records.homework_of(record).is_some_and(is_about_safety);
        // An administrator sees what was assigned, and of safety not that it was answered.
        let answered = ["sub", "rev"].contains(&record.kind());
        (delicate && (answered || actor.name == "service_app"))
            || ["alr", "hld", "not", "sum", "psy", "cfd"].contains(&record.kind())
            || (record.kind() == "ntp" && !record.shown["clinician_id"].is_null())
    };
    let here = records.all.values().filter(|record| record.practice == actor.practice);
    // Who read which note is for the administration to know; what stands in it is not.
    if actor.name != "service_app" {
        let written = here.clone().filter(|record| ["not", "sum"].contains(&record.kind()));
        sight.marks.extend(written.map(|record| record.id.clone()));
    }
    for record in here.filter(|record| !kept_back(record)) {
        sight.records.insert(record.id.clone());
        // That something was sent or looked at, and not what was said in it.
        if ["sub", "rev", "prg"].contains(&record.kind()) {
            sight.marks.extend(marks(&record.shown.to_string()));
            sight.marks.extend(deviations(record));
        } else {
            sight.marks.extend(record.marks());
        }
    }
    sight
}

/// Where a programme departs from its plan, by ids: to whoever reads it on the practice's side. The reasons are
/// for those who treat.
fn deviations(program: &Record) -> impl Iterator<Item = String> {
    program.marks().into_iter().filter(|mark| is_id(mark) && mark.starts_with("dvn_"))
}

fn is_about_safety(homework: &Record) -> bool {
    homework.text("/sensitivity") == "safety"
}

/// The own login's id is told at `/v1/me`.
fn own_login(records: &Records, part: &Part) -> Option<String> {
    let is_own = |record: &&Record| match part {
        Part::Practice => false,
        Part::Clinician(id) => record.text("/clinician_id") == id,
        Part::Client(id) => record.text("/client_id") == id,
    };
    records.of_kind("usr").find(is_own).map(|record| record.id.clone())
}

/// Clinicians see the directory, their intake, and what their care teams treat; supervisors
/// also what those whom they supervise see.
fn caseload(records: &Records, practice: usize, own: &str) -> Sight {
    let here = |kind| records.of_kind(kind).filter(move |record| record.practice == practice);
    let mut clinicians = vec![own.to_owned()];
    clinicians.extend(
        here("cln").filter(|one| one.text("/supervisor_id") == own).map(|one| one.id.clone()),
    );
    let theirs = |id: &str| clinicians.iter().any(|clinician| clinician == id);
    let on_team = |treatment: &&Record| {
        let team = treatment.entries("", "/care_team");
        team.iter().any(|member| member["clinician_id"].as_str().is_some_and(theirs))
    };
    let treatments: Vec<&Record> = here("trt").filter(on_team).collect();
    let treated = |id: &str, pointer: &str| treatments.iter().any(|one| one.text(pointer) == id);
    let couples: Vec<&Record> = here("cpl")
        .filter(|couple| {
            theirs(couple.text("/intake_clinician_id")) || treated(&couple.id, "/couple_id")
        })
        .collect();
    let member = |id: &str| couples.iter().any(|couple| present_members(couple).contains(id));
    let clients: Vec<&Record> = here("cli")
        .filter(|one| {
            theirs(one.text("/intake_clinician_id"))
                || treated(&one.id, "/client_id")
                || member(&one.id)
        })
        .collect();
    let signed = |consent: &&Record| clients.iter().any(|one| one.id == consent.text("/client_id"));
    let seen_couple =
        |one: &Record| couples.iter().any(|couple| couple.id == one.text("/couple_id"));
    let seen_client =
        |one: &Record| clients.iter().any(|client| client.id == one.text("/client_id"));
    let homework = here("asg").filter(|one| seen_couple(one) || seen_client(one));
    let sent = here("sub").filter(|one| {
        let author = clients.iter().any(|client| client.id == one.text("/author_id"));
        seen_couple(one) || (one.text("/couple_id").is_empty() && author)
    });
    let seen_homework = |one: &Record| {
        records.homework_of(one).is_some_and(|of| seen_couple(of) || seen_client(of))
    };
    let reviews = here("rev").filter(|one| seen_homework(one));
    let alerts = here("alr").filter(|one| seen_client(one));
    let holds = here("hld").filter(|one| seen_couple(one));
    let directory = ["prc", "off", "cln", "act"].into_iter().flat_map(here).chain(homework);
    let on_team_of =
        |one: &&Record| treatments.iter().any(|trt| trt.id == one.text("/treatment_id"));
    let sessions = here("ses").filter(on_team_of);
    let notes = here("not").filter(on_team_of).filter(|one| {
        let begun = ["draft", "discarded"].contains(&one.text("/status"));
        !begun || theirs(one.text("/author_id"))
    });
    let skeletons = here("ntp").filter(|one| ["", own].contains(&one.text("/clinician_id")));
    let held: Vec<&str> = here("ses").filter(on_team_of).map(|one| one.id.as_str()).collect();
    let summaries = here("sum").filter(|one| held.contains(&one.text("/session_id")));
    let apart = here("psy").filter(|one| one.text("/author_id") == own);
    let directory = directory.chain(notes).chain(skeletons).chain(summaries).chain(apart);
    let programs = here("prg").filter(|one| seen_couple(one) || seen_client(one));
    let proposals = here("tpr").filter(|one| seen_homework(one));
    let directory = directory.chain(programs).chain(proposals);
    let directory = directory.chain(alerts).chain(holds).chain(sent).chain(reviews).chain(sessions);
    let seen = directory.chain(treatments.iter().copied()).chain(couples.iter().copied());
    let seen = seen.chain(clients.iter().copied()).chain(here("con").filter(signed));
    sight_of(seen.collect())
}

/// All texts of these records, and the ids in them that name one of them. The members of a
/// couple that is seen are named with it, past ones too.
fn sight_of(seen: Vec<&Record>) -> Sight {
    let records = seen.iter().map(|record| record.id.clone()).collect();
    let mut sight = Sight { records, ..Sight::default() };
    for record in seen {
        sight.marks.extend(record.marks().into_iter().filter(|mark| !is_id(mark)));
        sight.marks.extend(deviations(record));
        let members = record.below.get("members").map(std::string::ToString::to_string);
        sight.marks.extend(members.iter().flat_map(|members| marks(members)));
    }
    sight
}

/// Clients whose membership has not ended and was not refused.
fn present_members(couple: &Record) -> BTreeSet<String> {
    let members = couple.entries("members", "/data");
    let present = members.iter().filter(|member| {
        member["left_on"].is_null()
            && ["invited", "accepted"].iter().any(|state| member["invitation_state"] == *state)
    });
    present.filter_map(|member| member["client_id"].as_str().map(str::to_owned)).collect()
}

/// A client sees themself, their own consents, and of the couples of which they are an
/// accepted, present member the name and the display names.
fn client(records: &Records, own: &str, practice: usize) -> Sight {
    let mut sight = Sight::default();
    let mut profile = records.all[own].shown.clone();
    profile["external_id"] = Value::Null;
    profile["intake_clinician_id"] = Value::Null;
    sight.marks.extend(marks(&profile.to_string()));
    sight.records.insert(own.to_owned());
    for consent in records.of_kind("con").filter(|consent| consent.text("/client_id") == own) {
        sight.records.insert(consent.id.clone());
        sight.marks.extend(consent.marks());
    }
    for couple in records.of_kind("cpl") {
        see_couple(&mut sight, couple, own);
    }
    for homework in records.of_kind("asg") {
        see_homework(&mut sight, homework, own);
    }
    for proposal in records.of_kind("tpr") {
        if sight.records.contains(proposal.text("/assignment_id")) {
            sight.records.insert(proposal.id.clone());
        }
    }
    for feed in records.of_kind("cfd").filter(|feed| feed.text("/owner") == own) {
        sight.records.insert(feed.id.clone());
    }
    for program in records.of_kind("prg") {
        // A participant reads its phases and their homework; whatever was decided of it is not theirs.
        let couple = program.text("/couple_id");
        if program.text("/client_id") == own || sight.records.contains(couple) {
            sight.records.insert(program.id.clone());
        }
    }
    for sent in records.of_kind("sub") {
        see_sent(&mut sight, records, sent, own);
    }
    for review in records.of_kind("rev") {
        see_review(&mut sight, records, review, own);
    }
    for session in records.of_kind("ses") {
        see_session(&mut sight, records, session, own);
    }
    for summary in records.of_kind("sum").filter(|one| one.text("/status") == "published") {
        let session = &records.all[summary.text("/session_id")];
        let part = session.entries("", "/participants");
        let takes_part = part.iter().any(|one| one["client_id"].as_str() == Some(own));
        let couple = sight.records.contains(summary.text("/couple_id"));
        if takes_part && (couple || summary.text("/client_id") == own) {
            sight.marks.insert(session.id.clone());
            for read in summary.below.values() {
                sight.marks.extend(marks(read["text"].as_str().unwrap_or_default()));
            }
        }
    }
    let practice =
        records.of_kind("prc").find(|record| record.practice == practice).expect("a practice");
    for known in [practice.id.as_str(), practice.text("/name"), practice.text("/phone")] {
        sight.marks.extend(marks(known));
    }
    sight
}

fn see_couple(sight: &mut Sight, couple: &Record, own: &str) {
    let members = couple.entries("members", "/data");
    let present: Vec<&Value> =
        members.iter().filter(|member| member["left_on"].is_null()).collect();
    let Some(mine) = present.iter().find(|member| member["client_id"] == own) else {
        return;
    };
    // The own membership is told at `/v1/me` and to who answers again, before the couple can be
    // seen and after.
    sight.marks.insert(couple.id.clone());
    sight.marks.extend(marks(&mine["display_name"].to_string()));
    sight.invitations.insert(couple.id.clone());
    if mine["invitation_state"] != "accepted" || was_long_ago(couple.text("/dissolved_on")) {
        return;
    }
    sight.records.insert(couple.id.clone());
    sight.marks.extend(marks(couple.text("/label")));
    for member in present.iter().filter(|member| member["invitation_state"] == "accepted") {
        sight.marks.extend(marks(&member["display_name"].to_string()));
    }
}

/// Whoever takes part sees that there is a session and where, while they see the couple whose it is. What was
/// said of it, and who treats, they do not.
fn see_session(sight: &mut Sight, records: &Records, session: &Record, own: &str) {
    let takes_part = session
        .entries("", "/participants")
        .iter()
        .any(|one| one["client_id"].as_str() == Some(own));
    let couple = session.text("/couple_id");
    if !takes_part || !(session.text("/client_id") == own || sight.records.contains(couple)) {
        return;
    }
    sight.marks.insert(session.id.clone());
    if let Some(office) = records.all.get(session.text("/office_id")) {
        for member in ["/name", "/line1", "/line2", "/city", "/region", "/postal_code"] {
            sight.marks.extend(marks(office.text(member)));
        }
    }
}

/// A participant sees what is theirs alone, and what is their couple's while they see the couple.
fn see_homework(sight: &mut Sight, homework: &Record, own: &str) {
    let takes_part = homework.entries("", "/participants").contains(&own.into());
    let couple = homework.text("/couple_id");
    let seen = homework.text("/client_id") == own || sight.records.contains(couple);
    if !takes_part || !seen || homework.text("/status") == "entered_in_error" {
        return;
    }
    sight.records.insert(homework.id.clone());
    // The exercise is named and not readable by its id; whoever asks for what they have of it finds that.
    sight.named.insert(homework.text("/activity_definition_id").to_owned());
    for member in ["/activity_definition_id", "/note", "/title"] {
        sight.marks.extend(marks(homework.text(member)));
    }
}

/// An author reads what they sent, but for what they said of their safety. Others who take part read the
/// answers that are shared, and nothing of the submission.
fn see_sent(sight: &mut Sight, records: &Records, sent: &Record, own: &str) {
    let Some(homework) = records.homework_of(sent) else { return };
    let Some(read) = sent.below.values().next() else { return };
    if sent.text("/author_id") == own {
        if !is_about_safety(homework) {
            sight.records.insert(sent.id.clone());
            sight.marks.extend(sent.marks());
        }
    } else if sight.records.contains(&homework.id) {
        let exercise = &records.all[homework.text("/activity_definition_id")];
        let items = exercise.below.values().find_map(|one| one.pointer("/definition/items"));
        for item in items.and_then(Value::as_array).into_iter().flatten() {
            let answer = item["link_id"].as_str().and_then(|link_id| read["answers"].get(link_id));
            if let (Some(answer), Some("shared")) = (answer, item["visibility"].as_str()) {
                sight.marks.extend(marks(&answer.to_string()));
            }
        }
    }
}

/// A review of a submission is for its author, one of the whole homework for all who take part.
fn see_review(sight: &mut Sight, records: &Records, review: &Record, own: &str) {
    let Some(homework) = records.homework_of(review) else { return };
    let of = review.text("/submission_id");
    let author =
        of.is_empty() || records.all.get(of).is_some_and(|sub| sub.text("/author_id") == own);
    if author && sight.records.contains(&homework.id) && !is_about_safety(homework) {
        sight.records.insert(review.id.clone());
        for read in review.below.values() {
            sight.marks.extend(marks(&read["comment"].to_string()));
        }
    }
}

/// Members read on for thirty days after dissolution, as the practice's settings say; the
/// story's present is 2 December 2026.
fn was_long_ago(dissolved_on: &str) -> bool {
    !dissolved_on.is_empty() && dissolved_on < "2026-11-02"
}
