//! The inbox: everything that is open for one person, by one question of their app.
//!
//! It asks the database eight things at the most, however long it is: who calls, what the practice has set,
//! the couples, the assignments with their exercises and what is proposed of their times, the policies, the own
//! submissions with their drafts, what others have shared, and their names.

mod item;
pub mod model;
mod open;

use std::collections::BTreeSet;

use actix_web::get;
use jiff::tz::TimeZone;

use self::item::{asked, item};
use self::model::{Inbox, ToComplete};
use self::open::{Open, open};
use crate::auth::scopes::HomeworkOwn;
use crate::auth::{Access, Tx};
use crate::couples::members::store::display_names;
use crate::couples::secrets_policy;
use crate::db::id::{ClientId, CoupleId};
use crate::db::{Date, Instant};
use crate::error::{Error, Result};
use crate::http::{Json, Routes};
use crate::joint_confirmations::model::Row as JointRow;
use crate::submissions::own::{Asked, OwnWork, own_in, with_drafts};
use crate::submissions::shared::{self, SharedRow};
use crate::time_proposals::store as proposals;

/// What others have shared that is shown, and for how long; `Inbox.shared` is bounded by it.
const MOST_SHARED: i64 = 50;
const SHARED_SECONDS: i64 = 14 * 86_400;

pub(super) fn routes(config: &mut Routes<'_>) {
    config.service(get_inbox);
}

/// Get your inbox
///
/// Everything that is open for the caller: the form, its schema, who will read each answer, when it is due,
/// what they have begun, and what others have shared. For participants.
#[utoipa::path(
    tag = "me",
    responses((status = 200, description = "The inbox", body = Inbox)),
    security(("token" = ["homework:own"])),
)]
#[get("/v1/me/inbox")]
async fn get_inbox(access: Access<HomeworkOwn>) -> Result<Json<Inbox>> {
    access.read(find).await
}

fn find(tx: &mut Tx<'_>) -> Result<Inbox> {
    let loaded = load(tx)?;
    show(tx, loaded)
}

/// What the database holds of one person's inbox.
pub struct Loaded {
    own: ClientId,
    open: Vec<Open>,
    work: OwnWork,
    shared: Vec<SharedRow>,
    names: Vec<(CoupleId, ClientId, String)>,
}

/// Asks the database for everything that the inbox is made of. What is sealed stays so, but for names.
///
/// # Errors
/// 404 for whoever is no participant.
pub fn load(tx: &mut Tx<'_>) -> Result<Loaded> {
    let own = tx.caller.client().ok_or_else(Error::not_found)?;
    let policies = secrets_policy::in_force_of(tx, own)?;
    let open = open(tx, &policies)?;
    let mut couples: Vec<CoupleId> = open.iter().filter_map(|one| one.row.couple_id).collect();
    couples.sort_unstable();
    couples.dedup();
    let work = own_in(tx, own, &asked_of(&open, tx.now))?;
    let since = tx.now.plus_seconds(-SHARED_SECONDS);
    let shared = shared::lately(tx, &couples, since, MOST_SHARED)?;
    let names = display_names(tx, &couples)?;
    Ok(Loaded { own, open, work, shared, names })
}

/// What is asked about the own work on what is open.
fn asked_of(open: &[Open], now: Instant) -> Asked {
    let first = |one: &Open| one.slots.iter().map(|slot| slot.local_date).min();
    let again = open.iter().filter(|one| !one.once).filter_map(first).min();
    let since = again.unwrap_or_else(|| now.date_in(&TimeZone::UTC));
    let long_ago = |one: &&Open| first(one).is_some_and(|day| day < since);
    let days = open.iter().flat_map(|one| one.slots.iter().map(|slot| slot.local_date));
    let days: BTreeSet<Date> = days.collect();
    Asked {
        assignments: open.iter().map(|one| one.row.id).collect(),
        once: open.iter().filter(long_ago).map(|one| one.row.id).collect(),
        days: days.into_iter().collect(),
        since,
    }
}

/// Makes the inbox of it.
fn show(tx: &Tx<'_>, loaded: Loaded) -> Result<Inbox> {
    let Loaded { own, open, work, shared, names } = loaded;
    let OwnWork { begun, excused, left_out, written } = work;
    let begun = with_drafts(tx, begun)?;
    let to_complete = left_out.into_iter().map(ToComplete::of).collect();
    let mut to_confirm = Vec::new();
    let (mut items, mut time_proposals) = (Vec::new(), Vec::new());
    for mut one in open {
        let id = one.row.id;
        if let Some((row, who)) = one.proposed.take() {
            let accepted: Vec<_> = who.into_iter().map(|client| (row.id, client)).collect();
            let shown = proposals::show_one(tx, row, &accepted, &names);
            time_proposals.extend(Some(shown).filter(|one| one.awaits_you));
        }
        let begun = begun.iter().filter(|(of, _)| of.assignment_id == id);
        let written: Vec<&JointRow> =
            written.iter().filter(|row| row.assignment_id == id).collect();
        to_confirm.extend(asked(tx, own, one.row.couple_id, &written, &names));
        items.extend(item(tx, own, one, begun, &excused, &written)?);
    }
    let shared = shared.into_iter().map(|one| one.show(tx, &names)).collect::<Result<_>>()?;
    Ok(Inbox { items, shared, time_proposals, to_complete, to_confirm })
}
