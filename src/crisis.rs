//! Whom to call in a crisis: data of a region, with where it is from and when it was checked. Attune is no
//! emergency service and says so wherever safety is spoken of.

use std::sync::LazyLock;

use actix_web::get;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::Access;
use crate::auth::scopes::{PracticeRead, ProfileRead};
use crate::db::Date;
use crate::error::Result;
use crate::http::{Json, Routes};

/// The file of the catalogue.
const FILE: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/catalog/crisis_resources.json"));

/// What every client is told beside whatever they say of their safety.
pub const NO_EMERGENCY_SERVICE: &str = "Nobody watches this service around the clock, and it is no \
    emergency service. In danger, call 911 or one of the numbers below.";

/// Somebody to call in a crisis.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CrisisResource {
    /// Its name among these, the same for good.
    #[schema(max_length = 64, example = "suicide_and_crisis_lifeline")]
    pub key: String,
    /// The name it goes by.
    #[schema(max_length = 120)]
    pub name: String,
    /// Whom it is for.
    #[schema(max_length = 400)]
    pub description: String,
    /// The number to call, as it is dialled where it works.
    #[schema(max_length = 40, example = "988")]
    pub phone: String,
    /// The number to write to.
    #[schema(max_length = 40)]
    pub text_to: Option<String>,
    /// Its page.
    #[schema(max_length = 200, format = "uri")]
    pub url: Option<String>,
    /// The country or state in which it works, as ISO 3166 has it.
    #[schema(max_length = 6, example = "US")]
    pub region: String,
    /// Where this is from.
    #[schema(max_length = 200)]
    pub source: String,
    /// The day on which it was last checked.
    pub checked_on: Date,
}

/// Whom to call in a crisis.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CrisisResources {
    /// That this is no emergency service.
    #[schema(max_length = 300)]
    pub not_an_emergency_service: String,
    /// The most urgent first.
    #[schema(max_items = 50)]
    pub resources: Vec<CrisisResource>,
}

/// Everybody to call, the most urgent first. A file that does not read is empty here and fails a test.
#[must_use]
pub fn resources() -> &'static [CrisisResource] {
    static ALL: LazyLock<Vec<CrisisResource>> =
        LazyLock::new(|| serde_json::from_str(FILE).unwrap_or_default());
    &ALL
}

/// Registers the route and, with it, its documentation.
pub fn routes(config: &mut Routes<'_>) {
    config.service(get_crisis_resources);
}

/// Get whom to call in a crisis
///
/// Numbers that an app shows wherever safety is spoken of. For everybody of the practice.
#[utoipa::path(
    tag = "help",
    responses((status = 200, description = "Whom to call", body = CrisisResources)),
    security(("token" = ["profile:read"]), ("token" = ["practice:read"])),
)]
#[get("/v1/crisis-resources")]
async fn get_crisis_resources(
    access: Access<(ProfileRead, PracticeRead)>,
) -> Result<Json<CrisisResources>> {
    access
        .read(|_| {
            let not_an_emergency_service = NO_EMERGENCY_SERVICE.to_owned();
            Ok(CrisisResources { not_an_emergency_service, resources: resources().to_vec() })
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_reads_and_each_entry_says_where_it_is_from() {
        let all: Vec<CrisisResource> = serde_json::from_str(FILE).unwrap();
        assert_eq!(resources(), all);
        let numbers: Vec<&str> = all.iter().map(|one| one.phone.as_str()).collect();
        assert_eq!(numbers, ["911", "988", "1-800-799-7233"]);
        assert!(all.iter().all(|one| !one.source.is_empty() && one.region == "US"));
    }
}
