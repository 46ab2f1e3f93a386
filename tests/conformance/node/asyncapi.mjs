// The AsyncAPI project's own parser as judge of documents.
// in:  { name: document, … }
// out: { name: [ { severity, code, message, path }, … ], … }   severity: 0 error, 1 warning, 2 information, 3 hint
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";

const parser = new Parser();
const told = {};
for (const [name, document] of Object.entries(JSON.parse(readFileSync(0, "utf8")))) {
  const diagnostics = await parser.validate(JSON.stringify(document));
  told[name] = diagnostics.map(({ severity, code, message, path }) => ({ severity, code, message, path }));
}
process.stdout.write(JSON.stringify(told));
