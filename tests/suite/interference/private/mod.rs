//! The private acts: what A does, or the practice about A alone, without a declared outcome.
//!
//! Each is an entry of one table. It is done in the second world alone, takes no time, and says whether it
//! could be done as it is named; where it could not, another takes its place.

mod alone;
mod begun;
mod mutual;
mod notes;
mod record;
mod refused;
mod safety;
mod sessions;
mod times;
mod treated;

use std::future::Future;
use std::pin::Pin;

use super::tale::{Slot, Tale, Work};
use super::world::World;
use crate::isolation::chance::Chance;

/// Where a private act happens.
pub struct Side<'a> {
    pub world: &'a mut World,
    pub tale: &'a Tale,
    pub chance: Chance,
}

type Doing<'a> = Pin<Box<dyn Future<Output = bool> + 'a>>;

/// One kind of private act.
pub struct Kind {
    pub name: &'static str,
    pub act: for<'a> fn(&'a mut Side<'_>) -> Doing<'a>,
}

macro_rules! kinds {
    ($($name:literal $module:ident::$function:ident;)*) => {
        /// Every kind.
        pub const KINDS: &[Kind] = &[
            $(Kind { name: $name, act: |side| Box::pin($module::$function(side)) },)*
        ];
    };
}

/// So many of the first kinds need the story to have come to a certain point.
pub const SELDOM: usize = 17;

kinds! {
    "a draft is saved" begun::saves;
    "a draft is changed" begun::changes;
    "a draft of events is refused" begun::saves_events;
    "a draft has an id that B's device makes later" begun::takes_an_id;
    "a time is skipped" begun::skips;
    "a mutual answer is submitted first" mutual::submits;
    "a mutual answer is amended before the reveal" mutual::amends;
    "a mutual answer is taken back" mutual::takes_back;
    "a private answer beside shared ones is changed" mutual::changes_private_part;
    "a note to self is changed" mutual::changes_note_to_self;
    "what was not asked on the tablet is answered" mutual::answers_the_rest;
    "a mutual answer beside a shared one is changed" mutual::changes_mutual_part;
    "widening is refused" refused::widening;
    "a submission is refused as other content" refused::conflicting;
    "a submission is refused for a stale tag" refused::stale;
    "a receipt is asked for again" refused::replayed;
    "the secrets policy is accepted first" record::accepts_policy;
    "own homework is assigned" alone::assigned;
    "own homework is submitted" alone::submits;
    "own homework is begun" alone::begins;
    "own homework is skipped" alone::skips;
    "own homework is amended" alone::amends;
    "own homework is taken back" alone::takes_back;
    "own homework is paused and resumed by A" alone::rests;
    "own homework is paused by the clinician" alone::held;
    "own homework is completed" alone::completed;
    "own homework is withdrawn" alone::withdrawn;
    "own homework is entered in error" alone::entered_in_error;
    "own homework has another note" alone::noted;
    "own homework is assigned for every evening" times::assigned_daily;
    "own homework gets other times" times::rescheduled;
    "a time of own homework is excused" times::excused;
    "a time of own homework counts again" times::reinstated;
    "the own zone is moved" times::moves_away;
    "own figures and pictures are looked at" times::looked_at;
    "a risk screen is submitted" alone::screens;
    "a private safety check is submitted" alone::checks_safety;
    "a safety check that is to be hidden is submitted" alone::hides;
    "a safety form is opened while not alone" alone::not_alone;
    "a submission is refused for its faults" refused::faulty;
    "B's ids are tried" refused::tries_ids_of_b;
    "bad input is sent" refused::bad_input;
    "everything is read" refused::reads;
    "a token with few scopes is used" refused::few_scopes;
    "help is asked for, for safety's sake" safety::asks_for_help;
    "a word with the therapist is asked for" safety::asks_to_talk;
    "an alert is raised" safety::raises;
    "an alert is acknowledged and planned for" safety::acknowledges;
    "an alert is resolved" safety::resolves;
    "an alert is dismissed" safety::dismisses;
    "a hold is placed for later" safety::places_hold;
    "a hold is lifted before its time" safety::lifts_hold;
    "the safe contact is changed" record::safe_contact;
    "contact data are changed" record::contact;
    "the record is changed by staff" record::changed_by_staff;
    "an external id is given" record::external_id;
    "the status of the client is changed" record::status;
    "a consent is signed" record::signs;
    "a consent is revoked by staff" record::revoked;
    "the consent to sexual homework is taken back" record::takes_consent_back;
    "the login is disabled and enabled" record::login;
    "a calendar feed is made" record::makes_feed;
    "a calendar feed is revoked" record::revokes_feed;
    "another couple invites" treated::invited;
    "another couple's invitation is answered" treated::answers_invitation;
    "individual treatment begins" treated::begins;
    "individual treatment rests" treated::rests;
    "individual treatment ends" treated::ends;
    "a submission is reviewed with a word" treated::reviewed;
    "an individual session is booked" sessions::books;
    "an individual session is held" sessions::holds;
    "an individual session is cancelled" sessions::cancels;
    "an individual session is moved" sessions::moves;
    "a note of A's own record is begun" notes::begins;
    "a note of A's own record is signed" notes::signs;
    "a note of the couple's record is begun and signed" notes::of_couple;
    "notes are read" notes::reads;
    "a summary is released to A alone" notes::releases;
    "a psychotherapy note is written and read" notes::apart;
    "the place and the coming of A to a joint session are noted" sessions::places;
}

impl Side<'_> {
    /// Homework of the couple, by chance.
    fn work(&mut self, fits: impl Fn(&str) -> bool) -> Option<Work> {
        let open: Vec<&Work> =
            self.tale.work.iter().filter(|work| work.of_couple && fits(work.key)).collect();
        self.chance.pick(&open).map(|work| (*work).clone())
    }

    /// A slot of the couple's homework to which A has sent nothing that counts, in either world.
    fn fresh(&mut self, fits: impl Fn(&str) -> bool) -> Option<(&'static str, Slot)> {
        let work = self.work(fits)?;
        let slot = self.tale.slot(&work);
        let sent =
            self.tale.has_sent(super::world::A, &slot) || self.world.hidden.closed.contains(&slot);
        (!sent).then_some((work.key, slot))
    }

    /// A slot to which A has sent openly.
    fn open(&mut self) -> Option<(&'static str, Slot)> {
        self.open_where(|_, _| true)
    }

    /// One that fits.
    fn open_where(&mut self, fits: impl Fn(&str, &Slot) -> bool) -> Option<(&'static str, Slot)> {
        let slots = self.tale.slots_of(super::world::A).into_iter();
        let slots: Vec<Slot> = slots.filter(|slot| fits(self.tale.key(slot), slot)).collect();
        let slot = self.chance.pick(&slots)?.clone();
        Some((self.tale.key(&slot), slot))
    }

    /// Slots to which A has sent from a device that both use, in this world.
    fn on_the_tablet(&self) -> Vec<Slot> {
        let sent = self.world.devices.iter();
        let shared = sent.filter(|((who, _), sent)| {
            *who == super::world::A && sent.body["device_shared"] == true
        });
        shared.map(|((_, slot), _)| slot.clone()).collect()
    }
}
