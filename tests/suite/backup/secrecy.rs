//! A stolen backup names nobody, and opens for nobody.

use std::collections::BTreeSet;

use data_encoding::{BASE64, HEXLOWER_PERMISSIVE};

use super::Shelf;
use crate::at_rest::{Canaries, Needles, SEALED, live};
use crate::support::TestApp;
use crate::support::database::{ROOT_KEY, on_postgres};

fn holds(bytes: &[u8], sought: &[u8]) -> bool {
    bytes.windows(sought.len()).any(|window| window == sought)
}

#[actix_web::test]
async fn a_backup_holds_neither_what_was_sealed_nor_the_key() {
    if on_postgres() {
        return;
    }
    let (app, mut canaries, shelf) = (TestApp::start().await, Canaries::new(), Shelf::new());
    crate::programs::screen_both(&app).await;
    live(&app, &mut canaries).await;
    let all: BTreeSet<&str> = SEALED.iter().copied().collect();
    assert_eq!(canaries.fields().collect::<BTreeSet<_>>(), all, "each sealed field is written");
    shelf.back_up(&app.database.url, "backup").unwrap();
    let key = HEXLOWER_PERMISSIVE.decode(ROOT_KEY.as_bytes()).unwrap();
    let forms = [ROOT_KEY.as_bytes().to_vec(), BASE64.encode(&key).into_bytes(), key];
    let (needles, mut bytes) = (Needles::of(&canaries.made), 0);
    for name in ["attune.db", "manifest.json"] {
        let kept = std::fs::read(shelf.at("backup").join(name)).unwrap();
        assert_eq!(needles.found_in(&kept), 0, "in {name}");
        assert!(!forms.iter().any(|form| holds(&kept, form)), "{name} holds the root key");
        bytes += kept.len();
    }
    println!(
        "{} canaries in {} fields: 0 in {bytes} bytes of backup",
        canaries.made.len(),
        SEALED.len()
    );
}
