import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { publishedSchema } from '../../../lib/spec/json-schema';
import { ModelSchema } from '../../../service/model/schema';

const published = JSON.parse(readFileSync(join(__dirname, '../../../schema/model.schema.json'), 'utf8'));

test('the committed schema of model.yaml is the one of the definition (npm run schema writes it)', () => {
  expect(published).toEqual(JSON.parse(JSON.stringify(publishedSchema(ModelSchema))));
});

test('the schema of model.yaml asks for no preprocessing that has a default', () => {
  expect(published.properties.image.required).toEqual(['width', 'height', 'channels']);
});
