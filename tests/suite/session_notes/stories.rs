//! From the draft to the signature, and what comes after it.

use serde_json::json;

use super::{NOTES, allowed, of_associate, sign, soap, write};
use crate::sessions::{alone, book, joint};
use crate::support::TestApp;

#[actix_web::test]
async fn a_note_is_written_signed_and_amended() {
    let app = TestApp::start().await;
    let session = book(&app, joint(&app, 18).await).await.expect(201).text("/id");
    let new = json!({ "session_id": session, "format": "dap",
        "sections": [{ "name": "data", "text": "They came together." },
                     { "name": "each_partners_part", "text": "One asks, one leaves." }] });
    let path = write(&app, "clinician", new.clone()).await;
    let morgan = app.caller("clinician");
    assert_eq!(morgan.post(NOTES, new).await.expect(409).text("/code"), "already_exists");
    let draft = morgan.get(&path).await.expect(200);
    assert_eq!(draft.text("/couple_id"), app.id("couple"));
    assert_eq!(allowed(&draft), ["update", "sign", "discard"]);
    let more = json!({ "risk_reviewed": true, "sections": [{ "name": "data", "text": "They came." },
        { "name": "assessment", "text": "A cycle of pursuit." }] });
    morgan.patch(&path, more).await.expect(200);
    let signed = sign(&app, "clinician", &path).await.expect(200);
    assert_eq!(signed.text("/status"), "signed");
    assert_eq!(signed.text("/signatures/0/credentials"), "LMFT");
    assert_eq!(signed.text("/signatures/0/typed_name"), "M. Sample");
    assert_eq!(signed.json()["signatures"][0]["licenses"], json!(["ID DEMO-0001", "WA DEMO-0001"]));
    assert_eq!(signed.text("/content_hash").len(), 64);
    assert_eq!(allowed(&signed), ["add_addendum", "enter_in_error"]);
    let refused = morgan.patch(&path, json!({ "sections": [] })).await.expect(409);
    assert_eq!(refused.json()["allowed_transitions"], json!(["addenda", "enter-in-error"]));

    // The signer's letters are others by now; those under the note are as they were.
    let who = format!("/v1/clinicians/{}", app.id("clinician"));
    app.caller("practice_admin").patch(&who, json!({ "credentials": "PhD" })).await.expect(200);
    let addendum = json!({ "reason": "late_entry", "text": "They also spoke of money.", "typed_name": "M. Sample" });
    let amended = morgan.post(&format!("{path}/addenda"), addendum).await.expect(201);
    assert_eq!(amended.text("/status"), "amended");
    assert_eq!(amended.text("/signatures/0/credentials"), "LMFT");
    assert_eq!(amended.text("/addenda/0/signature/credentials"), "PhD");
    assert_eq!(amended.text("/content_hash"), signed.text("/content_hash"));
    assert_eq!(amended.json()["sections"], signed.json()["sections"]);

    let reason = json!({ "reason": "Of another couple." });
    let wrong = morgan.post(&format!("{path}/enter-in-error"), reason).await.expect(200);
    assert_eq!(
        (wrong.json()["sections"].clone(), wrong.json()["addenda"].clone()),
        (json!([]), json!([]))
    );
    assert_eq!(wrong.text("/error_reason"), "Of another couple.");
    let history = morgan.get(&format!("{path}/history")).await.expect(200).json();
    let acts: Vec<_> = history["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["signature"]["act"].clone())
        .collect();
    assert_eq!(acts, [json!("signed"), json!("amended"), json!("entered_in_error")]);
    assert_eq!(history["entries"][1]["text"], "They also spoke of money.");
    assert_eq!(history["entries"][0]["sections"][1]["text"], "A cycle of pursuit.");
    // What was in error leaves room for another one.
    let again = json!({ "session_id": session, "format": "free", "sections": [{ "name": "text", "text": "Anew." }] });
    write(&app, "clinician", again).await;
}

#[actix_web::test]
async fn a_supervisor_returns_a_note_and_signs_it() {
    let app = TestApp::start().await;
    let path = write(&app, "associate", of_associate(&app, "A first attempt.")).await;
    let pending = sign(&app, "associate", &path).await.expect(200);
    assert_eq!((pending.text("/status").as_str(), allowed(&pending)), ("pending_cosign", vec![]));
    let (rilan, ines) = (app.caller("associate"), app.caller("supervisor"));
    rilan.patch(&path, json!({ "risk_reviewed": true })).await.expect(409);
    rilan.post(&format!("{path}/cosign"), json!({ "typed_name": "R." })).await.expect(403);
    assert_eq!(allowed(&ines.get(&path).await.expect(200)), ["cosign", "return"]);
    let remark = json!({ "remark": "Say what you make of it." });
    let returned = ines.post(&format!("{path}/return"), remark).await.expect(200);
    assert_eq!(
        (returned.text("/status").as_str(), returned.text("/draft_no").as_str()),
        ("draft", "2")
    );
    let mine = rilan.get(&path).await.expect(200);
    assert_eq!(mine.text("/return_remark"), "Say what you make of it.");
    assert_eq!(mine.json()["signatures"], json!([]));
    rilan
        .patch(&path, json!({ "sections": [{ "name": "assessment", "text": "A cycle." }] }))
        .await
        .expect(200);
    sign(&app, "associate", &path).await.expect(200);
    let signed = ines
        .post(&format!("{path}/cosign"), json!({ "typed_name": "Inês Fixture" }))
        .await
        .expect(200);
    let acts: Vec<_> = signed.json()["signatures"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["act"].clone())
        .collect();
    assert_eq!(
        (signed.text("/status").as_str(), acts),
        ("signed", vec![json!("signed"), json!("cosigned")])
    );
    let history = ines.get(&format!("{path}/history")).await.expect(200).json();
    let hashes: Vec<_> = history["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["content_hash"].clone())
        .collect();
    assert_eq!(hashes.len(), 4, "signed, returned, signed, co-signed");
    assert_ne!(hashes[0], hashes[2], "both are kept");
}

#[actix_web::test]
async fn an_individual_session_is_of_that_persons_record() {
    let app = TestApp::start().await;
    let session = book(&app, alone(&app, 18).await).await.expect(201).text("/id");
    let new = json!({ "session_id": session, "format": "free", "sections": [{ "name": "text", "text": "Alone." }] });
    let path = write(&app, "clinician", new.clone()).await;
    let note = app.caller("clinician").get(&path).await;
    assert_eq!(
        (note.text("/client_id"), note.json()["couple_id"].clone()),
        (app.id("partner_a"), json!(null))
    );
    let joint = book(&app, joint(&app, 20).await).await.expect(201).text("/id");
    let morgan = app.caller("clinician");
    for (member, value, fault) in [
        ("client_id", json!(app.id("individual_client")), "/client_id not_found"),
        ("session_id", json!(app.id("partner_a").replace("cli", "ses")), "/session_id not_found"),
        ("treatment_id", json!(app.id("treatment_on_hold")), "/treatment_id not_found"),
        ("author_id", json!(app.id("associate")), "/author_id not_permitted"),
        ("sections", json!([{ "name": "plan", "text": "x" }]), "/sections/0/name not_of_format"),
        (
            "sections",
            json!([{ "name": "text", "text": "x" }, { "name": "text", "text": "y" }]),
            "/sections/1/name repeated",
        ),
    ] {
        let mut wrong = json!({ "session_id": joint, "format": "free" });
        wrong[member] = value;
        assert_eq!(morgan.post(NOTES, wrong).await.expect(422).faults(), [fault]);
    }
    let mut own = json!({ "session_id": joint, "format": "free", "client_id": app.id("partner_b"),
        "sections": [{ "name": "pacing", "text": "Slow." }] });
    let faults = morgan.post(NOTES, own.clone()).await.expect(422).faults();
    assert_eq!(faults, ["/sections/0/name not_of_record"]);
    own["sections"] = json!([{ "name": "text", "text": "A word aside." }]);
    let aside = write(&app, "clinician", own).await;
    assert_eq!(morgan.get(&aside).await.text("/client_id"), app.id("partner_b"));
}

#[actix_web::test]
async fn a_note_begins_with_a_template_and_the_couples_homework() {
    use crate::submissions::{check_in, for_client, for_couple, place, submitted};
    let app = TestApp::start().await;
    let homework = for_couple(&app, "daily_check_in").await;
    for_client(&app, "session_fit", "partner_a").await;
    for (number, who) in [(1, "partner_a"), (2, "partner_b")] {
        app.caller(who).put(&place(&homework, number), submitted(check_in(3))).await.expect(201);
    }
    let skeleton = |of: bool| {
        json!({ "name": "Every week", "format": "birp", "of_practice": of,
        "sections": [{ "name": "plan", "text": "Next time:" }, { "name": "pacing", "text": "How fast?" }] })
    };
    let (morgan, admin) = (app.caller("clinician"), app.caller("practice_admin"));
    let own = morgan.post("/v1/note-templates", skeleton(false)).await.expect(201);
    morgan.post("/v1/note-templates", skeleton(true)).await.expect(403);
    admin.post("/v1/note-templates", skeleton(true)).await.expect(201);
    assert_eq!(morgan.get("/v1/note-templates").await.ids().len(), 2);
    assert_eq!(app.caller("associate").get("/v1/note-templates").await.ids().len(), 1);
    app.caller("associate").get(&own.header("location")).await.expect(404);
    let new = json!({ "treatment_id": app.id("treatment"), "format": "birp", "template_id": own.text("/id"),
        "sections": [{ "name": "plan", "text": "Meet on Thursday." }], "prefill_homework": true });
    let made = morgan.post(NOTES, new.clone()).await.expect(201).json();
    assert_eq!(made["sections"][0]["text"], "Meet on Thursday.", "own words before the template's");
    assert_eq!(made["sections"][1]["text"], "How fast?");
    let lines = made["homework"].as_array().unwrap();
    assert_eq!(lines.len(), 1, "nothing that is one partner's alone");
    assert_eq!(
        (&lines[0]["title"], &lines[0]["times_done"]),
        (&json!("Your daily check-in"), &json!(1))
    );
    assert!(!made.to_string().contains("slept badly") && !made.to_string().contains("The tea"));
    let mut alone = new;
    alone["client_id"] = json!(app.id("partner_a"));
    let faults = morgan.post(NOTES, alone).await.expect(422).faults();
    assert_eq!(faults, ["/prefill_homework not_of_record", "/sections/1/name not_of_record"]);
    morgan.act(&format!("{}/archive", own.header("location"))).await.expect(200);
    morgan.get(&own.header("location")).await.expect(404);
}

#[actix_web::test]
async fn an_application_pushes_a_note_in_and_reads_none_of_it() {
    let app = TestApp::start().await;
    let service = app.caller("service_app");
    let mut new = soap(&app, "Pushed in.");
    assert_eq!(
        service.post(NOTES, new.clone()).await.expect(422).faults(),
        ["/author_id required"]
    );
    new["author_id"] = json!(app.id("associate"));
    assert_eq!(
        service.post(NOTES, new.clone()).await.expect(422).faults(),
        ["/author_id not_on_care_team"]
    );
    new["author_id"] = json!(app.id("clinician"));
    let made = service.post(NOTES, new).await.expect(201);
    let path = made.header("location");
    assert_eq!(
        (made.json()["sections"].clone(), allowed(&made)),
        (json!([]), vec!["update".to_owned()])
    );
    let other = write(&app, "clinician", soap(&app, "My own.")).await;
    service.get(&other).await.expect(404);
    service.get(&format!("{path}/history")).await.expect(404);
    let more = json!({ "sections": [{ "name": "plan", "text": "Pushed again." }] });
    assert!(
        !String::from_utf8_lossy(&service.patch(&path, more).await.expect(200).body)
            .contains("Pushed")
    );
    let signed = sign(&app, "clinician", &path).await.expect(200);
    assert_eq!(signed.text("/sections/0/text"), "Pushed again.");
    let seen = service.get(&path).await.expect(200);
    assert_eq!(
        (seen.text("/status").as_str(), seen.json()["signatures"].clone()),
        ("signed", json!([]))
    );
    assert_eq!(service.get(NOTES).await.ids(), [made.text("/id")]);
}
