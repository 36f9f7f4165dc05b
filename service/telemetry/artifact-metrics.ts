import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { METRICS } from '../../lib/contract';

/** Bounds in seconds: from a look that finds nothing new to the download of a large model. */
const BUCKETS_S = [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 1200];

/** Metrics of remote models: rare events, so they go to the registry at once. */
export class ArtifactMetrics {
  readonly #bytes: Counter<'model'>;
  readonly #files: Counter<'model' | 'outcome'>;
  readonly #syncs: Histogram<'model' | 'outcome'>;

  constructor(private readonly registry: Registry) {
    const registers = [registry];
    this.#bytes = new Counter({
      name: METRICS.artifactBytes,
      help: 'Bytes of model artifacts downloaded.',
      labelNames: ['model'],
      registers,
    });
    this.#files = new Counter({
      name: METRICS.artifactFiles,
      help: 'Files of model artifacts wanted: hit: on disk already; fetched: downloaded and verified; error.',
      labelNames: ['model', 'outcome'],
      registers,
    });
    this.#syncs = new Histogram({
      name: METRICS.artifactSync,
      help: 'Seconds of one look at the remote manifest of a model, with the downloads that followed from it.',
      labelNames: ['model', 'outcome'],
      buckets: BUCKETS_S,
      registers,
    });
  }

  /** Shows how large the store on disk is from then on; asked at each scrape. */
  observeStore(sizeBytes: () => Promise<number>): void {
    new Gauge({
      name: METRICS.artifactCacheBytes,
      help: 'Bytes on disk of the files of remote models, those on their way included.',
      registers: [this.registry],
      async collect() {
        this.set(await sizeBytes());
      },
    });
  }

  countBytes(model: string, count: number): void {
    this.#bytes.inc({ model }, count);
  }

  countFile(model: string, outcome: 'hit' | 'fetched' | 'error'): void {
    this.#files.inc({ model, outcome });
  }

  /** Begins a look; to be called again with how it ended. */
  startSync(model: string): (outcome: 'ok' | 'error') => void {
    const end = this.#syncs.startTimer({ model });
    return (outcome) => void end({ outcome });
  }
}
