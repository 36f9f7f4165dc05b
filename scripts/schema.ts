// Writes the JSON Schema that editors use for headroom.yaml from its one definition.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { publishedSchema } from '../lib/spec/json-schema';
import { SpecSchema } from '../lib/spec/schema';

const file = join(__dirname, '../schema/headroom.schema.json');
writeFileSync(file, `${JSON.stringify(publishedSchema(SpecSchema), null, 2)}\n`);
