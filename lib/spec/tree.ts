import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type YAMLError,
} from 'yaml';
import type { Mistake, Position } from './errors';
import { yamlFault } from './yaml-faults';

/** Where a value of a document stands. */
export interface Place {
  /** As people write it: `models.fraud-detection.peakQps`. */
  readonly path: string;
  /** Position of the key in front of the value; of the value itself in a list and for the whole document. */
  readonly key: Position;
  readonly value: Position;
}

/** A YAML document as plain values, each of which can be found again in the text. */
export interface Tree {
  readonly value: unknown;
  /** Places by JSON pointer (RFC 6901), `''` for the whole document. */
  readonly places: ReadonlyMap<string, Place>;
  readonly mistakes: readonly Mistake[];
  /** True where the text is not YAML at all, so that the value means nothing. */
  readonly broken: boolean;
}

/** Above this a file is not a description that someone wrote. */
const MAX_CHARACTERS = 4 * 1024 * 1024;

/** Values that aliases may repeat in one document: nested aliases grow exponentially ("billion laughs"). */
const MAX_ALIASED_VALUES = 10_000;

/** Deeper than this nothing is written by hand, and what follows recurses. */
const MAX_DEPTH = 64;
const TOO_DEEP = `is nested deeper than ${MAX_DEPTH} levels`;

/** Reads YAML 1.2 (core schema, no merge keys, no custom tags). Reports mistakes, never throws for bad text. */
export function readTree(text: string): Tree {
  if (text.length > MAX_CHARACTERS) {
    return broken([mistakeAtStart(`found ${text.length} characters, expected at most ${MAX_CHARACTERS}`)]);
  }
  const lines = new LineCounter();
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    schema: 'core',
    resolveKnownTags: false,
    // Found while reading, in linear time and with the place of the first.
    uniqueKeys: false,
  });
  const faults = [...document.errors, ...document.warnings];
  if (faults.length > 0) return broken(faults.map((fault) => syntaxMistake(fault, position(fault.pos[0]))));
  const reader = new TreeReader(position);
  const start = position(document.contents?.range[0] ?? 0);
  const value = reader.read(document.contents, { pointer: '', path: '', key: start, depth: 0 });
  return { value, places: reader.places, mistakes: reader.mistakes, broken: false };
}

/** JSON pointer of a child. */
export function childPointer(pointer: string, key: string | number): string {
  return `${pointer}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** Path of a child as people write it. */
export function childPath(path: string, key: string | number): string {
  if (typeof key === 'number') return `${path}[${key}]`;
  if (!/^[\w-]+$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === '' ? key : `${path}.${key}`;
}

interface Spot {
  readonly pointer: string;
  readonly path: string;
  readonly key: Position;
  readonly depth: number;
}

class TreeReader {
  readonly places = new Map<string, Place>();
  readonly mistakes: Mistake[] = [];
  readonly #anchors = new Map<string, Node>();
  readonly #openAliases = new Set<Node>();
  #aliasedValues = 0;

  constructor(readonly position: (offset: number) => Position) {}

  read(node: unknown, spot: Spot): unknown {
    const value = isNode(node) && node.range ? this.position(node.range[0]) : spot.key;
    this.places.set(spot.pointer, { path: spot.path, key: spot.key, value });
    if (this.#openAliases.size > 0) this.#aliasedValues += 1;
    if (isAlias(node)) return this.#readAlias(node.source, spot, value);
    if (isNode(node) && node.anchor !== undefined) this.#anchors.set(node.anchor, node);
    if (isScalar(node)) return node.value;
    if (spot.depth > MAX_DEPTH) return this.#fail(value, spot.path, TOO_DEEP);
    if (isSeq(node)) return node.items.map((item, index) => this.#readItem(item, index, spot, value));
    if (isMap(node)) return this.#readMap(node.items, spot);
    return null;
  }

  #readItem(item: unknown, index: number, { pointer, path, depth }: Spot, listAt: Position): unknown {
    const key = isNode(item) && item.range ? this.position(item.range[0]) : listAt;
    const child = { pointer: childPointer(pointer, index), path: childPath(path, index), key, depth: depth + 1 };
    return this.read(item, child);
  }

  #readMap(pairs: readonly Pair[], spot: Spot): Record<string, unknown> {
    const value: Record<string, unknown> = {};
    for (const pair of pairs) {
      const at = isNode(pair.key) && pair.key.range ? this.position(pair.key.range[0]) : spot.key;
      const key = keyText(pair.key);
      const path = childPath(spot.path, key ?? '');
      const pointer = childPointer(spot.pointer, key ?? '');
      if (key === undefined) {
        this.#fail(at, spot.path, 'found a key that is not plain text');
      } else if (key === '__proto__') {
        this.#fail(at, path, "found the key '__proto__', which is not allowed");
      } else if (Object.hasOwn(value, key)) {
        const first = this.places.get(pointer)?.key.line;
        this.#fail(at, path, `found the key '${key}' again, first given in line ${first}`);
      } else {
        value[key] = this.read(pair.value, { pointer, path, key: at, depth: spot.depth + 1 });
      }
    }
    return value;
  }

  #readAlias(name: string, spot: Spot, at: Position): unknown {
    const fail = (message: string): null => this.#fail(at, spot.path, message);
    const target = this.#anchors.get(name);
    if (target === undefined) return fail(`found the alias '*${name}', but no anchor '&${name}' stands before it`);
    if (this.#openAliases.has(target)) return fail(`found the alias '*${name}', which contains itself`);
    if (this.#aliasedValues > MAX_ALIASED_VALUES) {
      // One mistake tells it; the remaining aliases only cost time.
      if (this.#aliasedValues !== Number.POSITIVE_INFINITY) {
        this.#aliasedValues = Number.POSITIVE_INFINITY;
        fail(`found aliases that repeat more than ${MAX_ALIASED_VALUES} values`);
      }
      return null;
    }
    this.#openAliases.add(target);
    const value = this.read(target, spot);
    this.#openAliases.delete(target);
    return value;
  }

  #fail(at: Position, path: string, message: string): null {
    this.mistakes.push({ ...at, path, message });
    return null;
  }
}

function isNode(node: unknown): node is Node {
  return isScalar(node) || isSeq(node) || isMap(node) || isAlias(node);
}

function keyText(key: unknown): string | undefined {
  if (!isScalar(key) || key.value === null) return undefined;
  return typeof key.value === 'string' ? key.value : (key.source ?? String(key.value));
}

function syntaxMistake({ code, message }: YAMLError, at: Position): Mistake {
  // The library's own recursion ended: it says so as a fault of the text.
  return { ...at, path: '', message: message.includes('call stack') ? TOO_DEEP : yamlFault(code, message) };
}

function broken(mistakes: readonly Mistake[]): Tree {
  // What is missing at one place is told once, however many open brackets miss it.
  const byPlace = new Map(mistakes.toReversed().map((mistake) => [`${mistake.line}:${mistake.column}`, mistake]));
  return { value: null, places: new Map(), mistakes: [...byPlace.values()], broken: true };
}

function mistakeAtStart(message: string): Mistake {
  return { line: 1, column: 1, path: '', message };
}
