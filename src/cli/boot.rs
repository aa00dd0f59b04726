//! What has to be right before anything runs: root key, database, migrations.

use crate::auth::Keyring;
use crate::auth::gate::{Gate, Parts};
use crate::auth::limits::Rates;
use crate::auth::token::{Issuer, Verifier};
use crate::clock::Clock;
use crate::config::{DEFAULT_LISTEN, Storage};
use crate::db::conn::Purpose;
use crate::db::id::IdSource;
use crate::db::{Conn, Executor, Settings, migrate};
use crate::seal::{RootKey, RootKeyError, RootKeySource};

/// Opens the root key, making the key file when there is neither key nor data yet.
pub(super) fn root_key(storage: &Storage) -> Result<RootKey, String> {
    let source = storage.root_key_source()?;
    match (source.load(), source) {
        (Ok(key), _) => Ok(key),
        (Err(RootKeyError::Missing(_)), RootKeySource::File(path)) => {
            // A fresh key beside existing data would only hide that the old one is lost.
            if holds_practices(storage) {
                return Err(format!(
                    "the key file {} is missing, and the database holds data sealed under it; \
                     put it back from its backup",
                    path.display()
                ));
            }
            tracing::info!(path = %path.display(), "made a root key; back it up apart from the database");
            RootKey::create_file(&path).map_err(|error| error.to_string())
        }
        (Err(error), _) => Err(error.to_string()),
    }
}

fn holds_practices(storage: &Storage) -> bool {
    use crate::db::id::PracticeId;
    use crate::db::schema::practice_keys;
    use diesel::prelude::*;
    let Ok(mut conn) = Conn::open(storage.database(), Purpose::Read) else { return false };
    practice_keys::table.select(practice_keys::practice_id).first::<PracticeId>(&mut conn).is_ok()
}

/// A connection to a migrated database, with the keyring that belongs to it.
pub(super) fn open(storage: &Storage) -> Result<(Conn, Keyring), String> {
    migrate::check(storage.database()).map_err(|error| error.to_string())?;
    let keyring = Keyring::new(root_key(storage)?);
    let mut conn =
        Conn::open(storage.database(), Purpose::Write).map_err(|error| error.to_string())?;
    keyring.check_root(&mut conn)?;
    Ok((conn, keyring))
}

/// How large the parts are.
pub(super) struct Sizes {
    pub(super) settings: Settings,
    pub(super) token_cache: usize,
    pub(super) rates: Rates,
}

/// The parts of a service on this database.
pub(super) fn parts(
    storage: &Storage,
    keyring: Keyring,
    sizes: Sizes,
    issuer: Issuer,
    clock: Clock,
) -> Result<Parts, String> {
    let executor = Executor::start(storage.database(), sizes.settings)
        .map_err(|_| "the database threads could not be started".to_owned())?;
    Ok(Parts {
        executor,
        public_url: issuer.url.clone(),
        verifier: Verifier::new(issuer, std::sync::Arc::default(), sizes.token_cache),
        keyring,
        clock,
        ids: IdSource::Random,
        rates: sizes.rates,
    })
}

/// A gate for a command that works on the database by itself.
pub(super) fn gate(storage: &Storage, keyring: Keyring) -> Result<Gate, String> {
    let issuer = Issuer { url: format!("http://{DEFAULT_LISTEN}"), audience: String::new() };
    let settings = Settings { threads: 1, queue: 1, group: 1 };
    let sizes = Sizes { settings, token_cache: 1, rates: Rates::default() };
    parts(storage, keyring, sizes, issuer, Clock::System).map(Gate::new)
}
