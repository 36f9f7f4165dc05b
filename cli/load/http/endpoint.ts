import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** Where requests go. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  /** Value of the header `host`. */
  readonly authority: string;
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1|.*\.localhost)$/;

/** The endpoint of an http or https URL. */
export function endpointOf(url: URL): Endpoint {
  const secure = url.protocol === 'https:';
  return {
    // An IPv6 address stands in brackets in a URL and without them in a socket.
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
    secure,
    authority: url.host,
  };
}

/** Whether it is this machine that is loaded. */
export function isLoopback({ host }: Endpoint): boolean {
  return LOOPBACK.test(host);
}

/** A connection that is being opened; what is written meanwhile is sent when it is open. */
export function openSocket({ host, port, secure }: Endpoint): Socket {
  // TLS names hosts, never addresses (RFC 6066).
  const socket = secure
    ? connectTls({ host, port, servername: isIP(host) === 0 ? host : '', ALPNProtocols: ['http/1.1'] })
    : connectTcp({ host, port });
  return socket.setNoDelay(true);
}
