//! A client's columns: how their fields are sealed, opened, patched and shown.

use diesel::prelude::*;

use super::model::{Background, Client, ClientPatch, ClientStatus, Contact, Identity, NewClient};
use crate::auth::Tx;
use crate::db::Instant;
use crate::db::id::{ClientId, ClinicianId, PracticeId};
use crate::db::schema::clients;
use crate::error::Result;
use crate::http::patch::set;
use crate::practices;
use crate::seal::{Column, Compartment, LookupKey, Sealed, SealedJson};

pub(super) const EXTERNAL_ID: Column = directory("external_id");
const IDENTITY: Column = directory("identity");
const CONTACT: Column = directory("contact");
const BACKGROUND: Column = directory("background");

const fn directory(name: &'static str) -> Column {
    Column { table: "clients", name, compartment: Compartment::Directory }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = clients)]
pub(super) struct Row {
    pub(super) id: ClientId,
    external_id: Option<Sealed<String>>,
    identity: Sealed<SealedJson<Identity>>,
    contact: Sealed<SealedJson<Contact>>,
    background: Sealed<SealedJson<Background>>,
    timezone: String,
    status: ClientStatus,
    responsible_for_billing: bool,
    intake_clinician_id: Option<ClinicianId>,
    archived_at: Option<Instant>,
    created_at: Instant,
    updated_at: Instant,
}

#[derive(Insertable)]
#[diesel(table_name = clients)]
pub(super) struct NewRow {
    pub(super) practice_id: PracticeId,
    pub(super) id: ClientId,
    pub(super) status: ClientStatus,
    pub(super) version: i32,
    pub(super) created_at: Instant,
    #[diesel(embed)]
    pub(super) columns: Columns,
}

/// The columns that creating and changing a client write alike.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = clients, treat_none_as_null = true)]
pub(super) struct Columns {
    external_id: Option<Sealed<String>>,
    external_id_lookup: Option<LookupKey>,
    identity: Sealed<SealedJson<Identity>>,
    contact: Sealed<SealedJson<Contact>>,
    background: Sealed<SealedJson<Background>>,
    timezone: String,
    responsible_for_billing: bool,
    intake_clinician_id: Option<ClinicianId>,
    updated_at: Instant,
}

/// A client's fields, opened: what [`Client`] shows and what is sealed again on a change.
#[derive(Clone, PartialEq)]
pub(super) struct Fields {
    pub(super) external_id: Option<String>,
    pub(super) identity: Identity,
    pub(super) contact: Contact,
    pub(super) background: Background,
    pub(super) timezone: String,
    pub(super) responsible_for_billing: bool,
    pub(super) intake_clinician_id: Option<ClinicianId>,
}

/// The fields of a client to be.
pub(super) fn fields_of(tx: &mut Tx<'_>, new: NewClient) -> Result<Fields> {
    let timezone = match new.timezone {
        Some(timezone) => timezone,
        None => practices::store::timezone(tx)?,
    };
    Ok(Fields {
        external_id: new.external_id,
        identity: Identity {
            given_name: new.given_name,
            family_name: new.family_name,
            preferred_name: new.preferred_name,
            pronouns: new.pronouns,
            date_of_birth: new.date_of_birth,
        },
        contact: Contact {
            phone: new.phone,
            email: new.email,
            safe_contact: new.safe_contact.unwrap_or_default(),
        },
        background: Background {
            home_state: new.home_state,
            relationship_status: new.relationship_status,
            chronotype: new.chronotype,
        },
        timezone,
        responsible_for_billing: new.responsible_for_billing,
        intake_clinician_id: new.intake_clinician_id,
    })
}

impl Fields {
    /// Applies a patch; returns the names of the members that are now another.
    pub(super) fn apply(&mut self, patch: ClientPatch) -> Vec<&'static str> {
        let mut changed = Vec::new();
        let mut note = |name, is_another| {
            if is_another {
                changed.push(name);
            }
        };
        note("external_id", patch.external_id.apply(&mut self.external_id));
        note("given_name", set(&mut self.identity.given_name, patch.given_name));
        note("family_name", patch.family_name.apply(&mut self.identity.family_name));
        note("preferred_name", patch.preferred_name.apply(&mut self.identity.preferred_name));
        note("pronouns", patch.pronouns.apply(&mut self.identity.pronouns));
        note("date_of_birth", patch.date_of_birth.apply(&mut self.identity.date_of_birth));
        note("timezone", set(&mut self.timezone, patch.timezone));
        note("home_state", patch.home_state.apply(&mut self.background.home_state));
        note("phone", patch.phone.apply(&mut self.contact.phone));
        note("email", patch.email.apply(&mut self.contact.email));
        note(
            "relationship_status",
            patch.relationship_status.apply(&mut self.background.relationship_status),
        );
        note("chronotype", patch.chronotype.apply(&mut self.background.chronotype));
        note("safe_contact", set(&mut self.contact.safe_contact, patch.safe_contact));
        note(
            "responsible_for_billing",
            set(&mut self.responsible_for_billing, patch.responsible_for_billing),
        );
        note("intake_clinician_id", patch.intake_clinician_id.apply(&mut self.intake_clinician_id));
        changed
    }
}

/// Opens the sealed columns of a row.
pub(super) fn open(tx: &Tx<'_>, row: &Row) -> Result<Fields> {
    let id = row.id.uuid();
    Ok(Fields {
        external_id: tx.keys.open_opt(&EXTERNAL_ID, id, row.external_id.as_ref())?,
        identity: tx.keys.open(&IDENTITY, id, &row.identity)?.0,
        contact: tx.keys.open(&CONTACT, id, &row.contact)?.0,
        background: tx.keys.open(&BACKGROUND, id, &row.background)?.0,
        timezone: row.timezone.clone(),
        responsible_for_billing: row.responsible_for_billing,
        intake_clinician_id: row.intake_clinician_id,
    })
}

/// Seals fields into the columns of this client.
pub(super) fn seal(tx: &Tx<'_>, id: ClientId, fields: &Fields) -> Result<Columns> {
    let row = id.uuid();
    let lookup = fields.external_id.as_ref().map(|value| tx.keys.lookup(&EXTERNAL_ID, value));
    Ok(Columns {
        external_id: tx.keys.seal_opt(&EXTERNAL_ID, row, fields.external_id.as_ref())?,
        external_id_lookup: lookup,
        identity: tx.keys.seal(&IDENTITY, row, &SealedJson(fields.identity.clone()))?,
        contact: tx.keys.seal(&CONTACT, row, &SealedJson(fields.contact.clone()))?,
        background: tx.keys.seal(&BACKGROUND, row, &SealedJson(fields.background.clone()))?,
        timezone: fields.timezone.clone(),
        responsible_for_billing: fields.responsible_for_billing,
        intake_clinician_id: fields.intake_clinician_id,
        updated_at: tx.now,
    })
}

/// What the caller is shown: the practice's own side of the record is not for the client.
pub(super) fn show(tx: &Tx<'_>, row: &Row, fields: Fields) -> Client {
    let practice_side = tx.caller.is_practice_side();
    let Fields { external_id, identity, contact, background, .. } = fields;
    Client {
        id: row.id,
        external_id: external_id.filter(|_| practice_side),
        given_name: identity.given_name,
        family_name: identity.family_name,
        preferred_name: identity.preferred_name,
        pronouns: identity.pronouns,
        date_of_birth: identity.date_of_birth,
        timezone: fields.timezone,
        home_state: background.home_state,
        phone: contact.phone,
        email: contact.email,
        relationship_status: background.relationship_status,
        chronotype: background.chronotype,
        safe_contact: contact.safe_contact,
        status: row.status,
        responsible_for_billing: fields.responsible_for_billing,
        intake_clinician_id: fields.intake_clinician_id.filter(|_| practice_side),
        archived_at: row.archived_at,
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}
