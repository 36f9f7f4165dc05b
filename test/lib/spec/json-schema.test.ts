import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import Type from 'typebox';
import { publishedSchema } from '../../../lib/spec/json-schema';
import { SpecSchema } from '../../../lib/spec/schema';

const published = JSON.parse(readFileSync(join(__dirname, '../../../schema/headroom.schema.json'), 'utf8'));

test('the committed schema is the one of the definition (npm run schema writes it)', () => {
  expect(published).toEqual(JSON.parse(JSON.stringify(publishedSchema(SpecSchema))));
});

describe('the published schema', () => {
  test('asks for nothing that has a default', () => {
    expect(published.required).toEqual(['name', 'models', 'pools']);
  });

  test('explains every property to an editor', () => {
    const unexplained: string[] = [];
    const visit = (schema: unknown, path: string): void => {
      if (typeof schema !== 'object' || schema === null) return;
      for (const [key, value] of Object.entries(schema)) {
        if (key === 'properties' && typeof value === 'object' && value !== null) {
          for (const [name, property] of Object.entries(value)) {
            if (typeof property === 'object' && property !== null && !('description' in property)) {
              unexplained.push(`${path}.${name}`);
            }
          }
        }
        visit(value, `${path}.${key}`);
      }
    };
    visit(published, '');
    expect(unexplained).toEqual([]);
  });
});

test('a property may itself be called required', () => {
  const definition = Type.Object({ required: Type.Boolean({ default: true }), other: Type.String() });
  expect(publishedSchema(definition)).toMatchObject({
    required: ['other'],
    properties: { required: { type: 'boolean', default: true } },
  });
});
