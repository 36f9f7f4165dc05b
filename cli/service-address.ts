import { type Command, Option } from 'commander';
import { PORTS } from '../lib/contract';
import { UsageError } from './errors';

/** One of the two ports of a service, as flags name it everywhere. */
interface Address {
  readonly flag: string;
  readonly port: string;
  /** Where it is on this machine, unless told otherwise. */
  readonly local: string;
}

export const INFERENCE: Address = {
  flag: '--url',
  port: 'inference port',
  local: `http://127.0.0.1:${PORTS.http}`,
};

export const ADMINISTRATION: Address = {
  flag: '--admin-url',
  port: 'administration port',
  local: `http://127.0.0.1:${PORTS.admin}`,
};

/** Lets a command ask one port of a service; who gives the flag of the other is told which one it asks. */
export function asks(command: Command, asked: Address): Command {
  const other = asked === INFERENCE ? ADMINISTRATION : INFERENCE;
  const refused = new Option(`${other.flag} <url>`).hideHelp().argParser(() => {
    throw new UsageError(
      `${other.flag} is the ${other.port} of a service, but this command asks its ${asked.port}: ${asked.flag}, by default ${asked.local}`,
    );
  });
  return command.addOption(addressOption(asked).default(asked.local)).addOption(refused);
}

/** The flag of a port. @param purpose what it is asked for */
export function addressOption(address: Address, purpose = ''): Option {
  return new Option(`${address.flag} <url>`, `${address.port} of the service${purpose}`).argParser((text) => {
    parseUrl(address.flag, text, address.local);
    return text;
  });
}

/** The address that a flag gives. @throws UsageError for one that HTTP does not reach */
export function parseUrl(flag: string, text: string, example: string = INFERENCE.local): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new UsageError(`${flag} is '${text}', expected one such as ${example}`);
}
