import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { acceptDocument, type DocumentSource, readDocument } from './document';
import { SpecFileError } from './errors';
import { DEFAULT_GPU, type GpuName } from './gpus';
import { isUrl, normaliseUrl } from './model-url';
import { findContradictions } from './rules';
import { type SpecDocument, SpecSchema } from './schema';
import { effectiveSlo, strictestSlo } from './slo';
import { type Tier, tierOf } from './tiers';
import type { Slo, UseCaseName } from './use-cases';

/** Where a model lies. */
export type ModelPlace =
  /** Absolute folder, `<version>/model.onnx` below it. */
  | { readonly folder: string; readonly url: undefined }
  /** `s3://…` or `https://…` without a slash at the end, see docs/artifacts.md. */
  | { readonly folder: undefined; readonly url: string };

export type SpecModel = ModelPlace & {
  readonly name: string;
  readonly useCase: UseCaseName;
  /** Requests/s at today's busiest moment. */
  readonly peakQps: number;
  readonly pool: string;
  /** Undefined for batch predictions without an SLO of their own. */
  readonly slo: Slo | undefined;
  /** What the spec says of the prediction cache; what it leaves out is for model.yaml to say. */
  readonly cache: SpecDocument['models'][string]['cache'];
  readonly features: SpecDocument['models'][string]['features'];
};

export interface SpecPool {
  readonly name: string;
  readonly hardware: 'cpu' | 'gpu';
  /** Undefined for a CPU pool. */
  readonly gpu: GpuName | undefined;
  /** How nodes with its GPU are paid on AWS; undefined as {@link DEFAULT_CAPACITY}. */
  readonly capacity?: 'on-demand' | 'spot' | 'capacity-block';
  /** Id of the Capacity Block, for that capacity only. */
  readonly capacityBlock?: string;
  readonly minReplicas: number;
  readonly maxReplicas: number;
  /** Percent of the requested CPU above which replicas are added. */
  readonly cpuUtilization: number;
  readonly scaler: 'hpa' | 'keda';
  /** Names of the models that it serves. */
  readonly models: readonly string[];
  /** The strictest of its models; undefined if none of them has an SLO. */
  readonly slo: Slo | undefined;
  /** Sum over its models, requests/s. */
  readonly peakQps: number;
}

export type SpecConsumer = { readonly name: string } & Readonly<SpecDocument['consumers'][string]>;

/** A spec without mistakes, everything left out filled in and everything that follows from it worked out. */
export interface Spec {
  readonly name: string;
  readonly models: readonly SpecModel[];
  readonly pools: readonly SpecPool[];
  readonly consumers: readonly SpecConsumer[];
  /** Factor on today's peak for which the system is designed. */
  readonly growth: number;
  /** Sum over all models, requests/s at today's busiest moment. */
  readonly peakQps: number;
  /** Tier of today's peak: what is deployed. */
  readonly tier: Tier;
  /** Tier of the peak times growth: what it should be able to become. */
  readonly grownTier: Tier;
  readonly aws: SpecDocument['aws'];
  readonly kubernetes: { readonly platform: 'eks' | 'generic' };
  /** Tells mistakes that only later parts can find, such as a name too long for AWS, with the spec's line. */
  readonly source: DocumentSource;
}

/**
 * Reads a headroom.yaml.
 * @throws SpecFileError where the file cannot be read
 * @throws DocumentError with every mistake in it, each with its line
 */
export function loadSpec(file: string): Spec {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new SpecFileError(file, error);
  }
  return parseSpec(text, file);
}

/**
 * Reads the text of a headroom.yaml.
 * @param file its name: for messages, and because the paths in it are relative to its folder
 * @throws DocumentError with every mistake, each with its line
 */
export function parseSpec(text: string, file: string): Spec {
  const document = readDocument(SpecSchema, text);
  const value = acceptDocument(SpecSchema, document, file, findContradictions(document));
  return resolveSpec(value, { file, mistakeAt: document.mistakeAt });
}

function resolveSpec(document: SpecDocument, source: DocumentSource): Spec {
  const models = Object.entries(document.models).map(
    ([name, { path, slo, useCase, peakQps, pool, cache, features }]) => ({
      name,
      useCase,
      ...placeOf(path, source.file),
      peakQps,
      pool,
      slo: effectiveSlo(useCase, slo),
      cache,
      features,
    }),
  );
  const peakQps = totalQps(models);
  return {
    name: document.name,
    models,
    pools: Object.entries(document.pools).map(([name, pool]) => resolvePool(name, pool, models)),
    consumers: Object.entries(document.consumers).map(([name, consumer]) => ({ name, ...consumer })),
    growth: document.growth,
    peakQps,
    tier: tierOf(peakQps),
    grownTier: tierOf(peakQps * document.growth),
    aws: document.aws,
    kubernetes: { platform: document.kubernetes.platform ?? (document.aws === undefined ? 'generic' : 'eks') },
    source,
  };
}

function placeOf(path: string, file: string): ModelPlace {
  if (isUrl(path)) return { folder: undefined, url: normaliseUrl(path) };
  return { folder: resolve(dirname(file), path), url: undefined };
}

function resolvePool(name: string, pool: SpecDocument['pools'][string], models: readonly SpecModel[]): SpecPool {
  const served = models.filter((model) => model.pool === name);
  return {
    ...pool,
    name,
    gpu: pool.hardware === 'gpu' ? (pool.gpu ?? DEFAULT_GPU) : undefined,
    models: served.map((model) => model.name),
    slo: strictestSlo(served.map(({ slo }) => slo)),
    peakQps: totalQps(served),
  };
}

function totalQps(models: readonly SpecModel[]): number {
  return models.reduce((sum, { peakQps }) => sum + peakQps, 0);
}
