// fast-check, which tries other cases in every run, unless a seed is given: what decides whether a change may land must
// not hang on luck.
const fastCheck = require('../../node_modules/fast-check/lib/cjs/fast-check.js');

const seed = Number(process.env.FAST_CHECK_SEED);
if (Number.isInteger(seed) && seed > 0) fastCheck.configureGlobal({ seed });

module.exports = fastCheck;
