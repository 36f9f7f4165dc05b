import { copyFile, mkdir, open, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describeDiskFailure } from './download';
import type { PushTarget } from './push';

/** A folder that a web server or CDN serves. */
export function folderTarget(directory: string): PushTarget {
  const put = async (path: string, write: (temporary: string) => Promise<void>) => {
    const full = join(directory, path);
    const temporary = join(dirname(full), `.${process.pid}.tmp`);
    try {
      await mkdir(dirname(full), { recursive: true });
      await write(temporary);
      const file = await open(temporary, 'r');
      await file.sync().finally(() => file.close());
      await rename(temporary, full);
    } catch (error) {
      throw describeDiskFailure(error, directory);
    }
  };
  return {
    has: async (path, sizeBytes) => (await stat(join(directory, path)).catch(() => undefined))?.size === sizeBytes,
    putFile: (path, file) => put(path, (temporary) => copyFile(file, temporary)),
    putManifest: (path, text) => put(path, (temporary) => writeFile(temporary, text)),
  };
}
