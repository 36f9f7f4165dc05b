import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const PAGE = join(__dirname, '../../../docs/export.md');
const BLOCK = /^```(\w*)\n(.*?)^```$/gms;
const FILE_NAME = /^# (\w+\.py)\n/;

/** What docs/export.md shows: commands to type, and scripts by their names. */
export function documented(): { readonly commands: readonly string[]; readonly scripts: ReadonlyMap<string, string> } {
  const commands: string[] = [];
  const scripts = new Map<string, string>();
  for (const [, language, text = ''] of readFileSync(PAGE, 'utf8').matchAll(BLOCK)) {
    commands.push(...text.split('\n').filter((line) => line.startsWith('headroom ')));
    const name = FILE_NAME.exec(text)?.[1];
    if (language === 'python' && name !== undefined) scripts.set(name, text);
  }
  return { commands, scripts };
}
