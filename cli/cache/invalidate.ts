import { PATHS } from '../../lib/contract';
import { UsageError } from '../errors';
import { ask, expectOk, readText } from '../service-client';

interface Flags {
  readonly entity?: string;
  readonly rows?: string;
  readonly adminUrl: string;
  readonly json?: true;
}

/** `headroom cache invalidate` */
export async function invalidate(model: string, { entity, rows, adminUrl, json }: Flags): Promise<void> {
  if (entity !== undefined && rows !== undefined) {
    throw new UsageError('--entity and --rows are both given, but only one of them can be forgotten at a time');
  }
  const body = rows === undefined ? undefined : readText('--rows', rows);
  const base = `${PATHS.cache}/models/${encodeURIComponent(model)}`;
  const path = entity === undefined ? base : `${base}/entities/${encodeURIComponent(entity)}`;
  const answer = await ask('--admin-url', adminUrl, `${body === undefined ? path : `${base}/rows`}/invalidate`, {
    method: 'POST',
    ...(body === undefined ? {} : { body, headers: { 'content-type': 'application/json' } }),
  });
  const report = expectOk(answer);
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : `${asText(model, report)}\n`);
}

function asText(model: string, report: unknown): string {
  const removed =
    typeof report === 'object' && report !== null && 'removedShared' in report ? report.removedShared : null;
  return typeof removed === 'number'
    ? `predictions of ${model} are forgotten on every replica; rows removed from the shared cache: ${removed}`
    : `predictions of ${model} are forgotten on this replica, which shares its cache with no other`;
}
