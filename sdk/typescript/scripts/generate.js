// Makes src/generated/api.ts from openapi/checkrein.json. With --check nothing is written, and a file that is not
// current is an error. The document itself comes from the server: UPDATE_OPENAPI=1 cargo nextest run -p checkrein-server openapi.

import { readFile, writeFile } from "node:fs/promises";
import openapiTS, { astToString } from "openapi-typescript";

const document = new URL("../../../openapi/checkrein.json", import.meta.url);
const target = new URL("../src/generated/api.ts", import.meta.url);

const head = "// Made by `npm run generate` from openapi/checkrein.json. Do not edit.\n\n";
const types = await openapiTS(document, {
  alphabetize: true,
  // A field with a default may be left out.
  defaultNonNullable: false,
  emptyObjectsUnknown: true,
  rootTypes: false,
});
const text = head + astToString(types);

if (process.argv.includes("--check")) {
  const kept = await readFile(target, "utf8").catch(() => "");
  if (kept !== text) {
    console.error("src/generated/api.ts is not current; run `npm run generate`");
    process.exitCode = 1;
  }
} else {
  await writeFile(target, text);
}
