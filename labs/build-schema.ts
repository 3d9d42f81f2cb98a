// Writes labs/lab.schema.json: run it after a change of the lab file's schemas.
import { writeFileSync } from 'node:fs';
import { labJsonSchemaText } from '../src/shared/lab/json-schema.ts';

writeFileSync(new URL('lab.schema.json', import.meta.url), labJsonSchemaText());
