//! What actors do with their own: the answers of what succeeds hold nothing of others, and a
//! stored answer is repeated to nobody else.

use actix_web::http::Method;

use super::plan::{Names, Request, Scene, slots};
use super::trial::{Trial, short};

impl Trial<'_> {
    /// Every write that takes a couple, with couples that invite the actor: until they have
    /// said yes, the answers name nobody else.
    pub async fn answer_invitations(&mut self) {
        let document = &self.world.document;
        let inviting: Vec<String> =
            self.sight.invitations.difference(&self.sight.records).cloned().collect();
        let scene = Scene::all(self.records, &self.sight).pop().expect("a scene");
        for (number, couple) in inviting.iter().enumerate() {
            let mut operations = self.world.operations.clone();
            if number % 2 == 0 {
                operations.reverse();
            }
            for operation in operations.iter().filter(|operation| operation.method != Method::GET) {
                for slot in slots(document, operation) {
                    if slot.place == "path" && slot.names == Names::Id("cpl".to_owned()) {
                        let trial = Some((&slot, couple.as_str()));
                        let request = Request::of(document, operation, trial, &scene, None);
                        if self.ask(&request).await.status.is_success() {
                            self.outcome.reached.insert(operation.id.clone());
                        }
                    }
                }
            }
        }
    }

    /// Every operation with the actor's own records in every slot.
    pub async fn use_own(&mut self) {
        // From here on what invites the actor may be accepted and then seen.
        self.allow_invitations();
        let scenes = Scene::all(self.records, &self.sight);
        for scene in scenes.iter().cycle().take(scenes.len().min(3) * self.depth.rounds) {
            let operations = self.chance.some(&self.world.operations, usize::MAX);
            for operation in operations.iter().filter(|operation| !operation.is_public()) {
                let scene = scene.turned(self.chance.below(4));
                for request in self.own_requests(operation, &scene) {
                    if self.has_enough() {
                        return;
                    }
                    let answer = self.ask(&request).await;
                    if answer.status.is_success() {
                        self.outcome.reached.insert(operation.id.clone());
                    }
                }
            }
        }
    }

    fn own_requests(
        &mut self,
        operation: &crate::support::document::Operation,
        scene: &Scene,
    ) -> Vec<Request> {
        let document = &self.world.document;
        let header = (operation.method == Method::PATCH).then(|| ("if-match", "*".to_owned()));
        let mut requests = vec![Request::of(document, operation, None, scene, header.clone())];
        for slot in slots(document, operation).iter().filter(|slot| slot.place != "path") {
            let Names::Id(kind) = &slot.names else {
                continue;
            };
            let own: Vec<&String> = self
                .sight
                .records
                .iter()
                .filter(|id| id.starts_with(&format!("{kind}_")))
                .collect();
            if let Some(id) = self.chance.pick(&own) {
                requests.push(Request::of(
                    document,
                    operation,
                    Some((slot, id)),
                    scene,
                    header.clone(),
                ));
            }
        }
        requests
    }

    fn allow_invitations(&mut self) {
        for couple in &self.sight.invitations {
            let marks = self.records.all[couple].below["members"].to_string();
            let texts = super::marks::marks(&marks);
            let label = super::marks::marks(self.records.all[couple].text("/label"));
            self.sight.forbidden.retain(|mark| {
                super::marks::is_id(mark) || !(texts.contains(mark) || label.contains(mark))
            });
        }
    }

    /// Another's idempotency key is a key like any other.
    pub async fn repeat_keys_of(&mut self, other: &str, scene_of_other: &Scene) {
        let posts =
            self.world.operations.iter().filter(|operation| operation.method == Method::POST);
        for (number, operation) in posts.enumerate() {
            let key = ("idempotency-key", format!("{other}-{number}"));
            let request = Request::of(
                self.world.document,
                operation,
                None,
                scene_of_other,
                Some(key.clone()),
            );
            let first = self.world.caller(other).header(key.0, &key.1);
            let first =
                first.send(request.method.clone(), &request.path, request.body.clone()).await;
            self.outcome.requests += 1;
            let answer = self.ask(&request).await;
            let replayed = answer.header("idempotency-replayed") == "true";
            if replayed {
                self.find(
                    &request,
                    &format!("got the stored answer of {other}: {}", short(&answer)),
                );
            }
            if first.status.is_success() && !answer.status.is_success() && answer.body == first.body
            {
                self.find(&request, "a refusal with the body of another's success");
            }
        }
    }
}
