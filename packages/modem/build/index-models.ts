/** Writes src/models/model-files.ts from the JSON files beside it; `--check` only says whether it is stale. */
import { readFileSync, writeFileSync } from 'node:fs';
import { modelFilesPath, renderModelFiles } from './model-files-source.ts';

const source = renderModelFiles();
if (!process.argv.includes('--check')) writeFileSync(modelFilesPath, source);
else if (readFileSync(modelFilesPath, 'utf8') !== source) {
  console.error('src/models/model-files.ts is stale: npm run generate -w @towline/modem');
  process.exitCode = 1;
}
