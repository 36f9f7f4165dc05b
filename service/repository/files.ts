import { readdir, stat } from 'node:fs/promises';
import { isHidden } from '../../lib/spec/artifact';
import { codeOf } from '../../lib/spec/code-of';

/**
 * Names in a folder, sorted, without hidden ones. Links are followed.
 */
export async function readFolder(path: string): Promise<string[] | 'absent' | 'not a folder'> {
  try {
    const names = await readdir(path);
    return names.filter((name) => !isHidden(name)).sort();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return 'absent';
    if (codeOf(error) === 'ENOTDIR') return 'not a folder';
    throw error;
  }
}

/**
 * Size and times of a regular file, links followed; undefined when there is none. The time of the inode's change tells
 * a file that was renamed into place from its predecessor of equal size and kept modification time.
 */
export async function stampFile(path: string): Promise<string | undefined> {
  try {
    const stats = await stat(path);
    return stats.isFile() ? `${stats.size}:${stats.mtimeMs}:${stats.ctimeMs}` : undefined;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
