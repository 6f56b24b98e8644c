/** Writes src/models/model-files.ts from the JSON files beside it. Run: node packages/modem/build/index-models.ts */
import { writeFileSync } from 'node:fs';
import { modelFilesPath, renderModelFiles } from './model-files-source.ts';

writeFileSync(modelFilesPath, renderModelFiles());
