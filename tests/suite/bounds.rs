//! Lists that an answer holds whole are bounded: whoever would exceed the bound is told, and what the
//! document says of their length stays true.

use serde_json::{Value, json};

use crate::support::{Caller, TestApp};

const TOO_MANY: &str = " too_many";

async fn new_client_couple(caller: &Caller<'_>, clients: [&str; 2]) -> String {
    let members =
        clients.map(|id| json!({ "client_id": id, "display_name": "Nobody", "accepted": true }));
    let couple = caller.post("/v1/couples", json!({ "label": "N", "members": members })).await;
    couple.expect(201).text("/id")
}

fn length(answer: &Value, pointer: &str) -> usize {
    answer.pointer(pointer).and_then(Value::as_array).map_or(0, Vec::len)
}

#[actix_web::test]
async fn a_practice_has_fifty_offices_in_use_at_most() {
    let app = TestApp::start().await;
    let admin = app.caller("practice_admin");
    let office = json!({ "name": "Nowhere", "line1": "1 Nowhere", "city": "Seattle",
                         "region": "WA", "postal_code": "98100" });
    let offices = |practice: Value| length(&practice, "/offices");
    let first = offices(admin.get("/v1/practice").await.json());
    for _ in first..50 {
        admin.post("/v1/offices", office.clone()).await.expect(201);
    }
    let practice = admin.get("/v1/practice").await.expect(200);
    assert_eq!(offices(practice.json()), 50);
    assert_eq!(admin.post("/v1/offices", office.clone()).await.expect(422).faults(), [TOO_MANY]);
    let one = format!("/v1/offices/{}", practice.text("/offices/0/id"));
    admin.patch(&one, json!({ "active": false })).await.expect(200);
    admin.post("/v1/offices", office).await.expect(201);
    let again = admin.patch(&one, json!({ "active": true, "name": "Again" })).await.expect(422);
    assert_eq!(again.faults(), ["/active too_many"]);
    assert_ne!(admin.get(&one).await.text("/name"), "Again");
    assert_eq!(offices(admin.get("/v1/practice").await.json()), 50);
}

#[actix_web::test]
async fn a_couple_has_two_hundred_memberships_in_its_life_at_most() {
    let app = TestApp::start().await;
    let morgan = app.caller("clinician");
    let (one, other) = (morgan.make_client("One").await, morgan.make_client("Other").await);
    let couple = new_client_couple(&morgan, [&one, &other]).await;
    let members = format!("/v1/couples/{couple}/members");
    let leave = format!("{members}/{other}");
    let again = json!({ "client_id": other, "display_name": "Other", "accepted": true });
    for _ in 2..200 {
        morgan.delete(&leave).await.expect(204);
        morgan.post(&members, again.clone()).await.expect(201);
    }
    assert_eq!(length(&morgan.get(&members).await.json(), "/data"), 200);
    morgan.delete(&leave).await.expect(204);
    let refused = morgan.post(&members, again).await.expect(422);
    assert_eq!(refused.faults(), ["/client_id too_many"]);
    assert_eq!(length(&morgan.get(&members).await.json(), "/data"), 200);
}

#[actix_web::test]
async fn a_care_team_has_fifty_members_and_five_hundred_periods_at_most() {
    let app = TestApp::start().await;
    let admin = app.caller("practice_admin");
    let treatment = format!("/v1/treatments/{}", app.id("treatment"));
    let team = format!("{treatment}/care-team");
    let present = length(&admin.get(&treatment).await.json(), "/care_team");
    let mut colleagues = Vec::new();
    for number in present..51 {
        let body = json!({ "display_name": format!("Colleague {number} (fictitious)") });
        colleagues.push(admin.post("/v1/clinicians", body).await.expect(201).text("/id"));
    }
    let role = |role: &str| json!({ "role": role });
    let (last, others) = colleagues.split_last().unwrap();
    for id in others {
        admin.put(&format!("{team}/{id}"), role("covering")).await.expect(201);
    }
    let refused = admin.put(&format!("{team}/{last}"), role("covering")).await.expect(422);
    assert_eq!(refused.faults(), [TOO_MANY]);
    assert_eq!(length(&admin.get(&treatment).await.json(), "/care_team"), 50);

    let one = format!("{team}/{}", others[0]);
    let mut periods = length(&admin.get(&team).await.json(), "/members");
    for turn in 0.. {
        let next = ["co_therapist", "covering"][turn % 2];
        let answer = admin.put(&one, role(next)).await;
        if answer.status == 422 {
            assert_eq!(answer.faults(), [TOO_MANY]);
            break;
        }
        periods = length(&answer.expect(200).json(), "/members");
    }
    assert!((499..=500).contains(&periods), "{periods}");
    admin.delete(&one).await.expect(204);
}

#[actix_web::test]
async fn whoever_is_in_more_than_a_hundred_couples_sees_the_latest_and_nobody_is_told() {
    let app = TestApp::start().await;
    let (morgan, ana) = (app.caller("clinician"), app.caller("individual_client"));
    let own = app.id("individual_client");
    let other = morgan.make_client("Other").await;
    let mut made = Vec::new();
    for _ in 0..102 {
        app.clock.advance_seconds(1);
        made.push(new_client_couple(&morgan, [&own, &other]).await);
    }
    let me = ana.get("/v1/me").await.expect(200).json();
    let shown: Vec<_> =
        me["couples"].as_array().unwrap().iter().map(|one| one["couple_id"].clone()).collect();
    assert_eq!(shown, made[2..].iter().map(|id| json!(id)).collect::<Vec<_>>());
}
