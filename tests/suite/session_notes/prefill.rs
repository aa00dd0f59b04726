//! The homework that a note begins with: by its figures, and the same whatever one of the two does in private.

use serde_json::{Value, json};

use super::{NOTES, write};
use crate::occurrences::{evening, evenings};
use crate::sessions::{book, joint};
use crate::submissions::{check_in, place, submitted};
use crate::support::TestApp;

/// A week between two hours: on five evenings of seven both sent their check-in. On the third the one sent it and
/// the other skipped, or did nothing.
async fn week(skips: bool) -> (Value, Value) {
    let app = TestApp::start().await;
    let mut last = joint(&app, 15).await;
    last["starts_at"] = json!("2026-12-02T15:00:00Z");
    last["ends_at"] = json!("2026-12-02T15:50:00Z");
    let session = book(&app, last).await.expect(201).header("location");
    app.caller("clinician").post(&format!("{session}/complete"), json!({})).await.expect(200);
    let homework = evenings(&app).await;
    for day in 0_u8..7 {
        evening(&app, i64::from(day));
        for (offset, who) in [(0, "partner_a"), (1, "partner_b")] {
            let path = place(&homework, u128::from(day) * 2 + offset);
            let mut answers = check_in(3);
            if skips {
                answers["private_note"] = json!("Not for anybody.");
            }
            let sent = match (day, who) {
                (2, "partner_b") if skips => json!({ "status": "skipped" }),
                (2, "partner_b") | (5, _) => continue,
                _ => submitted(answers),
            };
            app.caller(who).put(&path, sent).await.expect(201);
        }
    }
    evening(&app, 7);
    let morgan = app.caller("clinician");
    let new = json!({ "treatment_id": app.id("treatment"), "format": "free",
        "sections": [{ "name": "text", "text": "A week." }], "prefill_homework": true });
    let note = morgan.get(&write(&app, "clinician", new).await).await.expect(200).json();
    let skipped = morgan.get("/v1/submissions?status=skipped").await.expect(200).ids().len();
    assert_eq!(skipped, usize::from(skips), "the clinician sees it elsewhere");
    let line = note["homework"][0].clone();
    let id = line["assignment_id"].as_str().unwrap();
    assert_eq!((id, note["homework"].as_array().unwrap().len()), (homework.as_str(), 1));
    (json!([line["title"], line["times_done"], line["figure"]]), note)
}

#[actix_web::test]
async fn a_note_begins_with_the_couples_figures_and_no_private_skip_moves_them() {
    let (plain, note) = week(false).await;
    assert_eq!(plain, json!(["Your daily check-in", 5, "5 of 7"]));
    let (with_skip, other) = week(true).await;
    assert_eq!(with_skip, plain, "a skip is missed, and who left it out is in no figure");
    for text in [note.to_string(), other.to_string()] {
        for private in ["slept badly", "The tea", "Not for anybody", "skip"] {
            assert!(!text.contains(private), "{private}");
        }
    }
}

#[actix_web::test]
async fn a_session_that_was_before_has_the_homework_of_before() {
    let app = TestApp::start().await;
    let homework = evenings(&app).await;
    for day in [0, 1] {
        evening(&app, day);
        for (offset, who) in [(0, "partner_a"), (1, "partner_b")] {
            let path = place(&homework, u128::try_from(day).unwrap() * 2 + offset);
            app.caller(who).put(&path, submitted(check_in(4))).await.expect(201);
        }
    }
    app.days_pass(12);
    let mut held = Vec::new();
    for day in [4, 8] {
        let mut new = joint(&app, 18).await;
        new["starts_at"] = json!(format!("2026-12-{day:02}T18:00:00Z"));
        new["ends_at"] = json!(format!("2026-12-{day:02}T18:50:00Z"));
        let path = book(&app, new).await.expect(201).header("location");
        app.caller("clinician").post(&format!("{path}/complete"), json!({})).await.expect(200);
        held.push(path.rsplit('/').next().unwrap().to_owned());
    }
    let figure = async |session: &str| {
        let new = json!({ "session_id": session, "format": "free", "prefill_homework": true });
        let made = app.caller("clinician").post(NOTES, new).await.expect(201);
        made.text("/homework/0/figure")
    };
    // Two evenings before the first hour, and four from its day to the day before the second.
    assert_eq!(figure(&held[0]).await, "2 of 2");
    assert_eq!(figure(&held[1]).await, "0 of 4");
}
