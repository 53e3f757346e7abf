// Fails when the script and style of the first load are over the budget, compressed.
import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";

const BUDGET_KB = 250;
const DIST = new URL("../dist/", import.meta.url);

const html = await readFile(new URL("index.html", DIST), "utf8");
const assets = [...html.matchAll(/(?:src|href)="\/static\/([^"]+\.(?:js|css))"/g)].map((m) => m[1]);
let total = 0;
for (const asset of assets) {
  const size = gzipSync(await readFile(new URL(asset, DIST))).length / 1000;
  total += size;
  console.log(`${size.toFixed(1).padStart(8)} kB  ${asset}`);
}
console.log(`${total.toFixed(1).padStart(8)} kB  first load, gzip (budget ${BUDGET_KB} kB)`);
process.exit(assets.length > 0 && total <= BUDGET_KB ? 0 : 1);
