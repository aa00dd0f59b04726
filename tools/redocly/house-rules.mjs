// The house rules for the OpenAPI document, as a plugin of the Redocly linter.
// Each rule has a violation in fixtures/bad.yaml that tools/redocly/check.mjs demands to be found.

// A new verb is a decision, so that the same act has the same name everywhere.
const VERBS = new Set(
  `accept acknowledge activate add advance approve archive assign break cancel carry check close complete
  confirm contest cosign create deactivate decline delete deviate disable discard discharge dismiss dissolve download
  enable end enter excuse export extend find get
  hold invite join leave lift link list maintain move pause preview publish put reactivate read rebook
  record reinstate reject remove reopen replace replay request resolve restore resume retire
  retract return reveal review revoke rotate schedule search send separate set sign start submit suspend take
  taper test transfer unarchive unlink update upsert verify widen withdraw`.split(/\s+/),
);

const SNAKE_CASE = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/;
const KEBAB_CASE = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const SCOPE = /^[a-z]+:[a-z]+$/;
const JSON_TYPE = /^application\/([a-z0-9.-]+\+)?json$/;
const PROBLEM_TYPE = 'application/problem+json';
const METHODS = ['get', 'put', 'post', 'patch', 'delete', 'head', 'options', 'trace', 'query'];

const entries = (object) => Object.entries(object ?? {});
const isParameter = (segment) => segment.startsWith('{');
const text = (value) => (typeof value === 'string' ? value.trim() : '');

/** `GET /v1/clients`, the name under which an operation stands in a list of exceptions. */
function nameOf(ctx) {
  const path = ctx.location.pointer.replace(/^#?\/paths\//, '').split('/')[0];
  return `${String(ctx.key).toUpperCase()} ${path.replaceAll('~1', '/').replaceAll('~0', '~')}`;
}

function operationId() {
  return {
    Operation(operation, ctx) {
      const id = text(operation.operationId);
      const verb = /^[a-z]+/.exec(id)?.[0];
      const report = (message) => ctx.report({ message, location: ctx.location.child('operationId') });
      if (!/^[a-z]+([A-Z][a-z0-9]*)+$/.test(id)) report(`operationId \`${id}\` is not verbNoun in camelCase.`);
      else if (!VERBS.has(verb)) report(`operationId \`${id}\` does not begin with a verb of the house list.`);
    },
  };
}

function oneTag() {
  return {
    Operation(operation, ctx) {
      const count = operation.tags?.length ?? 0;
      if (count !== 1) ctx.report({ message: `An operation has exactly one tag, this one has ${count}.` });
    },
  };
}

function summary() {
  return {
    Operation(operation, ctx) {
      const line = text(operation.summary);
      const report = (message) => ctx.report({ message, location: ctx.location.child('summary') });
      if (!line) report('An operation has a summary.');
      else if (line.length > 80) report(`The summary has ${line.length} characters, 80 is the most.`);
      else if (line.endsWith('.')) report('The summary ends without a dot.');
    },
  };
}

function description() {
  return {
    Operation(operation, ctx) {
      if (!text(operation.description)) {
        ctx.report({ message: 'An operation has a description that says who may call it.' });
      }
    },
  };
}

function scope({ public: open = [], anyToken = [] }) {
  let inherited = [];
  return {
    Root(root) {
      inherited = root.security ?? [];
    },
    Operation(operation, ctx) {
      const name = nameOf(ctx);
      const security = operation.security ?? inherited;
      const alternatives = security.map((requirement) => Object.values(requirement).flat());
      const report = (message) => ctx.report({ message, location: ctx.location.child('security') });
      if (open.includes(name)) {
        if (alternatives.length) report(`\`${name}\` is listed as public but names a security requirement.`);
        return;
      }
      const tokenless = security.some((requirement) => Object.keys(requirement).length === 0);
      if (!alternatives.length || tokenless) report(`\`${name}\` answers without a token and is not listed as public.`);
      else if (anyToken.includes(name)) return;
      else if (alternatives.some((scopes) => scopes.length === 0)) report(`\`${name}\` names no scope in \`security\`.`);
      else {
        for (const bad of alternatives.flat().filter((one) => !SCOPE.test(one))) {
          report(`\`${bad}\` is not a scope of the form noun:verb.`);
        }
      }
    },
  };
}

function problemResponses({ without4xx = [] }) {
  const known = new Set();
  return {
    Operation: {
      enter(operation, ctx) {
        const codes = Object.keys(operation.responses ?? {});
        if (!codes.some((code) => /^4/.test(code)) && !without4xx.includes(nameOf(ctx))) {
          ctx.report({ message: 'An operation lists its 4xx responses.', location: ctx.location.child('responses') });
        }
        if (operation.security?.length && !codes.includes('401')) {
          ctx.report({ message: 'An operation that wants a token lists 401.', location: ctx.location.child('responses') });
        }
      },
      Response(response, ctx) {
        if (!/^[45]/.test(String(ctx.key)) || known.has(response)) return;
        known.add(response);
        const media = response.content?.[PROBLEM_TYPE];
        if (!media) ctx.report({ message: `Response ${ctx.key} lacks \`${PROBLEM_TYPE}\`.` });
        else if (!/\/Problem$/.test(media.schema?.$ref ?? '')) {
          ctx.report({ message: `Response ${ctx.key} does not refer to the schema \`Problem\`.` });
        }
      },
    },
  };
}

function examples() {
  const check = (body, ctx, what) => {
    for (const [type, media] of entries(body.content)) {
      if (!JSON_TYPE.test(type)) continue;
      if (media.example === undefined && entries(media.examples).length === 0) {
        ctx.report({ message: `${what} has no example of \`${type}\`.`, location: ctx.location.child(['content', type]) });
      }
    }
  };
  return {
    Operation: {
      RequestBody(body, ctx) {
        check(body, ctx, 'The request');
      },
      Response(response, ctx) {
        if (/^2/.test(String(ctx.key))) check(response, ctx, `Response ${ctx.key}`);
      },
    },
  };
}

function snakeCase() {
  return {
    Parameter(parameter, ctx) {
      if (['query', 'path'].includes(parameter.in) && !SNAKE_CASE.test(parameter.name)) {
        ctx.report({ message: `Parameter \`${parameter.name}\` is not snake_case.`, location: ctx.location.child('name') });
      }
    },
    Schema(schema, ctx) {
      for (const [name] of entries(schema.properties)) {
        if (SNAKE_CASE.test(name)) continue;
        ctx.report({ message: `Property \`${name}\` is not snake_case.`, location: ctx.location.child(['properties', name]).key() });
      }
    },
  };
}

/**
 * `/v1/couples/{couple_id}/members/{member_id}/leave`: at most two plural nouns in kebab-case, then
 * at most one action, which only POST reaches. `by-external-id` names the key of a lookup.
 */
function pathShape({ singular = [], outside = [] }) {
  const isNoun = (segment) => segment.endsWith('s') || singular.includes(segment);
  return {
    PathItem(item, ctx) {
      const path = String(ctx.key);
      if (outside.includes(path)) return;
      const report = (message) => ctx.report({ message: `\`${path}\`: ${message}`, location: ctx.location.key() });
      if (!path.startsWith('/v1/')) return report('a path stands below /v1.');
      const segments = path.slice('/v1/'.length).split('/');
      const words = segments.filter((segment) => !isParameter(segment));
      if (words.some((word) => !KEBAB_CASE.test(word))) return report('a segment is in kebab-case.');

      const methods = METHODS.filter((method) => item[method]);
      const last = segments.at(-1);
      const isAction = segments.length > 1 && !isNoun(last) && !isParameter(last) && methods.join() === 'post';
      const nouns = words.filter((word) => !word.startsWith('by-')).slice(0, isAction ? -1 : undefined);
      if (nouns.length > 2) report('at most two nouns below /v1.');
      for (const noun of nouns.filter((word) => !isNoun(word))) report(`\`${noun}\` is no plural noun.`);
    },
  };
}

function schemaDescription() {
  return {
    NamedSchemas(schemas, ctx) {
      for (const [name, schema] of entries(schemas)) {
        if (text(schema.description)) continue;
        ctx.report({ message: `The schema \`${name}\` is not described.`, location: ctx.location.child([name]).key() });
      }
    },
  };
}

export const rules = {
  'operation-id': operationId,
  'one-tag': oneTag,
  summary,
  description,
  scope,
  'problem-responses': problemResponses,
  examples,
  'snake-case': snakeCase,
  'path-shape': pathShape,
  'schema-description': schemaDescription,
};

export default function houseRules() {
  return { id: 'attune', rules: { oas3: rules } };
}
