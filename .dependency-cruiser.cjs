/**
 * The arrows of the design, which only run down. Floors from top to bottom; each may import itself and what stands
 * below it.
 */
const FLOORS = ['bin', 'cli', 'k8s|lib/aws', 'service', 'lib/plan', 'lib/spec', 'lib/contract\\.ts'];

/** Inside the service; `telemetry` and the single files are the ground floor. */
const SERVICE_FLOORS = [
  'service/(main|shutdown|description)\\.ts',
  'service/(http|batch)',
  'service/predict',
  'service/repository',
  'service/runtime',
  'service/cache',
  'service/model',
  'service/protocol',
  'service/(telemetry/|lifecycle\\.ts|provider\\.ts|tensor\\.ts|float16\\.ts|errors\\.ts|opened\\.ts|config\\.ts|settings\\.ts|aws-credentials\\.ts)',
];

/** No file of a floor may import one of a floor above it. */
function downwards(name, floors) {
  return floors.slice(1).map((floor, i) => ({
    name: `${name}-${floor.replace(/\W+/g, '-')}-imports-upwards`,
    severity: 'error',
    from: { path: `^(${floor})` },
    to: { path: floors.slice(0, i + 1).map((above) => `^(${above})`) },
  }));
}

/** A library that only one part may know. */
function only(library, place) {
  return {
    name: `${library.replace(/\W+/g, '-')}-outside-its-place`,
    severity: 'error',
    from: { path: '^(bin|cli|lib|k8s|service)/', pathNot: place },
    to: { path: `node_modules/${library}/` },
  };
}

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'circle', severity: 'error', from: {}, to: { circular: true } },
    { name: 'unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    ...downwards('floor', FLOORS),
    ...downwards('service', SERVICE_FLOORS),
    {
      name: 'lib-and-k8s-never-import-service',
      severity: 'error',
      from: { path: '^(lib|k8s)/' },
      to: { path: '^service/' },
    },
    {
      name: 'service-takes-only-spec-and-contract-from-lib',
      severity: 'error',
      from: { path: '^service/' },
      to: { path: '^lib/', pathNot: '^lib/(spec/|contract\\.ts$)' },
    },
    { name: 'aws-never-imports-k8s', severity: 'error', from: { path: '^lib/aws/' }, to: { path: '^k8s/' } },
    { name: 'barrel', severity: 'error', from: {}, to: { path: '^(bin|cli|lib|k8s|service)/.*index[.]ts$' } },
    only('onnxruntime-node', '^service/runtime/'),
    only('ioredis', '^service/cache/'),
    only('(fastify|@fastify)', '^service/(http/|(main|shutdown)\\.ts$)'),
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      conditionNames: ['import', 'require', 'node', 'default'],
      exportsFields: ['exports'],
      extensions: ['.ts', '.js', '.mjs', '.json'],
    },
  },
};
