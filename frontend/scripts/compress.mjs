/** Puts a .gz beside each built text file, for the web process to send as it is. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const DIST = "dist";
for (const entry of readdirSync(DIST, { recursive: true, withFileTypes: true })) {
  if (entry.isFile() && /\.(js|css|html|svg)$/.test(entry.name)) {
    const path = join(entry.parentPath, entry.name);
    writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: 9 }));
  }
}
