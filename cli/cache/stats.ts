import { PATHS } from '../../lib/contract';
import type { CacheReport } from '../../service/predict/cache-administration';
import { textTable } from '../report/text-table';
import { ask, expectOk } from '../service-client';

/** `headroom cache stats` */
export async function stats({ adminUrl, json }: { adminUrl: string; json?: true }): Promise<void> {
  const report = expectOk(await ask('--admin-url', adminUrl, PATHS.cache));
  process.stdout.write(json || !isReport(report) ? `${JSON.stringify(report)}\n` : asText(report));
}

function isReport(value: unknown): value is CacheReport {
  return typeof value === 'object' && value !== null && 'layers' in value && 'memory' in value && 'models' in value;
}

function asText({ layers, memory, models }: CacheReport): string {
  const mib = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
  const lines = [`in memory: ${memory.rows} rows, ${mib(memory.bytes)}`, ''];
  lines.push(
    ...textTable(
      ['layer', 'hits', 'stale', 'misses', 'errors', 'skipped', 'written', 'dropped', 'state'],
      layers.map(({ layer, available, lookups, writes }) => [
        layer,
        ...[lookups.hit, lookups.stale, lookups.miss, lookups.error, lookups.skipped, writes.written].map(String),
        String(writes.dropped + writes.error),
        available ? 'in use' : 'left alone, it failed',
      ]),
    ),
    '',
    ...textTable(
      ['model', 'version', 'rows', 'hit ratio', 'time to live', ''],
      models.map(({ name, version, rows, hitRatio, ttlSeconds, bypassed }) => [
        name,
        version,
        String(rows.hit + rows.joined + rows.miss),
        hitRatio === null ? '-' : `${(100 * hitRatio).toFixed(1)} %`,
        ttlSeconds === 0 ? 'not cached' : `${ttlSeconds} s`,
        bypassed ? 'never hits, passes by' : '',
      ]),
    ),
  );
  return `${lines.join('\n')}\n`;
}
