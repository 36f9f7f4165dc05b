import { isObject, keyword } from '../lib/spec/describe';
import { messageOf } from '../lib/spec/message-of';

const CLOSED = 'it closes the connection before it has answered';
const SILENT = 'it does not answer in time';
const UNREACHABLE = 'the network has no way to it';
const NOT_HTTP = 'what answers there does not speak HTTP';

const PROBLEMS = new Map([
  ['ECONNREFUSED', 'nothing listens there'],
  ['ECONNRESET', CLOSED],
  ['EPIPE', CLOSED],
  ['UND_ERR_SOCKET', CLOSED],
  ['ETIMEDOUT', SILENT],
  ['UND_ERR_CONNECT_TIMEOUT', SILENT],
  ['UND_ERR_HEADERS_TIMEOUT', SILENT],
  ['UND_ERR_BODY_TIMEOUT', SILENT],
  ['TimeoutError', SILENT],
  ['EHOSTUNREACH', UNREACHABLE],
  ['ENETUNREACH', UNREACHABLE],
  ['ENOTFOUND', 'no host has this name'],
  ['EAI_AGAIN', 'the name of the host cannot be looked up now'],
  ['HPE_INVALID_CONSTANT', NOT_HTTP],
  ['HPE_INVALID_VERSION', NOT_HTTP],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'what answers there does not speak TLS, expected http:// in place of https://'],
]);

/** Why a server could not be asked, in words that do not need the manual of the system. */
export function connectionProblem(error: unknown): string {
  const cause = keyword(error, 'cause') ?? error;
  const name = isObject(error) ? String(error.name) : '';
  return PROBLEMS.get(String(keyword(cause, 'code'))) ?? PROBLEMS.get(name) ?? messageOf(cause).trim();
}
