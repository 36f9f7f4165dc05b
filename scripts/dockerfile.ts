/** One instruction of a Dockerfile, such as `COPY` with `models models/`. */
export interface Instruction {
  readonly name: string;
  readonly argument: string;
}

/** Instructions from one FROM to the next. */
export interface Stage {
  readonly name: string;
  /** An earlier stage or an image. */
  readonly base: string;
  readonly instructions: readonly Instruction[];
}

/** Reads the part of the Dockerfile language that ours uses: no heredocs, no ONBUILD, `\` as the escape. */
export function parseDockerfile(text: string): Stage[] {
  const lines = text
    .split('\n')
    .filter((line) => !/^\s*(#|$)/.test(line))
    .join('\n')
    .replace(/\s*\\\n\s*/g, ' ')
    .split('\n');
  const stages: { name: string; base: string; instructions: Instruction[] }[] = [];
  for (const line of lines) {
    const [, name = '', argument = ''] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
    if (name === '') throw new Error(`not an instruction: ${line}`);
    if (name === 'FROM') {
      const [, base = '', name = String(stages.length)] = /^(\S+)(?: AS (\S+))?$/.exec(argument) ?? [];
      stages.push({ name, base, instructions: [] });
    } else {
      stages.at(-1)?.instructions.push({ name, argument });
    }
  }
  return stages;
}

/** The stages that one of them is made of, itself last: an engine, too, leaves the others out. */
export function stagesFor(target: string, stages: readonly Stage[]): Stage[] {
  const stage = stages.find(({ name }) => name === target);
  if (stage === undefined) return [];
  const copied = stage.instructions.map(({ argument }) => /^--from=(\S+) /.exec(argument)?.[1] ?? '');
  return [...new Set([stage.base, ...copied].flatMap((name) => stagesFor(name, stages))), stage];
}

/** The words of an exec form such as `["node", "x.js"]`. */
export function execForm(argument: string): string[] {
  const words: unknown = JSON.parse(argument.slice(argument.indexOf('[')));
  if (Array.isArray(words) && words.every((word) => typeof word === 'string')) return words;
  throw new Error(`not an exec form: ${argument}`);
}

/** `NAME=value` and `NAME="value"` pairs of ENV and LABEL. */
export function pairs(argument: string): Record<string, string> {
  return Object.fromEntries(
    [...argument.matchAll(/([\w.]+)=(?:"([^"]*)"|(\S+))/g)].map(([, name = '', quoted, plain]) => [
      name,
      quoted ?? plain ?? '',
    ]),
  );
}

/** A test for paths, relative to the context, that .dockerignore leaves out; understands `*` within a name. */
export function ignoredBy(text: string): (path: string) => boolean {
  const patterns = text
    .split('\n')
    .filter((line) => !/^\s*(#|$)/.test(line))
    .map((line) => {
      if (/[!?[]|\*\*/.test(line)) throw new Error(`.dockerignore: only names and * are understood: ${line}`);
      const source = line
        .trim()
        .replace(/[.+^${}()|\\]/g, '\\$&')
        .replaceAll('*', '[^/]*');
      return new RegExp(`^${source}(/|$)`);
    });
  return (path) => patterns.some((pattern) => pattern.test(path));
}
