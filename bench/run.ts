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

const PARTS: Readonly<Record<string, () => Figure[] | Promise<Figure[]>>> = {
  readiness: measureReadiness,
  'small-model': measureSmallModel,
  'slow-model': measureSlowModel,
  'redis-cache': measureRedisCache,
  synth: measureSynth,
  'load-generator': measureLoadGenerator,
};

/** `npm run bench [PART…]`: every figure that docs/performance.md gives, as ratios within one run. */
async function main(asked: readonly string[]): Promise<void> {
  const unknown = asked.find((name) => !(name in PARTS));
  if (unknown !== undefined) throw new Error(`no part '${unknown}'; allowed: ${Object.keys(PARTS).join(', ')}`);
  refuseTelemetry(process.env);
  execFileSync(process.execPath, [join(__dirname, '..', 'scripts', 'build.mjs')], { stdio: 'inherit' });
  process.stdout.write(`${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}\n\n`);
  const parts = Object.entries(PARTS).filter(([name]) => asked.length === 0 || asked.includes(name));
  const figures: Figure[] = [];
  for (const [i, [name, part]] of parts.entries()) {
    process.stderr.write(`${i + 1} of ${parts.length}: ${name}\n`);
    figures.push(...(await part()));
  }
  print(figures);
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
