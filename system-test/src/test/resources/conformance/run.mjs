// node run.mjs SUITE BASE_URL [TEST_ID...]: runs the npm package http-cache-tests against BASE_URL, all tests or those named.
// Prints {"passed": [ID...], "failed": {ID: "what happened"...}}. The suite's own origin must listen where the cache forwards to.
import { createRequire } from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

const [suite, base, ...ids] = process.argv.slice(2)
const load = file => import(pathToFileURL(path.resolve(suite, file)))
const fetch = createRequire(path.resolve(suite, 'package.json'))('node-fetch')
const { runTests, getResults } = await load('client/runner.mjs')
const all = (await load('tests/index.mjs')).default
const chosen = all.map(group => ({ ...group, tests: group.tests.filter(test => ids.length === 0 || ids.includes(test.id)) }))

await runTests(chosen, fetch, false, base)
const passed = []
const failed = {}
for (const [id, result] of Object.entries(getResults())) {
  if (result === true) passed.push(id)
  else failed[id] = result.join(': ')
}
console.log(JSON.stringify({ passed, failed }))
process.exit(0)
