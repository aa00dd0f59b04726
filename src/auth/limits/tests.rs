use futures_util::FutureExt;

use super::*;
use crate::auth::scopes::ScopeSet;

fn claims_of(sub: &str) -> Claims {
    let text = |word: &str| word.to_owned();
    Claims {
        iss: text("http://attune.test"),
        aud: text("attune"),
        sub: text(sub),
        client_id: text("front_end"),
        practice_id: text("prc_test"),
        scope: ScopeSet::default(),
        jti: text("one"),
        iat: 0,
        nbf: 0,
        exp: 0,
        sv: 0,
    }
}

/// Whether it may ask at once.
fn passes(limits: &Limits, sub: &str, writes: bool) -> bool {
    limits.wait_out_refusal(&claims_of(sub), writes).now_or_never().is_some()
}

#[actix_web::test]
async fn who_was_refused_waits_when_it_asks_too_soon_and_passes_when_it_comes_in_time() {
    let limits = Limits::new(Rates::default(), &Clock::System);
    let (robin, sasha) = (claims_of("usr_robin"), claims_of("usr_sasha"));
    assert!(passes(&limits, "usr_robin", true), "nobody was refused");
    let told = Moment::now() + Duration::from_secs(1);
    limits.remember_refusal(&robin, true, 1);
    assert!(!passes(&limits, "usr_robin", true), "asks again at once");
    assert!(passes(&limits, "usr_robin", false), "only writes were refused");
    assert!(passes(&limits, "usr_sasha", true), "somebody else was");
    // A refusal while the time runs does not move it: the wait ends where it would have.
    limits.remember_refusal(&robin, true, 3_600);
    tokio::time::timeout(Duration::from_mins(1), limits.wait_out_refusal(&robin, true))
        .await
        .expect("the first time that was told is the one that counts");
    assert!(Moment::now() >= told, "it was let in before its time");
    assert!(passes(&limits, "usr_robin", true), "its time has come");

    limits.remember_refusal(&sasha, false, 0);
    assert!(passes(&limits, "usr_sasha", false), "it comes when it was told to");
    limits.remember_refusal(&sasha, false, 3_600);
    assert!(!passes(&limits, "usr_sasha", false), "it was refused once more");
}

#[actix_web::test]
async fn those_refused_together_do_not_come_back_together() {
    let limits = Limits::new(Rates::default(), &Clock::System);
    let people: Vec<_> = (0..32).map(|number| claims_of(&format!("usr_{number}"))).collect();
    people.iter().for_each(|one| limits.remember_refusal(one, true, 1));
    let waits = people.iter().map(|one| async {
        limits.wait_out_refusal(one, true).await;
        Moment::now()
    });
    let came = futures_util::future::join_all(waits).await;
    let (first, last) = (came.iter().min().unwrap(), came.iter().max().unwrap());
    // Of 32 that come by chance within half a second: that all fall into a tenth of it does not happen by chance.
    assert!(*last - *first > SPREAD / 10);
}

#[test]
fn times_that_are_over_are_forgotten() {
    let limits = Limits::new(Rates::default(), &Clock::System);
    limits.remember_refusal(&claims_of("usr_robin"), true, 0);
    limits.remember_refusal(&claims_of("usr_sasha"), true, 3_600);
    limits.sweep();
    let kept: Vec<_> = limits.ask_again_at().keys().cloned().collect();
    assert_eq!(kept, [(credential_of(&claims_of("usr_sasha")), true)]);
}
