//! The practices' keys, opened once and kept.

use std::sync::Arc;

use diesel::prelude::*;
use quick_cache::sync::Cache;

use crate::db::conn::each;
use crate::db::id::{DataKeyId, IdSource, PracticeId};
use crate::db::schema::{data_keys, practice_keys};
use crate::db::{Conn, Instant};
use crate::error::{Error, Result};
use crate::seal::{Compartment, NewPracticeKeys, PracticeKeys, RootKey, SecretKey, StoredDataKey};

/// Practices whose opened keys are kept in memory at the most.
const MOST_PRACTICES: usize = 4096;

/// Opens the keys of practices with the root key.
pub struct Keyring {
    root: RootKey,
    opened: Cache<PracticeId, Arc<PracticeKeys>>,
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keyring")
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = data_keys)]
struct DataKeyRow {
    id: DataKeyId,
    compartment: String,
    active: bool,
    wrapped: Vec<u8>,
}

#[derive(Insertable)]
#[diesel(table_name = data_keys, treat_none_as_default_value = false)]
struct NewDataKey {
    practice_id: PracticeId,
    id: DataKeyId,
    compartment: String,
    wrapped: Vec<u8>,
    active: bool,
    created_at: Instant,
}

impl Keyring {
    /// A keyring under this root key.
    #[must_use]
    pub fn new(root: RootKey) -> Self {
        Self { root, opened: Cache::new(MOST_PRACTICES) }
    }

    /// The root key, for deriving what is not a practice's.
    #[must_use]
    pub fn root(&self) -> &RootKey {
        &self.root
    }

    /// The key under which audit rows are chained.
    #[must_use]
    pub fn audit_key(&self) -> SecretKey {
        self.root.derive("audit")
    }

    /// The keys of a practice.
    ///
    /// # Errors
    /// 401 when there is no such practice: only a token could have named it.
    pub fn of(&self, conn: &mut Conn, practice: PracticeId) -> Result<Arc<PracticeKeys>> {
        if let Some(keys) = self.opened.get(&practice) {
            return Ok(keys);
        }
        let wrapped: Vec<u8> = practice_keys::table
            .find(practice)
            .select(practice_keys::wrapped)
            .first(conn)
            .optional()?
            .ok_or_else(super::caller::unauthorized)?;
        let rows: Vec<DataKeyRow> = data_keys::table
            .filter(data_keys::practice_id.eq(practice))
            .select(DataKeyRow::as_select())
            .load(conn)?;
        let mut data_keys = Vec::with_capacity(rows.len());
        for row in &rows {
            let compartment = Compartment::parse(&row.compartment)
                .ok_or_else(|| Error::internal("a data key of an unknown compartment"))?;
            data_keys.push(StoredDataKey {
                id: row.id.uuid(),
                compartment,
                active: row.active,
                wrapped: &row.wrapped,
            });
        }
        let keys =
            Arc::new(PracticeKeys::unlock(&self.root, practice.uuid(), &wrapped, data_keys)?);
        self.opened.insert(practice, Arc::clone(&keys));
        Ok(keys)
    }

    /// Makes and stores the keys of a new practice. They are not kept in memory before the
    /// transaction that stores them has ended well.
    ///
    /// # Errors
    /// Those of the database.
    pub fn create(
        &self,
        conn: &mut Conn,
        practice: PracticeId,
        ids: &IdSource,
        now: Instant,
    ) -> Result<PracticeKeys> {
        let new = NewPracticeKeys::generate(practice.uuid(), || ids.uuid(now), &self.root)?;
        diesel::insert_into(practice_keys::table)
            .values((
                practice_keys::practice_id.eq(practice),
                practice_keys::root_key_id.eq(self.root.id().as_bytes().to_vec()),
                practice_keys::wrapped.eq(new.wrapped_practice_key.clone()),
                practice_keys::created_at.eq(now),
            ))
            .execute(conn)?;
        let rows: Vec<NewDataKey> = new
            .data_keys
            .iter()
            .map(|key| NewDataKey {
                practice_id: practice,
                id: DataKeyId::from_uuid(key.id),
                compartment: key.compartment.as_str().to_owned(),
                wrapped: key.wrapped.clone(),
                active: true,
                created_at: now,
            })
            .collect();
        each!(conn, conn => diesel::insert_into(data_keys::table).values(&rows).execute(conn))?;
        let stored = new.data_keys.iter().map(|key| StoredDataKey {
            id: key.id,
            compartment: key.compartment,
            active: true,
            wrapped: &key.wrapped,
        });
        Ok(PracticeKeys::unlock(&self.root, practice.uuid(), &new.wrapped_practice_key, stored)?)
    }

    /// Checks that this root key is the one under which the database was sealed.
    ///
    /// # Errors
    /// A sentence, when it is another.
    pub fn check_root(&self, conn: &mut Conn) -> std::result::Result<(), String> {
        let known: Option<Vec<u8>> = practice_keys::table
            .select(practice_keys::root_key_id)
            .order(practice_keys::created_at)
            .first(conn)
            .optional()
            .map_err(|_| "the practices' keys cannot be read".to_owned())?;
        if known.is_none_or(|known| known == self.root.id().as_bytes()) {
            return Ok(());
        }
        Err("this database was sealed under another root key; give the one that belongs to it \
             (ATTUNE_ROOT_KEY_FILE, ATTUNE_ROOT_KEY or ATTUNE_ROOT_KEY_COMMAND)"
            .to_owned())
    }
}
