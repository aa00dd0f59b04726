//! What is served for readers: the document, its interactive reference and the error pages.
//! Everything comes out of the binary, so that it works with no network.

use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, LOCATION, REFERRER_POLICY,
};
use actix_web::middleware::DefaultHeaders;
use actix_web::{HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::error::{Code, Error, Result};
use crate::http::{At, Contract};

/// The page talks to its own origin alone. Swagger UI sets styles from script, hence
/// `unsafe-inline` for styles; no script but the embedded one runs.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'";

/// A JSON Web Key Set (RFC 7517).
#[derive(Debug, Serialize, ToSchema)]
pub struct KeySetDocument {
    /// The keys, newest first.
    #[schema(max_items = 20)]
    pub keys: Vec<KeyDocument>,
}

/// One public key (RFC 8037).
#[derive(Debug, Serialize, ToSchema)]
pub struct KeyDocument {
    /// Key type.
    #[schema(example = "OKP")]
    pub kty: String,
    /// Curve.
    #[schema(example = "Ed25519")]
    pub crv: String,
    /// The public key, base64url.
    #[schema(min_length = 43, max_length = 43)]
    pub x: String,
    /// Key id, the RFC 7638 thumbprint.
    #[schema(min_length = 43, max_length = 43)]
    pub kid: String,
    /// What it is for.
    #[schema(example = "sig")]
    pub r#use: String,
    /// Algorithm.
    #[schema(example = "EdDSA")]
    pub alg: String,
}

/// Registers the pages.
pub fn routes(config: &mut web::ServiceConfig) {
    let page = Config::new(["/openapi.json"]).try_it_out_enabled(true).persist_authorization(false);
    config.service(openapi).service(docs_redirect).service(error_page).service(
        web::scope("")
            .wrap(
                DefaultHeaders::new()
                    .add((CONTENT_SECURITY_POLICY, HeaderValue::from_static(PAGE_POLICY)))
                    .add((REFERRER_POLICY, HeaderValue::from_static("no-referrer"))),
            )
            .service(SwaggerUi::new("/docs/{_:.*}").config(page)),
    );
}

/// `/docs` without the slash, as people type it.
#[get("/docs")]
async fn docs_redirect() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((LOCATION, "/docs/")).finish()
}

#[get("/openapi.json")]
async fn openapi(contract: web::Data<Contract>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/json"))
        .insert_header((CACHE_CONTROL, "no-cache"))
        .body(contract.document())
}

#[get("/docs/errors/{code}")]
async fn error_page(At(code): At<String>) -> Result<HttpResponse> {
    let code =
        Code::ALL.iter().find(|known| known.as_str() == code).ok_or_else(Error::not_found)?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/markdown; charset=utf-8"))
        .insert_header((CONTENT_SECURITY_POLICY, "default-src 'none'"))
        .body(code.page()))
}
