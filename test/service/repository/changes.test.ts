import { expect, test } from '@jest/globals';
import { type Changes, findChanges, type Tracked } from '../../../service/repository/changes';
import type { ModelSource, Snapshot } from '../../../service/repository/scan';

/** A snapshot of one model from the fingerprints of its versions. */
function seen(fingerprints: Readonly<Record<number, string>>): Snapshot['models'] {
  const sources = Object.entries(fingerprints).map(
    ([version, fingerprint]): ModelSource => ({
      name: 'plus',
      version: Number(version),
      modelDirectory: 'plus',
      versionDirectory: `plus/${version}`,
      modelPath: `plus/${version}/model.onnx`,
      files: ['model.onnx'],
      descriptionPath: undefined,
      fingerprint,
    }),
  );
  return new Map(sources.length === 0 ? [] : [['plus', sources]]);
}

function tracking(attempts: Readonly<Record<number, string | undefined>>): Tracked {
  const versions = new Map(Object.entries(attempts).map(([version, attempted]) => [version, { attempted }]));
  return new Map([['plus', { versions }]]);
}

function summary({ appeared, gone, load }: Changes): unknown {
  return {
    appeared: appeared.map(({ version }) => version),
    gone: gone.map(({ version }) => version),
    load: load.map(({ version }) => version),
  };
}

test('the first look takes everything, the newest first', () => {
  expect(summary(findChanges(seen({ 1: 'a', 9: 'b', 10: 'c' }), undefined, new Map()))).toEqual({
    appeared: [1, 9, 10],
    gone: [],
    load: [10, 9, 1],
  });
});

test('a version that appears later is known at once, but not loaded', () => {
  expect(summary(findChanges(seen({ 1: 'a', 2: 'b' }), seen({ 1: 'a' }), tracking({ 1: 'a' })))).toEqual({
    appeared: [2],
    gone: [],
    load: [],
  });
});

test('a version is loaded once two looks saw the same files', () => {
  const now = seen({ 1: 'a', 2: 'b' });
  expect(summary(findChanges(now, now, tracking({ 1: 'a', 2: undefined })))).toEqual({
    appeared: [],
    gone: [],
    load: [2],
  });
});

test('files that grow between two looks are not loaded', () => {
  const changes = findChanges(seen({ 1: 'grown' }), seen({ 1: 'small' }), tracking({ 1: undefined }));
  expect(summary(changes)).toEqual({ appeared: [], gone: [], load: [] });
});

test('files that were tried are not tried again, whatever came of it', () => {
  const now = seen({ 1: 'a' });
  expect(summary(findChanges(now, now, tracking({ 1: 'a' })))).toEqual({ appeared: [], gone: [], load: [] });
});

test('files that changed since they were tried are loaded', () => {
  const now = seen({ 1: 'fixed' });
  expect(summary(findChanges(now, now, tracking({ 1: 'broken' })))).toEqual({ appeared: [], gone: [], load: [1] });
});

test('versions and models that are no longer there are gone', () => {
  const changes = findChanges(seen({ 2: 'b' }), undefined, tracking({ 1: 'a', 2: 'b' }));
  expect(summary(changes)).toEqual({ appeared: [], gone: ['1'], load: [] });
  expect(summary(findChanges(seen({}), undefined, tracking({ 1: 'a', 2: 'b' })))).toMatchObject({ gone: ['1', '2'] });
});
