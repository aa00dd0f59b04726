// Proves that the linter sees: silent about fixtures/good.yaml, and finding in fixtures/bad.yaml
// exactly what fixtures/bad.expected.json lists, which must name every house rule.
// `node tools/redocly/check.mjs --print` prints what is found now.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rules } from './house-rules.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..');
const cli = join(here, '..', 'node_modules', '@redocly', 'cli', 'bin', 'cli.js');

/** What the linter finds in a fixture, as `{ rule: [pointer, …] }`. */
function lint(fixture) {
  const file = join(here, 'fixtures', fixture);
  const args = [cli, 'lint', file, '--config', join(root, 'redocly.yaml'), '--format=json', '--max-problems=1000'];
  const run = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
  if (!run.stdout.trim().startsWith('{')) throw new Error(`the linter did not run: ${run.stderr}`);
  const found = {};
  for (const problem of JSON.parse(run.stdout).problems) {
    (found[problem.ruleId] ??= []).push(problem.location[0].pointer);
  }
  for (const pointers of Object.values(found)) pointers.sort();
  return { found, failed: run.status !== 0 };
}

const faults = [];
const good = lint('good.yaml');
if (good.failed || Object.keys(good.found).length) faults.push(`good.yaml: ${JSON.stringify(good.found, null, 2)}`);

const bad = lint('bad.yaml');
const ours = Object.fromEntries(Object.entries(bad.found).filter(([rule]) => rule.startsWith('attune/')).sort());
if (process.argv.includes('--print')) console.log(JSON.stringify(ours, null, 2));
if (!bad.failed) faults.push('bad.yaml: the linter exits with 0.');

const expected = JSON.parse(readFileSync(join(here, 'fixtures', 'bad.expected.json'), 'utf8'));
for (const rule of Object.keys(rules).map((name) => `attune/${name}`)) {
  const want = JSON.stringify(expected[rule], null, 2);
  const have = JSON.stringify(ours[rule], null, 2);
  if (!expected[rule]?.length) faults.push(`${rule}: bad.expected.json names no violation.`);
  else if (want !== have) faults.push(`${rule}: expected ${want}, found ${have}.`);
}

if (faults.length) {
  console.error(faults.join('\n'));
  process.exit(1);
}
const count = Object.values(ours).flat().length;
console.log(`${Object.keys(rules).length} house rules, ${count} planted violations found, none in the clean document.`);
