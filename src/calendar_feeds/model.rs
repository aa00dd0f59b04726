//! What a calendar feed is, as stored and as shown, and the secret in its address.

use data_encoding::BASE64URL_NOPAD;
use diesel::prelude::*;
use serde::{Deserialize, Deserializer, Serialize, de};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::auth::Tx;
use crate::db::Instant;
use crate::db::id::{CalendarFeedId, ClientId, PracticeId, UserId};
use crate::db::schema::calendar_feeds;
use crate::error::Result;
use crate::http::Resource;
use crate::http::page::Position;
use crate::seal::{Column, Compartment, LookupKey, PracticeKeys};

const SECRET: Column =
    Column { table: "calendar_feeds", name: "secret", compartment: Compartment::Client };

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = calendar_feeds, treat_none_as_default_value = false)]
pub(super) struct Row {
    pub(super) practice_id: PracticeId,
    pub(super) id: CalendarFeedId,
    pub(super) user_id: UserId,
    pub(super) client_id: ClientId,
    pub(super) secret: LookupKey,
    pub(super) created_at: Instant,
    pub(super) revoked_at: Option<Instant>,
}

/// A calendar feed of a person's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CalendarFeed {
    /// Id.
    pub id: CalendarFeedId,
    /// Its address, when it is made; null ever after.
    #[schema(max_length = 2000, format = "uri")]
    pub url: Option<String>,
    /// When it was made.
    pub created_at: Instant,
}

impl CalendarFeed {
    /// Where this feed stands in a list.
    #[must_use]
    pub fn position(&self) -> Position {
        Position { at: self.created_at, id: self.id.uuid() }
    }
}

impl Resource for CalendarFeed {
    fn id(&self) -> Uuid {
        self.id.uuid()
    }

    fn path(&self) -> String {
        format!("/v1/me/calendar-feeds/{}", self.id)
    }

    fn check_visible(tx: &mut Tx<'_>, id: Uuid) -> Result<()> {
        super::store::find(tx, CalendarFeedId::from_uuid(id)).map(drop)
    }

    /// The address is told once, also to whoever asks again with the same key.
    fn to_keep(&self) -> Option<Self> {
        Some(Self { url: None, ..self.clone() })
    }
}

/// The last part of a feed's address: whose practice it is, without which no row of it can be looked for, and 256
/// bits that nobody can guess. It is printed nowhere, and stored as a keyed hash.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    practice: PracticeId,
    text: String,
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Secret {
    /// That of a new feed.
    pub(super) fn new(practice: PracticeId, random: [u8; 32]) -> Self {
        let bytes = [practice.uuid().as_bytes().as_slice(), &random].concat();
        Self { practice, text: BASE64URL_NOPAD.encode(&bytes) }
    }

    /// The practice in which it may be known.
    pub(super) fn practice(&self) -> PracticeId {
        self.practice
    }

    /// By which it is found.
    pub(super) fn key(&self, keys: &PracticeKeys) -> LookupKey {
        keys.lookup(&SECRET, &self.text)
    }

    /// The whole address, for the one answer that tells it.
    pub(super) fn address(&self, public_url: &str) -> String {
        format!("{public_url}/v1/calendar-feeds/{}.ics", self.text)
    }
}

/// What is no secret answers like one that nobody has, since a path that does not read is a 404.
impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).unwrap_or_default();
        let practice = bytes.first_chunk::<16>().filter(|_| bytes.len() == 48);
        let practice = practice.ok_or_else(|| de::Error::custom("no secret"))?;
        Ok(Self { practice: PracticeId::from_uuid(Uuid::from_bytes(*practice)), text })
    }
}
