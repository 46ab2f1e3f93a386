// Ajv (draft 2020-12, every strict rule) as judge of JSON Schemas and of events.
// in:  { "schemas": { name: schema }, "events": [ [ name, event ], … ] }
// out: { "refused": { name: why it does not compile }, "verdicts": [ true | false, … ] }
import { readFileSync } from "node:fs";
import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

const { schemas, events } = JSON.parse(readFileSync(0, "utf8"));
const ajv = new Ajv2020({ strict: true, allErrors: false });
addFormats(ajv, { mode: "full" });
ajv.addVocabulary(["x-category", "x-vocabulary", "x-whereabouts", "x-whose"]);

const compiled = {};
const refused = {};
for (const [name, schema] of Object.entries(schemas)) {
  try {
    compiled[name] = ajv.compile(schema);
  } catch (error) {
    refused[name] = error.message;
  }
}
const verdicts = events.map(([name, event]) => compiled[name]?.(event) ?? false);
process.stdout.write(JSON.stringify({ refused, verdicts }));
