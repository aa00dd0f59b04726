//! Commands that work on the database and end.

use data_encoding::HEXLOWER;

use super::{CreateApp, CreatePractice, DisableApp, Outcome, Token, boot, say};
use crate::activities;
use crate::audit::{self, Verdict};
use crate::auth::scopes::{ActorKind, Scope, ScopeSet};
use crate::auth::token::{Grant, Issuer};
use crate::auth::{Acting, Gate, Keyring, Tx, apps, signing_keys};
use crate::clock::Clock;
use crate::config::{DEFAULT_LISTEN, Storage};
use crate::db::conn::transaction;
use crate::db::id::{IdSource, PracticeId};
use crate::db::{Conn, Instant, migrate as migrations};
use crate::demo;
use crate::error::Code;
use crate::practices::founding;
use crate::users::store::token_subject;

pub(super) fn migrate(storage: &Storage) -> Outcome {
    let count = migrations::run(storage.database()).map_err(|error| error.to_string())?;
    tracing::info!(count, "migrations run");
    Ok(())
}

/// A first key, so that a new installation can mint tokens.
pub(super) fn ensure_signing_key(conn: &mut Conn, keyring: &Keyring, now: Instant) -> Outcome {
    let keys = signing_keys::load(conn, keyring, now).map_err(|error| error.for_operator())?;
    if keys.signing().is_none() {
        signing_keys::rotate(conn, keyring, now).map_err(|error| error.for_operator())?;
    }
    Ok(())
}

/// Gives every practice what the catalogue of this binary has and theirs has not yet.
pub(super) fn install_catalogue(conn: &mut Conn, gate: &Gate) -> Outcome {
    let (ids, now) = (IdSource::Random, Clock::System.now());
    for practice in founding::all(conn).map_err(|error| error.for_operator())? {
        let installed = transaction(conn, |conn| {
            gate.operate(
                conn,
                Acting::Operator(practice),
                &ids,
                now,
                activities::store::install_built_in,
            )
        });
        match installed {
            // Another instance that starts at this moment has just done it.
            Err(error) if error.code() == Code::AlreadyExists => {}
            other => other.map_err(|error| error.for_operator())?,
        }
    }
    Ok(())
}

/// Now, by the clock of whoever serves this database.
fn present(conn: &mut Conn) -> Result<Instant, String> {
    let clock = demo::clock::of_commands(conn).map_err(|error| error.for_operator())?;
    Ok(clock.now())
}

pub(super) fn rotate_keys(storage: &Storage) -> Outcome {
    let (mut conn, keyring) = boot::open(storage)?;
    let now = present(&mut conn)?;
    let kid = transaction(&mut conn, |conn| signing_keys::rotate(conn, &keyring, now))
        .map_err(|error| error.for_operator())?;
    say(&kid)
}

pub(super) fn token(command: Token) -> Outcome {
    let (mut conn, keyring) = boot::open(&command.storage)?;
    let now = present(&mut conn)?;
    ensure_signing_key(&mut conn, &keyring, now)?;
    let absent =
        |_| "there is no such user or application in this practice, or it is disabled".to_owned();
    let subject =
        token_subject(&mut conn, command.practice, command.user, command.app).map_err(absent)?;
    let scope = match &command.scopes {
        None => subject.may_hold,
        Some(words) => scopes(words)?,
    };
    let keys =
        signing_keys::load(&mut conn, &keyring, now).map_err(|error| error.for_operator())?;
    let grant = Grant {
        client_id: subject.client_id,
        sub: subject.sub,
        practice_id: command.practice.to_string(),
        scope,
        sv: subject.session_version,
    };
    let issuer = Issuer {
        url: command.identity.public_url(DEFAULT_LISTEN)?,
        audience: command.identity.audience,
    };
    let (token, _) = issuer
        .mint(&keys, grant, now.seconds(), command.seconds)
        .map_err(|error| error.to_string())?;
    say(&token)
}

fn scopes(words: &str) -> Result<ScopeSet, String> {
    let known = |word: &str| {
        Scope::parse(word).ok_or_else(|| {
            let all: Vec<&str> = Scope::ALL.iter().map(|scope| scope.as_str()).collect();
            format!("`{word}` is not a scope; the scopes are {}", all.join(", "))
        })
    };
    words.split_whitespace().map(known).collect()
}

pub(super) fn create_practice(command: CreatePractice) -> Outcome {
    let (mut conn, keyring) = boot::open(&command.storage)?;
    let gate = boot::gate(&command.storage, keyring)?;
    let (ids, now) = (IdSource::Random, Clock::System.now());
    let founding = founding::Founding {
        practice_id: ids.next(now),
        name: command.name,
        timezone: command.timezone,
        admin_email: command.admin_email,
    };
    founding.check()?;
    let founded = transaction(&mut conn, |conn| founding::found(conn, &gate, &ids, now, founding))
        .map_err(|error| error.for_operator())?;
    say(&format!("practice {}\nadministrator {}", founded.practice_id, founded.admin_id))
}

pub(super) fn create_app(command: CreateApp) -> Outcome {
    if !(1..=80).contains(&command.name.trim().chars().count()) {
        return Err("the name must have 1 to 80 characters".to_owned());
    }
    let allowed = ScopeSet::of_holder(ActorKind::Service);
    let scopes = command.scopes.as_deref().map_or(Ok(allowed), scopes)?;
    if scopes.intersect(allowed) != scopes || scopes == ScopeSet::default() {
        return Err(format!("an application may hold these scopes, and needs one: {allowed}"));
    }
    let id = for_practice(&command.storage, command.practice, |tx| {
        apps::create(tx, command.name.trim(), scopes)
    })?;
    say(&id.to_string())
}

pub(super) fn disable_app(command: &DisableApp) -> Outcome {
    for_practice(&command.storage, command.practice, |tx| apps::disable(tx, command.app))
}

/// Looks at the audit of every practice; fails when one of them was laid hands on.
pub(super) fn verify_audit(storage: &Storage) -> Outcome {
    let (mut conn, keyring) = boot::open(storage)?;
    let mut broken = Vec::new();
    for practice in founding::all(&mut conn).map_err(|error| error.for_operator())? {
        let verdict = transaction(&mut conn, |conn| audit::verify(conn, &keyring, practice));
        match verdict.map_err(|error| error.for_operator())? {
            Verdict::Whole { rows, head } => {
                say(&format!("{practice} {rows} rows, whole, last {}", HEXLOWER.encode(&head)))?;
            }
            Verdict::Broken { seq, what } => {
                broken.push(format!("{practice}: row {seq} {what}"));
            }
        }
    }
    if broken.is_empty() { Ok(()) } else { Err(broken.join("\n")) }
}

/// Runs a unit of work as the operator of the service.
fn for_practice<T>(
    storage: &Storage,
    practice: PracticeId,
    unit: impl FnOnce(&mut Tx<'_>) -> crate::error::Result<T>,
) -> Result<T, String> {
    let (mut conn, keyring) = boot::open(storage)?;
    let gate = boot::gate(storage, keyring)?;
    let (ids, now) = (IdSource::Random, Clock::System.now());
    transaction(&mut conn, |conn| gate.operate(conn, Acting::Operator(practice), &ids, now, unit))
        .map_err(|error| error.for_operator())
}
