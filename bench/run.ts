import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { refuseTelemetry } from '../service/runtime/telemetry';
import { measureLoadGenerator } from './load-generator';
import { measureReadiness } from './readiness';
import { measureRedisCache } from './redis-cache';
import { measureSlowModel } from './slow-model';
import { measureSmallModel } from './small-model';
import { type Figure, print } from './support/figures';
import { measureSynth } from './synth';

/** `npm run bench`: every figure that docs/performance.md gives, as ratios within one run. */
async function main(): Promise<void> {
  refuseTelemetry(process.env);
  execFileSync(process.execPath, [join(__dirname, '..', 'scripts', 'build.mjs')], { stdio: 'inherit' });
  process.stdout.write(`${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}\n\n`);
  const figures: Figure[] = [];
  const parts = [
    measureReadiness,
    measureSmallModel,
    measureSlowModel,
    measureRedisCache,
    measureSynth,
    measureLoadGenerator,
  ];
  for (const part of parts) figures.push(...(await part()));
  print(figures);
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
