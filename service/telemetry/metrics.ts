import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { type CacheOutcome, METRICS } from '../../lib/contract';
import { ArtifactMetrics } from './artifact-metrics';
import { CacheMetrics } from './cache-metrics';
import { BoundHistogram, type Series } from './histogram';

/** Bounds in seconds: dense around the targets of 50, 100 and 200 ms, because quantiles are interpolated in between. */
const LATENCY_BUCKETS_S = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 1, 2.5, 5, 10,
];
const STAGE_BUCKETS_S = [0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5];
const BATCH_BUCKETS_ROWS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];

/** How often the event loop's delay is sampled. */
const SAMPLE_INTERVAL_MS = 10;

/** What telemetry asks of a model version at each scrape. */
export interface ObservedModel {
  readonly name: string;
  readonly version: string;
  readonly ready: boolean;
  readonly queuedRows: number;
}

/** Sources that are read at each scrape rather than pushed on each request. */
export interface MetricSources {
  readonly models: () => Iterable<ObservedModel>;
  readonly cacheBytes: () => number;
  readonly featureCacheBytes: () => number;
}

/** The counters and series of one model version; plain fields, published at each scrape. */
export class ModelMetrics {
  readonly answersByStatus = new Map<number, number>();
  readonly cacheRows = { hit: 0, joined: 0, miss: 0 };

  constructor(
    readonly name: string,
    readonly version: string,
    readonly latency: Readonly<Record<CacheOutcome, Series>>,
    readonly stages: {
      readonly decode: Series;
      readonly features: Series;
      readonly queue: Series;
      readonly run: Series;
      readonly encode: Series;
    },
    readonly batchRows: Series,
  ) {}

  countAnswer(status: number): void {
    this.answersByStatus.set(status, (this.answersByStatus.get(status) ?? 0) + 1);
  }
}

/** All metrics of the service, in the text format of Prometheus by {@link Metrics.expose}. */
export class Metrics {
  readonly caches: CacheMetrics;
  readonly artifacts: ArtifactMetrics;
  readonly #registry = new Registry();
  readonly #models = new Map<string, ModelMetrics>();
  readonly #latency: BoundHistogram<'model' | 'version' | 'cache'>;
  readonly #stages: BoundHistogram<'model' | 'version' | 'stage'>;
  readonly #batchRows: BoundHistogram<'model' | 'version'>;
  readonly #errors: Counter<'model' | 'code'>;
  #sources: MetricSources = { models: () => [], cacheBytes: () => 0, featureCacheBytes: () => 0 };

  constructor() {
    const registers = [this.#registry];
    this.#latency = new BoundHistogram({
      name: METRICS.predictionLatency,
      help: 'Seconds from the complete request to the encoded answer, by outcome in the prediction cache.',
      labelNames: ['model', 'version', 'cache'],
      buckets: LATENCY_BUCKETS_S,
      registers,
    });
    this.#stages = new BoundHistogram({
      name: METRICS.stageLatency,
      help: 'Seconds spent in one stage of a prediction.',
      labelNames: ['model', 'version', 'stage'],
      buckets: STAGE_BUCKETS_S,
      registers,
    });
    this.#batchRows = new BoundHistogram({
      name: METRICS.batchRows,
      help: 'Rows in one run of the model.',
      labelNames: ['model', 'version'],
      buckets: BATCH_BUCKETS_ROWS,
      registers,
    });
    this.#errors = new Counter({
      name: METRICS.errors,
      help: 'Requests that ended in an error, by its name.',
      labelNames: ['model', 'code'],
      registers,
    });
    this.caches = new CacheMetrics(this.#registry);
    this.artifacts = new ArtifactMetrics(this.#registry);
    this.#registerCounters(registers);
    this.#registerGauges(registers);
    this.#registerProcess(registers);
  }

  /** Tells where the gauges read from; called once, when the parts exist. */
  observe(sources: MetricSources): void {
    this.#sources = sources;
  }

  /** The series of a model version, made on first use. */
  model(name: string, version: string): ModelMetrics {
    const key = `${name}\n${version}`;
    let metrics = this.#models.get(key);
    if (metrics === undefined) {
      metrics = this.#createModel(name, version);
      this.#models.set(key, metrics);
    }
    return metrics;
  }

  /** Drops the series of a version that is gone, so that no dashboard shows it as merely quiet. */
  forget(name: string, version: string): void {
    this.#models.delete(`${name}\n${version}`);
    const matches = (labels: { model?: string | number; version?: string | number }) =>
      labels.model === name && labels.version === version;
    this.#latency.drop(matches);
    this.#stages.drop(matches);
    this.#batchRows.drop(matches);
  }

  /** @param model name of a model that is served, or '' where the request named none: callers must not invent series */
  countError(model: string, code: string): void {
    this.#errors.inc({ model, code });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  expose(): Promise<string> {
    return this.#registry.metrics();
  }

  #createModel(model: string, version: string): ModelMetrics {
    const outcome = (cache: CacheOutcome) => this.#latency.series({ model, version, cache });
    const stage = (name: string) => this.#stages.series({ model, version, stage: name });
    return new ModelMetrics(
      model,
      version,
      { hit: outcome('hit'), partial: outcome('partial'), miss: outcome('miss'), off: outcome('off') },
      {
        decode: stage('decode'),
        features: stage('features'),
        queue: stage('queue'),
        run: stage('run'),
        encode: stage('encode'),
      },
      this.#batchRows.series({ model, version }),
    );
  }

  #registerCounters(registers: Registry[]): void {
    const models = this.#models;
    new Counter({
      name: METRICS.requests,
      help: 'Answered requests by HTTP status.',
      labelNames: ['model', 'version', 'code'],
      registers,
      collect() {
        this.reset();
        for (const { name, version, answersByStatus } of models.values()) {
          for (const [code, count] of answersByStatus) this.inc({ model: name, version, code }, count);
        }
      },
    });
    new Counter({
      name: METRICS.cacheRows,
      help: 'Rows by outcome in the prediction cache; joined: equal to a row that was already running.',
      labelNames: ['model', 'version', 'outcome'],
      registers,
      collect() {
        this.reset();
        for (const { name, version, cacheRows } of models.values()) {
          for (const [outcome, count] of Object.entries(cacheRows)) this.inc({ model: name, version, outcome }, count);
        }
      },
    });
  }

  #registerGauges(registers: Registry[]): void {
    const sources = () => this.#sources;
    new Gauge({
      name: METRICS.queueRows,
      help: 'Rows that wait for a run.',
      labelNames: ['model', 'version'],
      registers,
      collect() {
        this.reset();
        for (const { name, version, queuedRows } of sources().models()) this.set({ model: name, version }, queuedRows);
      },
    });
    new Gauge({
      name: METRICS.modelReady,
      help: '1 for a version that answers requests, else 0.',
      labelNames: ['model', 'version'],
      registers,
      collect() {
        this.reset();
        for (const { name, version, ready } of sources().models()) this.set({ model: name, version }, ready ? 1 : 0);
      },
    });
    new Gauge({
      name: METRICS.cacheBytes,
      help: 'Bytes held by the in-process prediction cache.',
      registers,
      collect() {
        this.set(sources().cacheBytes());
      },
    });
    new Gauge({
      name: METRICS.featureCacheBytes,
      help: 'Bytes of features held in the process.',
      registers,
      collect() {
        this.set(sources().featureCacheBytes());
      },
    });
  }

  #registerProcess(registers: Registry[]): void {
    collectDefaultMetrics({ register: this.#registry });
    const delay = monitorEventLoopDelay({ resolution: SAMPLE_INTERVAL_MS });
    delay.enable();
    new Gauge({
      name: METRICS.eventLoopDelay,
      help: 'Event-loop delay in seconds since the last scrape, by quantile.',
      labelNames: ['quantile'],
      registers,
      collect() {
        for (const quantile of [0.5, 0.9, 0.99]) {
          // Node records the whole time between two samples, so a loop that is never late shows the interval itself.
          this.set({ quantile }, Math.max(0, delay.percentile(quantile * 100) / 1e6 - SAMPLE_INTERVAL_MS) / 1e3);
        }
        delay.reset();
      },
    });
  }
}
