import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A real disk of a few MiB, in memory. */
export class SmallDisk {
  readonly path = mkdtempSync(join(tmpdir(), 'headroom-small-disk-'));

  constructor(sizeMib: number) {
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeMib}m`, 'tmpfs', this.path]).status === 0) return;
    rmSync(this.path, { recursive: true });
    throw new Error('this test mounts a small disk, which only root may; without being root: unshare -rm npx jest');
  }

  delete(): void {
    spawnSync('umount', [this.path]);
    rmSync(this.path, { recursive: true, force: true });
  }
}
