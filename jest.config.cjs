// ONNX Runtime would otherwise report to its maker from every test; its native code sees what tests inherit only.
process.env.ORT_DISABLE_TELEMETRY ??= '1';

/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: '<rootDir>/test/jest-environment.cjs',
  globalSetup: '<rootDir>/test/global-setup.cjs',
  globalTeardown: '<rootDir>/test/global-teardown.cjs',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  modulePathIgnorePatterns: ['<rootDir>/.build/', '<rootDir>/dist/', '<rootDir>/cdk.out/'],
  moduleNameMapper: { '^fast-check$': '<rootDir>/test/support/fast-check.cjs' },
  transform: {
    '^.+\\.[cm]?[jt]s$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs' } },
    ],
  },
  // These packages ship only ES modules, which Jest cannot require untransformed.
  transformIgnorePatterns: ['/node_modules/(?!(typebox|hyparquet|hyparquet-writer)/)'],
  maxWorkers: 2,
  // What hangs fails all the same; a machine that does much else is slow.
  testTimeout: 300_000,
};
