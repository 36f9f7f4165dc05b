// onnxruntime-node checks its inputs with the host's constructors; Jest gives each test file its own.
// Sharing the host's typed arrays makes `instanceof` true on both sides.
const { TestEnvironment } = require('jest-environment-node');
const { endChildren } = require('./support/end-children.cjs');

const SHARED = [
  'ArrayBuffer',
  'SharedArrayBuffer',
  'Int8Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
  'DataView',
];

module.exports = class extends TestEnvironment {
  async setup() {
    await super.setup();
    for (const name of SHARED) this.global[name] = globalThis[name];
  }

  async teardown() {
    endChildren();
    await super.teardown();
  }
};
