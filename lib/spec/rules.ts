import { didYouMean } from './closest';
import { describeFound, isObject } from './describe';
import type { Document, DocumentPath } from './document';
import type { Mistake } from './errors';
import { valueAt } from './explain';
import { findStoreProblem, parseFeatureStoreUrl } from './feature-store-url';
import { DEFAULT_CAPACITY, DEFAULT_GPU } from './gpus';
import { findUrlProblem, isUrl } from './model-url';
import { effectiveSlo } from './slo';
import { childPointer } from './tree';
import { isUseCaseName } from './use-cases';

/** What must hold between the values of a spec. Each rule looks only at what is there, so none waits for another. */
export function findContradictions(document: Document): Mistake[] {
  const spec = new SpecReader(document);
  for (const model of spec.names(['models'])) {
    checkPath(spec, ['models', model, 'path']);
    checkPoolOfModel(spec, ['models', model, 'pool']);
    checkSlo(spec, ['models', model]);
  }
  const used = new Set(spec.names(['models']).map((model) => spec.text(['models', model, 'pool'])));
  for (const pool of spec.names(['pools'])) {
    checkPool(spec, ['pools', pool]);
    if (!used.has(pool)) {
      spec.report(['pools', pool], `has no model, expected at least one model with pool: ${pool}`);
    }
  }
  checkCapacities(spec);
  for (const consumer of spec.names(['consumers'])) checkConsumer(spec, ['consumers', consumer]);
  checkClients(spec);
  checkDomain(spec);
  checkFeatureStore(spec, ['aws', 'featureStore']);
  checkRegions(spec);
  return spec.mistakes;
}

/** Reads single values of a document that may be wrong elsewhere. */
class SpecReader {
  readonly mistakes: Mistake[] = [];
  readonly #known: ReadonlySet<string>;

  constructor(readonly document: Document) {
    this.#known = new Set(document.mistakes.map(({ path }) => path));
  }

  names(path: DocumentPath): string[] {
    const value = this.#value(path);
    return isObject(value) ? Object.keys(value) : [];
  }

  text(path: DocumentPath): string | undefined {
    const value = this.#value(path);
    return typeof value === 'string' ? value : undefined;
  }

  number(path: DocumentPath): number | undefined {
    const value = this.#value(path);
    return typeof value === 'number' ? value : undefined;
  }

  list(path: DocumentPath): readonly unknown[] {
    const value = this.#value(path);
    return Array.isArray(value) ? value : [];
  }

  has(path: DocumentPath): boolean {
    return this.#value(path) !== undefined;
  }

  /** Adds a mistake, unless the schema has one at the same place already. */
  report(path: DocumentPath, message: string): void {
    const mistake = this.document.mistakeAt(path, message);
    if (!this.#known.has(mistake.path)) this.mistakes.push(mistake);
  }

  #value(path: DocumentPath): unknown {
    return valueAt(this.document.value, path.reduce<string>(childPointer, ''));
  }
}

function checkPath(spec: SpecReader, path: DocumentPath): void {
  const folder = spec.text(path);
  if (folder === undefined) return;
  if (folder.endsWith('.onnx')) {
    spec.report(
      path,
      `found the file '${folder}', expected the folder of the model, with <version>/model.onnx below it`,
    );
  } else if (isUrl(folder)) {
    const problem = findUrlProblem(folder);
    if (problem !== undefined) spec.report(path, problem);
  }
}

function checkPoolOfModel(spec: SpecReader, path: DocumentPath): void {
  const pool = spec.text(path);
  const pools = spec.names(['pools']);
  if (pool === undefined || pools.length === 0 || pools.includes(pool)) return;
  spec.report(path, `found '${pool}', expected one of the pools ${pools.join(', ')}${didYouMean(pool, pools)}`);
}

function checkSlo(spec: SpecReader, model: DocumentPath): void {
  const useCase = spec.text([...model, 'useCase']);
  if (useCase === undefined || !isUseCaseName(useCase)) return;
  const slo = [...model, 'slo'];
  const p95Ms = spec.number([...slo, 'p95Ms']);
  const acceptableMs = spec.number([...slo, 'acceptableMs']);
  const effective = effectiveSlo(useCase, { p95Ms, acceptableMs });
  if (effective === undefined) {
    const given = p95Ms === undefined ? 'p95Ms' : 'acceptableMs';
    if (spec.has(slo))
      spec.report([...slo, given], `is missing, expected milliseconds: ${useCase} has none of its own`);
  } else if (effective.p95Ms > effective.acceptableMs) {
    const changed = p95Ms === undefined ? 'acceptableMs' : 'p95Ms';
    const limits = `p95Ms ${effective.p95Ms} and acceptableMs ${effective.acceptableMs}`;
    spec.report([...slo, changed], `found ${limits}, expected p95Ms to be at most acceptableMs`);
  }
}

function checkPool(spec: SpecReader, pool: DocumentPath): void {
  const minReplicas = spec.number([...pool, 'minReplicas']);
  const maxReplicas = spec.number([...pool, 'maxReplicas']);
  if (minReplicas !== undefined && maxReplicas !== undefined && minReplicas > maxReplicas) {
    const message = `found minReplicas ${minReplicas} and maxReplicas ${maxReplicas}, expected minReplicas to be at most maxReplicas`;
    spec.report([...pool, 'minReplicas'], message);
  }
  for (const field of ['gpu', 'capacity']) {
    if (spec.text([...pool, 'hardware']) !== 'cpu' || !spec.has([...pool, field])) continue;
    spec.report([...pool, field], 'stands in a pool with hardware: cpu, expected hardware: gpu beside it');
  }
  const block = [...pool, 'capacityBlock'];
  if (spec.text([...pool, 'capacity']) === 'capacity-block') {
    if (!spec.has(block)) spec.report(block, 'is missing, expected the id of the Capacity Block that was bought');
  } else if (spec.has(block)) {
    spec.report(block, 'stands in a pool of another capacity, expected capacity: capacity-block beside it');
  }
}

/** Pods ask for nodes by their GPU alone, so all nodes with one GPU are paid in one way. */
function checkCapacities(spec: SpecReader): void {
  const first = new Map<string, { pool: string; capacity: string }>();
  for (const pool of spec.names(['pools'])) {
    if (spec.text(['pools', pool, 'hardware']) !== 'gpu') continue;
    const gpu = spec.text(['pools', pool, 'gpu']) ?? DEFAULT_GPU;
    const capacity = capacityOf(spec, pool);
    const other = first.get(gpu);
    if (other === undefined) {
      first.set(gpu, { pool, capacity });
    } else if (other.capacity !== capacity) {
      const message = `found ${capacity}, expected ${other.capacity} as in the pool ${other.pool}, which has the same GPU and so the same nodes`;
      spec.report(['pools', pool, 'capacity'], message);
    }
  }
}

function capacityOf(spec: SpecReader, pool: string): string {
  const capacity = spec.text(['pools', pool, 'capacity']) ?? DEFAULT_CAPACITY;
  const block = spec.text(['pools', pool, 'capacityBlock']);
  return block === undefined ? capacity : `${capacity} ${block}`;
}

function checkConsumer(spec: SpecReader, consumer: DocumentPath): void {
  const rateQps = spec.number([...consumer, 'rateQps']);
  const burst = spec.number([...consumer, 'burst']);
  if (rateQps !== undefined && burst !== undefined && burst < rateQps) {
    spec.report([...consumer, 'burst'], `found ${burst}, expected at least the rate, ${rateQps}`);
  }
}

/** A token counts against the one consumer that its client is. */
function checkClients(spec: SpecReader): void {
  const type = spec.has(['aws']) ? spec.text(['aws', 'authorization', 'type']) : 'api-key';
  const isOther = type === 'api-key' || type === 'cognito' || type === 'iam';
  const consumers = new Map<string, string>();
  for (const consumer of spec.names(['consumers'])) {
    const path = ['consumers', consumer, 'clientId'];
    if (spec.has(path) && isOther) {
      spec.report(path, `stands beside the authorization by ${type}, expected aws.authorization of the type jwt`);
      continue;
    }
    const client = spec.text(path) ?? consumer;
    const other = consumers.get(client);
    if (other !== undefined) spec.report(path, `found '${client}', expected another client than that of ${other}`);
    consumers.set(client, consumer);
  }
}

function checkDomain(spec: SpecReader): void {
  const domain = spec.text(['aws', 'domain']);
  if (spec.has(['aws', 'hostedZone']) && !spec.has(['aws', 'domain'])) {
    spec.report(['aws', 'hostedZone'], 'stands alone, expected aws.domain beside it: a name in the zone');
  }
  if (domain === undefined) return;
  if (!spec.has(['aws', 'hostedZone'])) {
    spec.report(['aws', 'hostedZone'], `is missing, expected the name and id of the zone that holds ${domain}`);
    return;
  }
  const zone = spec.text(['aws', 'hostedZone', 'name']);
  if (zone !== undefined && domain !== zone && !domain.endsWith(`.${zone}`)) {
    spec.report(['aws', 'domain'], `found '${domain}', expected a name in the zone ${zone}`);
  }
}

function checkFeatureStore(spec: SpecReader, store: DocumentPath): void {
  const url = spec.text([...store, 'url']);
  if (url === undefined) return;
  const problem = findStoreProblem(url);
  if (problem !== undefined) {
    spec.report([...store, 'url'], problem);
  } else if (spec.has([...store, 'tokenSecret']) && parseFeatureStoreUrl(url)?.kind !== 'http') {
    spec.report(
      [...store, 'tokenSecret'],
      `stands beside '${url}', expected http[s]://host[:port], which alone takes one`,
    );
  }
}

function checkRegions(spec: SpecReader): void {
  const region = spec.text(['aws', 'region']);
  for (const [index, further] of spec.list(['aws', 'regions']).entries()) {
    if (further !== region || region === undefined) continue;
    spec.report(['aws', 'regions', index], `found ${describeFound(further)}, expected a region other than aws.region`);
  }
}
