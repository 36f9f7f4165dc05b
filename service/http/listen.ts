import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { codeOf } from '../../lib/spec/code-of';
import { messageOf } from '../../lib/spec/message-of';
import { ConfigError } from '../errors';

const connections = new WeakMap<Server, ReadonlySet<Socket>>();

/**
 * @returns the address that callers on this machine can use
 * @throws ConfigError where the address cannot be had
 */
export async function listen(app: FastifyInstance, host: string, port: number): Promise<string> {
  connections.set(app.server, connectionsOf(app.server));
  try {
    return await app.listen({ host, port, listenTextResolver: (address) => `listening at ${address}` });
  } catch (error) {
    throw new ConfigError(`cannot listen on ${host}:${port}: ${reasonOf(error)}`);
  }
}

/** The connections that are open, for as long as they are. */
function connectionsOf(server: Server): ReadonlySet<Socket> {
  const open = new Set<Socket>();
  server.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  return open;
}

function reasonOf(error: unknown): string {
  const code = codeOf(error);
  if (code === 'EADDRINUSE') return 'another program does; choose another port';
  if (code === 'EACCES') return 'ports below 1024 need special rights; choose another port';
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return 'this machine has no such address';
  return messageOf(error);
}

/** How often the connections that have become idle are closed while the last requests end. */
const CLOSE_INTERVAL_MS = 50;

/**
 * Takes no new connections, and resolves when the last request is answered and the last connection closed. Node closes
 * the connections that are idle at the beginning; those that become idle later would stay open for their keep-alive time,
 * and those that never sent anything, as browsers and load balancers hold ready, for ever.
 */
export async function closeApp(app: FastifyInstance): Promise<void> {
  const { server } = app;
  const timer = setInterval(() => {
    server.closeIdleConnections();
    for (const socket of connections.get(server) ?? []) if (socket.bytesRead === 0) socket.destroy();
  }, CLOSE_INTERVAL_MS);
  try {
    await app.close();
  } finally {
    clearInterval(timer);
  }
}
