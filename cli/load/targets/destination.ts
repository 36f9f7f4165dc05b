import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { loadSpec, type Spec } from '../../../lib/spec/load';
import { parseUrl } from '../../service-address';
import type { LoadFlags } from '../flags';
import { type Endpoint, endpointOf } from '../http/endpoint';
import { asker } from './asker';
import { findExamples } from './find-examples';
import { type LocalService, startLocalService } from './local-service';
import { type PreparedTarget, prepareTarget } from './prepared-target';

/** Where the load goes, and what is known of it. */
export interface Destination {
  /** Without a path. */
  readonly baseUrl: string;
  readonly endpoint: Endpoint;
  /** Where the metrics of the service are; undefined where it is not known. */
  readonly adminUrl: string | undefined;
  readonly local: LocalService | undefined;
  readonly spec: Spec | undefined;
  /** Folder of the person's own spec, the working directory where there is none. */
  readonly folder: string;
  readonly targets: readonly PreparedTarget[];
  close(): Promise<void>;
}

/** Files that are where the program was installed. */
export interface Installed {
  /** The bundle of the command line, which --local starts as a service. */
  readonly program: string;
  /** The spec of the bundled models, for --local where there is no other. */
  readonly bundledSpec: string;
}

const DEFAULT_SPEC = 'headroom.yaml';

/**
 * What a person means by a URL or by --local, each of its models tried once.
 * @param signal ends the waiting for it
 * @param cores on how many cores a service that is started may run; undefined: on all
 * @throws UsageError where there is nothing that answers
 */
export async function openDestination(
  url: string | undefined,
  flags: LoadFlags,
  { program, bundledSpec }: Installed,
  signal: AbortSignal,
  cores?: number,
): Promise<Destination> {
  const ownSpec = flags.spec ?? (existsSync(DEFAULT_SPEC) ? DEFAULT_SPEC : undefined);
  const specFile = ownSpec ?? (flags.local && bundledSpec);
  if (ownSpec === undefined && flags.local) {
    process.stderr.write(`no ${DEFAULT_SPEC} here: the bundled models are asked (--spec FILE for others)\n`);
  }
  const spec = specFile === undefined ? undefined : loadSpec(specFile);
  const typed = url === undefined ? undefined : parseUrl('the URL', url);
  const specFlags = specFile === undefined ? [] : ['--spec', specFile];
  const local = typed === undefined ? await startLocalService(program, specFlags, signal, cores) : undefined;
  try {
    const address = typed ?? new URL(local?.announcement.httpUrl ?? '');
    const endpoint = endpointOf(address);
    const known = { spec, local, models: flags.model, bodyFile: flags.body };
    const ask = asker(address.origin, { headers: flags.header, timeoutMs: flags.timeoutMs, signal });
    const requests = { headers: flags.header, gzip: flags.gzip ?? false };
    const targets: PreparedTarget[] = [];
    for (const example of await findExamples(address, ask, known)) {
      targets.push(await prepareTarget(example, ask, endpoint, requests));
    }
    return {
      baseUrl: address.origin,
      endpoint,
      adminUrl: local?.announcement.adminUrl ?? flags.adminUrl,
      local,
      spec,
      folder: dirname(ownSpec ?? '.'),
      targets,
      close: async () => local?.stop(),
    };
  } catch (error) {
    await local?.stop();
    throw error;
  }
}
