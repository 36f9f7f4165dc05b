// Writes the JSON Schemas that editors use for headroom.yaml and model.yaml, each from its one definition.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { publishedSchema } from '../lib/spec/json-schema';
import { SpecSchema } from '../lib/spec/schema';
import { ModelSchema } from '../service/model/schema';

for (const [name, schema] of Object.entries({ headroom: SpecSchema, model: ModelSchema })) {
  const file = join(__dirname, `../schema/${name}.schema.json`);
  writeFileSync(file, `${JSON.stringify(publishedSchema(schema), null, 2)}\n`);
}
