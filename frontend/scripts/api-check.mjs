// Fails when src/api/schema.d.ts is not what ../openapi.json generates.
import { readFile } from "node:fs/promises";

import openapiTS, { astToString } from "openapi-typescript";

const COMMITTED = new URL("../src/api/schema.d.ts", import.meta.url);
const SCHEMA = new URL("../../openapi.json", import.meta.url);

/** The command line tool writes a banner first; the check is about what follows it. */
const withoutBanner = (text) => text.replace(/^\/\*\*[\s\S]*?\*\/\s*/, "").trim();

const generated = astToString(await openapiTS(SCHEMA));
const committed = await readFile(COMMITTED, "utf8");

if (withoutBanner(generated) !== withoutBanner(committed)) {
  console.error("src/api/schema.d.ts differs from openapi.json: run `npm run api`.");
  process.exit(1);
}
