// Runs s3rver as a process of its own: `node s3rver-process.cjs FOLDER BUCKET…` prints the port.
// It knows no conditional requests, which S3 does: they are added in front of it.
const { existsSync } = require('node:fs');
const { join } = require('node:path');
const S3rver = require('s3rver');

const [directory, ...buckets] = process.argv.slice(2);
const configureBuckets = buckets.map((name) => ({ name }));
const server = new S3rver({ port: 0, address: '127.0.0.1', silent: true, directory, configureBuckets });

server.middleware.unshift(async (ctx, next) => {
  const isThere = existsSync(join(directory, `${decodeURIComponent(ctx.path)}._S3rver_object`));
  if (ctx.get('if-none-match') === '*' && isThere) {
    ctx.req.resume();
    ctx.status = 412;
    return;
  }
  await next();
  const wanted = ctx.get('if-match');
  if (wanted === '' || wanted === ctx.response.get('etag')) return;
  ctx.body = null;
  ctx.status = 412;
});

server.run().then(({ port }) => process.stdout.write(`${port}\n`));
