//! Access: the type in a handler's signature that carries the scope and the database.

use std::future::{Ready, ready};
use std::marker::PhantomData;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use serde::Serialize;

use super::caller::{scope_missing, unauthorized};
use super::gate::{Gate, Tx};
use super::limits::credential_of;
use super::scopes::{Needs, ScopeSet};
use super::token::Claims;
use crate::db::conn::Purpose;
use crate::db::id::PracticeId;
use crate::error::{Code, Error, Result};
use crate::http::contract::{Contract, Policy};
use crate::http::etag::IfMatch;
use crate::http::idempotency::{self, Attempt};
use crate::http::page::{Listing, Page, Position, Window};
use crate::http::{Answer, Body, Json, Put, Resource};
use crate::telemetry::request::Asker;

/// The right to call one operation, with the database behind it.
///
/// `S` is the scope, or a tuple of scopes of which one is enough. Extraction answers 401
/// without a verified token and 403 without the scope in it; the units of work then look up
/// the person and demand the scope of them again.
#[derive(Debug)]
pub struct Access<S> {
    gate: Gate,
    claims: Arc<Claims>,
    practice: PracticeId,
    request: HttpRequest,
    scope: PhantomData<S>,
}

impl<S: Needs + 'static> FromRequest for Access<S> {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::admit(request))
    }
}

impl<S: Needs + 'static> Access<S> {
    fn admit(request: &HttpRequest) -> Result<Self> {
        let gate = request
            .app_data::<web::Data<Gate>>()
            .ok_or_else(|| Error::internal("no gate"))?
            .get_ref()
            .clone();
        check_policy::<S>(request)?;
        let token = bearer(request).ok_or_else(unauthorized)?;
        let now = gate.inner.clock.now().seconds();
        let claims = gate.inner.verifier.verify(token, now).map_err(|_| unauthorized())?;
        let practice: PracticeId = claims.practice_id.parse().map_err(|_| unauthorized())?;
        request.extensions_mut().insert(Asker { practice, actor: claims.sub.clone() });
        check_limits(request, &gate, &claims, practice)?;
        if !S::ANY_OF.iter().any(|scope| claims.scope.contains(*scope)) {
            return Err(scope_missing(S::ANY_OF));
        }
        check_query(request)?;
        Ok(Self { gate, claims, practice, request: request.clone(), scope: PhantomData })
    }

    /// Runs a unit that only reads.
    ///
    /// # Errors
    /// The unit's own, 401, 403 and 503.
    pub async fn read<T, F>(self, unit: F) -> Result<Json<T>>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        Ok(Json::of(self.run(Purpose::Read, unit).await?))
    }

    /// Runs a unit that writes down that something is read, and reads it. The record is kept before the
    /// answer is sent: where it cannot be, nothing is answered.
    ///
    /// # Errors
    /// The unit's own, 401, 403 and 503.
    pub async fn read_recorded<T, F>(self, unit: F) -> Result<Json<T>>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        Ok(Json::of(self.run(Purpose::Write, unit).await?))
    }

    /// Loads one page of a list.
    ///
    /// # Errors
    /// The unit's own, 400 for a cursor of another list, 401, 403 and 503.
    pub async fn list<L, T, F>(self, listing: Listing<L>, unit: F) -> Result<Json<Page<T>>>
    where
        L: Send + 'static,
        T: Serialize + Send + 'static,
        F: FnOnce(&mut Tx<'_>, L, Window) -> Result<Vec<(Position, T)>> + Send + 'static,
    {
        let list = self.list_name();
        let Listing { filter, paging } = listing;
        let cursors = &self.gate.inner.cursors;
        let after =
            paging.cursor.as_deref().map(|cursor| cursors.open(&list, cursor)).transpose()?;
        let sort = paging.sort.unwrap_or(crate::http::page::Sort::Created);
        let window = Window { load: i64::from(paging.limit) + 1, after, sort };
        let request = self.request.clone();
        let gate = self.gate.clone();
        let searches = asks_for_a_time_alone(&request);
        let purpose = if searches { Purpose::Search } else { Purpose::Read };
        let mut entries = self.run(purpose, move |tx| unit(tx, filter, window)).await?;
        let limit = usize::from(paging.limit);
        let more = entries.len() > limit;
        entries.truncate(limit);
        let last = entries.last().map(|(position, _)| *position).filter(|_| more);
        let next = last.map(|position| gate.inner.cursors.seal(&list, position)).transpose()?;
        let link = next.as_ref().map(|cursor| next_address(&gate, &request, cursor));
        let data = entries.into_iter().map(|(_, entry)| entry).collect();
        Ok(Json::page(Page { data, next_cursor: next }, link))
    }

    /// Makes something: 201 with its place, once per idempotency key.
    ///
    /// # Errors
    /// The unit's own, 401, 403, 422 and 503.
    pub async fn create<B, R, F>(self, body: Body<B>, unit: F) -> Result<Answer>
    where
        B: Send + 'static,
        R: Resource,
        F: FnOnce(&mut Tx<'_>, B) -> Result<R> + Send + 'static,
    {
        let Body { value, bytes } = body;
        self.once(StatusCode::CREATED, &bytes, move |tx| unit(tx, value)).await
    }

    /// Makes something of which nothing has to be said: 201 with its place, once per idempotency key.
    ///
    /// # Errors
    /// The unit's own, 401, 403 and 503.
    pub async fn make<R, F>(self, unit: F) -> Result<Answer>
    where
        R: Resource,
        F: FnOnce(&mut Tx<'_>) -> Result<R> + Send + 'static,
    {
        self.once(StatusCode::CREATED, b"", unit).await
    }

    /// Does something to what exists, with a body: 200, once per idempotency key.
    ///
    /// # Errors
    /// The unit's own, 401, 403, 422 and 503.
    pub async fn act_with<B, R, F>(self, body: Body<B>, unit: F) -> Result<Answer>
    where
        B: Send + 'static,
        R: Resource,
        F: FnOnce(&mut Tx<'_>, B) -> Result<R> + Send + 'static,
    {
        let Body { value, bytes } = body;
        self.once(StatusCode::OK, &bytes, move |tx| unit(tx, value)).await
    }

    /// Does something to what exists: 200, once per idempotency key.
    ///
    /// # Errors
    /// The unit's own, 401, 403, 422 and 503.
    pub async fn act<R, F>(self, unit: F) -> Result<Answer>
    where
        R: Resource,
        F: FnOnce(&mut Tx<'_>) -> Result<R> + Send + 'static,
    {
        self.once(StatusCode::OK, b"", unit).await
    }

    /// Changes something that was read before: 200, if `If-Match` still holds.
    ///
    /// # Errors
    /// The unit's own, 412, 428, 401, 403, 422 and 503.
    pub async fn patch<B, R, F>(self, body: Body<B>, unit: F) -> Result<Answer>
    where
        B: Send + 'static,
        R: Resource,
        F: FnOnce(&mut Tx<'_>, B, &IfMatch) -> Result<R> + Send + 'static,
    {
        let if_match = IfMatch::of(self.request.headers())?;
        let value = body.value;
        self.run(Purpose::Write, move |tx| Answer::of(StatusCode::OK, &unit(tx, value, &if_match)?))
            .await
    }

    /// Puts something in its place, if `If-Match`, where it is sent, names what is there now: 201 when it is new
    /// there, else 200. Repeating it changes nothing, so it needs no key.
    ///
    /// # Errors
    /// The units' own, 401, 403, 412, 422 and 503.
    pub async fn put<B, R, C, F>(self, body: Body<B>, current: C, unit: F) -> Result<Answer>
    where
        B: Send + 'static,
        R: Resource,
        C: FnOnce(&mut Tx<'_>) -> Result<Option<R>> + Send + 'static,
        F: FnOnce(&mut Tx<'_>, B) -> Result<(bool, R)> + Send + 'static,
    {
        let if_match = IfMatch::if_sent(self.request.headers());
        let value = body.value;
        let unit = move |tx: &mut Tx<'_>| {
            if let Some(if_match) = if_match {
                let current = current(tx)?.ok_or_else(IfMatch::stale)?;
                if_match.check(&tx.tag(&current)?)?;
            }
            let (new, resource) = unit(tx, value)?;
            Answer::of(if new { StatusCode::CREATED } else { StatusCode::OK }, &resource)
        };
        self.run(Purpose::Write, unit).await
    }

    /// Puts something in its place under an id that the caller has made, if `If-Match`, where it is sent,
    /// still holds: 201 when it is new there, else 200.
    ///
    /// # Errors
    /// The unit's own, 401, 403, 412, 422 and 503.
    pub async fn put_if<B, R, F>(self, body: Body<B>, unit: F) -> Result<Answer>
    where
        B: Send + 'static,
        R: Resource,
        F: FnOnce(&mut Tx<'_>, B, Option<&IfMatch>) -> Result<Put<R>> + Send + 'static,
    {
        let if_match = IfMatch::if_sent(self.request.headers());
        let value = body.value;
        let unit = move |tx: &mut Tx<'_>| {
            let Put { new, resource, tag } = unit(tx, value, if_match.as_ref())?;
            let status = if new { StatusCode::CREATED } else { StatusCode::OK };
            Ok(Answer { tag: Some(tag), ..Answer::of(status, &resource)? })
        };
        self.run(Purpose::Write, unit).await
    }

    /// Ends something: 204.
    ///
    /// # Errors
    /// The unit's own, 401, 403 and 503.
    pub async fn end<F>(self, unit: F) -> Result<Answer>
    where
        F: FnOnce(&mut Tx<'_>) -> Result<()> + Send + 'static,
    {
        self.run(Purpose::Write, move |tx| unit(tx).map(|()| Answer::empty())).await
    }

    async fn once<R, F>(self, status: StatusCode, body: &[u8], unit: F) -> Result<Answer>
    where
        R: Resource,
        F: FnOnce(&mut Tx<'_>) -> Result<R> + Send + 'static,
    {
        let credential = credential_of(&self.claims);
        let route = format!("{} {}", self.request.method(), self.request.path());
        let attempt = Attempt::of(self.request.headers(), &credential, &route, body)?;
        let unit = move |tx: &mut Tx<'_>| {
            if let Some(attempt) = &attempt
                && let Some((about, stored)) = idempotency::find(tx, attempt)?
            {
                R::check_visible(tx, about)?;
                return Ok(stored);
            }
            let resource = unit(tx)?;
            let answer = Answer::of(status, &resource)?;
            if let Some(attempt) = &attempt {
                let kept = resource.to_keep().map(|kept| Answer::of(status, &kept)).transpose()?;
                idempotency::keep(tx, attempt, resource.id(), kept.as_ref().unwrap_or(&answer))?;
            }
            Ok(answer)
        };
        self.run(Purpose::Write, unit).await
    }

    async fn run<T, F>(self, purpose: Purpose, unit: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        let Self { gate, claims, practice, .. } = self;
        let writes = purpose == Purpose::Write;
        gate.inner.limits.wait_out_refusal(&claims, writes).await;
        let (inner, of) = (Arc::clone(&gate.inner), Arc::clone(&claims));
        let unit = move |conn: &mut crate::db::Conn| inner.enter::<S, T>(conn, practice, &of, unit);
        let (executor, practice) = (&gate.inner.executor, Some(practice));
        let answer = match purpose {
            Purpose::Read => executor.read(practice, unit).await,
            Purpose::Search => executor.search(practice, unit).await,
            Purpose::Write => executor.write(practice, unit).await,
        };
        let refusal = answer.as_ref().err().filter(|error| error.code() == Code::Overloaded);
        if let Some(seconds) = refusal.and_then(Error::retry_seconds) {
            gate.inner.limits.remember_refusal(&claims, writes, seconds);
        }
        answer
    }

    /// What a cursor is bound to: practice, person, path and filters.
    fn list_name(&self) -> String {
        let filters = query_without(&self.request, &["cursor", "limit"]);
        format!("{}\n{}\n{}\n{filters}", self.practice, self.claims.sub, self.request.path())
    }
}

/// Takes the request from the budgets, and leaves what remains of the caller's own for the answer's headers.
fn check_limits(
    request: &HttpRequest,
    gate: &Gate,
    claims: &Claims,
    practice: PracticeId,
) -> Result<()> {
    let admission = gate.inner.limits.admit(claims, practice);
    if let Some(budget) = admission.budget {
        request.extensions_mut().insert(budget);
    }
    if let Some(exceeded) = admission.exceeded() {
        request.extensions_mut().insert(exceeded);
    }
    admission.into_result()
}

/// The policy of the document is what a handler's type demands; otherwise nothing is served.
fn check_policy<S: Needs>(request: &HttpRequest) -> Result<()> {
    let operation = request
        .app_data::<web::Data<Contract>>()
        .and_then(|contract| contract.operation(request))
        .ok_or_else(|| Error::internal("a route outside the document"))?;
    let demanded: ScopeSet = S::ANY_OF.iter().copied().collect();
    if operation.policy == Policy::AnyOf(demanded) {
        Ok(())
    } else {
        Err(Error::internal("the document and the handler demand different scopes"))
    }
}

/// Every operation refuses parameters that it does not know, those that read none included.
pub(super) fn check_query(request: &HttpRequest) -> Result<()> {
    if request.query_string().is_empty() {
        return Ok(());
    }
    let contract = request.app_data::<web::Data<Contract>>();
    let operation = contract.and_then(|contract| contract.operation(request));
    let faults = operation.map(|operation| operation.read_query(request.query_string()).1);
    match faults {
        Some(faults) if !faults.is_empty() => Err(Error::invalid_query(faults)),
        _ => Ok(()),
    }
}

/// The token of `Authorization: Bearer …` (RFC 6750, 2.1), if there is exactly one.
fn bearer(request: &HttpRequest) -> Option<&str> {
    let mut values = request.headers().get_all(AUTHORIZATION);
    let value = values.next()?.to_str().ok()?;
    if values.next().is_some() {
        return None;
    }
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}

fn query_without(request: &HttpRequest, names: &[&str]) -> String {
    let mut pairs: Vec<&str> = request
        .query_string()
        .split('&')
        .filter(|pair| {
            !pair.is_empty() && !names.contains(&pair.split('=').next().unwrap_or_default())
        })
        .collect();
    pairs.sort_unstable();
    pairs.join("&")
}

/// True for a list of all that a practice has of some time, and not of somebody or something.
fn asks_for_a_time_alone(request: &HttpRequest) -> bool {
    const TIMES: [&str; 7] =
        ["since", "created_since", "shared_since", "updated_since", "from", "until", "week_of"];
    const OF_ONE: [&str; 4] = ["assignment_id", "client_id", "couple_id", "session_id"];
    let pairs = request.query_string().split('&');
    let names: Vec<&str> = pairs.filter_map(|pair| pair.split('=').next()).collect();
    let asks_for = |known: &[&str]| names.iter().any(|name| known.contains(name));
    asks_for(&TIMES) && !asks_for(&OF_ONE)
}

fn next_address(gate: &Gate, request: &HttpRequest, cursor: &str) -> String {
    let mut query = query_without(request, &["cursor"]);
    if !query.is_empty() {
        query.push('&');
    }
    format!("{}{}?{query}cursor={cursor}", gate.inner.public_url, request.path())
}
